"""Lengths of text messages as carriers count them: UCS-2, since the text is Chinese (3GPP TS 23.038, 23.040).

One message carries 140 octets, 70 characters. A longer text is sent in parts of 67, whose first six octets
say which part they are.
"""

from __future__ import annotations

SINGLE, PART = 70, 67


def characters(text: str) -> int:
    """Characters of a message: UTF-16 code units, so that a sign outside the basic plane is two."""
    return len(text.encode("utf-16-le")) // 2


def messages(text: str) -> int:
    """Number of text messages that carry `text`."""
    length = characters(text)
    return 1 if length <= SINGLE else -(-length // PART)
