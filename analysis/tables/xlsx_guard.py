"""Guard of .xlsx archives: checks every part, and passes a clean copy in memory to the reader.

Every part is unpacked here under a limit and every worksheet is scanned; the reader gets a new archive with
only the parts that were checked. So sizes, duplicate entries or overlapping streams that the original archive
declares do not matter.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from analysis.tables.cell_facts import CellFacts, percent_styles, sheet_parts
from analysis.tables.file_kinds import other_kind
from analysis.tables.refusals import (
    EncryptedFile,
    FileDamaged,
    MacroFile,
    TableRefused,
    TooLarge,
    XmlEntities,
)
from analysis.tables.worksheet_scan import UPLOADED, Limits, check_worksheet, shared_lengths

MAX_ENTRIES = 2_000

_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|sharedStrings|styles)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SHARED, _STYLES, _BOOK = "xl/sharedstrings.xml", "xl/styles.xml", "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_MACROS = re.compile(r"(^|/)vbaProject\.bin$", re.IGNORECASE)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Guarded:
    """Clean archive with the parts that a reader needs; `facts`: sheet's name → places of error values,
    per-cent cells and formulas."""

    archive: io.BytesIO
    facts: dict[str, CellFacts]


def guard_workbook(file: BinaryIO, limits: Limits = UPLOADED) -> Guarded:
    """Check an .xlsx file and return a clean copy.

    Raises a `TableRefused` for damaged, encrypted, oversized or macro-carrying files, for document type
    declarations (entity bombs), and for what `check_worksheet` refuses.
    """
    try:
        with zipfile.ZipFile(file) as source:
            return _copy(source, limits)
    except TableRefused:  # a ValueError itself
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise FileDamaged from error


def _copy(source: zipfile.ZipFile, limits: Limits) -> Guarded:
    entries = _needed_entries(source)
    unpacker = _Unpacker(source, limits)
    streamed = {name: name.lower() for name in entries if _is_streamed(name)}
    for name in entries.keys() - streamed.keys():
        unpacker.all_of(name, entries[name])
        _refuse_entities(unpacker.parts[name])
    lower = {name.lower(): content for name, content in unpacker.parts.items()}
    percents = percent_styles(lower[_STYLES]) if _STYLES in lower else frozenset()
    uses: Counter[int] = Counter()
    lengths: list[int] = []
    by_part: dict[str, CellFacts] = {}
    for name, small in streamed.items():
        pieces = unpacker.pieces(name, entries[name])
        if small == _SHARED:
            lengths = shared_lengths(pieces)
            _refuse_entities(unpacker.parts[name])
        else:
            used, by_part[small] = check_worksheet(pieces, limits, percents)
            uses += used
    _check_text(uses, lengths, limits)
    named = sheet_parts(lower[_BOOK], lower[_RELATIONS]) if _RELATIONS in lower else iter(())
    facts = {name: by_part[part.lower()] for name, part in named if part.lower() in by_part}
    clean = io.BytesIO()
    # Stored, not deflated: the copy lives for a moment in memory only.
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as target:
        for name in entries:
            target.writestr(name, unpacker.parts.pop(name))
    clean.seek(0)
    return Guarded(clean, facts)


def _is_streamed(name: str) -> bool:
    """Whether a part holds texts of cells, which is scanned piece by piece while it is unpacked."""
    return name.lower() == _SHARED or _WORKSHEET.fullmatch(name) is not None


class _Unpacker:
    """Unpacks parts of an archive under one limit.

    `parts`: name with slashes (some programs write backslashes) → content.
    """

    def __init__(self, source: zipfile.ZipFile, limits: Limits) -> None:
        self._source, self._limits, self._left = source, limits, limits.unpacked
        self.parts: dict[str, bytes] = {}

    def all_of(self, name: str, entry: zipfile.ZipInfo) -> None:
        for _ in self.pieces(name, entry):
            pass

    def pieces(self, name: str, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield the content of a part while it is unpacked; after the last piece it is stored in `parts`."""
        if entry.file_size > self._left:
            raise TooLarge("unpacked", limit=self._limits.unpacked >> 20)
        found = []
        with self._source.open(entry) as stream:
            while part := stream.read(_CHUNK):
                self._left -= len(part)
                if self._left < 0:
                    raise TooLarge("unpacked", limit=self._limits.unpacked >> 20)
                found.append(part)
                yield part
        self.parts[name] = b"".join(found)


def _check_text(uses: Counter[int], lengths: list[int], limits: Limits) -> None:
    """Raise `TooLarge` if the shared strings, copied into all cells that use them, exceed `limits.text`."""
    known = len(lengths)
    if sum(count * lengths[index] for index, count in uses.items() if 0 <= index < known) > limits.text:
        raise TooLarge("text", limit=limits.text)


def _needed_entries(source: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = source.infolist()
    if len(entries) > MAX_ENTRIES:
        raise TooLarge("entries", limit=MAX_ENTRIES)
    if any(_MACROS.search(entry.filename) for entry in entries):
        raise MacroFile
    names = {_plain_name(entry.orig_filename): entry for entry in entries}
    needed = {name: entry for name, entry in names.items() if _NEEDED.fullmatch(name)}
    if len({name.lower() for name in needed}) < len(needed):
        raise FileDamaged
    if _BOOK not in map(str.lower, needed):
        raise other_kind(names) or FileDamaged()
    if any(entry.flag_bits & 1 for entry in needed.values()):
        raise EncryptedFile
    return needed


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _refuse_entities(content: bytes) -> None:
    # Office writes UTF-8 without DOCTYPE; a cell that contains the word as text has "<" escaped.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise XmlEntities
    if b"\0" in content:
        raise FileDamaged
