"""Looks into an Excel workbook before anything unpacks it: small files can hold enormous sheets.

Four attacks are refused: members that unpack to far more than they weigh (zip bombs, also with lying
sizes), one cell in a far corner that makes a reader allocate the whole rectangle, one long text that a
million cells share, and archives that are no workbook at all.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError

MAX_UNPACKED = 512 * 2**20
MAX_CELLS = 20_000_000
MAX_SHARED_TEXT = 2 * 2**30
_CHUNK = 2**20
_REFERENCE = re.compile(rb'\sr="([A-Z]{0,3})(\d{1,7})"')
_SHARED_CELL = re.compile(rb'\st="s"')


class WorkbookRefused(InputError):
    """The workbook is damaged, or larger inside than such a list could be."""


@dataclass
class _Extent:
    """What one pass over the worksheets has seen."""

    rows: int = 0
    columns: int = 0
    shared_cells: int = 0

    def see(self, xml: bytes) -> None:
        for letters, digits in _REFERENCE.findall(xml):
            self.rows = max(self.rows, int(digits))
            self.columns = max(self.columns, _column_number(letters))
        self.shared_cells += len(_SHARED_CELL.findall(xml))


def check_workbook(path: Path, *, max_unpacked: int = MAX_UNPACKED) -> None:
    """Raise `WorkbookRefused` unless `path` is an .xlsx that is safe to unpack in memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, max_unpacked)
            _check_sheets(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise WorkbookRefused(
            f"“{path.name}”已损坏或加了密码，打不开。请在 Excel 中打开，另存为没有密码的 .xlsx 再试。",
            f"{path.name} is damaged or protected by a password. "
            "Open it in Excel, save it as .xlsx without a password and try again.",
        ) from error


def _check_members(archive: zipfile.ZipFile, max_unpacked: int) -> None:
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        raise WorkbookRefused(
            "这个文件不是 Excel 工作簿（.xlsx）。请在表格软件中另存为 .xlsx 或 CSV 再试。",
            "This file is no Excel workbook (.xlsx). Save it as .xlsx or CSV and try again.",
        )
    if sum(info.file_size for info in archive.infolist()) > max_unpacked:
        raise _too_large(f"{max_unpacked // 2**20} MB")


def _check_sheets(archive: zipfile.ZipFile) -> None:
    extent = _Extent()
    longest_text = 0
    for info in archive.infolist():
        if info.filename.startswith("xl/worksheets/"):
            for chunk in _chunks(archive, info):
                extent.see(chunk)
        elif info.filename.lower().endswith("sharedstrings.xml"):
            longest_text = _longest_shared_text(_chunks(archive, info))
        else:
            for _ in _chunks(archive, info):  # a member whose size lies fails its checksum here
                pass
    if extent.rows * extent.columns > MAX_CELLS:
        raise _too_large(f"{extent.rows} × {extent.columns}")
    if extent.shared_cells * longest_text > MAX_SHARED_TEXT:
        raise _too_large(f"{MAX_SHARED_TEXT // 2**30} GB")


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member piece by piece; a piece is cut before its last `<`, so that no tag falls between two."""
    rest = b""
    with archive.open(info) as member:
        while data := member.read(_CHUNK):
            data = rest + data
            cut = data.rfind(b"<")
            cut = len(data) if cut < 1 else cut
            rest = data[cut:]
            yield data[:cut]
    yield rest


def _longest_shared_text(chunks: Iterator[bytes]) -> int:
    longest = open_since = position = 0
    for chunk in chunks:
        for match in re.finditer(rb"<si[\s>]", chunk):
            longest = max(longest, position + match.start() - open_since)
            open_since = position + match.start()
        position += len(chunk)
    return max(longest, position - open_since)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(size: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"这个 Excel 文件展开后太大（{size}）。请只保留需要的列和行，另存为 CSV 再试。",
        f"This Excel file is too large once unpacked ({size}). Keep only the rows and columns needed, "
        "or save it as CSV.",
    )
