"""Confirmation of a proposed change by a reviewer, upon which it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, Forbidden
from survey.models import Proposal, ProposalKind, Role, Round, User
from survey.services.people import accounts, bodies, enrolment, round_people
from survey.services.people.passwords import UNSET
from survey.services.people.proposals import note, waiting

At = tuple[str, datetime]
LATER = (ProposalKind.INVITATIONS, ProposalKind.REISSUE, ProposalKind.CANCEL)
"""Kinds that are carried out elsewhere, once they are confirmed."""


class Noted(TypedDict):
    """Who confirmed and who proposed, as the log names them."""

    actor: str
    proposed_by: str


def confirm(session: Session, proposal: Proposal, user: User, base_url: str, now: datetime) -> str:
    """Confirm a proposal and carry it out; returns the enrolment link for the
    person, "" where none is made.

    Raises `Forbidden` for a user who may not, `Conflict` when it was decided already or cannot be done any
    more.
    """
    proposal = waiting(session, proposal)
    _require_confirmer(session, proposal, user)
    proposer = accounts.get_user(session, proposal.proposed_by)
    note(session, user, "proposal.confirm", proposal)
    if proposal.kind in LATER:
        proposal.confirmed_by = user.id
        session.flush()
        return ""
    link = _do(session, proposal, user, base_url, now, proposer.name)
    session.delete(proposal)
    session.flush()
    return link


def _do(
    session: Session, proposal: Proposal, user: User, base_url: str, now: datetime, proposed_by: str
) -> str:
    kind, subject, actor = proposal.kind, proposal.subject, user.name
    if kind == ProposalKind.BODY_ADD:
        bodies.ensure(session, bodies.check_new(session, subject))
        return ""
    if kind == ProposalKind.BODY_REMOVE:
        bodies.remove(session, subject)
        return ""
    if kind in (ProposalKind.PERSON_ADD, ProposalKind.PERSON_PLACE):
        bodies.require(session, proposal.detail["body"])
    if kind == ProposalKind.PERSON_ADD:
        role = proposal.detail["role"]
        person = accounts.create_user(
            session,
            name=subject,
            role=role,
            password=None,
            body=proposal.detail["body"],
            actor=actor,
            proposed_by=proposed_by,
        )
        return enrolment.make_link(
            session, person, base_url, now, actor=actor, code_hash=proposal.code_hash, part_of="user.create"
        )
    person = accounts.get_user(session, proposal.user_id or b"")
    work = _WORK[ProposalKind(kind)]
    return work(session, person, proposal, Noted(actor=actor, proposed_by=proposed_by), (base_url, now))


def _link(s: Session, person: User, proposal: Proposal, noted: Noted, at: At) -> str:
    if person.password_hash != UNSET:
        raise Conflict(N_("这个人已经设好密码。"), remedy=N_("忘记密码或丢了手机时，请用“重设”。"))
    return enrolment.make_link(s, person, *at, code_hash=proposal.code_hash, **noted)


def _reset(s: Session, person: User, proposal: Proposal, noted: Noted, at: At) -> str:
    return enrolment.reset(s, person, *at, code_hash=proposal.code_hash, **noted)


def _place(s: Session, person: User, proposal: Proposal, noted: Noted, _at: At) -> str:
    accounts.update_user(s, person, body=proposal.detail["body"], department="", **noted)
    return ""


def _activate(s: Session, person: User, _proposal: Proposal, noted: Noted, _at: At) -> str:
    accounts.set_active(s, person, active=True, **noted)
    return ""


_WORK: dict[ProposalKind, Callable[..., str]] = {
    ProposalKind.PERSON_LINK: _link,
    ProposalKind.PERSON_RESET: _reset,
    ProposalKind.PERSON_PLACE: _place,
    ProposalKind.PERSON_ACTIVATE: _activate,
}


def _require_confirmer(session: Session, proposal: Proposal, user: User) -> None:
    if user.role != Role.REVIEWER or user.id in (proposal.proposed_by, proposal.user_id):
        raise Forbidden(N_("要由另一位评议员确认：不能是提出的人，也不能是本人。"))
    if proposal.user_id is not None:
        person = accounts.get_user(session, proposal.user_id)
        theirs, mine = (round_people.unfinished(session, who) for who in (person, user))
        if theirs - mine:
            raise Forbidden(
                N_("“%(name)s”是正在进行的轮次的评议员，要由同一轮的另一位评议员确认。"), name=person.name
            )
    if proposal.round_id is not None:
        round_people.require(session, session.get_one(Round, proposal.round_id), user)
