"""`TableFile`: content of a table file as sheets of rows of cells, with the place of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

_EXACT: Final = 10**15
"""Excel stores whole numbers exactly only below this; larger ones have already lost digits."""
Cell = str | float | int | bool | date | time | datetime | timedelta | None
Region = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""


@dataclass(frozen=True, slots=True)
class TableSheet:
    """Sheet with content: a visible sheet of a workbook, or a text table (then without name).

    `rows[i]` is row i + 1 of a workbook; in a text table it begins in line `numbers[i]`. Cells are unchanged:
    numbers and dates of a workbook, untrimmed strings of a text. `formulas`: column (from 1) → rows with
    formulas, `uncomputed`: those of them that no program has computed; `delimiter`: what parts the cells of a
    text table; `kind`: "sav" for a file of SPSS; `hidden_rows`, `hidden_columns` (from 1): hidden, but read.
    """

    name: str
    rows: list[list[Any]]
    merged: Sequence[Region] = ()
    formulas: Mapping[int, Sequence[int]] = field(default_factory=dict)
    starts: Sequence[int] = ()
    delimiter: str = ""
    kind: str = ""
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    uncomputed: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @property
    def numbers(self) -> Sequence[int]:
        """Row of the file (from 1) in which each row begins."""
        return self.starts or range(1, len(self.rows) + 1)

    def in_words(self) -> TableSheet:
        """Copy of the sheet in which every cell is the text that a person sees."""
        return replace(self, rows=[list(map(cell_text, row)) for row in self.rows])


@dataclass(frozen=True, slots=True)
class TableFile:
    """Readable content of a file; `hidden`: names of hidden sheets, which are not read."""

    sheets: tuple[TableSheet, ...]
    hidden: tuple[str, ...] = ()
    is_workbook: bool = True


def cell_text(value: Cell) -> str:
    """Text of a cell as a person sees it: 13800000000, not 13800000000.0; dates as ISO 8601.

    A whole number of more than 15 digits has lost its last digits in Excel; it is written with an exponent,
    as Excel shows it, so that it cannot be taken for a code.
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
