"""Texts as they enter: refused for what nobody could draw.

Every form and every import goes through here. Later is too late: a name is frozen with the first invitation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from analysis.answers.signs import named, odd_signs
from survey.errors import N_, InvalidInput, Phrase

# In every font that charts are set in; what lies outside is looked up, which loads the fonts.
_ALWAYS_DRAWN: Final = re.compile(
    "[\\s\x20-\x7e\u00b7\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u301f\u4e00-\u9fa5\uff01-\uff5e]*"
)
# In the catalogue, for `analysis.answers.signs.KINDS`.
_KINDS: Final = (N_("控制字符"), N_("半个字符"), N_("自造字"), N_("没有定义的字符"))


class OddSign(InvalidInput):
    """A text with a sign that does not belong there or cannot be drawn; says which, where, and what to do."""

    remedy = N_("请删去这个字符，或者换一种写法；确是生僻字的，可在服务器上安装更全的字体。")


def undrawable(text: str) -> str:
    """The signs of `text` that do not belong into one, or that no font at hand draws, each once."""
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
    """A sign as people can look for it: its code point and name."""
    shown, name = named(character)
    return Phrase("%(sign)s %(name)s", {"sign": shown, "name": Phrase(name)})


def odd_sign(text: str, place: str | Phrase) -> OddSign | None:
    """The refusal of `text`, which stands in `place` (a message id); None where all of it can be drawn."""
    if not (signs := undrawable(text)):
        return None
    return OddSign(
        N_("“%(place)s”的第 %(at)s 个字符%(sign)s不能用：没有字体能画出它，或者它看不见。"),
        place=Phrase(place) if isinstance(place, str) else place,
        at=text.index(signs[0]) + 1,
        sign=sign_named(signs[0]),
    )


def require_drawable(texts: Iterable[tuple[str | Phrase, str]]) -> None:
    """Raise `OddSign` for the first of (place, text) that cannot be drawn."""
    for place, text in texts:
        if refusal := odd_sign(text, place):
            raise refusal


def grouped(digest: str) -> str:
    """A hexadecimal digest in groups of four that two people can read to each other."""
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))
