"""Reads a table from CSV (also gzipped) or Excel: a header, columns of cells, and where each row stood."""

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from analysis.errors import InputError
from survey.documents.tables.file_kinds import refuse_other_kinds
from survey.documents.tables.grids import Grid, Table, joined, sheet_notes
from survey.documents.tables.sheet_errors import OtherFile, SheetRefused, TooLarge
from survey.documents.tables.workbooks import read_workbook
from survey.documents.tables.worksheet_scan import Limits

__all__ = ["Table", "WorkbookRefused", "read_table"]

MAX_BYTES: Final = 2**30
WORKBOOK: Final = Limits(
    rows=2**20,
    columns=2**14,
    cells=20_000_000,
    unpacked=512 << 20,
    text=500_000_000,
    memory=6 << 30,
    seconds=600,
    result=2 << 30,
)
"""Ratings are somebody's own file on their own computer: as large as Excel makes them."""
_LOOKED_AT: Final = 4096
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = (",", "\t", ";")


class WorkbookRefused(InputError):
    """The workbook is damaged, or larger inside than such a list could be."""


def read_table(path: Path, wanted: Sequence[Collection[str]] = ()) -> Table:
    """Every visible sheet of a workbook that fits, or a CSV in UTF-8, UTF-16 with mark, or GB18030.

    `wanted` are the columns that a fitting table has, each by all of its names; titles may stand above them.
    Raises InputError, saying what to do, for what is no such file.
    """
    start = _first_bytes(path)
    if start.startswith(_ZIP):
        return _from_excel(path, wanted)
    if start.startswith(_OLE):
        raise _old_excel(path.name)
    data = _unpacked(path) if start.startswith(_GZIP) else path.read_bytes()
    try:
        refuse_other_kinds(data[:_LOOKED_AT])
    except OtherFile as error:
        raise _other(path.name, error) from error
    return _from_csv(path.name, _decoded(path.name, data), wanted)


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"“{path}”是文件夹，请给出文件。", f"{path} is a folder; name a file.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise InputError(
            f"没有“{path}”这个文件，请检查路径。", f"There is no file {path}; check the path."
        ) from error
    except OSError as error:
        raise InputError(
            f"“{path}”读不了（{error.strerror}）。", f"{path} cannot be read ({error.strerror})."
        ) from error
    if not size:
        raise InputError(f"“{path.name}”是空文件。", f"{path.name} is empty.")
    if size > MAX_BYTES:
        raise _too_large(path.name)
    return start


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            data = file.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"“{path.name}”的压缩数据已损坏，请重新导出。",
            f"The compressed data of {path.name} are damaged; export the file again.",
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_large(path.name)
    return data


def _too_large(name: str) -> InputError:
    limit = MAX_BYTES // 2**20
    return InputError(
        f"“{name}”展开后超过 {limit} MB，请只保留需要的列。",
        f"{name} is over {limit} MB unpacked; keep only the columns needed.",
    )


def _decoded(name: str, data: bytes) -> str:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"“{name}”的文字编码无法识别，请另存为“CSV UTF-8”。",
        f"The text encoding of {name} is not recognised; save it as “CSV UTF-8”.",
    )


def _from_csv(name: str, text: str, wanted: Sequence[Collection[str]]) -> Table:
    head = text[: text.find("\n", 200)] if "\n" in text[200:] else text
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InputError(
            f"“{name}”第 {reader.line_num} 行不是有效的 CSV，请检查该行前后的引号。",
            f"Line {reader.line_num} of {name} is no valid CSV; check the quotation marks near it.",
            row=reader.line_num,
        ) from error
    numbers: Sequence[int] = range(1, len(rows) + 1)
    if reader.line_num != len(rows):
        again = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        starts = [1]
        starts.extend(again.line_num + 1 for _ in again)
        numbers = starts[:-1]
    grid = Grid("", rows, numbers)
    return grid.table(name, grid.header_at(wanted))


def _from_excel(path: Path, wanted: Sequence[Collection[str]]) -> Table:
    name = path.name
    try:
        with path.open("rb") as file:
            book = read_workbook(file, WORKBOOK)
    except TooLarge as error:
        raise WorkbookRefused(
            f"“{name}”太大：{error.say()}请只保留需要的列和行，另存为 CSV 再试。",
            f"{name} is too large once unpacked. Keep only the rows and columns needed, or save it as CSV.",
        ) from error
    except OtherFile as error:
        raise _other(name, error) from error
    except SheetRefused as error:
        raise _unreadable(name) from error
    grids = [
        Grid(raw.name, raw.rows, range(1, len(raw.rows) + 1), raw.merged, workbook=True)
        for raw in book.sheets
    ]
    if not grids:
        raise InputError(f"“{name}”里没有内容。", f"There is nothing in {name}.")
    fitting = [(grid, at) for grid in grids if (at := grid.header_at(wanted, required=True)) is not None]
    parts: list[tuple[Grid, int | None]] = [*fitting] or [(grids[0], grids[0].header_at(wanted))]
    used = {grid.name for grid, _ in parts}
    left_out = [grid.name for grid in grids if grid.name not in used]
    tables = [grid.table(name, at) for grid, at in parts]
    notes = sheet_notes([grid.name for grid, _ in parts], list(map(len, tables)), left_out, book.hidden)
    if len(tables) == 1:
        return replace(tables[0], notes=(*notes, *tables[0].notes))
    return joined(tables, [grid.name for grid, _ in parts], notes)


def _old_excel(name: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"“{name}”是旧版 Excel（.xls）工作簿，或者设了打开密码。"
        "请在表格软件中打开，另存为没有密码的 .xlsx 或 CSV 再试。",
        f"{name} is a workbook of old Excel (.xls), or is protected by a password. "
        "Open it in a spreadsheet program, save it as .xlsx without a password, or as CSV, and try again.",
    )


def _other(name: str, error: OtherFile) -> WorkbookRefused:
    kind = error.values["kind"]
    return WorkbookRefused(
        f"“{name}”其实是{kind}，不是 Excel 工作簿（.xlsx）。请在表格软件中打开，另存为 .xlsx 或 CSV 再试。",
        f"{name} is really something else ({kind}), no Excel workbook (.xlsx). Open it in a spreadsheet "
        "program, save it as .xlsx or CSV, and try again.",
    )


def _unreadable(name: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"“{name}”不是 Excel 工作簿（.xlsx），或者已损坏、加了密码、带有宏，打不开。"
        "请在表格软件中打开，另存为没有密码的 .xlsx 或 CSV 再试。",
        f"{name} is no Excel workbook (.xlsx), or is damaged, protected by a password or carries macros. "
        "Open it in a spreadsheet program, save it as .xlsx without a password, or as CSV, and try again.",
    )
