"""Bundle of all documents of one edition: a zip with a manifest of SHA-256 sums."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Final

from matplotlib.figure import Figure

from analysis.answers.signs import printable
from analysis.charts.rendering import FORMATS, render
from survey.documents.edition.bulletin import write_bulletin, write_english_bulletin
from survey.documents.edition.bulletin_parts import BulletinContext
from survey.documents.edition.charts import charts_of, pair_pages, rank_pages, ranking_figure
from survey.documents.edition.content import Edition
from survey.documents.edition.letter import write_letter
from survey.documents.edition.meeting.files import LANGUAGES, meeting_files
from survey.documents.edition.occasions import occasion_documents
from survey.documents.edition.opening_files import matrix_png, page_pngs
from survey.documents.edition.report import write_report
from survey.documents.edition.report_blocks import chart_file
from survey.documents.edition.workbook import publication_workbook
from survey.documents.layout.attempts import Attempts, Failure
from survey.documents.layout.progress import Progress
from survey.errors import N_
from survey.language import Language, current_language, speaking
from survey.trial import MARK, is_marked
from survey.wording import cautions

MANIFEST: Final = "SHA256SUMS"
TEMPLATE: Final = "通报模板.docx"
LEFT_OUT: Final = "没有生成的文件.txt"
_PICTURE_DPI: Final = 200
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_ENGLISH: Final = {
    "图表": "English/charts",
    "排名表.xlsx": "English/ranking-table.xlsx",
    "通报.docx": "English/bulletin.docx",
    "评议报告.pdf": "English/report.pdf",
    "分析.docx": "English/analysis.docx",
    "总结.docx": "English/summary.docx",
    "年度总排名.docx": "English/annual-ranking.docx",
    "反馈函": "English/letters",
}
"""Names of files and folders, Chinese and English."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\r\n\t\0', "_"))
Files = dict[str, bytes]


def write_bundle(
    edition: Edition,
    content: bytes,
    progress: Progress | None = None,
    *,
    issued_on: date | None = None,
    failures: list[Failure] | None = None,
    template: bytes | None = None,
) -> bytes:
    """Zip of all files of the edition; `content`: canonical JSON of the edition, whose SHA-256 is
    `edition.digest`; `template`: of the bulletin, the office's own, which goes into the zip too.

    Equal editions and templates give equal bytes. A file that cannot be made is left out, added to
    `failures` and named in the zip. Raises what `progress` raises.
    """
    failed = [] if failures is None else failures
    made = edition_files(edition, progress, issued_on=issued_on, failures=failed, template=template)
    if template is not None:
        made[TEMPLATE] = template
    files = {"公布内容.json": content} | made
    if failed:
        lines = [f"{failure.name}：{failure.zh}\r\n" for failure in failed]
        files[LEFT_OUT] = "".join(["\ufeff这些文件没有生成：\r\n", *lines]).encode()
    before = f"{MARK.strip('（）')} " if is_marked(edition.content.round.title) else ""
    return archive({before + name: made for name, made in files.items()})


def edition_files(
    edition: Edition,
    progress: Progress | None = None,
    *,
    issued_on: date | None = None,
    failures: list[Failure] | None = None,
    template: bytes | None = None,
) -> Files:
    """Files of the edition by name in the zip: 通报, 评议报告, 排名表, the period's documents, letters,
    charts, each in Chinese and in English."""
    attempts = Attempts(progress)
    makers = [maker_of(language, edition, attempts, issued_on, template) for language in LANGUAGES]
    total = sum(maker.steps for maker in makers)
    files: Files = {}
    for number, maker in enumerate(makers):
        files |= maker.make(sum(earlier.steps for earlier in makers[:number]), total)
    attempts.report(N_("完成"), total, total)
    if failures is not None:
        failures += attempts.failures
    return files


def maker_of(
    language: Language,
    edition: Edition,
    attempts: Attempts,
    issued_on: date | None = None,
    template: bytes | None = None,
) -> EditionMaker:
    """Maker of the edition's files in one language."""
    with speaking(language):
        return EditionMaker(edition.in_page_language(), attempts, issued_on, template)


