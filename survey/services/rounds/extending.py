"""Extension of a round: its last day is moved to a later one, which is public with its reason."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from survey.clock import day_text
from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Round, State
from survey.services.operations.audit import Actor, record
from survey.services.rounds.notices import public_reason, set_notice


def extend_round(session: Session, round: Round, closes_on: date, reason: str, actor: Actor) -> Round:
    """Move the last day to a later one, with a public reason; raises `InvalidInput` for an earlier day,
    `Conflict`."""
    round = locked(session, round)
    if round.state not in (State.DRAFT, State.OPEN):
        raise Conflict(N_("本轮已经截止或取消，不能再延期。"))
    if closes_on <= round.closes_on:
        raise InvalidInput(N_("新的截止日期应晚于 %(day)s。"), day=round.closes_on.isoformat())
    before, said = round.closes_on, public_reason(reason)
    round.closes_on = closes_on
    set_notice(round, extension_notice(closes_on, said))
    days = {"before": before.isoformat(), "after": closes_on.isoformat()}
    record(session, actor=actor, action="round.extend", subject=round.slug, reason=said, **days)
    return round


def extension_notice(closes_on: date, reason: str) -> str:
    """Public notice of an extension: the new last day, and why."""
    return f"截止日期延至 {day_text(closes_on)}。原因：{reason}"
