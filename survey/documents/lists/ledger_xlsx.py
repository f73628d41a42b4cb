"""Ledger of problems (整改台账) as an Excel file: one problem a row with native
dates, and every step taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from xlsxwriter.worksheet import Worksheet

from survey.documents.layout.workbook import Book
from survey.errors import N_

Translate = Callable[[str], str]
Cell = str | int | date | None
Columns = Sequence[tuple[str, int]]
_A3: Final = 8
_LINE, _TALLEST = 16.5, 400.0
"""Points: a line of text, and the most that Excel takes for a row, rounded down."""
_PROBLEMS: Final[Columns] = (
    (N_("轮次"), 12), (N_("编号"), 7), (N_("部门"), 14), (N_("来源"), 11), (N_("指标或主题"), 11),
    (N_("要解决的问题"), 26), (N_("依据"), 26), (N_("责任人"), 10), (N_("整改措施"), 28), (N_("期限"), 12),
    (N_("进展"), 10), (N_("是否超期"), 10), (N_("转办日期"), 12), (N_("已读日期"), 12), (N_("回复日期"), 12),
    (N_("部门回复"), 28), (N_("核实日期"), 12), (N_("核实情况"), 24),
)  # fmt: skip
_STEPS: Final[Columns] = (
    (N_("轮次"), 24), (N_("编号"), 7), (N_("部门"), 20), (N_("日期"), 12), (N_("步骤"), 12),
    (N_("经手人"), 16), (N_("说明"), 56), (N_("附件"), 24),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerStep:
    """Step in the history of a problem."""

    on: date
    step: str
    actor: str
    text: str
    files: str = ""
    """Names of the files that were sent with it, one a line."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Problem for the ledger, its codes put into words; a field not filled in yet is empty or None."""

    title: str
    number: int
    department: str
    source: str
    item: str
    task: str
    evidence: str
    responsible: str
    measures: str
    deadline: date | None
    stage: str
    overdue: bool
    assigned_on: date | None
    read_on: date | None
    answered_on: date | None
    answer: str
    verified_on: date | None
    verification: str
    steps: Sequence[LedgerStep]


def write_ledger(rows: Sequence[LedgerRow], *, title: str, translate: Translate = str) -> bytes:
    """Workbook (.xlsx) with the sheets 整改台账 (on A3 paper) and 办理经过 (on A4 paper); `title` goes into
    its properties. No text in it can become a formula."""
    book = Book(title)
    _write(
        book, translate(N_("整改台账")), _PROBLEMS, [_cells(row, translate) for row in rows], translate, _A3
    )
    steps = [_step(row, step) for row in rows for step in row.steps]
    _write(book, translate(N_("办理经过")), _STEPS, steps, translate)
    return book.finish()


def _cells(row: LedgerRow, translate: Translate) -> tuple[Cell, ...]:
    late = translate(N_("已超期")) if row.overdue else ""
    return (
        row.title, row.number, row.department, row.source, row.item, row.task, row.evidence, row.responsible,
        row.measures, row.deadline, row.stage, late, row.assigned_on, row.read_on, row.answered_on,
        row.answer, row.verified_on, row.verification,
    )  # fmt: skip


def _step(row: LedgerRow, step: LedgerStep) -> tuple[Cell, ...]:
    return row.title, row.number, row.department, step.on, step.step, step.actor, step.text, step.files


def _write(
    book: Book,
    name: str,
    columns: Columns,
    rows: Sequence[tuple[Cell, ...]],
    translate: Translate,
    paper: int | None = None,
) -> None:
    sheet = book.sheet(name)
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, translate(heading), book.header)
    book.set_up_print(sheet, header_rows=1)
    if paper:
        sheet.set_paper(paper)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    widths = [width for _, width in columns]
    for place, row in enumerate(rows, start=1):
        sheet.set_row(place, _height(row, widths))
        for column, cell in enumerate(row):
            _put(book, sheet, place, column, cell)


def _put(book: Book, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, str) and cell:
        sheet.write_string(row, column, cell, book.ruled_text)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, book.ruled_number)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, book.ruled_date)
    else:
        sheet.write_blank(row, column, None, book.ruled_text)


def _height(row: tuple[Cell, ...], widths: Sequence[int]) -> float:
    """Height in points for the row's longest text, at most `_TALLEST`; set because not every program works it
    out for wrapped text."""
    lines = max(_lines(cell, width) for cell, width in zip(row, widths, strict=True))
    return min(_LINE * lines + 3, _TALLEST)


def _lines(cell: Cell, width: int) -> int:
    """Number of lines of a cell `width` digits wide; a Chinese character is as wide as two digits."""
    paragraphs = cell.split("\n") if isinstance(cell, str) else [""]
    return sum(max(1, math.ceil(_digits(text) / (width - 1))) for text in paragraphs)


def _digits(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)
