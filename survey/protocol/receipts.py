"""Receipts: the first 80 bits of a sealed ballot's SHA-256, by which its sender finds it again."""

from __future__ import annotations

import hashlib

from survey.errors import N_, InvalidInput
from survey.protocol.crypto.encoding import crockford, grouped, uncrockford

RECEIPT_BYTES = 10

_LENGTH = 16
_LONGEST = 100
# For more than this hashlib gives the interpreter's lock away, and waits for it longer than a hash takes.
_PIECE = 2047


def receipt_bytes(sealed: bytes) -> bytes:
    """The 10 bytes that stand for a sealed ballot in the published list and in the Merkle tree."""
    digest = hashlib.sha256()
    for start in range(0, len(sealed), _PIECE):
        digest.update(sealed[start : start + _PIECE])
    return digest.digest()[:RECEIPT_BYTES]


def format_receipt(receipt: bytes) -> str:
    """The 16 characters of a receipt of 10 bytes, in four groups of four."""
    return grouped(crockford(int.from_bytes(receipt), _LENGTH))


def parse_receipt(text: str) -> bytes:
    """The 10 bytes of a receipt as a person types it; raises `InvalidInput`."""
    try:
        return uncrockford(text[:_LONGEST], _LENGTH).to_bytes(RECEIPT_BYTES)
    except ValueError as error:
        raise InvalidInput(
            N_("回执号应为 16 个字母或数字，例如 7K3M-9QXD-2F4H-0R5T。"),
            remedy=N_("请对照提交成功页面上的回执号再输入一遍。"),
        ) from error
