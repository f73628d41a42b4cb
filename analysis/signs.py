"""Signs that cannot be seen or do not belong into a text: which they are, and what people call them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Zero-width and direction signs, soft hyphen, byte order mark, tags; variation selectors; fillers that are
# letters to Unicode and nothing to the eye.
INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""They are dropped without a word: a text means the same without them."""

SPACES: Final = re.compile("[\\s\u0085\u2028\u2029\u2800]+")
_ODD: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMES: Final = {"Cc": "控制字符", "Cs": "半个字符", "Co": "自造字", "Cn": "没有定义的字符"}
REPLACEMENT: Final = "\N{GETA MARK}"
"""Printers' mark for a type that is not in the case."""


def is_odd(character: str) -> bool:
    """Whether it belongs into no text: control signs but line ends and tabs, private, unassigned, U+FFFD."""
    if character in "\n\t":
        return False
    return character == "\ufffd" or unicodedata.category(character) in _ODD


def odd_signs(text: str) -> str:
    """The odd signs of `text` in order, each once."""
    return "".join(c for c in dict.fromkeys(text) if is_odd(c))


def describe(character: str) -> str:
    """Code point and, as far as there is one, the sign's name: `U+1F600 GRINNING FACE`."""
    kind = _NAMES.get(unicodedata.category(character), "")
    name = unicodedata.name(character, kind)
    shown = f"“{character}”" if not is_odd(character) else ""
    return f"{shown}U+{ord(character):04X} {name}".rstrip()


def without_invisible(text: str) -> str:
    """`text` as NFC, without the signs of `INVISIBLE`."""
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def printable(text: str) -> str:
    """`text` for a document: without invisible signs, odd ones as `REPLACEMENT`."""
    return "".join(REPLACEMENT if is_odd(c) else c for c in without_invisible(text))
