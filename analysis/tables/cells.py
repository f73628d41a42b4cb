"""A file of tables as it is read: sheets of rows of cells, with where each row stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

_EXACT: Final = 10**15
"""Whole numbers up to here survive Excel's floating point; beyond, digits have been lost already."""
Cell = str | float | int | bool | date | time | datetime | timedelta | None
Region = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A visible sheet that holds anything, or a table of text, whose name is empty.

    `rows[i]` is row i + 1 of a workbook; of a table of text it begins in line `numbers[i]`. Cells are as the
    file has them: a workbook's numbers and dates, a text's strings, stripped of nothing. `formulas` has by
    column (from 1) the rows of formulas.
    """

    name: str
    rows: list[list[Any]]
    merged: Sequence[Region] = ()
    formulas: Mapping[int, Sequence[int]] = field(default_factory=dict)
    starts: Sequence[int] = ()

    @property
    def numbers(self) -> Sequence[int]:
        """Where each row stands in the file, from 1."""
        return self.starts or range(1, len(self.rows) + 1)

    def in_words(self) -> TableSheet:
        """The sheet with every cell as the text that a person sees."""
        return replace(self, rows=[list(map(cell_text, row)) for row in self.rows])


@dataclass(frozen=True, slots=True)
class TableFile:
    """All of a file that can be read; `hidden` are the names of sheets that nobody sees."""

    sheets: tuple[TableSheet, ...]
    hidden: tuple[str, ...] = ()
    is_workbook: bool = True


def cell_text(value: Cell) -> str:
    """A cell as a person sees it: 13800000000 and not 13800000000.0; dates as ISO 8601.

    A whole number of more than 15 digits has lost its last digits to Excel and is written with an exponent,
    as Excel shows it, so that it cannot pass for a code.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        if abs(value) >= _EXACT:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)
