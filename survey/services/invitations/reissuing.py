"""Reissue of a lost list: every invitation of a kind that is unused gets a new code, and the old ones die.

An administrator proposes it and a reviewer of the round confirms it. Nothing is counted twice: a row keeps
its owner and its mark and changes its code alone. The new list must not tell who collected since the last
daily batch: enterprises that did are on it, with a code that is as used as their old one was; of slips only
so many are on it that the collected ones stay in steps of the threshold.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, Conflict
from survey.models import Enterprise, Invitation, Mode, Proposal, ProposalKind, Round, State, User
from survey.protocol.codes import new_code
from survey.services.invitations import growth
from survey.services.invitations.issuing import check_pins
from survey.services.invitations.links import links_of
from survey.services.invitations.rows import renew_codes
from survey.services.operations.audit import Actor, record
from survey.services.people import proposals

_CHANCE = random.SystemRandom()


def propose(
    session: Session, proposer: User, round: Round, kind: str, reason: str, now: datetime
) -> Proposal:
    """Propose to reissue the unused invitations of a kind; raises `Conflict` or `InvalidInput`."""
    _check(session, round, kind)
    return proposals.propose_reissue(session, proposer, round, kind, reason, now)


def prepare(session: Session, round: Round, base_url: str, kind: str) -> list[IssuedInvitation]:
    """New links in place of the unused ones, not stored: `store` makes them valid. Raises `Conflict`."""
    _check(session, round, kind)
    _permission(session, round, kind)
    links = links_of(session, round, base_url)
    if kind == Mode.SLIP:
        return [links.issued() for _ in range(_tellable(session, round))]
    query = select(Enterprise).join(Invitation, Invitation.enterprise_id == Enterprise.id)
    query = query.where(*_unreported(round)).order_by(Enterprise.name)
    return [links.of(enterprise) for enterprise in session.scalars(query)]


def store(
    session: Session, round: Round, issued: Sequence[IssuedInvitation], kind: str, actor: Actor
) -> None:
    """Put the codes of `prepare` in the place of the old ones; uses up the permission. Raises `Conflict` when
    others are unused by now."""
    round = locked(session, round)
    _check(session, round, kind)
    check_pins(session, round, issued)
    given = _permission(session, round, kind)
    old = _old_slips(session, round, issued) if kind == Mode.SLIP else _old_links(session, round, issued)
    spare = [new_code() for _ in range(len(old) - len(issued))]
    renew_codes(session, round, old, [one.code for one in issued] + spare)
    count = {"slips" if kind == Mode.SLIP else "attributed": len(issued)}
    reason = str(given.detail["reason"])
    session.delete(given)
    session.flush()
    record(session, actor=actor, action=growth.REISSUE, subject=round.slug, reason=reason, **count)


def _check(session: Session, round: Round, kind: str) -> None:
    if round.state not in (State.DRAFT, State.OPEN) or not round.frozen:
        raise Conflict(N_("本轮还没有签发邀请，或者已经截止、取消，不能整批换发。"))
    if round.witness:
        raise Conflict(
            N_("有监票机的轮次，邀请不在这台机器上签发。"),
            remedy=N_("请在签发邀请的那台电脑上换发。"),
        )
    mine = _slip_rows(round) if kind == Mode.SLIP else _unreported(round)
    if session.scalar(select(Invitation.code_hash).where(*mine).limit(1)) is None:
        raise Conflict(N_("没有还未使用的这种邀请，不用换发。"))


def _permission(session: Session, round: Round, kind: str) -> Proposal:
    given = growth.permission(session, round, kind, ProposalKind.REISSUE)
    if given is None:
        raise Conflict(
            N_("整批换发要由管理员提出、由本轮的一位评议员确认。"),
            remedy=N_("请在“签发邀请”页面提出。"),
        )
    return given


def _unreported(round: Round) -> tuple[ColumnElement[bool], ...]:
    """Conditions on the valid invitations of enterprises that had not collected at the last daily batch."""
    mine = (Invitation.round_id == round.id, Invitation.enterprise_id.is_not(None))
    return (*mine, ~Invitation.replaced, ~Invitation.collected_reported)


def _slip_rows(round: Round) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.round_id == round.id, Invitation.enterprise_id.is_(None), ~Invitation.collected)


def _tellable(session: Session, round: Round) -> int:
    """How many unused slips may be told: the used ones are rounded up to the threshold."""
    numbers = (func.count(), func.count().filter(Invitation.collected))
    mine = (Invitation.round_id == round.id, Invitation.enterprise_id.is_(None))
    every, used = session.execute(select(*numbers).where(*mine)).one()
    return max(0, every - used - -used % round.threshold)


def _old_slips(session: Session, round: Round, issued: Sequence[IssuedInvitation]) -> list[bytes]:
    unused = session.scalars(select(Invitation.code_hash).where(*_slip_rows(round))).all()
    if len(issued) > len(unused):
        raise _changed()
    return _CHANCE.sample(unused, len(unused))


def _old_links(session: Session, round: Round, issued: Sequence[IssuedInvitation]) -> list[bytes]:
    query = select(Enterprise.credit_code, Invitation.code_hash)
    query = query.join(Invitation, Invitation.enterprise_id == Enterprise.id).where(*_unreported(round))
    old = {row.credit_code: row.code_hash for row in session.execute(query)}
    if set(old) != {one.credit_code for one in issued}:
        raise _changed()
    return [old[one.credit_code] for one in issued]


def _changed() -> Conflict:
    return Conflict(
        N_("还没有用过的邀请刚刚变了。什么都没有换发，旧链接仍然有效。"), remedy=N_("请再换发一次。")
    )
