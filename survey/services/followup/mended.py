"""Problems of earlier rounds that were put right (整改完成率), as an edition states them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.facts.publication import MendedProblems
from survey.models import Problem, Round, Stage
from survey.services.rounds.editions import current


def of_earlier_rounds(session: Session, round: Round) -> tuple[MendedProblems, ...]:
    """Problems listed and verified of each published round that began before this one, newest first; rounds
    without problems are left out."""
    query = (
        select(Round, func.count(), func.count().filter(Problem.stage == Stage.VERIFIED))
        .join(Problem, Problem.round_id == Round.id)
        .where(Round.trial == round.trial, Round.opens_on < round.opens_on, Problem.stage != Stage.WITHDRAWN)
        .group_by(Round.id)
        .order_by(Round.opens_on.desc(), Round.slug)
    )
    return tuple(
        MendedProblems(
            slug=earlier.slug, title=earlier.title, listed=listed, verified=verified, rate=verified / listed
        )
        for earlier, listed, verified in session.execute(query)
        if current(session, earlier) is not None
    )
