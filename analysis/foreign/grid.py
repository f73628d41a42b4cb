"""`Grid`: a sheet as tools wrote it, with headings filled across merged cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from analysis.answers.signs import SPACES, without_invisible
from analysis.tables.cells import TableSheet, cell_text
from analysis.tables.worksheet_scan import column_letters

LOOKED_AT = 20
"""Headings are sought within this many rows."""


@dataclass(frozen=True)
class Grid:
    """Sheet with rows of one width; `file` and `sheet` name it in messages."""

    file: str
    source: TableSheet

    @property
    def sheet(self) -> str:
        return self.source.name

    @property
    def rows(self) -> list[list[Any]]:
        return self.source.rows

    @property
    def semicolons(self) -> bool:
        """Whether cells are parted by semicolons (or tabs), so that a comma may be a decimal comma."""
        return self.source.delimiter in (";", "\t")

    @cached_property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    @cached_property
    def top(self) -> list[list[str]]:
        """Texts of the first rows, filled across merged cells (but not across the whole width, as titles
        are)."""
        texts = [self._texts(row) for row in self.rows[:LOOKED_AT]]
        for top, left, bottom, right in self.source.merged:
            if top > len(texts) or right - left + 1 >= max(self.width - 1, 2):
                continue
            text = texts[top - 1][left - 1] if left <= self.width else ""
            for row in range(top - 1, min(bottom, len(texts))):
                for column in range(left - 1, min(right, self.width)):
                    texts[row][column] = text
        return texts

    @property
    def first_heading(self) -> int:
        """Index of the first row with more than one text."""
        return next((at for at, row in enumerate(self.top) if sum(map(bool, row)) > 1), 0)

    def cell(self, row: int, column: int) -> Any:
        """Cell by row and column from 0, None beyond the row's end."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def heading(self, rows: Iterable[int], column: int) -> str:
        """Heading of a column in these rows, upper one first."""
        return " / ".join(filter(None, dict.fromkeys(self.top[row][column] for row in rows)))

    def place(self, row: int, column: int) -> tuple[str, str]:
        """Name of a cell for messages, in Chinese and English."""
        number, letters = self.source.numbers[row], column_letters(column + 1)
        zh = f"工作表“{self.sheet}”" if self.sheet else ""
        en = f"sheet {self.sheet!r}, " if self.sheet else ""
        return f"{zh}第 {number} 行 {letters} 列", f"{en}row {number}, column {letters}"

    def _texts(self, row: Sequence[Any]) -> list[str]:
        texts = [line(cell) for cell in row]
        return texts + [""] * (self.width - len(texts))


def line(cell: Any) -> str:
    """Text of a cell in one line, without invisible characters."""
    return SPACES.sub(" ", without_invisible(cell_text(cell))).strip()


def is_empty(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not line(cell)) or cell != cell
