"""Corner codes: 14 letters that say round, form, page, style and corner; and the number of a form.

A form's number follows from its invitation's code, so that a code typed by hand is checked against it; the
code does not follow from the number.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from survey.documents.paper.layout import Style
from survey.protocol.codes import parse_code
from survey.protocol.crypto.encoding import ALPHABET, crockford
from survey.protocol.description import RoundDescription

FORM_LETTERS, ROUND_LETTERS = 8, 4
_BITS = 5
_CODE = re.compile(f"[{ALPHABET}]{{{2 + ROUND_LETTERS + FORM_LETTERS}}}")


@dataclass(frozen=True, slots=True)
class PageCode:
    """What all corner codes of a page say; `round` as `round_letters`, `page` from 0."""

    round: str
    form: str
    page: int
    style: Style


def corner_code(code: PageCode, corner: int) -> str:
    """Text of the code in a corner, 0 to 3 as in `corner_places`."""
    return ALPHABET[code.style.number << 2 | corner] + ALPHABET[code.page] + code.round + code.form


def parse_corner(text: str) -> tuple[PageCode, int] | None:
    """What a corner code says, and its corner; None for any other text."""
    if not _CODE.fullmatch(text):
        return None
    first, page = ALPHABET.index(text[0]), ALPHABET.index(text[1])
    tag, form = text[2 : 2 + ROUND_LETTERS], text[2 + ROUND_LETTERS :]
    return PageCode(tag, form, page, Style.numbered(first >> 2)), first & 3


def round_letters(description: RoundDescription) -> str:
    """First letters of the round's check number (核对号): another questionnaire has others."""
    return description.check_number.replace("-", "")[:ROUND_LETTERS]


def form_number(code: str) -> str:
    """Number of the form that carries an invitation's code: 40 bits of a hash of it."""
    digest = hashlib.sha256(b"pingyi form:" + parse_code(code)).digest()
    return crockford(int.from_bytes(digest) >> (256 - _BITS * FORM_LETTERS), FORM_LETTERS)
