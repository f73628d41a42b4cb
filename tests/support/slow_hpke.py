"""HPKE written slowly from RFC 9180, with an ephemeral key that the caller chooses."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM_SUITE = b"KEM" + (16).to_bytes(2)
SUITE = b"HPKE" + (16).to_bytes(2) + (1).to_bytes(2) + (2).to_bytes(2)


def extract(salt: bytes, suite: bytes, label: bytes, value: bytes) -> bytes:
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + value, hashlib.sha256).digest()


def expand(secret: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    text = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    result, block = b"", b""
    while len(result) < length:
        block = hmac.new(secret, block + text + bytes([len(result) // 32 + 1]), hashlib.sha256).digest()
        result += block
    return result[:length]


def schedule(dh: bytes, enc: bytes, receiver: bytes, info: bytes) -> tuple[bytes, bytes, bytes]:
    """(shared secret, key, base nonce) of RFC 9180 §4.1 and §5.1."""
    shared = expand(extract(b"", KEM_SUITE, b"eae_prk", dh), KEM_SUITE, b"shared_secret", enc + receiver, 32)
    context = b"\0" + extract(b"", SUITE, b"psk_id_hash", b"") + extract(b"", SUITE, b"info_hash", info)
    secret = extract(shared, SUITE, b"secret", b"")
    return (
        shared,
        expand(secret, SUITE, b"key", context, 32),
        expand(secret, SUITE, b"base_nonce", context, 12),
    )


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point of a public key."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal_slowly(
    ephemeral: ec.EllipticCurvePrivateKey, receiver: bytes, info: bytes, plaintext: bytes, aad: bytes = b""
) -> bytes:
    enc = point_of(ephemeral.public_key())
    dh = ephemeral.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver))
    _, cipher_key, nonce = schedule(dh, enc, receiver, info)
    return enc + AESGCM(cipher_key).encrypt(nonce, plaintext, aad)
