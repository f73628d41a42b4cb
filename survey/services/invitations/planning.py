"""Planning of a round's size: the differences that it will be able to show, judged by earlier rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import InvalidInput
from survey.facts.ranking import RankingFacts
from survey.facts.wire import ranking_from
from survey.models import OpenedBox, Round

if TYPE_CHECKING:
    from analysis.sampling.planner import Plan

RESPONSE_RATE = 0.6
RATINGS = 6.0


def presumed(session: Session) -> tuple[float, float, str]:
    """Response rate, departments an enterprise rates, and title of the newest analysed round they come from
    ("" for defaults)."""
    query = (
        select(Round, OpenedBox.ranking)
        .join(OpenedBox, OpenedBox.round_id == Round.id)
        .where(~Round.trial, OpenedBox.ranking.is_not(None), Round.invited_count > 0)
        .order_by(Round.closes_on.desc())
    )
    for round, ranking in session.execute(query):
        ratings = _ratings_per_rater(ranking_from(ranking)) if ranking else 0.0
        if ratings and round.cast_count:
            return round.cast_count / round.invited_count, ratings, round.title
    return RESPONSE_RATE, RATINGS, ""


def expected(invited: int, departments: int, ratings: float, response_rate: float) -> Plan:
    """Plan with the precision that a round of this size can expect; raises `InvalidInput` naming what is
    impossible."""
    from analysis.errors import InputError
    from analysis.sampling.planner import Assumptions, plan

    try:
        return plan(invited, departments, ratings, Assumptions(response_rate=response_rate))
    except InputError as error:
        raise InvalidInput.bilingual(error.zh, error.en) from error


def _ratings_per_rater(ranking: RankingFacts) -> float:
    """Departments that a ballot rates on average."""
    counted = sum(department.n or 0 for department in ranking.departments)
    return counted / ranking.n_raters if ranking.n_raters else 0.0
