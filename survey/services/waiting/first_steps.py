"""First steps of a new installation, in order, until invitations of a first round are issued."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from survey.models import Enterprise, Role, Round, State, User
from survey.services.people import accounts
from survey.services.people.passwords import UNSET


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What a new installation has: reviewers who can sign in, enterprises, the newest draft's slug ("" where
    there is none), and whether invitations were ever issued."""

    reviewers: int
    enterprises: int
    draft: str
    issued: bool

    @property
    def enough_reviewers(self) -> bool:
        return self.reviewers >= accounts.FEWEST_REVIEWERS


def steps_taken(session: Session) -> FirstSteps:
    """How far the installation has come; the rest is not looked up once invitations were issued."""
    if session.scalar(select(exists().where(Round.frozen))):
        return FirstSteps(0, 0, "", issued=True)
    reviewers = select(func.count()).where(
        User.active, User.role == Role.REVIEWER, User.password_hash != UNSET
    )
    enterprises = select(func.count()).select_from(Enterprise).where(~Enterprise.retired)
    draft = select(Round.slug).where(Round.state == State.DRAFT).order_by(Round.opens_on.desc())
    return FirstSteps(
        session.scalar(reviewers) or 0,
        session.scalar(enterprises) or 0,
        session.scalar(draft.limit(1)) or "",
        issued=False,
    )
