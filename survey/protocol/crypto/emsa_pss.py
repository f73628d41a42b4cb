"""EMSA-PSS encoding with SHA-384 and MGF1 (RFC 8017 §9.1.1), since libraries offer it only together with
signing."""

from __future__ import annotations

import hashlib

HASH_BYTES = 48
SALT_BYTES = 48


def emsa_pss_encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS encoding of `message`, ceil(`bits` / 8) bytes; `bits`: length of the modulus minus one."""
    length = (bits + 7) // 8
    room = length - len(salt) - HASH_BYTES - 2
    if room < 0:
        raise ValueError("the key is too short for SHA-384 with this salt")
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    data = bytes(room) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(data, mgf1(digest, len(data)), strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + digest + b"\xbc"


def mgf1(seed: bytes, length: int) -> bytes:
    """Mask of `length` bytes by MGF1 with SHA-384 (RFC 8017 §B.2.1)."""
    blocks = (
        hashlib.sha384(seed + counter.to_bytes(4)).digest() for counter in range(-(-length // HASH_BYTES))
    )
    return b"".join(blocks)[:length]
