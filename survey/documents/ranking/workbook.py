"""The ranking as an Excel workbook: native numbers, nothing that Excel could take for a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import xlsxwriter

from analysis.explain import bounded
from analysis.ranking.results import DepartmentResult, Ranking, Source
from survey.documents.layout.inert import CREATED, WORKBOOK_OPTIONS
from survey.documents.ranking.method import SCORES, method_rows

Language = Literal["zh", "en"]
Groups = Sequence[tuple[str, Ranking]]
MAX_PAIRS: Final = 20_000
_PORTRAIT_COLUMNS: Final = 9
_LINE_POINTS: Final = 15.75
_INDENT: Final = 2.5  # characters of indentation and padding


@dataclass(frozen=True)
class WorkbookColumn:
    """A column of a sheet: its two headings, its width in characters, its number format."""

    zh: str
    en: str
    width: float
    style: str


_RANKING: Final = (
    WorkbookColumn("名次", "Rank", 7, "whole"),
    WorkbookColumn("部门", "Department", 34, "text"),
    WorkbookColumn("名次范围·高", "Best rank", 11, "whole"),
    WorkbookColumn("名次范围·低", "Worst rank", 11, "whole"),
    WorkbookColumn("档次", "Tiers", 10, "mark"),
    WorkbookColumn("校正得分", "Adjusted score", 11, "score"),
    WorkbookColumn("区间下限", "Interval from", 11, "score"),
    WorkbookColumn("区间上限", "Interval to", 11, "score"),
    WorkbookColumn("与平均相比", "Against average", 16, "text"),
    WorkbookColumn("标准误", "Standard error", 10, "precise"),
    WorkbookColumn("未校正平均分", "Raw mean", 13, "score"),
    WorkbookColumn("评议数", "Raters", 9, "whole"),
)
_OF_RATINGS: Final = 2  # the last columns, which only ratings fill
_PAIRS: Final = (
    WorkbookColumn("部门甲", "Department A", 30, "text"),
    WorkbookColumn("部门乙", "Department B", 30, "text"),
    WorkbookColumn("差（甲−乙）", "Difference A − B", 13, "score"),
    WorkbookColumn("区间下限", "Interval from", 11, "score"),
    WorkbookColumn("区间上限", "Interval to", 11, "score"),
    WorkbookColumn("标准误", "Standard error", 10, "precise"),
    WorkbookColumn("校正 p 值", "Adjusted p", 12, "probability"),
    WorkbookColumn("结论", "Verdict", 20, "text"),
)
AVERAGE: Final = {
    "above": ("高于平均", "above"),
    "below": ("低于平均", "below"),
    "same": ("不能区分", "not distinguishable"),
}
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "text": {"text_wrap": True, "indent": 1},
    "mark": {"align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "whole": {"num_format": "0", "align": "center"},
    "score": {"num_format": "0.00"},
    "share": {"num_format": "0.0%"},
    "precise": {"num_format": "0.0000"},
    "probability": {"num_format": '[<0.0001]"<0.0001";0.0000'},
}


def ranking_workbook(
    ranking: Ranking,
    *,
    groups: Groups = (),
    title: str = "",
    language: Language = "zh",
    more: Callable[[RankingWriter], None] | None = None,
) -> bytes:
    """The .xlsx: ranking (within groups first), pairs, too few ratings and notes, method; `more` sheets."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": title, "author": "Pingyi 评议", "created": CREATED})
        writer = RankingWriter(book, language, title)
        writer.write(ranking, groups)
        if more is not None:
            more(writer)
    return buffer.getvalue()


