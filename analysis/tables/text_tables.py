"""Reading of text tables (CSV): encoding, delimiter, and rows with the line in which each begins."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from analysis.tables.cells import TableSheet
from analysis.tables.refusals import BrokenCsv, DamagedArchive, TooLarge, UnknownFormat, WrongEncoding
from analysis.tables.worksheet_scan import LONGEST_CELL, Limits, column_letters

DELIMITERS: Final = (",", "\t", ";")
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
# Characters that show that bytes decoded as GB18030 are no text: control, private use, unassigned.
_NOT_TEXT: Final = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\ufffe\uffff]")
_LOOKED_AT: Final = 200


def unpacked(data: bytes, most: int) -> bytes:
    """Content of gzipped data; raises `DamagedArchive`, or `TooLarge` beyond `most` bytes."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(most + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DamagedArchive from error
    if len(content) > most:
        raise TooLarge("unpacked", limit=most >> 20)
    return content


def decoded(data: bytes, *, clean: bool = True) -> str:
    """Text from bytes in UTF-8, UTF-16 with byte order mark, or GB18030; raises `TableRefused` for anything
    else.

    Control characters are refused in GB18030, as which nearly all bytes can be decoded, and with `clean` in
    all encodings; else the caller may name the row.
    """
    utf16 = data.startswith(UTF16_MARKS)
    if not utf16 and b"\0" in data:
        raise UnknownFormat
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text or ((clean or encoding == "gb18030") and _NOT_TEXT.search(text)):
            break
        return text
    raise WrongEncoding


def delimiter_of(text: str) -> str:
    """Delimiter of cells, from the first lines together (the very first may be a title)."""
    end = text.find("\n", _LOOKED_AT)
    return max(DELIMITERS, key=(text if end < 0 else text[:end]).count)


def read_text(text: str, limits: Limits) -> TableSheet:
    """Rows of a CSV as a sheet; raises `BrokenCsv`, or `TooLarge` if `limits.of_text`."""
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(_bounded(reader, limits) if limits.of_text else reader)
    except csv.Error as error:
        raise BrokenCsv(row=reader.line_num) from error
    starts = () if reader.line_num == len(rows) else _starts(text, delimiter)
    return TableSheet("", rows, starts=starts, delimiter=delimiter)


def _starts(text: str, delimiter: str) -> Sequence[int]:
    """Line in which each row begins, for cells that contain line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    starts = [1]
    starts.extend(reader.line_num + 1 for _ in reader)
    return starts[:-1]


def _bounded(rows: Iterator[list[str]], limits: Limits) -> Iterator[list[str]]:
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > limits.rows:
            raise TooLarge("rows", limit=limits.rows)
        if len(row) > limits.columns:
            raise TooLarge("columns", limit=limits.columns)
        if cells > limits.cells:
            raise TooLarge("cells", limit=limits.cells)
        if max(map(len, row), default=0) > LONGEST_CELL:
            column = next(at for at, cell in enumerate(row, 1) if len(cell) > LONGEST_CELL)
            raise TooLarge("cell at", limit=LONGEST_CELL, place=f"{column_letters(column)}{number}")
        yield row
