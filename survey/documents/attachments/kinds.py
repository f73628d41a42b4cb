"""Kinds of files that a department may attach, told by content, and the names under which they are kept."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from analysis.answers.spelling import clean_line
from survey.texts import undrawable

MOST_BYTES: Final = 10 << 20
LONGEST_NAME: Final = 80
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*%;]')
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.(pdf|jpe?g|jfif|png|docx|xlsx)$", re.IGNORECASE)
_ZIP, _OLE, _PDF, _PNG, _JPEG = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"%PDF-",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
)


class FileKind(StrEnum):
    """Kind of a file; the value is the ending of its name."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"


class FileRefused(Exception):
    """File that is not taken; `why`: key of `examining.REASONS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def beginning(content: bytes) -> FileKind | None:
    """Kind by the first bytes; None for a zip, maybe Word or Excel. Raises `FileRefused` for others."""
    if not content:
        raise FileRefused("empty")
    if content.startswith(_OLE):
        raise FileRefused("old")
    if content.startswith(_ZIP):
        return None
    found = {_PDF: FileKind.PDF, _PNG: FileKind.PNG, _JPEG: FileKind.JPEG}
    kind = next((kind for start, kind in found.items() if content.startswith(start)), None)
    if kind is None:
        raise FileRefused("kind")
    return kind


def safe_name(given: str, kind: FileKind) -> str:
    """Name of a file without folders and signs that a system takes for more; its ending is that of `kind`."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    line = clean_line(last)
    for sign in undrawable(line):
        line = line.replace(sign, "")
    stem = _FORBIDDEN.sub("_", _ENDING.sub("", line)).strip(" .")[:LONGEST_NAME].rstrip(" .")
    if not stem or _DEVICES.fullmatch(stem.partition(".")[0]):
        stem = f"附件{stem}"
    return f"{stem}.{kind}"
