"""Reviewers of a round: fixed when the first invitation is issued; later changes of people are public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from survey.clock import COUNTY
from survey.errors import N_, Forbidden
from survey.models import (
    AuditEvent,
    KeyHolder,
    Publication,
    PublicationState,
    Role,
    Round,
    RoundReviewer,
    State,
    User,
)

CHANGES = (
    *("user.create", "user.reset", "user.enrolment_link", "user.update", "user.activate", "user.deactivate"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Change to the people of an installation; `confirmed`: two people made it."""

    day: date
    action: str
    role: str
    body: str
    confirmed: bool


def freeze(session: Session, round: Round) -> None:
    """Record the round's reviewers: everybody who is an active reviewer or one of its key holders now,
    replacing any recorded before. Call it only while `frozen` is not yet set."""
    reviewers = select(User.id).where(User.active, User.role == Role.REVIEWER)
    holders = select(KeyHolder.user_id).where(KeyHolder.round_id == round.id)
    session.execute(delete(RoundReviewer).where(RoundReviewer.round_id == round.id))
    for user_id in sorted({*session.scalars(reviewers), *session.scalars(holders)}):
        session.add(RoundReviewer(round_id=round.id, user_id=user_id))
    session.flush()


def belongs(session: Session, round: Round, user: User) -> bool:
    """Whether `user` is one of the round's own reviewers; before the first invitation every reviewer is."""
    if not round.frozen:
        return user.role == Role.REVIEWER
    return session.get(RoundReviewer, (round.id, user.id)) is not None


def require(session: Session, round: Round, user: User) -> None:
    """Raise `Forbidden` for a user who is not one of the round's own reviewers."""
    if not belongs(session, round, user):
        raise Forbidden(
            N_("这一轮签发邀请时您还不是评议员，不能办理这一轮的截止、开箱、意见和公布。"),
            remedy=N_("请由这一轮的评议员和持钥人办理；名单在签发第一份邀请时已经固定。"),
        )


def unfinished(session: Session, user: User) -> set[bytes]:
    """Ids of the frozen rounds of which `user` is a reviewer and that are not yet published or cancelled."""
    published = exists().where(
        Publication.round_id == Round.id, Publication.state == PublicationState.PUBLISHED
    )
    query = select(Round.id).join(RoundReviewer, RoundReviewer.round_id == Round.id)
    query = query.where(
        RoundReviewer.user_id == user.id, ~Round.trial, Round.state != State.CANCELLED, ~published
    )
    return set(session.scalars(query))


def changes(session: Session, round: Round) -> list[Change]:
    """Changes to administrators and reviewers from the first invitation until the first edition or
    cancellation.

    Without names: body and role say what matters, and the audit log has the rest.
    """
    first = _first(session, round, "round.freeze") or _first(session, round, "invitation.issue")
    if first is None:
        return []
    query = select(AuditEvent).where(AuditEvent.action.in_(CHANGES), AuditEvent.number > first)
    for action in ("publication.confirm", "round.cancel"):
        if (ended := _first(session, round, action)) is not None:
            query = query.where(AuditEvent.number < ended)
    people = session.execute(select(User.name, User.role, User.body))
    known = {name: (role, body) for name, role, body in people}
    found = []
    for event in session.scalars(query.order_by(AuditEvent.number)):
        role, body = known.get(event.subject, ("", ""))
        role, body = event.detail.get("role", role), event.detail.get("body", body)
        if role != Role.LIAISON and "part_of" not in event.detail:
            day = event.at.astimezone(COUNTY).date()
            found.append(Change(day, event.action, role, body, "proposed_by" in event.detail))
    return found


def _first(session: Session, round: Round, action: str) -> int | None:
    query = select(func.min(AuditEvent.number)).where(AuditEvent.action == action)
    number: int | None = session.scalar(query.where(AuditEvent.subject == round.slug))
    return number
