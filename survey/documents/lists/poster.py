"""Poster (海报) of a round for the hall, with a QR code that carries no invitation.

Its check number reaches people by another way than the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from survey.documents.layout.glyphs import drawable
from survey.documents.layout.titles import title_lines
from survey.documents.layout.typesetting import typeset

_TEMPLATE: Final = Path(__file__).with_name("poster.typ")


@dataclass(frozen=True, slots=True)
class PosterTexts:
    """Texts of the poster, in the language of whoever prints it; `contact` is empty where none is set."""

    language: str
    title: str
    body: str
    days: str
    invited: Sequence[str]
    address: str
    check: str
    check_number: str
    promise_title: str
    promises: Sequence[str]
    contact: str
    scanned: str


def write_poster(words: PosterTexts) -> bytes:
    """One A4 page as tagged PDF; it can be enlarged to A3. Raises `TypesettingFailed`."""
    import numpy as np  # not in every process that serves phones

    from survey.documents.layout.qr import QUIET_ZONE, qr_modules

    [modules] = qr_modules([words.address])
    pixels = np.where(modules, np.uint8(0), np.uint8(255)).tobytes()
    lines = [line for line in title_lines(words.title, "") if line]
    drawn = {"lines": lines, "alternative": words.scanned}
    data = drawable(asdict(words) | drawn) | {"side": modules.shape[1], "quiet": QUIET_ZONE}
    return typeset(_TEMPLATE, data, {"modules.bin": pixels}, accessible=True)
