"""Rounds that count, which alone readers outside the office see: those for practice are left out."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.models import Round
from survey.services.rounds import lifecycle


def real_rounds(session: Session) -> list[Round]:
    """Rounds that count, newest first."""
    return [round for round in lifecycle.list_rounds(session) if not round.trial]


def get_real_round(session: Session, slug: str) -> Round:
    """Round with this slug for readers outside the office, who see none for practice; raises `NotFound`."""
    round = lifecycle.get_round(session, slug)
    if round.trial:
        raise NotFound(N_("没有这个轮次。"), remedy=N_("请检查网址是否完整。"))
    return round
