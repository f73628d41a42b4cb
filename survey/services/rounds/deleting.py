"""Deletion of a draft of which nothing was handed out; the audit log alone remembers it."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.errors import N_, Conflict
from survey.models import Round, State
from survey.services.operations.audit import Actor, record


def delete_draft(session: Session, round: Round, actor: Actor) -> None:
    """Delete a draft with its settings, sample and keys; raises `Conflict` once an invitation was issued."""
    round = locked(session, round)
    if round.state != State.DRAFT or round.frozen:
        raise Conflict(
            N_("这一轮已经签发过邀请，不能删除。"), remedy=N_("可以取消这一轮；取消会公布，并写明原因。")
        )
    record(session, actor=actor, action="round.delete", subject=round.slug, title=round.title)
    session.flush()
    session.execute(delete(Round).where(Round.id == round.id))
    session.expunge(round)
