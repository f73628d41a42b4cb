"""Receipts: the first 80 bits of a sealed ballot's SHA-256, by which its sender finds it again."""

from __future__ import annotations

import hashlib

from survey.errors import N_, InvalidInput
from survey.protocol.crypto.encoding import crockford, grouped, uncrockford

RECEIPT_BYTES = 10

_LENGTH = 16
_LONGEST = 100
# hashlib releases the interpreter's lock for longer pieces, and getting it back takes longer than the hash.
_PIECE = 2047


def receipt_bytes(sealed: bytes) -> bytes:
    """Receipt of a sealed ballot: 10 bytes, as in the published list and the Merkle tree."""
    digest = hashlib.sha256()
    for start in range(0, len(sealed), _PIECE):
        digest.update(sealed[start : start + _PIECE])
    return digest.digest()[:RECEIPT_BYTES]


def format_receipt(receipt: bytes) -> str:
    """Text of a receipt of 10 bytes: 16 characters in four groups of four."""
    return grouped(crockford(int.from_bytes(receipt), _LENGTH))


def parse_receipt(text: str) -> bytes:
    """Bytes (10) of a receipt as a person types it; raises `InvalidInput`."""
    try:
        return uncrockford(text[:_LONGEST], _LENGTH).to_bytes(RECEIPT_BYTES)
    except ValueError as error:
        raise InvalidInput(
            N_("回执号应为 16 个字母或数字，例如 7K3M-9QXD-2F4H-0R5T。"),
            remedy=N_("请对照提交成功页面上的回执号再输入一遍。"),
        ) from error
