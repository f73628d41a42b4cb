"""HPKE (RFC 9180) in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, single shot."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT_BYTES = 65
OVERHEAD = POINT_BYTES + 16
"""Bytes by which sealing lengthens a plaintext: the encapsulated key and the tag."""

_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(public_key: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Encrypt `plaintext` to an uncompressed point of 65 bytes, as enc ‖ ciphertext.

    Raises `ValueError` when `public_key` is no point of P-256.
    """
    return _SUITE.encrypt(plaintext, load_point(public_key), info)


def unseal(private_key: ec.EllipticCurvePrivateKey, sealed: bytes, info: bytes) -> bytes:
    """Decrypt what `seal` made; raises `cryptography.exceptions.InvalidTag` for anything else."""
    return _SUITE.decrypt(sealed, private_key, info)


@lru_cache(maxsize=64)
def load_point(public_key: bytes) -> ec.EllipticCurvePublicKey:
    """P-256 public key from an uncompressed point of 65 bytes; raises `ValueError` when it is none."""
    if len(public_key) != POINT_BYTES:
        raise ValueError(f"a point has {POINT_BYTES} bytes, not {len(public_key)}")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)


def point(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """Public key of a private key, as an uncompressed point of 65 bytes."""
    return private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
