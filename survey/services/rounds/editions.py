"""Access to the editions of a round."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.models import Publication, PublicationState, Round, User


def editions(session: Session, round: Round) -> list[Publication]:
    """Editions of a round in order; the last may still wait for confirmation."""
    query = select(Publication).where(Publication.round_id == round.id)
    return list(session.scalars(query.order_by(Publication.edition)))


def published(session: Session, round: Round) -> list[Publication]:
    """Confirmed editions of a round, newest first."""
    return [e for e in reversed(editions(session, round)) if e.state == PublicationState.PUBLISHED]


def current(session: Session, round: Round) -> Publication | None:
    """Newest confirmed edition of a round; None before the first."""
    return next(iter(published(session, round)), None)


def waiting(session: Session, round: Round) -> Publication | None:
    """Proposed edition that waits for confirmation; None without one."""
    return next((e for e in editions(session, round) if e.state == PublicationState.PROPOSED), None)


def proposers(session: Session, round: Round) -> dict[str, bytes]:
    """State of each edition → user who proposed the newest one in it; texts, which are megabytes, stay
    unread."""
    query = select(Publication.state, Publication.proposed_by).where(Publication.round_id == round.id)
    return {row.state: row.proposed_by for row in session.execute(query.order_by(Publication.edition))}


def edition(session: Session, round: Round, number: int) -> Publication:
    """Confirmed edition with this number; raises `NotFound`."""
    for found in published(session, round):
        if found.edition == number:
            return found
    raise NotFound(N_("没有公布过第 %(number)s 版。"), number=number)


def before(session: Session, publication: Publication) -> Publication | None:
    """Edition of the same round that came before this one; None for the first."""
    query = select(Publication).where(Publication.round_id == publication.round_id)
    return session.scalar(query.where(Publication.edition == publication.edition - 1))


def people(session: Session, round: Round) -> dict[bytes, str]:
    """Bodies (or else names) of the users who proposed or confirmed an edition, by user id."""
    ids = {user for e in editions(session, round) for user in (e.proposed_by, e.confirmed_by)}
    found = session.scalars(select(User).where(User.id.in_(ids - {None})))
    return {user.id: user.body or user.name for user in found}
