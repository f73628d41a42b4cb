"""Reads an uploaded Excel or CSV file as rows of text: bounded time and memory, whatever is uploaded."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from survey.documents.tables.file_kinds import refuse_other_kinds
from survey.documents.tables.sheet_errors import (
    BrokenCsv,
    EmptyFile,
    OldExcel,
    TooLarge,
    UnknownFormat,
    WrongEncoding,
)
from survey.documents.tables.workbooks import Region, read_workbook
from survey.documents.tables.worksheet_scan import LONGEST_CELL, UPLOADED, column_letters

MAX_UPLOAD = 32 << 20
"""Bytes of an upload; the web server should refuse larger bodies before they arrive."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EXACT = 10**15
"""Whole numbers up to here survive Excel's floating point; beyond, digits have been lost already."""
# What decodes as GB18030 and yet is not text: control characters, private use, unassigned.
_NOT_TEXT = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\ufffe\uffff]")

Cell = str | float | int | bool | date | time | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text. `rows[i]` is row i + 1 of the file; cells are stripped of nothing.

    `name` is empty for a CSV. `formulas` has by column (from 1) the rows of formulas.
    """

    rows: list[list[str]]
    merged: tuple[Region, ...] = ()
    name: str = ""
    formulas: Mapping[int, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpreadsheetFile:
    """All of a file that can be read: visible sheets with content; `hidden` ones are only named."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


def read_sheets(file: BinaryIO) -> SpreadsheetFile:
    """Every visible sheet that holds anything, or the CSV table. The content decides, not the file's name.

    Accepts .xlsx, and CSV in UTF-8 (with or without BOM) or GB18030, separated by comma, semicolon or tab.
    Raises subclasses of `survey.documents.tables.sheet_errors.SheetRefused`.
    """
    data = file.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        raise TooLarge.upload(MAX_UPLOAD)
    if not data.strip():
        raise EmptyFile
    if data.startswith(_OLE):
        raise OldExcel
    if not data.startswith(_ZIP):
        refuse_other_kinds(data)
        return SpreadsheetFile((_read_csv(data),))
    book = read_workbook(io.BytesIO(data), UPLOADED)
    if not book.sheets:
        raise EmptyFile
    sheets = (
        Sheet([list(map(cell_text, row)) for row in raw.rows], raw.merged, raw.name, raw.formulas)
        for raw in book.sheets
    )
    return SpreadsheetFile(tuple(sheets), book.hidden)


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
        return _number_text(value)
    return str(value)


def _number_text(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)


def _read_csv(data: bytes) -> Sheet:
    text = _decode(data)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return Sheet(list(_bounded(reader)))
    except csv.Error as error:
        raise BrokenCsv(row=reader.line_num) from error


def _bounded(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > UPLOADED.rows:
            raise TooLarge.rows(UPLOADED.rows)
        if len(row) > UPLOADED.columns:
            raise TooLarge.columns(UPLOADED.columns)
        if cells > UPLOADED.cells:
            raise TooLarge.cells(UPLOADED.cells)
        if max(map(len, row), default=0) > LONGEST_CELL:
            column = next(at for at, cell in enumerate(row, 1) if len(cell) > LONGEST_CELL)
            raise TooLarge.cell(LONGEST_CELL, f"{column_letters(column)}{number}")
        yield row


def _decode(data: bytes) -> str:
    if b"\0" in data:
        raise WrongEncoding if data[:2] in (b"\xff\xfe", b"\xfe\xff") else UnknownFormat
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _NOT_TEXT.search(text):
            break
        return text
    raise WrongEncoding
