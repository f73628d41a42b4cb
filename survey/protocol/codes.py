"""Invitation codes (128 random bits with two check characters) and invitation links (docs/formats.md)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from survey.errors import N_, CodeMistyped, Malformed
from survey.protocol.crypto.encoding import b64u, crockford, grouped, plain_letters, unb64u, uncrockford
from survey.protocol.description import CHECK_LENGTH, RoundDescription

CODE_BYTES = 16
BOX_CODE_BYTES = 32

_PRIME = 1021
_LENGTH = 28
_LONGEST = 200


def new_code() -> str:
    """New random invitation code, as text."""
    return format_code(secrets.token_bytes(CODE_BYTES))


def format_code(code: bytes) -> str:
    """Text of a code of 16 bytes: 28 characters in seven groups of four."""
    if len(code) != CODE_BYTES:
        raise ValueError(f"a code has {CODE_BYTES} bytes, not {len(code)}")
    value = int.from_bytes(code)
    return grouped(crockford(value << 10 | value % _PRIME, _LENGTH))


def parse_code(text: str) -> bytes:
    """Bytes (16) of a code as a person typed it or a phone sent it.

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


def parse_pinned(text: str) -> tuple[bytes, str]:
    """Code (16 bytes) and check number (核对号, "" if absent) from the fragment of an invitation link.

    Raises as `parse_code`.
    """
    letters = plain_letters(text[:_LONGEST])
    if len(letters) != _LENGTH + CHECK_LENGTH:
        return parse_code(text), ""
    code = parse_code(letters[:_LENGTH])
    return code, grouped(letters[_LENGTH:])


def secret_to_send(description: RoundDescription, code: bytes) -> str:
    """Text that a phone sends to the server for a code: the code itself in version 1, later its box code."""
    if description.version == 1:
        return format_code(code)
    return b64u(box_code(code, description.id))


def hash_of_sent(description: RoundDescription, sent: str) -> bytes:
    """Hash by which the server finds an invitation, from what a phone sent; raises as `parse_code`."""
    if description.version == 1:
        return hashlib.sha256(parse_code(sent)).digest()
    try:
        secret = unb64u(sent)
    except ValueError as error:
        raise Malformed(N_("请求中的邀请码不是 base64url。")) from error
    if len(secret) != BOX_CODE_BYTES:
        raise Malformed(N_("请求中的邀请码长度不对。"))
    return hashlib.sha256(secret).digest()


def hash_code(code: bytes, round_id: str, version: int) -> bytes:
    """SHA-256 that the server stores for an invitation instead of its code."""
    return hashlib.sha256(code if version == 1 else box_code(code, round_id)).digest()


def box_code(code: bytes, round_id: str) -> bytes:
    """Secret derived from a code for the ballot box: 32 bytes, HKDF-SHA256 (RFC 5869) without salt.

    A separate server could know the same invitation by another secret derived from the code; neither can be
    computed from the other.
    """
    return _half(code, f"pingyi box:{round_id}")


def witness_code(code: bytes, round_id: str) -> bytes:
    """Secret derived from a code for the witness, 32 bytes, as `box_code` is for the ballot box."""
    return _half(code, f"pingyi witness:{round_id}")


def _half(code: bytes, info: str) -> bytes:
    extracted = hmac.digest(bytes(32), code, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def invitation_link(base_url: str, slug: str, code: str, check_number: str = "") -> str:
    """Link of an invitation; code and check number (核对号) are in the fragment, which browsers do not
    send."""
    pin = f"-{check_number}" if check_number else ""
    return f"{base_url.rstrip('/')}/s/{slug}#{code}{pin}"
