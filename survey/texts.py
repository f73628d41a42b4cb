"""Checks of texts as they are typed or imported: characters that no font can draw are refused.

Every form and every import goes through here. Later is too late: a name is frozen with the first invitation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from analysis.answers.signs import named, odd_signs
from survey.errors import N_, InvalidInput, Phrase

# Characters in every font of the charts; others are looked up, which loads the fonts.
_ALWAYS_DRAWN: Final = re.compile(
    "[\\s\x20-\x7e\u00b7\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u301f\u4e00-\u9fa5\uff01-\uff5e]*"
)
# Marked for the catalogue: the Chinese texts of `analysis.answers.signs.KINDS`.
_KINDS: Final = (N_("控制字符"), N_("半个字符"), N_("自造字"), N_("没有定义的字符"))


class OddSign(InvalidInput):
    """Text refused for a character that is invisible, undefined or cannot be drawn; the message names the
    character and its position."""

    remedy = N_("请删去这个字符，或者换一种写法；确是生僻字的，可在服务器上安装更全的字体。")


def undrawable(text: str) -> str:
    """Characters of `text` that do not belong in a text or that no installed font draws, each once; "" where
    there are none."""
    if _ALWAYS_DRAWN.fullmatch(text):
        return ""
    if odd := odd_signs(text):
        return odd
    from analysis.charts.fonts import MissingFontError, missing_characters

    try:
        return missing_characters(text)
    except MissingFontError:
        return ""  # without a font nothing is drawn, and no text is to blame


def sign_named(character: str) -> Phrase:
    """Code point and name of a character, by which people can look it up."""
    shown, name = named(character)
    return Phrase("%(sign)s %(name)s", {"sign": shown, "name": Phrase(name)})


def odd_sign(text: str, place: str | Phrase) -> OddSign | None:
    """Error that refuses `text`, which stands in the field or cell `place` (a message id); None where all of
    it can be drawn."""
    if not (signs := undrawable(text)):
        return None
    return OddSign(
        N_("“%(place)s”的第 %(at)s 个字符%(sign)s不能用：没有字体能画出它，或者它看不见。"),
        place=Phrase(place) if isinstance(place, str) else place,
        at=text.index(signs[0]) + 1,
        sign=sign_named(signs[0]),
    )


def require_drawable(texts: Iterable[tuple[str | Phrase, str]]) -> None:
    """Raise `OddSign` for the first text that cannot be drawn; `texts`: pairs (place, text)."""
    for place, text in texts:
        if refusal := odd_sign(text, place):
            raise refusal


def grouped(digest: str) -> str:
    """Digest in hexadecimal, written in groups of four characters so that two people can read it to each
    other."""
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))
