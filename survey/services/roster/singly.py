"""Enterprises of the roster one by one: added, edited, retired and restored, with their history."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import COUNTY
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import N_, Conflict
from survey.models import AuditEvent, Enterprise
from survey.models.base import random_id
from survey.services.operations.audit import Actor, record
from survey.services.roster.enterprises import FIELDS, changed_names, find_enterprise, values_of

ACTIONS = ("roster.add", "roster.edit", "roster.retire", "roster.restore")


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What somebody did to one enterprise; `before`: its name until then, where that changed."""

    day: date
    action: str
    actor: str
    fields: tuple[str, ...]
    before: str
    reason: str


def add(session: Session, row: RosterRow, actor: Actor) -> Enterprise:
    """Add an enterprise; raises `Conflict` where its credit code is on the roster already."""
    if find_enterprise(session, row.credit_code) is not None:
        raise Conflict(N_("名录里已有信用代码为 %(code)s 的企业。"), code=row.credit_code)
    enterprise = Enterprise(id=random_id(), credit_code=row.credit_code, retired=False, **values_of(row))
    session.add(enterprise)
    session.flush()
    record(session, actor=actor, action="roster.add", subject=row.credit_code)
    return enterprise


def edit(session: Session, enterprise: Enterprise, row: RosterRow, seen: str, actor: Actor) -> list[str]:
    """Change an enterprise to what `row` says, whose credit code stays; returns what changed.

    `seen`: `version` of what the person saw. Raises `Conflict` when somebody else has changed it since.
    """
    found = session.get_one(Enterprise, enterprise.id, with_for_update=True, populate_existing=True)
    if version(found) != seen:
        raise Conflict(N_("这家企业刚刚被别人改过。"), remedy=N_("下面并列着两边的内容，请对照后再保存。"))
    before, after = values_of(found), values_of(row)
    changed = changed_names(before, after)
    if changed:
        renamed = {"before": before["name"]} if "name" in changed else {}
        for name, value in after.items():
            setattr(found, name, value)
        record(
            session, actor=actor, action="roster.edit", subject=found.credit_code, fields=changed, **renamed
        )
    return changed


def set_retired(
    session: Session, enterprise: Enterprise, reason: str, actor: Actor, *, retired: bool
) -> None:
    """Retire an enterprise, which is then not invited any more, or restore it. Past rounds stay as they
    are."""
    found = session.get_one(Enterprise, enterprise.id, with_for_update=True, populate_existing=True)
    if found.retired == retired:
        raise Conflict(N_("这家企业已经是这样了。"))
    found.retired = retired
    action = "roster.retire" if retired else "roster.restore"
    record(session, actor=actor, action=action, subject=found.credit_code, reason=reason)


def version(enterprise: Enterprise) -> str:
    """Text that changes when something of the enterprise does."""
    values = [getattr(enterprise, name) for name in FIELDS]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def history(session: Session, enterprise: Enterprise) -> list[RosterChange]:
    """What people did to this enterprise one by one, newest first."""
    mine = (AuditEvent.action.in_(ACTIONS), AuditEvent.subject == enterprise.credit_code)
    query = select(AuditEvent).where(*mine).order_by(AuditEvent.number.desc())
    return [_change(event) for event in session.scalars(query)]


def _change(event: AuditEvent) -> RosterChange:
    day, detail = event.at.astimezone(COUNTY).date(), event.detail
    said = (str(detail.get("before", "")), str(detail.get("reason", "")))
    return RosterChange(day, event.action, event.actor, tuple(detail.get("fields", ())), *said)
