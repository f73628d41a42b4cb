"""Cleaning of entered text (invisible characters, spaces, widths), and keys that equate spellings of a
name."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

from analysis.answers.signs import SPACES, without_invisible

_ASCII: Final = string.digits + string.ascii_letters
_FULL_WIDTH: Final = str.maketrans("".join(chr(ord(c) + 0xFEE0) for c in _ASCII), _ASCII)
_CJK: Final = "\u3400-\u9fff\uff00-\uffef"
_SPACE_IN_CHINESE: Final = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")
_SPACE_BESIDE_CHINESE: Final = re.compile(rf"(?<=[{_CJK}()]) | (?=[{_CJK}()])")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Radicals that PDF files give for the characters that look the same.
_RADICALS: Final = re.compile("[\u2e80-\u2fdf]")
_BRACKETS: Final = str.maketrans("（）［］[]〔〕【】﹙﹚", "()" * 6)


def clean_line(text: str) -> str:
    """Clean `text` as one line: no invisible characters, no needless spaces, no line ends; letters and digits
    half width."""
    return _SPACE_IN_CHINESE.sub("", clean_text(SPACES.sub(" ", text)).translate(_FULL_WIDTH))


def clean_text(text: str) -> str:
    """Clean `text` of several lines: no invisible characters, unified line ends, single spaces."""
    text = without_invisible(_LINE_ENDS.sub("\n", text))
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    lines = (SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def name_key(name: str) -> str:
    """Key of a name, the same for spellings that differ in width, brackets, or spaces beside Chinese
    characters."""
    text = unicodedata.normalize("NFKC", without_invisible(name)).translate(_BRACKETS)
    return _SPACE_BESIDE_CHINESE.sub("", SPACES.sub(" ", text).strip())


def unwrapped(cell: str) -> str:
    """Text of a cell without what forces Excel to treat it as text: a leading apostrophe, or ="…"."""
    text = cell.strip().lstrip("'＇`").strip()
    quoted = re.fullmatch(r'="(.*)"', text)
    return quoted[1] if quoted else text
