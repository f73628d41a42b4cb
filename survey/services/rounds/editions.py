"""Which editions of a round there are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.models import Publication, PublicationState, Round, User


def editions(session: Session, round: Round) -> list[Publication]:
    """All editions of a round in their order; the last may still wait for its confirmation."""
    query = select(Publication).where(Publication.round_id == round.id)
    return list(session.scalars(query.order_by(Publication.edition)))


def published(session: Session, round: Round) -> list[Publication]:
    """The confirmed editions, the newest first."""
    return [e for e in reversed(editions(session, round)) if e.state == PublicationState.PUBLISHED]


def current(session: Session, round: Round) -> Publication | None:
    """What is published of a round now: its newest confirmed edition."""
    return next(iter(published(session, round)), None)


def waiting(session: Session, round: Round) -> Publication | None:
    """The proposal that waits for its second person."""
    return next((e for e in editions(session, round) if e.state == PublicationState.PROPOSED), None)


def edition(session: Session, round: Round, number: int) -> Publication:
    """A confirmed edition by its number; raises `NotFound`."""
    for found in published(session, round):
        if found.edition == number:
            return found
    raise NotFound(N_("没有公布过第 %(number)s 版。"), number=number)


def people(session: Session, round: Round) -> dict[bytes, str]:
    """The names of those who proposed or confirmed an edition, by id."""
    ids = {user for e in editions(session, round) for user in (e.proposed_by, e.confirmed_by)}
    found = session.scalars(select(User).where(User.id.in_(ids - {None})))
    return {user.id: user.body or user.name for user in found}
