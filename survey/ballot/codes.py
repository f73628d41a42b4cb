"""Codes of invitations: 128 random bits with two check characters (docs/formats.md)."""

from __future__ import annotations

import hashlib
import secrets

from survey.ballot.encoding import crockford, grouped, uncrockford
from survey.errors import N_, CodeMistyped, Malformed

CODE_BYTES = 16

_PRIME = 1021
_LENGTH = 28
_LONGEST = 200


def new_code() -> str:
    """A fresh code of 128 random bits, as text."""
    return format_code(secrets.token_bytes(CODE_BYTES))


def format_code(code: bytes) -> str:
    """The 28 characters of a code of 16 bytes, in seven groups of four."""
    if len(code) != CODE_BYTES:
        raise ValueError(f"a code has {CODE_BYTES} bytes, not {len(code)}")
    value = int.from_bytes(code)
    return grouped(crockford(value << 10 | value % _PRIME, _LENGTH))


def parse_code(text: str) -> bytes:
    """The 16 bytes of a code as a person or a phone gives it.

    Raises `CodeMistyped` for what a person may type, `Malformed` for what no person would.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise Malformed(N_("请求中的邀请码不是一段短文字。"))
    try:
        number = uncrockford(text, _LENGTH)
    except ValueError as error:
        raise CodeMistyped from error
    value, check = number >> 10, number & 1023
    if value >> (8 * CODE_BYTES) or value % _PRIME != check:
        raise CodeMistyped
    return value.to_bytes(CODE_BYTES)


def hash_code(code: bytes) -> bytes:
    """SHA-256 of the 16 bytes of a code: all that the server keeps of it."""
    return hashlib.sha256(code).digest()


def invitation_link(base_url: str, slug: str, code: str) -> str:
    """The link of an invitation; the code stands in the fragment, which no server sees."""
    return f"{base_url.rstrip('/')}/s/{slug}#{code}"
