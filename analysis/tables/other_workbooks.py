"""Parsing of files that are no .xlsx: .xls and .ods, .parquet and .feather, .sav of SPSS.

Called in the confined process only: these readers believe what a file says of its size.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

import python_calamine

from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.refusals import FileDamaged, OldExcel, TooLarge
from analysis.tables.workbook_sheets import parse_workbook, sheets_of
from analysis.tables.worksheet_scan import Limits

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_SPSS: Final = (b"$FL2", b"$FL3")


def parse(file: BinaryIO, limits: Limits) -> TableFile:
    """Read a file of any kind that `limits` allow; raises `TableRefused`."""
    if not limits.other_kinds:
        return parse_workbook(file, limits)
    file.seek(0)  # the caller has read its first bytes
    is_zip = file.read(len(_ZIP)) == _ZIP
    if is_zip and not _is_open_document(file):
        return parse_workbook(file, limits)
    file.seek(0)
    data = file.read()
    if is_zip or data.startswith(_OLE):
        return _workbook(data)
    sheet = _spss(data) if data.startswith(_SPSS) else _arrow(data)
    if len(sheet.rows) > limits.rows or len(sheet.rows[0]) > limits.columns:
        raise TooLarge("rows", limit=limits.rows)
    return TableFile((sheet,))


def _is_open_document(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return "content.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _workbook(data: bytes) -> TableFile:
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            return sheets_of(book, {})
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise (OldExcel if data.startswith(_OLE) else FileDamaged) from error


def _arrow(data: bytes) -> TableSheet:
    import pyarrow
    from pyarrow import feather, parquet

    read = parquet.read_table if data.startswith(b"PAR1") else feather.read_table
    try:
        table = read(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise FileDamaged from error
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    columns = [table.column(name).to_pylist() for name in names]
    return TableSheet("", [names, *map(list, zip(*columns, strict=True))])


def _spss(data: bytes) -> TableSheet:
    """Rows of a file of SPSS: labels of variables (or names), then values, by label where they have one."""
    import pyreadstat

    try:
        values, meta = pyreadstat.read_sav(io.BytesIO(data), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        raise FileDamaged from error
    named = zip(meta.column_names, meta.column_labels, strict=True)
    head = [label or name for name, label in named]
    columns = [
        _labelled(values[name], meta.variable_value_labels.get(name, {})) for name in meta.column_names
    ]
    return TableSheet("", [head, *map(list, zip(*columns, strict=True))], kind="sav")


def _labelled(values: Any, labels: Mapping[Any, str]) -> list[Any]:
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    return [None if isinstance(v, float) and math.isnan(v) else labels.get(v, v) for v in plain]
