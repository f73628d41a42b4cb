"""Texts as they enter: cleaned of what nobody sees, and refused for what nobody could draw.

Every form and every import goes through here. Later is too late: a name is frozen with the first invitation.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from typing import Final

from analysis.answers.signs import SPACES, named, odd_signs, without_invisible
from survey.errors import N_, InvalidInput, Phrase

_ASCII: Final = string.digits + string.ascii_letters
_FULL_WIDTH: Final = str.maketrans("".join(chr(ord(c) + 0xFEE0) for c in _ASCII), _ASCII)
_CJK: Final = "\u3400-\u9fff\uff00-\uffef"
_SPACE_IN_CHINESE: Final = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")
_SPACE_BESIDE_CHINESE: Final = re.compile(rf"(?<=[{_CJK}()]) | (?=[{_CJK}()])")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Radicals that PDF files give for the characters that look the same.
_RADICALS: Final = re.compile("[\u2e80-\u2fdf]")
# In every font that charts are set in; what lies outside is looked up, which loads the fonts.
_ALWAYS_DRAWN: Final = re.compile(
    "[\\s\x20-\x7e\u00b7\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u301f\u4e00-\u9fa5\uff01-\uff5e]*"
)
# In the catalogue, for `analysis.answers.signs.KINDS`.
_KINDS: Final = (N_("控制字符"), N_("半个字符"), N_("自造字"), N_("没有定义的字符"))
_BRACKETS: Final = str.maketrans("（）［］[]〔〕【】﹙﹚", "()" * 6)


class OddSign(InvalidInput):
    """A text with a sign that does not belong there or cannot be drawn; says which, where, and what to do."""

    remedy = N_("请删去这个字符，或者换一种写法；确是生僻字的，可在服务器上安装更全的字体。")


def clean_line(text: str) -> str:
    """One line: no invisible signs, needless spaces or line feeds; letters and digits half width."""
    return _SPACE_IN_CHINESE.sub("", clean_text(SPACES.sub(" ", text)).translate(_FULL_WIDTH))


def clean_text(text: str) -> str:
    """Lines without invisible signs, with plain line ends and single spaces."""
    text = without_invisible(_LINE_ENDS.sub("\n", text))
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    lines = (SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def name_key(name: str) -> str:
    """What two spellings of one name have in common: widths, brackets and spaces beside Chinese set aside."""
    text = unicodedata.normalize("NFKC", without_invisible(name)).translate(_BRACKETS)
    return _SPACE_BESIDE_CHINESE.sub("", SPACES.sub(" ", text).strip())


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
