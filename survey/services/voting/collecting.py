"""Collecting of credentials: one blind signature for each invitation, the same one for the same request."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import bindparam, exists, literal, select, true, update
from sqlalchemy.orm import Session

from survey.clock import today
from survey.database.engine import Database
from survey.errors import CodeUnknown, InvitationReplaced, InvitationUsed, RoundClosed
from survey.models import Invitation, Round, State
from survey.protocol.codes import hash_of_sent
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey
from survey.services.rounds.descriptions import public_description


class _Collected(NamedTuple):
    """What is known of an invitation; hash and signature are None until it is collected."""

    collected: bool
    replaced: bool
    blinded_hash: bytes | None
    blind_signature: bytes | None


_LOOK = select(
    Invitation.collected, Invitation.replaced, Invitation.blinded_hash, Invitation.blind_signature
).where(Invitation.round_id == bindparam("round"), Invitation.code_hash == bindparam("code"))

# Closing locks the round's row; on PostgreSQL a collection in flight holds it open until it commits.
_OPEN_ROUND = (
    select(Round.id)
    .where(Round.id == bindparam("round"), Round.state == State.OPEN)
    .with_for_update(read=True, key_share=True)
    .cte("open_round")
    .prefix_with("MATERIALIZED")
)
_COLLECT = (
    update(Invitation)
    .where(Invitation.round_id == bindparam("round"), Invitation.code_hash == bindparam("code"))
    .where(~Invitation.collected, ~Invitation.replaced, exists().select_from(_OPEN_ROUND))
    .values(collected=true(), blinded_hash=bindparam("hash"), blind_signature=bindparam("signature"))
    .returning(literal(1))
)


def collect(database: Database, slug: str, code: str, blinded: bytes) -> bytes:
    """Blind signature of `blinded` (384 bytes), for the invitation whose code was sent as `code`.

    Raises the errors of docs/formats.md. The same `blinded` gets the same answer again.
    """
    public = public_description(database, slug)
    public.require_collecting(today())
    code_hash = hash_of_sent(public.description, code)
    round_id = bytes.fromhex(public.description.id)
    key = round_key(database, round_id)
    # Checked before the invitation, or malformed requests would reveal at no cost who has collected.
    key.public.check_blinded(blinded)
    blinded_hash = hashlib.sha256(blinded).digest()
    with database.read() as session:
        earlier = _answer(_look(session, round_id, code_hash), blinded_hash)
    if earlier is not None:
        return earlier
    # Signing takes milliseconds of pure arithmetic, so it is done before the writer is asked for.
    signature = key.sign_blinded(blinded)
    values = {"round": round_id, "code": code_hash, "hash": blinded_hash, "signature": signature}
    return database.write(lambda session: _store(session, values))


def _store(session: Session, values: dict[str, bytes]) -> bytes:
    for _ in range(2):
        if session.connection().execute(_COLLECT, values).first() is not None:
            return values["signature"]
        # Somebody was faster, or the round has just closed.
        earlier = _answer(_look(session, values["round"], values["code"]), values["hash"])
        if earlier is not None:
            return earlier
        # Or the row was mixed (PostgreSQL) while this waited for the round; that cannot happen twice.
    raise RoundClosed


def _look(session: Session, round_id: bytes, code_hash: bytes) -> _Collected | None:
    row = session.connection().execute(_LOOK, {"round": round_id, "code": code_hash}).first()
    return _Collected(*row) if row else None


def _answer(row: _Collected | None, blinded_hash: bytes) -> bytes | None:
    """Signature given before for the same message, None when none was given; raises `CodeUnknown`,
    `InvitationReplaced` or `InvitationUsed`."""
    if row is None:
        raise CodeUnknown
    if row.replaced:
        raise InvitationReplaced
    if not row.collected:
        return None
    if row.blinded_hash != blinded_hash:
        raise InvitationUsed
    return row.blind_signature


@lru_cache(maxsize=16)
def round_key(database: Database, round_id: bytes) -> RoundKey:
    """Signing key of the round, unlocked once in a process; raises `RoundClosed` when it was erased."""
    with database.read() as session:
        locked = session.scalar(select(Round.blind_key_private).where(Round.id == round_id))
    if locked is None:
        raise RoundClosed
    return RoundKey.from_pem(at_rest.unlock(database.secret_key, round_id, locked))
