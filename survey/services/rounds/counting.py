"""Numbers of a round's invitations and ballots as they are stored; what may be shown of them is for others to
say."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.database.box_keys import count_of
from survey.models import Invitation, Round


class InvitationCounts(NamedTuple):
    """Numbers of invitations; replaced ones are among the issued and may be among the collected."""

    issued: int
    collected: int
    replaced: int
    slips: int


def count_invitations(session: Session, round: Round) -> InvitationCounts:
    """Numbers of the round's invitations, from one query."""
    kinds = (Invitation.collected, Invitation.replaced, Invitation.enterprise_id.is_(None))
    numbers = (func.count(), *(func.count().filter(kind) for kind in kinds))
    row = session.execute(select(*numbers).where(Invitation.round_id == round.id)).one()
    return InvitationCounts(row[0], row[1], row[2], row[3])


def count_ballots(session: Session, round: Round) -> int:
    """Number of ballots in the round's box."""
    return count_of(session, round.id)
