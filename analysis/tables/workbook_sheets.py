"""Parsing of an .xlsx file into sheets of values: no hidden sheets, error texts, per cent as shown."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import python_calamine

from analysis.tables.cell_facts import CellFacts
from analysis.tables.cells import Region, TableFile, TableSheet
from analysis.tables.headings import shown
from analysis.tables.refusals import FileDamaged, TableRefused
from analysis.tables.worksheet_scan import Limits
from analysis.tables.xlsx_guard import guard_workbook


def parse_workbook(file: BinaryIO, limits: Limits) -> TableFile:
    """Read every visible sheet with content; raises `TableRefused`."""
    guarded = guard_workbook(file, limits)
    try:
        with python_calamine.load_workbook(guarded.archive) as book:
            return sheets_of(book, guarded.facts)
    except TableRefused:  # a ValueError itself
        raise
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileDamaged from error


def sheets_of(book: python_calamine.CalamineWorkbook, facts: Mapping[str, CellFacts]) -> TableFile:
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
            read = TableSheet(shown(meta.name), rows, _merged(sheet), found.formulas)
            read = replace(read, hidden_rows=found.hidden_rows, hidden_columns=found.hidden_columns)
            sheets.append(replace(read, uncomputed=found.uncomputed))
    return TableFile(tuple(sheets), tuple(hidden))


def _holds(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _merged(sheet: python_calamine.CalamineSheet) -> tuple[Region, ...]:
    regions = sheet.merged_cell_ranges or []
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in regions)
