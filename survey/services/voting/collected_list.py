"""List `collected.txt` of a closed round with a witness: which codes were collected, not whose they are."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict
from survey.models import Invitation, Round, State


def collected_list(session: Session, round: Round) -> str:
    """Text with a line for each invitation: SHA-256 of the stored hash, a space, 1 where it was collected,
    else 0; ascending.

    Who has a code computes its line; nobody else can. A firm that never voted finds out whether somebody
    collected in its place. Raises `Conflict` before closing.
    """
    if round.state not in (State.CLOSED, State.OPENED):
        raise Conflict(N_("本轮还没有截止。"))
    query = select(Invitation.code_hash, Invitation.collected).where(Invitation.round_id == round.id)
    rows = session.execute(query)
    return "".join(sorted(f"{hashlib.sha256(row[0]).hexdigest()} {int(row[1])}\n" for row in rows))
