"""The witness's two blind signatures: the stamp on a credential, and the ticket for one post."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from survey.errors import CredentialInvalid
from survey.protocol.ballots import CastBallot
from survey.protocol.credentials import RANDOMIZER_BYTES, TOKEN_BYTES, token_of
from survey.protocol.crypto.blind import BlindPublicKey
from survey.protocol.description import RoundDescription
from survey.protocol.witness_description import KeyDescription, WitnessDescription

TICKET_BYTES = 32


def witness_of(description: RoundDescription) -> WitnessDescription:
    """The witness of a round that has one; raises `CredentialInvalid` where there is none."""
    if description.witness is None:
        raise CredentialInvalid
    return description.witness


def stamp_context(round_id: str) -> bytes:
    """Bytes at the start of a stamp's message that tie it to its round and purpose."""
    return f"stamp:{round_id}:".encode()


def ticket_context(round_id: str) -> bytes:
    """Bytes at the start of a ticket's message that tie it to its round and purpose."""
    return f"post:{round_id}:".encode()


def prepare_stamp(description: RoundDescription, token: bytes) -> bytes:
    """Message (randomizer, context, token) to be blinded for a stamp on `token`, that of the box's
    credential."""
    return secrets.token_bytes(RANDOMIZER_BYTES) + stamp_context(description.id) + token


def prepare_ticket(description: RoundDescription) -> bytes:
    """Message (randomizer, context, random ticket) to be blinded for a ticket; it has nothing in common with
    the ballot, so that nobody can join the two."""
    ticket = secrets.token_bytes(TICKET_BYTES)
    return secrets.token_bytes(RANDOMIZER_BYTES) + ticket_context(description.id) + ticket


def stamp_message_bytes(description: RoundDescription) -> int:
    """Length of every message of a stamp of the round."""
    return RANDOMIZER_BYTES + len(stamp_context(description.id)) + TOKEN_BYTES[2]


def check_stamp(description: RoundDescription, ballot: CastBallot) -> None:
    """Raise `CredentialInvalid` unless the witness stamped the token of the ballot's credential.

    Without this, whoever has the box's key could cast ballots for firms that do not. A round without a
    witness has no stamps.
    """
    if description.witness is None:
        if ballot.stamp_message or ballot.stamp:
            raise CredentialInvalid
        return
    context = stamp_context(description.id)
    same_token = ballot.stamp_message[RANDOMIZER_BYTES:] == context + token_of(2, ballot.message)
    if not same_token or len(ballot.stamp) != len(description.witness.stamp_key.n):
        raise CredentialInvalid
    loaded(description.witness.stamp_key).verify(ballot.stamp_message, ballot.stamp)


def check_ticket(description: RoundDescription, message: bytes, signature: bytes) -> bytes:
    """SHA-256 of the ticket in `message`, by which it is spent; `CredentialInvalid` unless it is signed."""
    witness, context = witness_of(description), ticket_context(description.id)
    length = RANDOMIZER_BYTES + len(context) + TICKET_BYTES
    if len(message) != length or not message.startswith(context, RANDOMIZER_BYTES):
        raise CredentialInvalid
    if len(signature) != len(witness.ticket_key.n):
        raise CredentialInvalid
    loaded(witness.ticket_key).verify(message, signature)
    return hashlib.sha256(message[-TICKET_BYTES:]).digest()


@lru_cache(maxsize=16)
def loaded(key: KeyDescription) -> BlindPublicKey:
    """The key that a description names, made once in a process."""
    return key.public
