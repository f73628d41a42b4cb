"""Further invitations after a round began to collect: an administrator proposes them, a reviewer confirms
them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import COUNTY
from survey.errors import N_, Conflict
from survey.facts.publication import AddedInvitations
from survey.models import AuditEvent, Mode, Proposal, ProposalKind, Round, State
from survey.services.invitations.replacing import interviews

ISSUE, REISSUE = "invitation.issue", "invitation.reissue"


@dataclass(frozen=True, slots=True)
class Issued:
    """Invitations issued of one kind on one day; `count` is None below the round's threshold.

    `reason` is given where they were added while the round was collecting, or replaced a lost list
    (`reissued`).
    """

    day: date
    kind: str
    count: int | None
    reason: str = ""
    reissued: bool = False


def permission(
    session: Session, round: Round, kind: str, what: ProposalKind = ProposalKind.INVITATIONS
) -> Proposal | None:
    """Confirmed proposal for invitations of this kind that is not used yet; None without one."""
    mine = (Proposal.round_id == round.id, Proposal.kind == what, Proposal.confirmed_by.is_not(None))
    query = select(Proposal).where(*mine)
    waiting = session.scalars(query.order_by(Proposal.proposed_at))
    return next((p for p in waiting if p.detail.get("kind") == kind), None)


def permitted(session: Session, round: Round, kind: str) -> set[str] | None:
    """Credit codes that may be invited now; None where nothing limits them. Raises `Conflict` where nothing
    is permitted."""
    if round.state != State.OPEN:
        return None
    return set(_need(session, round, kind).detail.get("enterprises", {}))


def spend(session: Session, round: Round, kind: str, codes: Collection[str], count: int) -> dict[str, object]:
    """Use up the permission for `count` invitations (to these credit codes); returns details for the log.

    Before the round began to collect none is needed, and the details are empty. Raises `Conflict`.
    """
    given = fitting(session, round, kind, codes, count)
    if given is None:
        return {}
    said = {"reason": given.detail["reason"], "added": True}
    session.delete(given)
    session.flush()
    return said


def fitting(session: Session, round: Round, kind: str, codes: Collection[str], count: int) -> Proposal | None:
    """Permission for `count` invitations (to these credit codes), which `spend` uses up; None where none is
    needed. Raises `Conflict` where the permission is missing or for others."""
    if round.state != State.OPEN:
        return None
    given = _need(session, round, kind)
    fits = set(codes) <= set(given.detail.get("enterprises", {})) if kind == Mode.ATTRIBUTED else True
    if not fits or count > given.detail["count"]:
        raise Conflict(
            N_("评议员确认的是 %(count)s 份，现在要签发的与确认的不符。什么都没有签发。"),
            remedy=N_("请照确认的数目和企业签发，或者撤回后重新提出。"),
            count=given.detail["count"],
        )
    return given


def by_day(session: Session, round: Round) -> list[Issued]:
    """Invitations issued, by day and kind, earliest first; those added while collecting and those in place of
    a lost list are listed apart.

    How many a new list has says how many had collected, so that it is told after closing only.
    """
    mine = (AuditEvent.action.in_((ISSUE, REISSUE)), AuditEvent.subject == round.slug)
    counts: dict[tuple[date, str, str, bool], int] = {}
    for event in session.scalars(select(AuditEvent).where(*mine).order_by(AuditEvent.number)):
        day, detail, again = event.at.astimezone(COUNTY).date(), event.detail, event.action == REISSUE
        kind = Mode.SLIP if "slips" in detail else Mode.ATTRIBUTED
        key = (day, str(kind), str(detail["reason"]) if again or detail.get("added") else "", again)
        counts[key] = counts.get(key, 0) + int(detail.get("slips") or detail.get("attributed") or 0)
    collecting = round.state == State.OPEN
    return [
        Issued(
            day,
            kind,
            count if count >= round.threshold and not (again and collecting) else None,
            reason,
            again,
        )
        for (day, kind, reason, again), count in counts.items()
    ]


def added(session: Session, round: Round) -> tuple[AddedInvitations, ...]:
    """Invitations added while collecting, those in place of a lost list and those for telephone interviews,
    as an edition states them (docs/formats.md)."""
    stated = tuple(
        AddedInvitations(
            day=one.day.isoformat(),
            kind="slip" if one.kind == Mode.SLIP else "attributed",
            count=one.count,
            reason=one.reason,
            reissued=one.reissued,
        )
        for one in by_day(session, round)
        if one.reason
    )
    held, last = interviews(session, round), round.closes_on.isoformat()
    asked = AddedInvitations(day=last, kind="interview", count=held, reason="")
    return (*stated, asked) if held else stated


def _need(session: Session, round: Round, kind: str) -> Proposal:
    given = permission(session, round, kind)
    if given is None:
        raise Conflict(
            N_("已经开始收票，增发邀请要由管理员提出、由评议员确认。"),
            remedy=N_("请在“签发邀请”页面提出增发。"),
        )
    return given
