"""Walks a worksheet's XML in one pass, before a reader lays it out as a rectangle in memory.

A file of a hundred bytes with cells A1 and XFD1048576 asks a reader for seventeen billion cells; here it
is refused.
"""

import re
from xml.parsers import expat

from survey.documents.sheet_errors import FileDamaged, FormulaFound, TooLarge, XmlEntities

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 5_000_000
"""Cells of the rectangle from A1 to the last filled cell."""

_REFERENCE = re.compile(r"\$?([A-Z]{1,7})\$?([0-9]{1,9})")


def check_worksheet(content: bytes) -> None:
    """Refuse what is too large or not plain values.

    Raises `TooLarge`, `FormulaFound`, `XmlEntities` or `FileDamaged`.
    """
    scan = _Scan()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = scan.start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise FileDamaged from error


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


def _refuse_doctype(*_: object) -> None:
    raise XmlEntities


class _Scan:
    """Where the parser is, and how far the filled cells reach, all counted from 1.

    A cell or a row without a reference follows the one before it.
    """

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = self._columns = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._move(attributes.get("r"))
        elif name in ("v", "is"):
            self._fill()
        elif name == "row":
            number = attributes.get("r")
            self._row = parse_reference(f"A{number}")[0] if number else self._row + 1
            self._column = 0
        elif name == "f":
            raise FormulaFound(row=self._row, column=column_letters(self._column))

    def _move(self, reference: str | None) -> None:
        if reference:
            self._row, self._column = parse_reference(reference)
        else:
            self._column += 1

    def _fill(self) -> None:
        self._rows = max(self._rows, self._row)
        self._columns = max(self._columns, self._column)
        if self._columns > MAX_COLUMNS:
            raise TooLarge.columns(MAX_COLUMNS)
        if self._rows > MAX_ROWS:
            raise TooLarge.rows(MAX_ROWS)
        if self._rows * self._columns > MAX_CELLS:
            raise TooLarge.cells(MAX_CELLS)
