"""Credentials: the blindly signed message, and the proof that ties exactly one ballot to it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import CredentialInvalid
from survey.protocol.crypto import ecdsa
from survey.protocol.crypto.blind import BlindPublicKey
from survey.protocol.crypto.hpke import point
from survey.protocol.description import RoundDescription

RANDOMIZER_BYTES = 32
TOKEN_BYTES = {1: 32, 2: 65}
"""Length of a token by version of the round: random bytes, or a one-time public key as uncompressed point."""
PROOF_BYTES = ecdsa.SIGNATURE_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """Message of a credential before it is signed, with the private half of its one-time key (None in version
    1)."""

    message: bytes
    round_id: str
    key: ec.EllipticCurvePrivateKey | None

    def prove(self, sealed: bytes) -> bytes:
        """Proof (signature by the one-time key) that `sealed` is this credential's ballot; empty in version
        1."""
        if self.key is None:
            return b""
        return ecdsa.sign(self.key, _proven(self.round_id, sealed))


def prepare(description: RoundDescription) -> Prepared:
    """New message for a credential of the round: randomizer, context, token."""
    key = ec.generate_private_key(ec.SECP256R1()) if description.version > 1 else None
    token = point(key) if key else secrets.token_bytes(TOKEN_BYTES[1])
    message = secrets.token_bytes(RANDOMIZER_BYTES) + context(description.id) + token
    return Prepared(message, description.id, key)


def context(round_id: str) -> bytes:
    """Bytes in every message that tie a credential to its round and purpose."""
    return f"ballot:{round_id}:".encode()


def message_bytes(description: RoundDescription) -> int:
    """Length in bytes of every credential message of the round."""
    return RANDOMIZER_BYTES + len(context(description.id)) + TOKEN_BYTES[description.version]


def token_of(version: int, message: bytes) -> bytes:
    """Token at the end of a credential message."""
    return message[-TOKEN_BYTES[version] :]


def token_key(token: bytes) -> bytes:
    """SHA-256 of a token, the key under which the ballot box stores its ballot."""
    return hashlib.sha256(token).digest()


def spent_key(description: RoundDescription, message: bytes) -> bytes:
    """Key of the only ballot that a message may cast: SHA-256 of its token.

    Raises `CredentialInvalid` for a message of another round, purpose, version or length.
    """
    middle = context(description.id)
    if len(message) != message_bytes(description) or not message.startswith(middle, RANDOMIZER_BYTES):
        raise CredentialInvalid
    return token_key(token_of(description.version, message))


def check_credential(
    public: BlindPublicKey, description: RoundDescription, message: bytes, signature: bytes
) -> bytes:
    """Check the signature of a credential and return its `spent_key`; raises `CredentialInvalid`."""
    key = spent_key(description, message)
    public.verify(message, signature)
    return key


def check_proof(description: RoundDescription, message: bytes, sealed: bytes, proof: bytes) -> None:
    """Raise `CredentialInvalid` unless the one-time key in `message` signed `sealed`.

    Without this, whoever writes to the database could put another ballot under somebody's credential.
    Version 1 has no such key: there the proof is empty.
    """
    if description.version == 1:
        if proof:
            raise CredentialInvalid
        return
    token = token_of(description.version, message)
    if not ecdsa.verifies(token, _proven(description.id, sealed), proof):
        raise CredentialInvalid


def public_key(description: RoundDescription) -> BlindPublicKey:
    """Signing key named in a round's description."""
    return BlindPublicKey.from_bytes(description.blind_key_n, description.blind_key_e)


def _proven(round_id: str, sealed: bytes) -> bytes:
    return b"pingyi-ballot:%s:" % round_id.encode() + sealed
