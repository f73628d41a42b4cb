"""ECDSA on P-256 with SHA-256; a signature is r ‖ s, 64 bytes (IEEE P1363, as WebCrypto writes it)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from survey.protocol.crypto.hpke import POINT_BYTES

SIGNATURE_BYTES = 64

_CURVE = ec.SECP256R1()
_HALF = SIGNATURE_BYTES // 2


def sign(key: ec.EllipticCurvePrivateKey, data: bytes, *, deterministic: bool = False) -> bytes:
    """ECDSA signature of `data`, 64 bytes; `deterministic` (RFC 6979): for worked examples only."""
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=deterministic)
    r, s = decode_dss_signature(key.sign(data, algorithm))
    return r.to_bytes(_HALF) + s.to_bytes(_HALF)


def verifies(point: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature` is valid for `data` under the public key `point` (uncompressed, 65 bytes)."""
    if len(signature) != SIGNATURE_BYTES or len(point) != POINT_BYTES:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:]))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        key.verify(der, data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
