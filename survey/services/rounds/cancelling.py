"""Cancelling of a round that collects, by two people: an administrator proposes, a reviewer confirms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict
from survey.models import Proposal, ProposalKind, Round, State, User
from survey.services.people import accounts, confirmations, proposals
from survey.services.rounds import lifecycle


def propose(session: Session, round: Round, proposer: User, reason: str, now: datetime) -> Proposal:
    """Propose to cancel a round that collects, for a reason that will be published; raises `Conflict` or
    `InvalidInput`."""
    if round.state != State.OPEN:
        raise Conflict(N_("本轮不在收票中。"))
    return proposals.propose_cancelling(session, proposer, round, reason, now)


def confirm(session: Session, proposal: Proposal, user: User, now: datetime) -> Round:
    """Cancel the round, as a reviewer of it. Call `storage_order.erase_traces` after the commit."""
    confirmations.confirm(session, proposal, user, "", now)
    round = session.get_one(Round, proposal.round_id)
    proposer = accounts.get_user(session, proposal.proposed_by)
    lifecycle.cancel_round(session, round, proposer, str(proposal.detail["reason"]), second=user)
    session.delete(proposal)
    session.flush()
    return round


def waiting(session: Session, round: Round) -> Proposal | None:
    """Proposal to cancel the round that waits for a reviewer; None without one."""
    mine = (Proposal.round_id == round.id, Proposal.kind == ProposalKind.CANCEL)
    return session.scalars(select(Proposal).where(*mine)).first()
