"""Text encodings of bytes: base64url for programs, Crockford base32 for people."""

from __future__ import annotations

import base64
import unicodedata

import pybase64

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_PAIRS = tuple(a + b for a in ALPHABET for b in ALPHABET)
_DIGITS = {letter: value for value, letter in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—―−_·."))


def b64u(data: bytes) -> str:
    """Encode as base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """Decode base64url without padding; raises `ValueError` for anything that `b64u` would not write."""
    if not isinstance(text, str):
        raise ValueError("not text")  # noqa: TRY004 - callers ask one question: is it base64url?
    if "+" in text or "/" in text or "=" in text:  # base64, not base64url
        raise ValueError("not base64url")
    data: bytes = pybase64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    # Still to be checked: the bits of the last letter that belong to no byte must be 0.
    rest = len(data) % 3
    if rest and b64u(data[-rest:]) != text[-rest - 1 :]:
        raise ValueError("not canonical base64url")
    return data


def crockford(value: int, length: int) -> str:
    """Encode `value` as `length` (even) Crockford base32 characters, without hyphens."""
    shifts = range(5 * length - 10, -1, -10)
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in shifts])


def uncrockford(text: str, length: int) -> int:
    """Decode `length` Crockford base32 characters as a person types them.

    Full-width letters, case, spaces and hyphens do not matter; O is read as 0, I and L as 1. Raises
    `ValueError` for another number of characters or a character outside the alphabet.
    """
    plain = plain_letters(text)
    if len(plain) != length:
        raise ValueError(f"{len(plain)} characters instead of {length}")
    value = 0
    for letter in plain:
        if letter not in ALPHABET:
            raise ValueError(f"{letter!r} is not in the alphabet")
        value = value << 5 | _DIGITS[letter]
    return value


def plain_letters(text: str) -> str:
    """Normalise typed Crockford text: upper case, without spaces and hyphens, look-alikes replaced (O → 0, I,
    L → 1)."""
    tight = "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split()).upper()
    return tight.translate(_LOOKALIKES)


def grouped(text: str) -> str:
    """Split `text` into groups of four characters joined by hyphens."""
    return "-".join([text[start : start + 4] for start in range(0, len(text), 4)])
