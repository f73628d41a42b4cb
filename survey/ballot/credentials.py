"""Credentials: the message that is blind-signed, what it says, and the key of its one ballot."""

from __future__ import annotations

import hashlib
import secrets

from survey.ballot.blind import BlindPublicKey
from survey.ballot.questionnaire import RoundDescription
from survey.errors import CredentialInvalid

RANDOMIZER_BYTES = 32
TOKEN_BYTES = 32


def prepare_message(round_id: str) -> bytes:
    """A fresh message of 104 bytes for a round: randomizer, context, token."""
    return secrets.token_bytes(RANDOMIZER_BYTES) + context(round_id) + secrets.token_bytes(TOKEN_BYTES)


def context(round_id: str) -> bytes:
    """What ties a credential to its round and purpose."""
    return f"ballot:{round_id}:".encode()


def spent_key(round_id: str, message: bytes) -> bytes:
    """SHA-256 of the token in `message`: the key of the one ballot that it may cast.

    Raises `CredentialInvalid` for a message of another round, purpose or length.
    """
    middle = context(round_id)
    if len(message) != RANDOMIZER_BYTES + len(middle) + TOKEN_BYTES:
        raise CredentialInvalid
    if message[RANDOMIZER_BYTES:-TOKEN_BYTES] != middle:
        raise CredentialInvalid
    return hashlib.sha256(message[-TOKEN_BYTES:]).digest()


def check_credential(public: BlindPublicKey, round_id: str, message: bytes, signature: bytes) -> bytes:
    """The `spent_key` of a message whose signature holds; `CredentialInvalid` otherwise."""
    key = spent_key(round_id, message)
    public.verify(message, signature)
    return key


def public_key(description: RoundDescription) -> BlindPublicKey:
    """The signing key that a round's description names."""
    return BlindPublicKey.from_bytes(description.blind_key_n, description.blind_key_e)
