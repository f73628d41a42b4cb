"""All documents of one edition and the zip that holds them, with a manifest of SHA-256."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from analysis.charts.rendering import FORMATS, render
from analysis.errors import InputError
from survey.documents.bulletin import BulletinContext, write_bulletin
from survey.documents.edition import Edition
from survey.documents.facts_charts import charts_of, ranking_figure
from survey.documents.letter import write_letter
from survey.documents.occasions import occasion_documents
from survey.documents.progress import Progress, silent
from survey.documents.publication_xlsx import publication_workbook
from survey.documents.report import write_report
from survey.errors import N_, InvalidInput

MANIFEST: Final = "SHA256SUMS"
_PICTURE_DPI: Final = 200
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|\r\n\t\0', "_"))
Files = dict[str, bytes]


def write_bundle(
    edition: Edition, content: bytes, progress: Progress | None = None, *, issued_on: date | None = None
) -> bytes:
    """The zip of everything; `content` is the edition's canonical JSON, whose SHA-256 is `edition.digest`.

    Equal editions give equal bytes. Raises `InvalidInput` when a name cannot be drawn, naming the character,
    and what `progress` raises.
    """
    files = {"公布内容.json": content} | edition_files(edition, progress, issued_on=issued_on)
    return archive(files)


def edition_files(
    edition: Edition, progress: Progress | None = None, *, issued_on: date | None = None
) -> Files:
    """File name in the zip → content: 通报, 评议报告, 排名表, the period's documents, letters, charts."""
    try:
        return _Maker(edition, progress or silent, issued_on).make()
    except InputError as error:
        raise InvalidInput(N_("文件没有生成：%(why)s"), why=error.zh) from error


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip with `MANIFEST` first; `sha256sum -c SHA256SUMS` checks what was unpacked."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in ({MANIFEST: sums.encode()} | dict(files)).items():
            packed = name.endswith((".png", ".docx", ".xlsx"))
            how = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            target.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, how)
    return buffer.getvalue()


def file_name(text: str) -> str:
    """A name as part of a file's; what no system allows there is replaced."""
    return text.translate(_FORBIDDEN).strip(" .") or "_"


class _Maker:
    """Makes the files one after another, telling after each how far it is."""

    def __init__(self, edition: Edition, progress: Progress, issued_on: date | None) -> None:
        self._edition, self._progress = edition, progress
        self._issued_on = issued_on or edition.published_on
        self._charts = charts_of(edition)
        self._done = 0
        self._total = len(self._charts) * len(FORMATS) + len(edition.profiles) + 4

    def make(self) -> Files:
        pictures: Files = {}
        charts: Files = {}
        for name, content in self._draw():
            charts[f"图表/{name}"] = pictures[name] = content
        documents = dict(self._documents(pictures))
        letters = dict(self._letters())
        self._progress(N_("完成"), self._total, self._total)
        return documents | letters | charts

    def _step(self, words: str) -> None:
        self._progress(words, self._done, self._total)
        self._done += 1

    def _draw(self) -> Iterator[tuple[str, bytes]]:
        for chart in self._charts:
            figure = chart.draw()
            for fmt in FORMATS:
                self._step(N_("绘制图表"))
                yield f"{chart.name}.{fmt}", render(figure, fmt)

    def _documents(self, pictures: Files) -> Iterator[tuple[str, bytes]]:
        edition = self._edition
        self._step(N_("填写排名表"))
        yield "排名表.xlsx", publication_workbook(edition)
        if edition.ranked:
            overall = ranking_figure(edition, with_groups=False)
            self._step(N_("撰写通报"))
            yield "通报.docx", write_bulletin(_context(edition, overall, self._issued_on))
            pictures = pictures | {"ranking-overall.svg": render(overall, "svg")}
        yield from occasion_documents(edition, self._issued_on).items()
        self._step(N_("排版评议报告"))
        keep_going = lambda: self._progress(N_("排版评议报告"), self._done, self._total)  # noqa: E731
        yield "评议报告.pdf", write_report(edition, pictures, waiting=keep_going)

    def _letters(self) -> Iterator[tuple[str, bytes]]:
        for number, profile in enumerate(self._edition.profiles, start=1):
            self._step(N_("撰写各部门反馈函"))
            name = f"反馈函/{number:03d} {file_name(profile['name'])}.docx"
            yield name, write_letter(self._edition, profile, self._issued_on)


def _context(edition: Edition, overall: Any, issued_on: date | None) -> BulletinContext:
    return BulletinContext(
        round_title=edition.title,
        body=edition.body,
        opens_on=edition.opens_on,
        closes_on=edition.closes_on,
        ranking=edition.ranking_dict,
        counts={**edition.facts["counts"], "digest": edition.round["digest"]},
        chart_png=render(overall, "png", dpi=_PICTURE_DPI),
        chart_file="图表/ranking.pdf",
        issued_on=issued_on,
        digits=edition.digits,
    )
