"""Looks through a given .xlsx before any reader may unpack it, and hands on a clean copy in memory.

Every part is unpacked here under a cap and every worksheet is walked by a streaming parser; the reader then
gets a new archive that holds only what was looked at. So it does not matter what sizes, duplicate entries
or overlapping streams the given archive pretends to have.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from typing import BinaryIO

from survey.documents.sheet_errors import (
    EncryptedFile,
    FileDamaged,
    MacroFile,
    TooLarge,
    XmlEntities,
)
from survey.documents.worksheet_scan import UPLOADED, Limits, check_worksheet, shared_lengths

MAX_ENTRIES = 2_000

_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|sharedStrings|styles)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SHARED = "xl/sharedstrings.xml"
_MACROS = re.compile(r"(^|/)vbaProject\.bin$", re.IGNORECASE)
_CHUNK = 1 << 20


def guard_workbook(file: BinaryIO, limits: Limits = UPLOADED) -> io.BytesIO:
    """Check an .xlsx file; a new archive with the parts that a reader needs.

    Raises a `SheetRefused` for damaged, encrypted, oversized or macro-carrying files, for document type
    declarations (entity bombs), and for what `check_worksheet` refuses.
    """
    try:
        with zipfile.ZipFile(file) as source:
            return _copy(source, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise FileDamaged from error


def _copy(source: zipfile.ZipFile, limits: Limits) -> io.BytesIO:
    entries = _needed_entries(source)
    clean = io.BytesIO()
    left = limits.unpacked
    uses: Counter[int] = Counter()
    lengths: list[int] = []
    # Stored, not deflated: the copy lives for a moment in memory only.
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as target:
        for entry in entries:
            content = _unpack(source, entry, left, limits)
            left -= len(content)
            if _WORKSHEET.fullmatch(entry.filename):
                uses += check_worksheet(content, limits)
            else:
                _refuse_entities(content)
            if entry.filename.lower() == _SHARED:
                lengths = shared_lengths(content)
            target.writestr(entry.filename, content)
    _check_text(uses, lengths, limits)
    clean.seek(0)
    return clean


def _check_text(uses: Counter[int], lengths: list[int], limits: Limits) -> None:
    """One long text, shared by a million cells, becomes a million long texts in the reader."""
    known = len(lengths)
    if sum(count * lengths[index] for index, count in uses.items() if 0 <= index < known) > limits.text:
        raise TooLarge.text(limits.text)


def _needed_entries(source: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = source.infolist()
    if len(entries) > MAX_ENTRIES:
        raise TooLarge.entries(MAX_ENTRIES)
    if any(_MACROS.search(entry.filename) for entry in entries):
        raise MacroFile
    needed = {entry.filename: entry for entry in entries if _NEEDED.fullmatch(entry.filename)}
    if "xl/workbook.xml" not in needed:
        raise FileDamaged
    if any(entry.flag_bits & 1 for entry in needed.values()):
        raise EncryptedFile
    return list(needed.values())


def _unpack(source: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: Limits) -> bytes:
    if entry.file_size > left:
        raise TooLarge.unpacked(limits.unpacked)
    parts = []
    with source.open(entry) as stream:
        while part := stream.read(_CHUNK):
            left -= len(part)
            if left < 0:
                raise TooLarge.unpacked(limits.unpacked)
            parts.append(part)
    return b"".join(parts)


def _refuse_entities(content: bytes) -> None:
    # Office writes UTF-8 and never a DOCTYPE; a text that merely contains one has "<" escaped.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise XmlEntities
    if b"\0" in content:
        raise FileDamaged
