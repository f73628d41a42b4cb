"""Reads a table from CSV (also gzipped) or Excel: a header, columns of cells, and where each row stood."""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from analysis.errors import InputError
from survey.documents.sheet_errors import SheetRefused, TooLarge
from survey.documents.worksheet_scan import Limits
from survey.documents.xlsx_guard import guard_workbook

MAX_BYTES: Final = 2**30
WORKBOOK: Final = Limits(rows=2**20, columns=2**14, cells=20_000_000, unpacked=512 << 20, text=500_000_000)
"""Ratings are somebody's own file on their own computer: as large as Excel makes them."""
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = (",", "\t", ";")


class WorkbookRefused(InputError):
    """The workbook is damaged, or larger inside than such a list could be."""


@dataclass(frozen=True)
class Table:
    """`header` as written (outer space removed); `columns[j][i]` is the cell of data row i under `header[j]`.

    `numbers[i]` is the row of the file, counted from 1 with the header, that data row i stands in.
    """

    name: str
    header: tuple[str, ...]
    columns: Sequence[Sequence[Any]]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)


def read_table(path: Path) -> Table:
    """The first sheet of a workbook, or a CSV in UTF-8, UTF-16 with mark, or GB18030.

    Raises InputError, saying what to do, for what is no such file.
    """
    start = _first_bytes(path)
    if start.startswith(_ZIP):
        return _from_excel(path.name, _guarded(path))
    if start.startswith(_OLE):
        return _from_excel(path.name, path)
    data = _unpacked(path) if start.startswith(_GZIP) else path.read_bytes()
    return _from_csv(path.name, _decoded(path.name, data))


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


def _from_csv(name: str, text: str) -> Table:
    head = text[: text.find("\n")] if "\n" in text else text
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
    if reader.line_num == len(rows):
        return _table(name, rows, range(1, len(rows) + 1))
    again = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    starts = [1]
    starts.extend(again.line_num + 1 for _ in again)
    return _table(name, rows, starts[:-1])


def _guarded(path: Path) -> io.BytesIO:
    try:
        with path.open("rb") as file:
            return guard_workbook(file, WORKBOOK).archive
    except TooLarge as error:
        raise WorkbookRefused(
            f"“{path.name}”太大：{error.say()}请只保留需要的列和行，另存为 CSV 再试。",
            f"{path.name} is too large once unpacked. Keep only the rows and columns needed, "
            "or save it as CSV.",
        ) from error
    except SheetRefused as error:
        raise _unreadable(path.name) from error


def _from_excel(name: str, file: io.BytesIO | Path) -> Table:
    import python_calamine as calamine

    try:
        with calamine.load_workbook(file) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            rows = sheet.to_python(skip_empty_area=False)
    except (calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise _unreadable(name) from error
    return _table(name, rows, range(1, len(rows) + 1))


def _unreadable(name: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"“{name}”不是 Excel 工作簿（.xlsx），或者已损坏、加了密码、带有宏，打不开。"
        "请在表格软件中打开，另存为没有密码的 .xlsx 或 CSV 再试。",
        f"{name} is no Excel workbook (.xlsx), or is damaged, protected by a password or carries macros. "
        "Open it in a spreadsheet program, save it as .xlsx without a password, or as CSV, and try again.",
    )


def _table(name: str, rows: list[list[Any]], numbers: Sequence[int]) -> Table:
    first = next((i for i, row in enumerate(rows) if not _blank(row)), None)
    if first is None:
        raise InputError(f"“{name}”里没有内容。", f"There is nothing in {name}.")
    header = [str(cell).strip() for cell in rows[first]]
    while header and not header[-1]:
        header.pop()
    body, numbers = rows[first + 1 :], numbers[first + 1 :]
    if any(len(row) != len(header) or not any(row) for row in body):
        body, numbers = _squared(name, body, numbers, len(header))
    if not body:
        raise InputError(f"“{name}”只有表头，没有数据行。", f"{name} has a header but no rows of data.")
    return Table(name, tuple(header), list(zip(*body, strict=True)), numbers)


def _blank(row: Sequence[Any]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _squared(
    name: str, body: list[list[Any]], numbers: Sequence[int], width: int
) -> tuple[list[list[Any]], list[int]]:
    """Rows of one width: blank rows dropped, short rows padded; a row with too many cells is refused."""
    kept, kept_numbers = [], []
    for row, number in zip(body, numbers, strict=True):
        if _blank(row):
            continue
        if not _blank(row[width:]):
            raise InputError(
                f"第 {number} 行有 {len(row)} 格，表头只有 {width} 格。名称里有逗号时，请用引号括起来。",
                f"Row {number} of {name} has {len(row)} cells, its header {width}. Put names that contain "
                "commas in quotation marks.",
                row=number,
            )
        kept.append([*row[:width], *[""] * (width - len(row))])
        kept_numbers.append(number)
    return kept, kept_numbers
