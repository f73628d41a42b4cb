"""Refusal of formulas that no spreadsheet program has computed, whose values a file therefore lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.errors import InputError
from analysis.explain import counted
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.rows import is_no_rater, is_summary
from analysis.tables.worksheet_scan import column_letters

_LOOKED_AT: Final = 3
_SHOWN: Final = 3


def refuse_uncomputed(file: str, source: TableFile) -> None:
    """Raise InputError that names the sheet and cells of formulas without a value, as programs that write
    workbooks without computing them leave them; not for those in rows and columns of totals, which are not
    read."""
    for sheet in source.sheets:
        if cells := list(_wanted(sheet)):
            shown = [f"{column_letters(column)}{row}" for row, column in cells[:_SHOWN]]
            where = (f"工作表“{sheet.name}”", f" of sheet {sheet.name!r}") if sheet.name else ("", "")
            more = ("等", " …") if len(cells) > len(shown) else ("", "")
            raise InputError(
                f"“{file}”{where[0]}有 {len(cells)} 个公式还没有算出数（{'、'.join(shown)}{more[0]}）。"
                "请用 Excel 或 WPS 打开，保存一次，再试。",
                f"{file}: {counted(len(cells), 'formula')}{where[1]} without a computed value "
                f"({', '.join(shown)}{more[1]}). Open the file in Excel or WPS, save it, and try again.",
                row=cells[0][0],
            )


def _wanted(sheet: TableSheet) -> Iterator[tuple[int, int]]:
    """Rows and columns (from 1) of the formulas without a value outside totals, column by column."""
    for column, rows in sorted(sheet.uncomputed.items()):
        above = (row[column - 1] for row in sheet.rows[: rows[0] - 1] if column <= len(row))
        if not any(isinstance(cell, str) and is_summary(cell) for cell in above):
            yield from ((row, column) for row in rows if not _is_sum(sheet, row))


def _is_sum(sheet: TableSheet, row: int) -> bool:
    first = sheet.rows[row - 1][:_LOOKED_AT] if row <= len(sheet.rows) else []
    return not first or any(isinstance(c, str) and (is_summary(c) or is_no_rater(c)) for c in first)
