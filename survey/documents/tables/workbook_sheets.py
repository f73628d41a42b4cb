"""The sheets of an .xlsx file as values: hidden ones left out, errors in words, per cent as it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import python_calamine

from survey.documents.tables.cell_facts import CellFacts
from survey.documents.tables.headings import shown
from survey.documents.tables.sheet_errors import FileDamaged
from survey.documents.tables.worksheet_scan import Limits
from survey.documents.tables.xlsx_guard import guard_workbook

Region = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A visible sheet that holds anything; `rows[i]` is row i + 1 of the file.

    `formulas` has by column (from 1) the rows of formulas.
    """

    name: str
    rows: list[list[Any]]
    merged: tuple[Region, ...] = ()
    formulas: Mapping[int, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawBook:
    """`hidden` are the names of sheets that were not read because nobody sees them."""

    sheets: tuple[RawSheet, ...]
    hidden: tuple[str, ...]


def parse_workbook(file: BinaryIO, limits: Limits) -> RawBook:
    """Every visible sheet with content; raises `SheetRefused`."""
    guarded = guard_workbook(file, limits)
    try:
        with python_calamine.load_workbook(guarded.archive) as book:
            return _sheets(book, guarded.facts)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileDamaged from error


def _sheets(book: python_calamine.CalamineWorkbook, facts: Mapping[str, CellFacts]) -> RawBook:
    sheets, hidden = [], []
    for meta in book.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != python_calamine.SheetVisibleEnum.Visible:
            hidden.append(shown(meta.name))
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = sheet.to_python(skip_empty_area=False)
        found = facts.get(meta.name, CellFacts())
        found.apply(rows)
        if any(_holds(cell) for row in rows for cell in row):
            sheets.append(RawSheet(shown(meta.name), rows, _merged(sheet), found.formulas))
    return RawBook(tuple(sheets), tuple(hidden))


def _holds(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _merged(sheet: python_calamine.CalamineSheet) -> tuple[Region, ...]:
    regions = sheet.merged_cell_ranges or []
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in regions)
