"""Check of a PDF: it opens without a password and has nothing that acts by itself, nor other files in it.

It is kept byte by byte, since an electronic seal covers its bytes.
"""

from __future__ import annotations

import io
import re
from typing import Final

from survey.documents.attachments.kinds import FileRefused

_END_WITHIN: Final = 1024
_ACTIONS: Final = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE"}
_ACTIVE_KEYS: Final = {"/JS", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
# An object that the table of objects leaves out is found by readers that repair files.
_UNLISTED: Final = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles)\b")


def check_pdf(content: bytes) -> None:
    """Raise `FileRefused` for a damaged or locked PDF, or one with scripts, actions or files in it."""
    from pypdf import PdfReader
    from pypdf.generic import IndirectObject

    if b"%%EOF" not in content[-_END_WITHIN:]:
        raise FileRefused("damaged")
    if _UNLISTED.search(content):
        raise FileRefused("active")
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileRefused("locked")
    if not len(reader.pages):
        raise FileRefused("damaged")
    listed = {(number, 0) for number in reader.xref_objStm}
    listed |= {(number, generation) for generation, found in reader.xref.items() for number in found}
    for number, generation in listed:
        _check(reader.get_object(IndirectObject(number, generation, reader)))


def _check(found: object) -> None:
    """Check an object with all that stands directly in it; what it points to is listed by itself."""
    waiting: list[object] = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.keys() & _ACTIVE_KEYS or ("/S" in one and one["/S"] in _ACTIONS):
                raise FileRefused("active")
            waiting += dict.values(one)
        elif isinstance(one, list):
            waiting += list.__iter__(one)
