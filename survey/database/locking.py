"""Reading a row so that nobody else changes it before we commit."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.models import Round


def locked(session: Session, round: Round) -> Round:
    """This session's own fresh copy of `round`, locked on PostgreSQL until the end of the transaction.

    SQLite needs no lock: there is one writer.
    """
    fresh = session.get(Round, round.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise NotFound(N_("没有这个轮次。"))
    return fresh
