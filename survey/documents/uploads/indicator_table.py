"""Tables of outside indicators: provincial scores (省市评估), one indicator a row; 12345 hotline figures, one
indicator a column."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, Final

from analysis.answers.spelling import clean_line, name_key, unwrapped
from analysis.tables.headings import best_row, places_of, plain
from analysis.tables.headings import shown as cut
from analysis.tables.rows import is_error_value, is_footnote, is_total
from survey.documents.layout.workbook import Book
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.documents.uploads.reading import Part, fitting, place_of, read_upload, skipped_rows
from survey.documents.uploads.refusals import MissingColumns, NoRows
from survey.documents.uploads.roster_table import RowProblem
from survey.documents.uploads.roster_values import BadCell
from survey.errors import N_, Phrase
from survey.texts import OddSign, sign_named, undrawable

ASSESSMENT: Final = "assessment"
HOTLINE: Final = "hotline"
DEPARTMENT, NAME, SCORE, PROVINCE, CITY = "牵头部门", "指标", "得分", "全省平均", "全市平均"
POINTS, PERCENT, PIECES = "分", "%", "件"
LONGEST = 60
_ERROR_VALUE: Final = N_("这一格是 Excel 的错误值 %(value)s。")
_ERROR_REMEDY: Final = N_("请改正公式后粘贴为数值，没有内容就留空。")
_FIELDS: Final = {
    DEPARTMENT: "牵头部门 牵头单位 责任部门 责任单位 承办单位 承办部门 部门 单位 部门名称 单位名称",
    NAME: "指标 评估指标 指标名称 二级指标 一级指标 项目 indicator",
    SCORE: "得分 分数 我县得分 本县得分 评估得分 全县得分 score",
    PROVINCE: "全省平均 全省平均分 省平均 省平均分 全省均值 provinceaverage",
    CITY: "全市平均 全市平均分 市平均 市平均分 全市均值 cityaverage",
}
_REQUIRED: Final = {ASSESSMENT: (DEPARTMENT, NAME, SCORE), HOTLINE: (DEPARTMENT,)}
_REMEDY: Final = N_("请对照模板修改表头后重新上传。没有导入任何内容。")
_SKIPPED: Final = ("序号", "排名", "名次", "备注", "no")
_UNIT: Final = re.compile(r"[（(]([^（()）]{1,10})[）)]")
_TEMPLATES: Final = {
    ASSESSMENT: (
        "省市评估得分",
        (NAME, DEPARTMENT, SCORE, PROVINCE, CITY),
        ("开办企业", "行政审批局", 86.5, 84.2, 85.1),
    ),
    HOTLINE: (
        "12345 数据",
        (DEPARTMENT, "受理件数（件）", "按期办结率（%）", "满意率（%）"),
        ("住房和城乡建设局", 126, 97.6, 88.1),
    ),
}


@dataclass(frozen=True, slots=True)
class IndicatorReport:
    """Result of reading a table: faultless `rows`, and `problems`; with any problem nothing is imported.
    `ignored_columns` were not read; `remarks` say what else was left out."""

    rows: tuple[IndicatorRow, ...]
    problems: tuple[RowProblem, ...]
    ignored_columns: tuple[str, ...]
    remarks: tuple[Phrase, ...] = ()


@dataclass(slots=True)
class _Columns:
    """Columns of a table: `places`: field → index; `figures`: index, name and unit of every column of
    figures."""

    number: int
    headings: Sequence[str]
    places: dict[str, int]
    figures: list[tuple[int, str, str]] = field(default_factory=list)


def read_indicators(file: BinaryIO, kind: str) -> IndicatorReport:
    """Report on an Excel or CSV table of `kind` (ASSESSMENT or HOTLINE).

    Raises `SheetRefused` for a file that cannot be read, and `MissingColumns`.
    """
    parts, remarks = fitting(read_upload(file), partial(_find_columns, kind))
    reader = _Reader()
    ignored: dict[str, None] = {}
    for part in parts:
        columns = part.columns
        used = {*columns.places.values(), *(place for place, *_ in columns.figures)}
        part.check(used)
        reader.begin(part)
        for number, cells in enumerate(part.sheet.rows[columns.number :], start=columns.number + 1):
            if any(cell.strip() for cell in cells):
                reader.add(number, cells, reader.assessment if kind == ASSESSMENT else reader.hotline)
        ignored |= dict.fromkeys(
            h.strip() for i, h in enumerate(columns.headings) if h.strip() and i not in used
        )
    if not reader.rows and not reader.problems:
        raise NoRows
    said = (*remarks, *skipped_rows(reader.skipped))
    return IndicatorReport(tuple(reader.rows), tuple(reader.problems), tuple(ignored), said)


def indicator_template(kind: str) -> bytes:
    """Workbook (.xlsx) with the headings and one example row."""
    title, headings, example = _TEMPLATES[kind]
    book = Book(title)
    sheet = book.sheet(title)
    for place, (heading, value) in enumerate(zip(headings, example, strict=True)):
        sheet.set_column(place, place, 20)
        sheet.write_string(0, place, heading, book.header)
        if isinstance(value, str):
            sheet.write_string(1, place, value, book.text)
        else:
            sheet.write_number(1, place, value)
    book.set_up_print(sheet, header_rows=1)
    return book.finish()


class _Reader:
    """Reader that collects rows and problems; a department may have each indicator only once."""

    def __init__(self) -> None:
        self.rows: list[IndicatorRow] = []
        self.problems: list[RowProblem] = []
        self.skipped: list[str] = []
        self._part: Part[_Columns]
        self._columns: _Columns
        self._seen: dict[tuple[str, str], str] = {}

    def begin(self, part: Part[_Columns]) -> None:
        """Start reading the sheet `part`."""
        self._part, self._columns = part, part.columns

    def add(
        self, number: int, cells: Sequence[str], read: Callable[[Sequence[str]], Iterator[IndicatorRow]]
    ) -> None:
        department = _cell(cells, self._columns.places[DEPARTMENT])
        whole = any(map(is_total, (department, *cells[:2])))
        if whole or is_footnote(number, cells, self._part.sheet.merged):
            self.skipped.append(place_of(self._part.name, number))
            return
        try:
            found = list(read(cells))
            for row in found:
                self._once(number, row)
        except _Bad as bad:
            shown = bad.cell.strip()[:LONGEST]
            heading = cut(self._columns.headings[bad.place].strip())
            why = bad.why
            self.problems.append(
                RowProblem(number, heading, shown, why.message, why.remedy, why.values, self._part.name)
            )
            return
        self.rows += found

    def assessment(self, cells: Sequence[str]) -> Iterator[IndicatorRow]:
        places = self._columns.places
        averages = [
            self._number(cells, places[name], empty=True) if name in places else None
            for name in (PROVINCE, CITY)
        ]
        value = self._number(cells, places[SCORE])
        if value is not None:
            department, name = self._words(cells, DEPARTMENT), self._words(cells, NAME)
            yield IndicatorRow(department, name, value, averages[0], averages[1], POINTS)

    def hotline(self, cells: Sequence[str]) -> Iterator[IndicatorRow]:
        department = self._words(cells, DEPARTMENT)
        for place, name, unit in self._columns.figures:
            value = self._number(cells, place, empty=True)
            if value is not None:
                yield IndicatorRow(department, name, value, None, None, unit)

    def _once(self, number: int, row: IndicatorRow) -> None:
        where = place_of(self._part.name, number)
        first = self._seen.setdefault((name_key(row.department), name_key(row.name)), where)
        if first != where:
            message = N_("“%(department)s”的“%(name)s”在第 %(first)s 行已经有了。")
            why = BadCell(
                message, N_("请删去重复的一行。"), department=row.department, name=row.name, first=first
            )
            raise _Bad(self._columns.places[DEPARTMENT], row.department, why)

    def _words(self, cells: Sequence[str], field_name: str) -> str:
        place = self._columns.places[field_name]
        cell = _cell(cells, place)
        text = clean_line(unwrapped(cell))
        if is_error_value(text):
            raise _Bad(place, cell, BadCell(_ERROR_VALUE, _ERROR_REMEDY, value=text))
        if sign := undrawable(text):
            message = N_("字符%(sign)s不能用：没有字体能画出它，或者它看不见。")
            raise _Bad(place, cell, BadCell(message, OddSign.remedy, sign=sign_named(sign[0])))
        if not 0 < len(text) <= LONGEST:
            message = N_("这一格应为 1 到 %(longest)s 个字。")
            raise _Bad(place, cell, BadCell(message, N_("请补上或改短。"), longest=LONGEST))
        return text

    def _number(self, cells: Sequence[str], place: int, *, empty: bool = False) -> float | None:
        cell = _cell(cells, place)
        text = clean_line(unwrapped(cell)).replace(",", "").rstrip("%％分件")
        if is_error_value(text):
            raise _Bad(place, cell, BadCell(_ERROR_VALUE, _ERROR_REMEDY, value=text))
        if not text and empty:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0:
            message, remedy = N_("这一格应为不小于 0 的数。"), N_("请改为数字，没有就留空。")
            raise _Bad(place, cell, BadCell(message, remedy))
        return value


class _Bad(Exception):
    def __init__(self, place: int, cell: str, why: BadCell) -> None:
        super().__init__(why.message)
        self.place, self.cell, self.why = place, cell, why


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _find_columns(kind: str, rows: Sequence[Sequence[str]]) -> tuple[int, _Columns]:
    required = _REQUIRED[kind]
    best = best_row(
        rows,
        partial(_match, kind=kind),
        lambda c: (sum(name in c.places for name in required), len(c.figures)),
    )
    missing = [name for name in required if name not in best.places]
    if missing or (kind == HOTLINE and not best.figures):
        raise MissingColumns(missing or [N_("至少一列数字，如“满意率（%）”")], best.headings, _REMEDY)
    return best.number, best


def _match(number: int, row: Sequence[str], kind: str) -> _Columns:
    headings = [plain(_UNIT.sub("", cell)) for cell in row]
    wanted = _FIELDS if kind == ASSESSMENT else {DEPARTMENT: _FIELDS[DEPARTMENT]}
    places = {}
    for target, synonyms in wanted.items():
        known = places_of(row, synonyms.split())
        if known:
            places[target] = known[0]
    columns = _Columns(number, tuple(row), places)
    if kind == HOTLINE:
        columns.figures = [
            (place, clean_line(_UNIT.sub("", cell)), _unit(cell))
            for place, cell in enumerate(row)
            if headings[place] and place not in places.values() and headings[place] not in _SKIPPED
        ]
    return columns


def _unit(heading: str) -> str:
    """Unit written in brackets, or implied by the heading: rates in per cent, scores in points, else numbers
    of cases."""
    written = _UNIT.search(heading)
    if written:
        return clean_line(written[1])
    return PERCENT if "率" in heading else POINTS if "分" in heading else PIECES
