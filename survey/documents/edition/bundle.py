"""Bundle of all documents of one edition: a zip with a manifest of SHA-256 sums."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
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
from survey.documents.edition.workbook import publication_workbook
from survey.documents.layout.attempts import Attempts, Failure
from survey.documents.layout.progress import Progress
from survey.errors import N_
from survey.language import speaking
from survey.trial import MARK, is_marked
from survey.wording import cautions

MANIFEST: Final = "SHA256SUMS"
TEMPLATE: Final = "通报模板.docx"
ENGLISH_BULLETIN: Final = "English/bulletin.docx"
LEFT_OUT: Final = "没有生成的文件.txt"
_PICTURE_DPI: Final = 200
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
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
    charts."""
    maker = _EditionMaker(edition, Attempts(progress), issued_on, template)
    files = maker.make()
    if failures is not None:
        failures += maker.attempts.failures
    return files


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


class _EditionMaker:
    """Maker of an edition's files one after another, with progress."""

    def __init__(
        self, edition: Edition, attempts: Attempts, issued_on: date | None, template: bytes | None
    ) -> None:
        self._edition, self.attempts, self._template = edition, attempts, template
        self._issued_on = issued_on or edition.published_on
        self._charts = charts_of(edition)
        self._done = 0
        self._total = len(self._charts) * len(FORMATS) + len(edition.profiles) + 4 + len(LANGUAGES)

    def make(self) -> Files:
        pictures = self._draw()
        documents, letters = self._documents(pictures), self._letters()
        for language in LANGUAGES:
            self._step(N_("撰写会议材料"))
            documents |= meeting_files(self._edition, language, self._issued_on, self.attempts)
        self.attempts.report(N_("完成"), self._total, self._total)
        return documents | letters | {f"图表/{name}": content for name, content in pictures.items()}

    def _step(self, words: str) -> None:
        self.attempts.report(words, self._done, self._total)
        self._done += 1

    def _draw(self) -> Files:
        drawn: Files = {}
        for chart in self._charts:
            figure = self.attempts.make(f"图表/{chart.name}", chart.draw)
            for fmt in FORMATS:
                self._step(N_("绘制图表"))
                if figure is not None:
                    name = f"{chart.name}.{fmt}"
                    self._add(drawn, name, partial(render, figure, fmt), f"图表/{name}")
        return drawn

    def _add(self, files: Files, name: str, work: Callable[[], bytes], shown: str = "") -> None:
        content = self.attempts.make(shown or name, work)
        if content is not None:
            files[name] = content

    def _documents(self, pictures: Files) -> Files:
        edition = self._edition
        files: Files = {}
        self._step(N_("填写排名表"))
        self._add(files, "排名表.xlsx", lambda: publication_workbook(edition))
        if edition.ranked:
            overall = self.attempts.make("通报.docx", lambda: ranking_figure(edition, with_groups=False))
            self._step(N_("撰写通报"))
            matrix = self.attempts.make("通报.docx", partial(matrix_png, edition.ranking))
            context = _context(edition, overall, matrix, self._issued_on, self.attempts)
            self._add(files, "通报.docx", lambda: write_bulletin(context, self._template))
            self._add(files, ENGLISH_BULLETIN, lambda: _in_english(edition, context))
            drawn = overall and self.attempts.make("评议报告.pdf", partial(render, overall, "svg"))
            pictures = pictures | ({"ranking-overall.svg": drawn} if drawn else {})
        files |= self.attempts.make("分析或总结", lambda: occasion_documents(edition, self._issued_on)) or {}
        self._step(N_("排版评议报告"))
        keep_going = lambda: self.attempts.report(N_("排版评议报告"), self._done, self._total)  # noqa: E731
        self._add(files, "评议报告.pdf", lambda: write_report(edition, pictures, waiting=keep_going))
        return files

    def _letters(self) -> Files:
        files: Files = {}
        for number, profile in enumerate(self._edition.profiles, start=1):
            self._step(N_("撰写各部门反馈函"))
            name = f"反馈函/{number:03d} {file_name(profile.name)}.docx"
            self._add(files, name, partial(write_letter, self._edition, profile, self._issued_on))
        return files


def _context(
    edition: Edition, overall: Figure | None, matrix: bytes | None, issued_on: date | None, attempts: Attempts
) -> BulletinContext:
    ranks = rank_pages(edition.ranking, edition.title, edition.warning_line)
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
        chart_pages=page_pngs(ranks, attempts, "通报.docx"),
        pairs_pages=page_pngs(pair_pages(edition.ranking), attempts, "通报.docx"),
        remarks=cautions.remarks(edition.facts),
        corrected=edition.correction_lines,
        composites=edition.composites,
        chart_file="图表/ranking.pdf",
        issued_on=issued_on,
        digits=edition.digits,
    )


def _in_english(edition: Edition, context: BulletinContext) -> bytes:
    """The bulletin in English, with its charts drawn in English."""
    with speaking("en"):
        chart = ranking_figure(edition, with_groups=False, language="en")
        spoken = replace(
            context,
            chart_png=render(chart, "png", dpi=_PICTURE_DPI),
            pairs_png=None,
            chart_pages=(),
            pairs_pages=(),
            remarks=cautions.remarks(edition.facts),
            corrected=edition.correction_lines,
        )
    return write_english_bulletin(spoken)
