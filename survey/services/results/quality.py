"""Quality of the answers of a round: careless-looking ballots, and reliability of the items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.answers.quality import rating_quality
from analysis.answers.ratings import Ratings
from analysis.compare.sensitivity import sensitivity
from analysis.errors import InputError
from analysis.items.reliability import rating_reliability
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from survey.facts.base import Impossible, finite, interval
from survey.facts.quality import QualityFacts, ReliabilityFacts, SensitivityFacts
from survey.services.results.response import largest
from survey.services.results.scored_round import (
    Floats,
    ScoredRound,
    impossible,
    large_enough,
    require_ballots,
)


def quality(scored: ScoredRound, ranked: Sequence[str]) -> QualityFacts | Impossible:
    """Counts of careless-looking ballots, and what leaving them out would change; no ballot is dropped.

    ranked: departments whose scores comparisons may use.
    """
    try:
        require_ballots(scored)
        ratings = scored.ratings()
        checked = rating_quality(ratings)
    except InputError as error:
        return impossible(error)
    n, flagged = checked.n, int(checked.flagged.sum())
    known = large_enough(flagged, n, scored.threshold)
    counts = {
        key: large_enough(int(flags.sum()), n, scored.threshold) for key, flags in checked.flags.items()
    }
    return QualityFacts(
        n=n,
        flagged=known,
        share=None if known is None else flagged / n,
        one_mark=large_enough(_of_one_mark(ratings), n, scored.threshold),
        straight=counts["straight"],
        inconsistent=counts["inconsistent"],
        outlying=counts["outlying"],
        contrary=counts["contrary"],
        # Results with and without fewer than the threshold would tell what those few said.
        sensitivity=_sensitivity(scored, ranked, checked.flagged, ratings.rater_names) if known else None,
    )


def _of_one_mark(ratings: Ratings) -> int:
    """Number of ballots that gave several marks, all of them the same."""
    low, high = np.full(ratings.n_raters, np.inf), np.full(ratings.n_raters, -np.inf)
    np.minimum.at(low, ratings.rater, ratings.score)
    np.maximum.at(high, ratings.rater, ratings.score)
    return int(((np.bincount(ratings.rater, minlength=ratings.n_raters) > 1) & (low == high)).sum())


def _sensitivity(
    scored: ScoredRound, names: Sequence[str], flagged: NDArray[np.bool_], raters: tuple[str, ...]
) -> SensitivityFacts | None:
    if not names:
        return None
    ratings = scored.ratings(departments=scored.places(names))
    out = set(np.asarray(raters)[flagged].tolist())

    def estimate(keep: NDArray[np.bool_]) -> Floats:
        fitted = fit(cells_of(ratings.take(keep)))
        scores = dict(zip(ratings.department_names, fitted.theta.tolist(), strict=True))
        return np.array([scores[name] for name in names])

    try:
        compared = sensitivity(tuple(names), estimate, [name in out for name in ratings.rater_names])
    except InputError:
        return None
    differences = dict(zip(names, compared.difference.tolist(), strict=True))
    return SensitivityFacts(
        n_flagged=compared.n_flagged,
        order_changes=compared.order_changes,
        largest=largest(differences),
        summary_zh=compared.summary("zh"),
        summary_en=compared.summary("en"),
    )


def reliability(scored: ScoredRound) -> ReliabilityFacts | Impossible:
    """Reliability of the items of the score: whether they measure one thing."""
    overall = tuple(item.name for item in scored.questionnaire.items if item.overall)
    try:
        require_ballots(scored)
        alpha, omega = rating_reliability(scored.ratings(), without=overall)
    except InputError as error:
        return impossible(error)
    return ReliabilityFacts(
        alpha=finite(alpha.raw),
        ci=interval(alpha.ci),
        k=alpha.k,
        omega=None if omega is None else finite(omega.total),
        summary_zh=alpha.summary("zh"),
        summary_en=alpha.summary("en"),
    )
