"""Walks a workbook's XML in one pass, before a reader lays it out as a rectangle in memory.

A cell of 100 MB packs into 98 KB: the text of each is counted as it is unpacked, and Excel's own limit kept.
A file of a hundred bytes with cells A1 and XFD1048576 asks a reader for seventeen billion cells, and one long
text that a million cells share asks for a million copies; here both are refused.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from analysis.tables.cell_facts import CellFacts
from analysis.tables.refusals import FileDamaged, TooLarge
from analysis.tables.xml_scan import scan_xml

_LONGEST_ERROR = 20
LONGEST_CELL = 32_767
"""Characters that Excel itself takes in a cell."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,7})\$?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read of a workbook; `cells` are those from A1 to the last filled one.

    `unpacked` are bytes of all its parts, `text` the characters of shared strings, counted at every use;
    `memory` bytes and `seconds` of CPU time are what the process that reads it may take, `result` the bytes
    of what it hands back. `file` are the bytes of the file, also of a table of text, for which `rows`,
    `columns`, `cells` and the length of a cell hold with `of_text` alone.
    """

    rows: int
    columns: int
    cells: int
    unpacked: int
    text: int
    memory: int = 1536 << 20
    seconds: int = 60
    result: int = 256 << 20
    file: int = 32 << 20
    of_text: bool = True


UPLOADED = Limits(rows=200_000, columns=200, cells=5_000_000, unpacked=160 << 20, text=200_000_000)
"""Of a table that somebody sends to the site: 100,000 rows of ten columns need about 60 MB."""
OWN: Final = Limits(
    rows=2**20,
    columns=2**14,
    cells=20_000_000,
    unpacked=512 << 20,
    text=500_000_000,
    memory=6 << 30,
    seconds=600,
    result=2 << 30,
    file=2**30,
    of_text=False,
)
"""Of somebody's own file on their own computer: as large as Excel makes them."""


def check_worksheet(
    content: bytes | Iterable[bytes], limits: Limits = UPLOADED, percents: frozenset[str] = frozenset()
) -> tuple[Counter[int], CellFacts]:
    """Refuse what is too large: index of a shared string → how often it is used, and facts of the cells.

    `percents` are the styles that show per cent. Raises `TooLarge`, `XmlEntities` or `FileDamaged`.
    """
    scan = _Scan(limits, percents)
    scan_xml(content, scan.start, scan.text, aside=scan.aside)
    return scan.uses, scan.facts


def shared_lengths(content: bytes | Iterable[bytes]) -> list[int]:
    """Characters of every shared string, by its index; raises `XmlEntities` or `FileDamaged`."""
    lengths: list[int] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "si":
            lengths.append(0)

    def text(data: str) -> None:
        if lengths:
            lengths[-1] += len(data)
            if lengths[-1] > LONGEST_CELL:
                raise TooLarge("cell", limit=LONGEST_CELL)

    scan_xml(content, start, text)
    return lengths


def parse_reference(reference: str) -> tuple[int, int]:
    """Row and column, from 1, of a reference such as `B7`; raises `FileDamaged` on anything else."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise FileDamaged
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def column_letters(column: int) -> str:
    """`A` for 1, `AA` for 27."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Scan:
    """Where the parser is, and how far the filled cells reach, all counted from 1.

    A cell or a row without a reference follows the one before it.
    """

    def __init__(self, limits: Limits, percents: frozenset[str]) -> None:
        self._limits, self._percents = limits, percents
        self.facts = CellFacts()
        self._error = False
        self._characters = 0
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._shared = self._awaited = False
        self._names: dict[str, Any] = {}
        self.uses: Counter[int] = Counter()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, tag.rpartition(" ")[2])
        if name == "c":
            self._characters = 0
            self._move(attributes.get("r"))
            kind = attributes.get("t")
            self._shared, self._error = kind == "s", kind == "e"
            if self._percents and attributes.get("s") in self._percents and kind in (None, "n"):
                self.facts.add_percent(self._row, self._column)
        elif name in ("v", "is"):
            self._fill()
            self._awaited = (self._shared or self._error) and name == "v"
        elif name == "row":
            number = attributes.get("r")
            self._row = parse_reference(f"A{number}")[0] if number else self._row + 1
            self._column = 0
        elif name == "f":
            self.facts.add_formula(self._row, self._column)

    def text(self, data: str) -> None:
        self._characters += len(data)
        if self._characters > LONGEST_CELL:
            raise TooLarge("cell at", limit=LONGEST_CELL, place=f"{column_letters(self._column)}{self._row}")
        if self._awaited:
            self._awaited = False
            if self._error:
                self.facts.add_error(self._row, self._column, sys.intern(data.strip()[:_LONGEST_ERROR]))
            elif data.strip():
                self.uses[int(data)] += 1

    def aside(self, *_: str) -> None:
        # No program writes a comment into a cell; one reader would join the digits around it, another not.
        if self._shared or self._error:
            raise FileDamaged

    def _move(self, reference: str | None) -> None:
        if reference:
            self._row, self._column = parse_reference(reference)
        else:
            self._column += 1

    def _fill(self) -> None:
        if self._row <= self._rows and self._column <= self._columns:
            return
        self._rows = max(self._rows, self._row)
        self._columns = max(self._columns, self._column)
        if self._columns > self._limits.columns:
            raise TooLarge("columns", limit=self._limits.columns)
        if self._rows > self._limits.rows:
            raise TooLarge("rows", limit=self._limits.rows)
        if self._rows * self._columns > self._limits.cells:
            raise TooLarge("cells", limit=self._limits.cells)
