"""Scan of worksheet XML in one pass, before a reader expands it into a rectangle in memory.

Refuses a cell longer than Excel allows (100 MB of text pack into 98 KB), and cells A1 and XFD1048576 in a
file of a hundred bytes, for which a reader would allocate seventeen billion cells. Counts the uses of shared
strings: `xlsx_guard` refuses a long text that a million cells share, which a reader would copy a million
times.
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
_TRUE = ("1", "true")
LONGEST_CELL = 32_767
"""Most characters that Excel itself allows in a cell."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,7})\$?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for reading a table file; `cells`: size of the rectangle from A1 to the last filled cell.

    `unpacked`: bytes of all parts; `text`: characters of shared strings, counted at every use; `memory`
    (bytes) and `seconds` (of CPU time): of the reading process; `result`: bytes that it returns; `file`:
    bytes of the file, also of a text table. `of_text`: whether `rows`, `columns`, `cells` and the length of a
    cell apply to text tables too; `other_kinds`: whether .xls, .ods, .parquet, .feather and .sav are read.
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
    other_kinds: bool = False


UPLOADED = Limits(rows=200_000, columns=200, cells=5_000_000, unpacked=160 << 20, text=200_000_000)
"""Limits for tables uploaded to the site: 100,000 rows of ten columns need about 60 MB."""
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
    other_kinds=True,
)
"""Limits for a person's own file on their own computer: as large as Excel allows."""


def check_worksheet(
    content: bytes | Iterable[bytes], limits: Limits = UPLOADED, percents: frozenset[str] = frozenset()
) -> tuple[Counter[int], CellFacts]:
    """Scan a worksheet; returns how often each shared string (by index) is used, and facts about its cells.

    `percents`: indices of styles that show per cent. Raises `TooLarge`, `XmlEntities` or `FileDamaged`.
    """
    scan = _Scan(limits, percents)
    scan_xml(content, scan.start, scan.text, aside=scan.aside)
    return scan.uses, scan.facts


def shared_lengths(content: bytes | Iterable[bytes]) -> list[int]:
    """Number of characters of every shared string, by index; raises `TooLarge`, `XmlEntities` or
    `FileDamaged`."""
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
    """Row and column (from 1) of a cell reference such as `B7`; raises `FileDamaged` on anything else."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise FileDamaged
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def column_letters(column: int) -> str:
    """Letters of a column number: `A` for 1, `AA` for 27."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Scan:
    """Worksheet scan under way: collects `facts` of cells and `uses` of shared strings, and raises `TooLarge`
    beyond the limits.

    Rows and columns count from 1; a cell or row without a reference follows the one before it.
    """

    def __init__(self, limits: Limits, percents: frozenset[str]) -> None:
        self._limits, self._percents = limits, percents
        self.facts = CellFacts()
        self._error = False
        self._kind: str | None = None
        self._characters = 0
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._shared = self._awaited = self._formula = self._computed = False
        self._names: dict[str, Any] = {}
        self.uses: Counter[int] = Counter()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, tag.rpartition(" ")[2])
        if name == "c":
            self._characters = 0
            self._move(attributes.get("r"))
            kind = attributes.get("t")
            self._shared, self._error = kind == "s", kind == "e"
            self._formula = self._computed = False
            self._kind = kind
            if self._percents and attributes.get("s") in self._percents and kind in (None, "n"):
                self.facts.add_percent(self._row, self._column)
        elif name in ("v", "is"):
            self._fill()
            self._awaited = (self._shared or self._error) and name == "v"
            self._computed = self._formula
        elif name == "row":
            number = attributes.get("r")
            self._row = parse_reference(f"A{number}")[0] if number else self._row + 1
            self._column = 0
            if attributes.get("hidden") in _TRUE:
                self.facts.hidden_rows.append(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            self._hide(attributes.get("min", ""), attributes.get("max", ""))
        elif name == "f":
            self._formula = self._kind in (None, "n")  # of a text, "" may be the value
            self.facts.add_formula(self._row, self._column, self._formula)

    def text(self, data: str) -> None:
        self._characters += len(data)
        if self._characters > LONGEST_CELL:
            raise TooLarge("cell at", limit=LONGEST_CELL, place=f"{column_letters(self._column)}{self._row}")
        if self._computed and data.strip():
            self._formula = self._computed = False
            self.facts.add_value(self._row, self._column, data)
        if self._awaited:
            self._awaited = False
            if self._error:
                self.facts.add_error(self._row, self._column, sys.intern(data.strip()[:_LONGEST_ERROR]))
            elif data.strip():
                self.uses[int(data)] += 1

    def aside(self, *_: str) -> None:
        # No program writes XML comments into a cell; some readers join the digits around one, others do not.
        if self._shared or self._error:
            raise FileDamaged

    def _hide(self, first: str, last: str) -> None:
        if first.isdecimal() and last.isdecimal() and int(last) <= self._limits.columns:
            self.facts.hidden_columns.extend(range(int(first), int(last) + 1))

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
