"""Locking of a round's row until the end of the transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.models import Round


def locked(session: Session, round: Round) -> Round:
    """Fresh copy of `round` in this session, locked on PostgreSQL until the end of the transaction.

    SQLite needs no lock, since there is only one writer.
    """
    fresh = session.get(Round, round.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise NotFound(N_("没有这个轮次。"))
    return fresh
