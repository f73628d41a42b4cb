"""Contents of the closing record: who closed the round, the counts, the root, and the end of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import COUNTY
from survey.errors import N_, Conflict
from survey.models import AuditEvent, Round
from survey.services.invitations.replacing import interviews, replacements
from survey.services.rounds.closing import PROPOSE, closing_entry, recorded_root


@dataclass(frozen=True, slots=True)
class ClosingRecord:
    """Closing of a round: `closed_at` is the county's time; `log_number` and `log_hash` are those of the
    closing's log entry; `witness`: its account there (docs/formats.md), empty in a round of one machine;
    `reason`: why it was closed without the witness, empty otherwise."""

    closed_at: datetime
    proposed_by: str
    confirmed_by: str
    invited: int
    collected: int
    cast: int
    replaced: int
    interviews: int
    root: bytes
    log_number: int
    log_hash: bytes
    witness: dict[str, int]
    reason: str


def closing_record(session: Session, round: Round) -> ClosingRecord:
    """Closing record of a closed or opened round.

    Raises `Conflict` before closing, and when root and log contradict each other: holders later compare with
    what is printed.
    """
    root, entry = recorded_root(session, round), closing_entry(session, round)
    if entry is None or not root:
        raise Conflict(N_("本轮还没有截止，没有截止记录。"), remedy=N_("截止以后再来打印。"))
    return ClosingRecord(
        closed_at=entry.at.astimezone(COUNTY),
        proposed_by=_proposer(session, entry),
        confirmed_by=entry.actor,
        invited=round.invited_count or 0,
        collected=round.collected_count or 0,
        cast=round.cast_count or 0,
        replaced=replacements(session, round)[0],
        interviews=interviews(session, round),
        root=root,
        log_number=entry.number,
        log_hash=entry.hash,
        witness=entry.detail.get("witness", {}),
        reason=entry.detail.get("reason", ""),
    )


def _proposer(session: Session, closing: AuditEvent) -> str:
    """Name of who proposed the closing, from the log, since an account may have another name by now."""
    mine = (AuditEvent.action == PROPOSE, AuditEvent.subject == closing.subject)
    query = select(AuditEvent.actor).where(*mine, AuditEvent.number < closing.number)
    return session.scalars(query.order_by(AuditEvent.number.desc())).first() or ""
