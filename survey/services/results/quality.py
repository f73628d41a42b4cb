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
from survey.services.results.scored_round import Floats, Material, impossible, large_enough, require_ballots


def quality(material: Material, ranked: Sequence[str]) -> QualityFacts | Impossible:
    """Counts of careless-looking ballots, and what leaving them out would change; no ballot is dropped.

    ranked: departments whose scores comparisons may use.
    """
    try:
        require_ballots(material)
        ratings = material.ratings()
        found = rating_quality(ratings)
    except InputError as error:
        return impossible(error)
    n, flagged = found.n, int(found.flagged.sum())
    known = large_enough(flagged, n, material.threshold)
    counts = {
        key: large_enough(int(flags.sum()), n, material.threshold) for key, flags in found.flags.items()
    }
    return QualityFacts(
        n=n,
        flagged=known,
        share=None if known is None else flagged / n,
        one_mark=large_enough(_of_one_mark(ratings), n, material.threshold),
        straight=counts["straight"],
        inconsistent=counts["inconsistent"],
        outlying=counts["outlying"],
        contrary=counts["contrary"],
        # Results with and without fewer than the threshold would tell what those few said.
        sensitivity=_sensitivity(material, ranked, found.flagged, ratings.rater_names) if known else None,
    )


def _of_one_mark(ratings: Ratings) -> int:
    """Number of ballots that gave several marks, all of them the same."""
    low, high = np.full(ratings.n_raters, np.inf), np.full(ratings.n_raters, -np.inf)
    np.minimum.at(low, ratings.rater, ratings.score)
    np.maximum.at(high, ratings.rater, ratings.score)
    return int(((np.bincount(ratings.rater, minlength=ratings.n_raters) > 1) & (low == high)).sum())


def _sensitivity(
    material: Material, names: Sequence[str], flagged: NDArray[np.bool_], raters: tuple[str, ...]
) -> SensitivityFacts | None:
    if not names:
        return None
    ratings = material.ratings(departments=material.places(names))
    out = set(np.asarray(raters)[flagged].tolist())

    def estimate(keep: NDArray[np.bool_]) -> Floats:
        fitted = fit(cells_of(ratings.take(keep)))
        scores = dict(zip(ratings.department_names, fitted.theta.tolist(), strict=True))
        return np.array([scores[name] for name in names])

    try:
        found = sensitivity(tuple(names), estimate, [name in out for name in ratings.rater_names])
    except InputError:
        return None
    differences = dict(zip(names, found.difference.tolist(), strict=True))
    return SensitivityFacts(
        n_flagged=found.n_flagged,
        order_changes=found.order_changes,
        largest=largest(differences),
        summary_zh=found.summary("zh"),
        summary_en=found.summary("en"),
    )


def reliability(material: Material) -> ReliabilityFacts | Impossible:
    """Reliability of the items of the score: whether they measure one thing."""
    overall = tuple(item.name for item in material.questionnaire.items if item.overall)
    try:
        require_ballots(material)
        alpha, omega = rating_reliability(material.ratings(), without=overall)
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
