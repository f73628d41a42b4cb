"""Stamping: two blind signatures, on a stamp and a ticket, once for each invitation code; the same request
gets the same answer again."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey.errors import CodeUnknown, InvitationReplaced, InvitationUsed, RoundClosed
from survey.witness.errors import DescriptionDiffers
from survey.witness.rounds import WitnessRound, blind_keys, read_round
from survey.witness.store import CODE, Store

log = logging.getLogger("pingyi.witness")


def stamp(
    store: Store, round: WitnessRound, code: bytes, description: str, blinded: tuple[bytes, bytes]
) -> tuple[bytes, bytes]:
    """Blind signatures on `blinded`, a (stamp, ticket) pair, for whoever has the witness's code of an
    invitation.

    description: hex digest of the frozen description that the phone was served; `DescriptionDiffers` if the
    witness knows another. The same code with the same pair gets the same answer, since the phone may have
    lost it; with another pair it is refused. Raises the errors of docs/formats.md, "A round with a witness".
    """
    if description != round.require_collecting().frozen_digest():
        # That somebody is served something else must be known; who it is must not.
        log.warning("another description of round %s: %s", round.id.hex(), description)
        raise DescriptionDiffers
    keys = blind_keys(store, round.id)
    # Before the code is looked at, else refused nonsense would tell, for nothing, whether it was used.
    for key, message in zip(keys, blinded, strict=True):
        key.public.check_blinded(message)
    code_hash, asked = hashlib.sha256(code).digest(), hashlib.sha256(b"".join(blinded)).digest()
    with store.read() as connection:
        earlier = _answered(_look(connection, round.id, code_hash), asked)
    if earlier is None:
        # Signing takes milliseconds of pure arithmetic, so it is done before the writer is asked for.
        answer = b"".join(key.sign_blinded(message) for key, message in zip(keys, blinded, strict=True))
        earlier = store.write(lambda c: _keep(c, round.id, code_hash, asked, answer))
    middle = len(earlier) // 2
    return earlier[:middle], earlier[middle:]


def _keep(connection: Connection, round_id: bytes, code: bytes, asked: bytes, answer: bytes) -> bytes:
    if read_round(connection, round_id, held=True).closed:
        raise RoundClosed
    earlier = _answered(_look(connection, round_id, code), asked)
    if earlier is not None:  # somebody with the same request was faster
        return earlier
    mine = (CODE.c.round_id == round_id, CODE.c.hash == code)
    connection.execute(update(CODE).where(*mine).values(stamped=True, asked=asked, answer=answer))
    return answer


def _look(connection: Connection, round_id: bytes, code: bytes) -> Row[*tuple[Any, ...]] | None:
    columns = (CODE.c.replaced, CODE.c.stamped, CODE.c.asked, CODE.c.answer)
    return connection.execute(
        select(*columns).where(CODE.c.round_id == round_id, CODE.c.hash == code)
    ).first()


def _answered(row: Row[*tuple[Any, ...]] | None, asked: bytes) -> bytes | None:
    """Answer given before to the same request; None if the code was not used yet. Raises an error if it was
    used for another request, or is unknown."""
    if row is None:
        raise CodeUnknown
    if row.replaced:
        raise InvitationReplaced
    if not row.stamped:
        return None
    if bytes(row.asked) != asked:
        raise InvitationUsed
    return bytes(row.answer)
