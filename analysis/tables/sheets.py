"""Reading of table files within limits of time and memory: bytes in, sheets of rows out.

All files that are uploaded or named on the command line are read here. Headings and meaning are left to the
caller, with `analysis.tables.headings` and `analysis.tables.rows`.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO, Final

from analysis.tables.cells import TableFile
from analysis.tables.file_kinds import refuse_other_kinds
from analysis.tables.refusals import EmptyFile, OldExcel, TooLarge
from analysis.tables.text_tables import decoded, read_text, unpacked
from analysis.tables.workbooks import read_workbook
from analysis.tables.worksheet_scan import Limits

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_GZIP: Final = b"\x1f\x8b"
_COLUMNS: Final = (b"PAR1", b"ARRO", b"FEA1", b"$FL2", b"$FL3")


def read_sheets(file: BinaryIO, limits: Limits) -> TableFile:
    """Read all visible sheets with content of a workbook, or a text table; the kind is told by content, not
    name.

    Accepts .xlsx, and CSV (also gzipped) in UTF-8, UTF-16 with byte order mark or GB18030, separated by
    comma, semicolon or tab; with `limits.other_kinds` also .xls, .ods, .parquet, .feather and .sav. Raises
    subclasses of `analysis.tables.refusals.TableRefused`.
    """
    start = file.read(len(_OLE))
    if start.startswith(_ZIP) and isinstance(file, io.BufferedReader):  # a file on disk need not be copied
        if os.fstat(file.fileno()).st_size > limits.file:
            raise TooLarge("file", limit=limits.file >> 20)
        file.seek(0)
        return _workbook(file, limits)
    data = start + file.read(limits.file + 1 - len(start))
    if len(data) > limits.file:
        raise TooLarge("file", limit=limits.file >> 20)
    if start.startswith(_ZIP):
        return _workbook(io.BytesIO(data), limits)
    if start.startswith(_OLE) and not limits.other_kinds:
        raise OldExcel
    if limits.other_kinds and start.startswith((_OLE, *_COLUMNS)):
        return _workbook(io.BytesIO(data), limits)
    if start.startswith(_GZIP):
        data = unpacked(data, limits.file)
    if not data.strip():
        raise EmptyFile
    refuse_other_kinds(data)
    return TableFile((read_text(decoded(data, clean=limits.of_text), limits),), is_workbook=False)


def _workbook(file: BinaryIO, limits: Limits) -> TableFile:
    book = read_workbook(file, limits)
    if not book.sheets:
        raise EmptyFile
    return book
