"""Credentials: the message that is blind-signed, and the proof that ties its one ballot to it."""

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
"""By version of the round: random bytes, or the public half of a one-time key as uncompressed point."""
PROOF_BYTES = ecdsa.SIGNATURE_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message before it is signed, and the private half of its one-time key; None in version 1."""

    message: bytes
    round_id: str
    key: ec.EllipticCurvePrivateKey | None

    def prove(self, sealed: bytes) -> bytes:
        """The proof that `sealed` is this credential's ballot; empty in version 1."""
        if self.key is None:
            return b""
        return ecdsa.sign(self.key, _proven(self.round_id, sealed))


def prepare(description: RoundDescription) -> Prepared:
    """A fresh message for a round: randomizer, context, token."""
    key = ec.generate_private_key(ec.SECP256R1()) if description.version > 1 else None
    token = point(key) if key else secrets.token_bytes(TOKEN_BYTES[1])
    message = secrets.token_bytes(RANDOMIZER_BYTES) + context(description.id) + token
    return Prepared(message, description.id, key)


def context(round_id: str) -> bytes:
    """What ties a credential to its round and purpose."""
    return f"ballot:{round_id}:".encode()


def message_bytes(description: RoundDescription) -> int:
    """Length of every message of the round."""
    return RANDOMIZER_BYTES + len(context(description.id)) + TOKEN_BYTES[description.version]


def token_of(version: int, message: bytes) -> bytes:
    """The token at the end of a message."""
    return message[-TOKEN_BYTES[version] :]


def token_key(token: bytes) -> bytes:
    """The key under which the box holds the one ballot of a token."""
    return hashlib.sha256(token).digest()


def spent_key(description: RoundDescription, message: bytes) -> bytes:
    """SHA-256 of the token in `message`: the key of the one ballot that it may cast.

    Raises `CredentialInvalid` for a message of another round, purpose, version or length.
    """
    middle = context(description.id)
    if len(message) != message_bytes(description) or not message.startswith(middle, RANDOMIZER_BYTES):
        raise CredentialInvalid
    return token_key(token_of(description.version, message))


def check_credential(
    public: BlindPublicKey, description: RoundDescription, message: bytes, signature: bytes
) -> bytes:
    """The `spent_key` of a message whose signature holds; `CredentialInvalid` otherwise."""
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
    """The signing key that a round's description names."""
    return BlindPublicKey.from_bytes(description.blind_key_n, description.blind_key_e)


def _proven(round_id: str, sealed: bytes) -> bytes:
    return b"pingyi-ballot:%s:" % round_id.encode() + sealed