class RankingWriter:
    """Writes the sheets of a ranking into an open workbook."""

    def __init__(self, book: Any, language: Language, title: str) -> None:
        self._book = book
        self._zh = language == "zh"
        self._language: Language = language
        self._title = title
        base = {
            "font_name": "Microsoft YaHei" if self._zh else "Calibri",
            "font_size": 10.5,
            "valign": "vcenter",
        }
        self._styles = {name: book.add_format({**base, **extra}) for name, extra in _STYLES.items()}
        self._head = book.add_format(
            {**base, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E8ECF0", "bottom": 1}
        )

    def write(self, ranking: Ranking, groups: Groups) -> None:
        """All sheets of one ranking."""
        parts = [*groups, ("", ranking)] if groups else [("", ranking)]
        self.ranking(parts)
        self.pairs(parts)
        self.notes(parts)
        self.method(ranking)

    def say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    def ranking(self, parts: Groups, title: str = "") -> None:
        """One sheet of rankings, with a column for their names where there are several."""
        source = parts[-1][1].source
        own = _columns(source)
        columns = (WorkbookColumn("类别", "Group", 16, "text"), *own) if len(parts) > 1 else own
        rows = (
            ((name or self.say("全部", "All"),) if len(parts) > 1 else ())
            + self._department(department)[: len(own)]
            for name, part in parts
            for department in part.departments
        )
        self.sheet(title or self.say("排名", "Ranking"), columns, rows)

    def _department(self, d: DepartmentResult) -> tuple[Any, ...]:
        best, worst = d.rank_set
        average = self.say(*AVERAGE[d.vs_average])
        adjusted, mean = (score_cell(value, d.bound) for value in (d.adjusted, d.mean))
        return (d.rank, d.name, best, worst, d.tier, adjusted, *d.ci, average, d.se, mean, d.n)

    def pairs(self, parts: Groups) -> None:
        """Every pair, up to `MAX_PAIRS` a ranking."""
        columns = (WorkbookColumn("类别", "Group", 16, "text"), *_PAIRS) if len(parts) > 1 else _PAIRS
        rows = (
            ((name or self.say("全部", "All"),) if len(parts) > 1 else ()) + row
            for name, part in parts
            for row in self._pair_rows(part)
        )
        self.sheet(self.say("两两比较", "Pairs"), columns, rows)

    def _pair_rows(self, ranking: Ranking) -> Iterable[tuple[Any, ...]]:
        higher = self.say("甲高于乙", "A is higher")
        lower = self.say("甲低于乙", "A is lower")
        same = self.say("不能区分", "cannot be told apart")
        for pair in ranking.pairs[:MAX_PAIRS]:
            verdict = same if not pair.significant else higher if pair.difference >= 0 else lower
            yield (pair.a, pair.b, pair.difference, *pair.ci, pair.se, pair.p_adjusted, verdict)

    def notes(self, parts: Groups) -> None:
        """Who is not ranked, and why."""
        columns = (
            WorkbookColumn("事项", "Subject", 34, "text"),
            WorkbookColumn("说明", "Explanation", 90, "text"),
        )
        self.sheet(self.say("样本不足与说明", "Too few ratings, notes"), columns, self._note_rows(parts))

    def _note_rows(self, parts: Groups) -> Iterable[tuple[Any, ...]]:
        for name, part in parts:
            prefix = f"{name}：" if name else ""
            for entry in part.insufficient:
                yield (
                    prefix + entry.name,
                    self.say("没有参加排名：", "Not ranked: ") + entry.reason(self._language),
                )
            for note in part.notes:
                yield prefix + self.say("说明", "Note"), note.text(self._language)
            if len(part.pairs) > MAX_PAIRS:
                yield (
                    prefix + self.say("两两比较", "Pairs"),
                    self.say(
                        f"共 {len(part.pairs)} 对，这里是前 {MAX_PAIRS} 对；全部见 --pairs。",
                        f"{len(part.pairs)} pairs: the first {MAX_PAIRS} are here; all by --pairs.",
                    ),
                )

    def method(self, ranking: Ranking, more: Iterable[tuple[str, Any]] = ()) -> None:
        """How it was worked out; `more` rows behind."""
        columns = (WorkbookColumn("项目", "Subject", 26, "text"), WorkbookColumn("内容", "Value", 90, "text"))
        self.sheet(self.say("方法", "Method"), columns, (*method_rows(ranking, self.say), *more))

    def sheet(self, name: str, columns: Sequence[WorkbookColumn], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with its heading row frozen and set up for print."""
        sheet = self._book.add_worksheet(name)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, self.say(column.zh, column.en), self._head)
        count = 0
        for count, row in enumerate(rows, start=1):
            if (lines := _lines(columns, row)) > 1:
                sheet.set_row(count, _LINE_POINTS * lines)
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, count, index, value, self._styles[column.style])
        self._set_up_print(sheet, len(columns), count)

    @staticmethod
    def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
        """Text stays text whatever it begins with; a number that does not exist is an empty cell."""
        if isinstance(value, str):
            sheet.write_string(row, column, value, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style)
        elif value is None or not math.isfinite(value):
            sheet.write_blank(row, column, None, style)
        else:
            sheet.write_number(row, column, value, style)

    def _set_up_print(self, sheet: Any, width: int, count: int) -> None:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), width - 1)
        sheet.repeat_rows(0)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if width > _PORTRAIT_COLUMNS:
            sheet.set_landscape()
        sheet.set_header(f"&C{self._title.replace('&', '&&')}" if self._title else "")
        sheet.set_footer("&C&P / &N")


def score_cell(value: float, bound: str) -> float | str:
    """A number, or a bound in words: a bare number would be taken for the score."""
    return bounded(f"{value:g}", bound) if bound else value


def _lines(columns: Sequence[WorkbookColumn], row: Sequence[Any]) -> int:
    """Lines that the row's longest text takes: programs other than Excel do not fit the height themselves."""
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
    """Columns of a ranking, the score by its name; without raw means and raters where there are none."""
    name = SCORES[source]
    columns = tuple(
        WorkbookColumn(*name, c.width, c.style) if c.zh == SCORES["adjusted"][0] else c for c in _RANKING
    )
    return columns if source == "adjusted" else columns[:-_OF_RATINGS]
