"""Ranking as an Excel workbook: native numbers, nothing that Excel could take for a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.explain import bounded
from analysis.ranking.results import DepartmentResult, Ranking, Source
from survey.documents.layout.inert import CREATED, WORKBOOK_OPTIONS
from survey.documents.ranking.method import Cell, method_rows
from survey.errors import N_
from survey.language import Language, current_language, speaking
from survey.language import gettext as _
from survey.wording.cells import against_average
from survey.wording.method import score_name

Groups = Sequence[tuple[str, Ranking]]
MAX_PAIRS: Final = 20_000
_PORTRAIT_COLUMNS: Final = 9
_LINE_POINTS: Final = 15.75
_INDENT: Final = 2.5  # characters of indentation and padding


@dataclass(frozen=True)
class WorkbookColumn:
    """Column of a sheet: heading (a message id), width in characters, and key of the number format in
    `_STYLES`."""

    heading: str
    width: float
    style: str


_SCORE: Final = N_("校正得分")
_RANKING: Final = (
    WorkbookColumn(N_("名次"), 7, "whole"),
    WorkbookColumn(N_("部门"), 34, "text"),
    WorkbookColumn(N_("名次范围·高"), 11, "whole"),
    WorkbookColumn(N_("名次范围·低"), 11, "whole"),
    WorkbookColumn(N_("档次"), 10, "mark"),
    WorkbookColumn(_SCORE, 11, "score"),
    WorkbookColumn(N_("区间下限"), 11, "score"),
    WorkbookColumn(N_("区间上限"), 11, "score"),
    WorkbookColumn(N_("与平均相比"), 16, "text"),
    WorkbookColumn(N_("标准误"), 10, "precise"),
    WorkbookColumn(N_("未校正平均分"), 13, "score"),
    WorkbookColumn(N_("评议数"), 9, "whole"),
)
_OF_RATINGS: Final = 2  # the last columns, which only ratings fill
_PAIRS: Final = (
    WorkbookColumn(N_("部门甲"), 30, "text"),
    WorkbookColumn(N_("部门乙"), 30, "text"),
    WorkbookColumn(N_("差（甲−乙）"), 13, "score"),
    WorkbookColumn(N_("区间下限"), 11, "score"),
    WorkbookColumn(N_("区间上限"), 11, "score"),
    WorkbookColumn(N_("标准误"), 10, "precise"),
    WorkbookColumn(N_("校正 p 值"), 12, "probability"),
    WorkbookColumn(N_("结论"), 20, "text"),
)
_STYLES: Final[dict[str, dict[str, object]]] = {
    "text": {"text_wrap": True, "indent": 1},
    "mark": {"align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "whole": {"num_format": "0", "align": "center"},
    "score": {"num_format": "0.00"},
    "share": {"num_format": "0.0%"},
    "precise": {"num_format": "0.0000"},
    "exact": {"num_format": "0.000000"},
    "probability": {"num_format": '[<0.0001]"<0.0001";0.0000'},
}
_FINER: Final[dict[str, tuple[int, str, tuple[float, ...]]]] = {
    "score": (2, "precise", ()),
    "probability": (4, "exact", (0.01, 0.05, 0.1)),
}
"""Decimals of a style, the style with more, and the numbers that a cell may not be rounded to (none: whole
ones)."""


def ranking_workbook(
    ranking: Ranking,
    *,
    groups: Groups = (),
    title: str = "",
    language: Language = "zh",
    more: Callable[[RankingWriter], None] | None = None,
) -> bytes:
    """Workbook (.xlsx) with the sheets ranking (within groups first), pairs, notes and not ranked, method;
    `more` writes further sheets."""
    buffer = io.BytesIO()
    with speaking(language), xlsxwriter.Workbook(buffer, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": title, "author": "Pingyi 评议", "created": CREATED})
        writer = RankingWriter(book, title)
        writer.write(ranking, groups)
        if more is not None:
            more(writer)
    return buffer.getvalue()


class RankingWriter:
    """Writer of the sheets of a ranking into an open workbook, in the current language."""

    def __init__(self, book: xlsxwriter.Workbook, title: str) -> None:
        self._book = book
        self._title = title
        base = {
            "font_name": "Microsoft YaHei" if current_language() == "zh" else "Calibri",
            "font_size": 10.5,
            "valign": "vcenter",
        }
        self._styles = {name: book.add_format({**base, **extra}) for name, extra in _STYLES.items()}
        self._head = book.add_format(
            {**base, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E8ECF0", "bottom": 1}
        )

    def write(self, ranking: Ranking, groups: Groups) -> None:
        """Write all sheets of one ranking."""
        parts = [*groups, ("", ranking)] if groups else [("", ranking)]
        self.ranking(parts)
        self.pairs(parts)
        self.notes(parts)
        self.method(ranking)

    def ranking(self, parts: Groups, title: str = "") -> None:
        """Write one sheet of rankings, given as pairs (name, ranking), with a column for the names where
        there are several."""
        source = parts[-1][1].source
        own = _columns(source)
        columns = (WorkbookColumn(N_("类别"), 16, "text"), *own) if len(parts) > 1 else own
        rows = (
            ((name or _("全部"),) if len(parts) > 1 else ()) + self._department(department)[: len(own)]
            for name, part in parts
            for department in part.departments
        )
        self.sheet(title or _("排名"), columns, rows)

    def _department(self, d: DepartmentResult) -> tuple[Cell, ...]:
        best, worst = d.rank_set
        average = against_average(d.vs_average)
        adjusted, mean = (score_cell(value, d.bound) for value in (d.adjusted, d.mean))
        return (d.rank, d.name, best, worst, d.tier, adjusted, *d.ci, average, d.se, mean, d.n)

    def pairs(self, parts: Groups) -> None:
        """Write the sheet of pairs, at most `MAX_PAIRS` for each ranking."""
        columns = (WorkbookColumn(N_("类别"), 16, "text"), *_PAIRS) if len(parts) > 1 else _PAIRS
        rows = (
            ((name or _("全部"),) if len(parts) > 1 else ()) + row
            for name, part in parts
            for row in self._pair_rows(part)
        )
        self.sheet(_("两两比较"), columns, rows)

    def _pair_rows(self, ranking: Ranking) -> Iterable[tuple[Cell, ...]]:
        higher = _("甲高于乙")
        lower = _("甲低于乙")
        same = _("不能区分")
        for pair in ranking.pairs[:MAX_PAIRS]:
            verdict = same if not pair.significant else higher if pair.difference >= 0 else lower
            yield (pair.a, pair.b, pair.difference, *pair.ci, pair.se, pair.p_adjusted, verdict)

    def notes(self, parts: Groups) -> None:
        """Write the sheet of departments not ranked, with reasons, and of notes."""
        columns = (
            WorkbookColumn(N_("事项"), 34, "text"),
            WorkbookColumn(N_("说明"), 90, "text"),
        )
        self.sheet(_("样本不足与说明"), columns, self._note_rows(parts))

    def _note_rows(self, parts: Groups) -> Iterable[tuple[Cell, ...]]:
        for name, part in parts:
            prefix = name + _("：") if name else ""
            for entry in part.insufficient:
                yield prefix + entry.name, _("没有参加排名：%(why)s", why=entry.reason(current_language()))
            for note in part.notes:
                yield prefix + _("说明"), note.text(current_language())
            if len(part.pairs) > MAX_PAIRS:
                yield (
                    prefix + _("两两比较"),
                    _(
                        "共 %(count)s 对，这里是前 %(most)s 对；全部见 --pairs。",
                        count=len(part.pairs),
                        most=MAX_PAIRS,
                    ),
                )

    def method(self, ranking: Ranking, more: Iterable[tuple[str, Cell]] = ()) -> None:
        """Write the sheet on the method, with the rows of `more` at the end."""
        columns = (WorkbookColumn(N_("项目"), 26, "text"), WorkbookColumn(N_("内容"), 90, "text"))
        self.sheet(_("方法"), columns, (*method_rows(ranking), *more))

    def sheet(self, name: str, columns: Sequence[WorkbookColumn], rows: Iterable[Sequence[Cell]]) -> None:
        """Write a sheet with its heading row frozen, set up for print."""
        sheet = self._book.add_worksheet(name)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, _(column.heading), self._head)
        count = 0
        for count, row in enumerate(rows, start=1):
            if (lines := _lines(columns, row)) > 1:
                sheet.set_row(count, _LINE_POINTS * lines)
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, count, index, value, self._styles[_style(column, value)])
        self._set_up_print(sheet, len(columns), count)

    @staticmethod
    def _cell(sheet: Worksheet, row: int, column: int, value: Cell, style: Format) -> None:
        """Write a cell: text stays text whatever it begins with; None and NaN give an empty cell."""
        if isinstance(value, str):
            sheet.write_string(row, column, value, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style)
        elif value is None or not math.isfinite(value):
            sheet.write_blank(row, column, None, style)
        else:
            sheet.write_number(row, column, value, style)

    def _set_up_print(self, sheet: Worksheet, width: int, count: int) -> None:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), width - 1)
        sheet.repeat_rows(0)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if width > _PORTRAIT_COLUMNS:
            sheet.set_landscape()
        sheet.set_header(f"&C{self._title.replace('&', '&&')}" if self._title else "")
        sheet.set_footer("&C&P / &N")


def score_cell(value: float | None, bound: str) -> float | str | None:
    """Score as a number, or as text with ≥ or ≤ where it is a bound, since a bare number would be taken for
    the score."""
    return bounded(f"{value:g}", bound) if bound and value is not None else value


def _style(column: WorkbookColumn, value: Cell) -> str:
    """Style of a cell: with more decimals where a score would be shown as a whole number that it is not, such
    as a grade line or 0, or a p-value as one of the usual levels."""
    if column.style not in _FINER or not isinstance(value, float) or not math.isfinite(value):
        return column.style
    digits, finer, lines = _FINER[column.style]
    crossed = any(round(value, digits) == line != value for line in lines or (float(round(value)),))
    return finer if crossed else column.style


def _lines(columns: Sequence[WorkbookColumn], row: Sequence[Cell]) -> int:
    """Number of lines of the row's longest text, since programs other than Excel do not fit the height
    themselves."""
    return max(
        math.ceil(_characters(line) / (column.width - _INDENT))
        for column, value in zip(columns, row, strict=True)
        for line in (
            value.splitlines() if isinstance(value, str) and column.style == "text" and value else [""]
        )
    )


def _characters(line: str) -> int:
    return sum(1 if character.isascii() else 2 for character in line)


def _columns(source: Source) -> tuple[WorkbookColumn, ...]:
    """Columns of a ranking, with the name of its score; raw means and counts only where there are ratings."""
    columns = tuple(replace(c, heading=score_name(source)) if c.heading == _SCORE else c for c in _RANKING)
    return columns if source == "adjusted" else columns[:-_OF_RATINGS]
