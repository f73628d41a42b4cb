"""Audit log of what staff did, each entry chained by hash to the one before.

It never says which enterprise took part, and nothing about ballots.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey.clock import COUNTY, now
from survey.database.kinds import kind_of
from survey.database.paging import Page, page_of
from survey.database.searching import contains
from survey.errors import N_, Conflict
from survey.models import AuditEvent, Publication, Round, User

GENESIS = bytes(32)
# Only the log takes this lock; it keeps two workers from taking one number.
_LOCK = 7023850

Actor = User | str


def record(session: Session, *, actor: Actor, action: str, subject: str = "", **detail: object) -> AuditEvent:
    """Append an entry to the log and return it; `detail` must be JSON. Call it last: on PostgreSQL it queues
    behind other writers."""
    session.flush()
    hold(session)
    last = newest(session)
    event = AuditEvent(
        number=last.number + 1 if last else 1,
        at=now(),
        actor=actor if isinstance(actor, str) else actor.name,
        action=action,
        subject=subject,
        detail=detail,
        previous_hash=last.hash if last else GENESIS,
    )
    event.hash = event_hash(event)
    session.add(event)
    session.flush()
    return event


def hold(session: Session) -> None:
    """Lock the log, so that nobody else appends until this transaction ends; `record` does so itself."""
    kind_of(session).hold(session, _LOCK)


def event_hash(event: AuditEvent) -> bytes:
    """SHA-256 of the previous entry's hash followed by this entry's content as canonical JSON."""
    content = [event.number, event.at.isoformat(), event.actor, event.action, event.subject, event.detail]
    text_ = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(event.previous_hash + text_.encode()).digest()


def verify_chain(session: Session) -> None:
    """Raise `Conflict` naming the first entry that was changed, removed or inserted.

    Cutting entries off the end leaves a valid chain: therefore the chain is also compared with entries that
    closings and editions noted. Whoever changes those too is found by comparing with paper.
    """
    witnesses = _witnesses(session)
    query = select(AuditEvent).order_by(AuditEvent.number).execution_options(yield_per=1000)
    previous = GENESIS
    with session.scalars(query) as events:
        for number, event in enumerate(events, start=1):
            sound = event.number == number and event.previous_hash == previous
            if not sound or event_hash(event) != event.hash:
                raise Conflict(N_("操作日志第 %(number)s 条与前一条对不上，日志被改动过。"), number=number)
            previous = event.hash
            if witnesses.pop(event.number, event.hash) != event.hash:
                raise Conflict(N_("操作日志第 %(number)s 条与截止或公布时记下的摘要不符。"), number=number)
    if witnesses:
        raise Conflict(
            N_("操作日志被截短：截止或公布时记下的第 %(number)s 条不在了。"), number=max(witnesses)
        )


def _witnesses(session: Session) -> dict[int, bytes]:
    """Number → hash of the entries that closings and editions noted."""
    noted: dict[int, bytes] = {}
    for table in (Round, Publication):
        query = select(table.log_number, table.log_hash).where(table.log_hash.is_not(None))
        noted |= {row[0] or 0: bytes(row[1] or b"") for row in session.execute(query)}
    return noted


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Filter of the log: kind of action (`round`, `user` …), actor, subject, first and last day; empty fields
    filter nothing."""

    kind: str = ""
    actor: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """SQL conditions of the filter; days are the county's."""
        conditions: list[ColumnElement[bool]] = []
        if self.kind:
            conditions.append(AuditEvent.action.startswith(f"{self.kind}.", autoescape=True))
        if self.actor:
            conditions.append(contains(AuditEvent.actor, self.actor))
        if self.subject:
            conditions.append(contains(AuditEvent.subject, self.subject))
        if self.since:
            conditions.append(AuditEvent.at >= _midnight(self.since))
        if self.until and self.until < date.max:
            conditions.append(AuditEvent.at < _midnight(self.until + timedelta(days=1)))
        return conditions


def list_events(
    session: Session, page: int = 1, per_page: int = 50, wanted: AuditFilter | None = None
) -> Page[AuditEvent]:
    """Page of the entries that pass the filter, newest first."""
    conditions = (wanted or AuditFilter()).conditions()
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions)) or 0
    query = select(AuditEvent).where(*conditions).order_by(AuditEvent.number.desc())
    return page_of(session, query, total=total, page=page, per_page=per_page)


def newest(session: Session) -> AuditEvent | None:
    """Last entry of the log, None for an empty log. Whoever notes number and hash can later tell that none
    was cut off the end."""
    return session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc()).limit(1)).first()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COUNTY)