def archive(files: Mapping[str, bytes]) -> bytes:
    """Zip of the files with `MANIFEST` first; `sha256sum -c SHA256SUMS` checks them when unpacked."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in ({MANIFEST: sums.encode()} | dict(files)).items():
            packed = name.endswith((".png", ".docx", ".xlsx", ".pptx"))
            how = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            target.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, how)
    return buffer.getvalue()


def file_name(text: str) -> str:
    """`text` as a file name, with characters that a system forbids replaced by "_"."""
    return printable(text).translate(_FORBIDDEN).strip(" .") or "_"


class EditionMaker:
    """Maker of an edition's files, one after another, in the language in which it was begun."""

    def __init__(
        self, edition: Edition, attempts: Attempts, issued_on: date | None, template: bytes | None
    ) -> None:
        self._edition, self._attempts, self._template = edition, attempts, template
        self._issued_on = issued_on or edition.published_on
        self._language = current_language()
        self._charts = charts_of(edition)
        # Of English charts only those that its report shows or names: slides have their own.
        self._formats = FORMATS
        if self._language == "en":
            self._charts, self._formats = [c for c in self._charts if "16x9" not in c.name], ("svg",)
        self.steps = len(self._charts) * len(self._formats) + len(edition.profiles) + 4
        self._done, self._total = 0, self.steps

    def make(self, done: int = 0, total: int = 0) -> Files:
        """Files by name in the zip; `done` of `total` steps were done before, in other languages."""
        self._done, self._total = done, total or self.steps
        with speaking(self._language):
            return self._made()

    def _made(self) -> Files:
        pictures = self._draw()
        documents, letters = self._documents(pictures), self._letters()
        self._step(N_("撰写会议材料"))
        documents |= meeting_files(self._edition, self._language, self._issued_on, self._attempts)
        return documents | letters | {f"{self._name('图表')}/{name}": made for name, made in pictures.items()}

    def _name(self, chinese: str) -> str:
        """Name of a file or folder in the zip."""
        return _ENGLISH[chinese] if self._language == "en" else chinese

    def _step(self, words: str) -> None:
        self._report(words)
        self._done += 1

    def _report(self, words: str) -> None:
        self._attempts.report(words, self._done, self._total)

    def _draw(self) -> Files:
        drawn: Files = {}
        folder = self._name("图表")
        for chart in self._charts:
            figure = self._attempts.make(f"{folder}/{chart.name}", chart.draw)
            for fmt in self._formats:
                self._step(N_("绘制图表"))
                if figure is not None:
                    name = f"{chart.name}.{fmt}"
                    self._add(drawn, name, partial(render, figure, fmt), f"{folder}/{name}")
        return drawn

    def _add(self, files: Files, name: str, work: Callable[[], bytes], shown: str = "") -> None:
        content = self._attempts.make(shown or name, work)
        if content is not None:
            files[name] = content

    def _documents(self, pictures: Files) -> Files:
        edition, make = self._edition, self._attempts.make
        files: Files = {}
        self._step(N_("填写排名表"))
        self._add(files, self._name("排名表.xlsx"), lambda: publication_workbook(edition))
        bulletin, report = self._name("通报.docx"), self._name("评议报告.pdf")
        if edition.ranked:
            overall = make(bulletin, lambda: ranking_figure(edition, with_groups=False))
            self._step(N_("撰写通报"))
            self._add(files, bulletin, lambda: self._bulletin(overall))
            drawn = overall and make(report, partial(render, overall, "svg"))
            pictures = pictures | ({"ranking-overall.svg": drawn} if drawn else {})
        made = make("分析或总结", lambda: occasion_documents(edition, self._issued_on)) or {}
        files |= {self._name(name): content for name, content in made.items()}
        self._step(N_("排版评议报告"))
        keep_going = lambda: self._report(N_("排版评议报告"))  # noqa: E731
        self._add(files, report, lambda: write_report(edition, pictures, waiting=keep_going))
        return files

    def _bulletin(self, overall: Figure | None) -> bytes:
        context = _context(self._edition, overall, self._issued_on, self._attempts, self._name("通报.docx"))
        if self._language == "en":
            return write_english_bulletin(context)
        return write_bulletin(context, self._template)

    def _letters(self) -> Files:
        files: Files = {}
        for number, profile in enumerate(self._edition.profiles, start=1):
            self._step(N_("撰写各部门反馈函"))
            name = f"{self._name('反馈函')}/{number:03d} {file_name(profile.name)}.docx"
            self._add(files, name, partial(write_letter, self._edition, profile, self._issued_on))
        return files


def _context(
    edition: Edition, overall: Figure | None, issued_on: date | None, attempts: Attempts, document: str
) -> BulletinContext:
    # In English what is too large for the page is named, and lies beside it.
    full = current_language() == "zh"
    matrix = attempts.make(document, partial(matrix_png, edition.ranking)) if full else None
    ranks = rank_pages(edition.ranking, edition.title, edition.warning_line) if full else ()
    pairs = pair_pages(edition.ranking) if full else ()
    return BulletinContext(
        round_title=edition.title,
        body=edition.body,
        opens_on=edition.opens_on,
        closes_on=edition.closes_on,
        planned_closes_on=edition.planned_closes_on,
        ranking=edition.facts.ranking,
        counts=edition.facts.counts,
        digest=edition.round.digest,
        chart_png=render(overall, "png", dpi=_PICTURE_DPI) if overall else None,
        pairs_png=matrix or None,
        chart_pages=page_pngs(ranks, attempts, document),
        pairs_pages=page_pngs(pairs, attempts, document),
        remarks=cautions.remarks(edition.facts),
        corrected=edition.correction_lines,
        composites=edition.composites,
        chart_file=chart_file("ranking"),
        issued_on=issued_on,
        digits=edition.digits,
    )
