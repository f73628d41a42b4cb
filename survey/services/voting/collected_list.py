"""List `collected.txt` of a closed round with a witness: which codes were collected, not whose they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict
from survey.models import Invitation, Round, State
from survey.protocol.witness.used_codes import write_used


def collected_list(session: Session, round: Round) -> str:
    """Text of the list (docs/formats.md). A firm that never voted finds out whether somebody collected in its
    place. Raises `Conflict` before closing."""
    if round.state not in (State.CLOSED, State.OPENED):
        raise Conflict(N_("本轮还没有截止。"))
    query = select(Invitation.code_hash, Invitation.collected).where(Invitation.round_id == round.id)
    return write_used((bytes(stored), collected) for stored, collected in session.execute(query))
