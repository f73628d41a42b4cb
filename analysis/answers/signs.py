"""Unicode characters that are invisible or do not belong in a text: finding, naming, removing them."""

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
"""Characters that are removed silently: a text means the same without them."""

SPACES: Final = re.compile("[\\s\u0085\u2028\u2029\u2800]+")
_ODD: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
KINDS: Final = {
    "控制字符": "control character",
    "半个字符": "half a character",
    "自造字": "private character",
    "没有定义的字符": "unassigned character",
}
"""Chinese → English names of the kinds of characters that have no Unicode name of their own."""
_KIND_OF: Final = dict(zip(("Cc", "Cs", "Co", "Cn"), KINDS, strict=True))
REPLACEMENT: Final = "\N{GETA MARK}"
"""Shown in documents instead of a character that cannot be printed (〓, as printers do)."""


def is_odd(character: str) -> bool:
    """Whether a character belongs in no text: control (but line end, tab), private, unassigned, or U+FFFD."""
    if character in "\n\t":
        return False
    return character == "\ufffd" or unicodedata.category(character) in _ODD


def odd_signs(text: str) -> str:
    """Distinct characters of `text` that belong in no text (`is_odd`), in order of appearance."""
    return "".join(c for c in dict.fromkeys(text) if is_odd(c))


def named(character: str) -> tuple[str, str]:
    """Code point of a character, with the character if it can be shown, and its Unicode name: `“😀”U+1F600`,
    `GRINNING FACE`.

    A character without a name gets its kind from `KINDS` instead.
    """
    kind = _KIND_OF.get(unicodedata.category(character), "")
    shown = f"“{character}”" if not is_odd(character) else ""
    return f"{shown}U+{ord(character):04X}", unicodedata.name(character, kind)


def without_invisible(text: str) -> str:
    """`text` in normal form NFC, without the characters of `INVISIBLE`."""
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def printable(text: str) -> str:
    """`text` for a document: invisible characters removed, odd ones (`is_odd`) shown as `REPLACEMENT`."""
    return "".join(REPLACEMENT if is_odd(c) else c for c in without_invisible(text))
