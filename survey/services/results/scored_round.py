"""Opened round as arrays, from which every fact is computed. Imported only where facts are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.levels import ratings_from_levels
from analysis.answers.ratings import Ratings
from analysis.blurring import nearest
from analysis.errors import InputError
from survey.facts.base import Impossible
from survey.facts.profiles import Predecessor
from survey.language import in_both
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Questionnaire
from survey.services.disclosure.released_ranking import Scores
from survey.wording import reasons

Floats = NDArray[np.float64]
_AT_ONCE = 10_000
"""Ballots whose points are in memory together."""


@dataclass(frozen=True, eq=False)
class ScoredRound:
    """Description and scores of a round as arrays: R ballots, D departments, K items, L levels."""

    description: RoundDescription
    scores: ScoreTable
    apart: frozenset[str] = frozenset()
    """Of an earlier round: names of departments that a merger or split parts from those of the later one."""
    predecessors: Mapping[str, tuple[Predecessor, ...]] = field(default_factory=dict)
    """Of an earlier round: what became of its departments, by name in the later one."""

    @property
    def questionnaire(self) -> Questionnaire:
        return self.description.questionnaire

    @property
    def threshold(self) -> int:
        return self.description.threshold

    @property
    def names(self) -> list[str]:
        """Names (D,) of the departments."""
        return [department.name for department in self.questionnaire.departments]

    @property
    def weighted_items(self) -> list[int]:
        """Indices of the items that enter a department's score."""
        return [k for k, item in enumerate(self.questionnaire.items) if item.weight > 0]

    @property
    def scale(self) -> tuple[float, ...]:
        """Points of the levels, best first; rounds compare only on the same scale."""
        return tuple(level.points for level in self.questionnaire.scale.levels)

    @cached_property
    def levels(self) -> NDArray[np.uint8]:
        """Answers (R, D, K) coded as in the score table: 0 not rated, 1 the best level, 255 not known."""
        return self.scores.ratings()

    @cached_property
    def points(self) -> Floats:
        """Points (256,) of a level as `levels` has it, NaN for what is no rating."""
        of_level = np.full(256, np.nan)
        of_level[1 : len(self.scale) + 1] = self.scale
        return of_level

    @cached_property
    def raters(self) -> NDArray[np.intp]:
        """Number (D,) of ballots with a rating of a weighted item."""
        rated = ~np.isnan(self.points)[self.levels[:, :, self.weighted_items]]
        return np.asarray(rated.any(axis=2).sum(axis=0))

    @cached_property
    def told(self) -> Scores:
        """Rule by which scores of this round are published."""
        return Scores(self.scale, self.threshold)

    @cached_property
    def means(self) -> dict[str, float]:
        """Mean score of each department in points, by name: each rater's answers weighted by item, then
        averaged over raters of equal weight; without departments that nobody rated."""
        weight = np.array([self.questionnaire.items[k].weight for k in self.weighted_items])
        sums = np.zeros(len(self.names))
        for start in range(0, len(self.levels), _AT_ONCE):
            points = self.points[self.levels[start : start + _AT_ONCE][:, :, self.weighted_items]]
            weighed = np.where(np.isnan(points), 0.0, weight)
            scores = np.nansum(points * weight, axis=2) / np.where(
                weighed.any(axis=2), weighed.sum(axis=2), np.nan
            )
            sums = np.nansum(np.concatenate([sums[None], scores]), axis=0)
        rated = self.raters > 0
        return {name: sums[d] / self.raters[d] for d, name in enumerate(self.names) if rated[d]}

    @cached_property
    def bounded(self) -> frozenset[str]:
        """Names of departments of which only a bound is published, so that nothing may be computed from their
        exact score."""
        n = dict(zip(self.names, self.raters.tolist(), strict=True))
        return frozenset(name for name, mean in self.means.items() if self.told.told(mean, n[name])[1])

    @property
    def not_joined(self) -> frozenset[str]:
        """Names that no comparison with a later round may use."""
        return self.bounded | self.apart

    def without(self, hidden: Collection[str]) -> Ratings:
        """Ratings of all departments except `hidden`. Raises InputError when nothing is left."""
        return self.ratings(departments=[d for d, name in enumerate(self.names) if name not in hidden])

    def rounding(self, name: str) -> float:
        """Rounding error of a department's published mean in points: rounded less exact."""
        return nearest(self.means[name]) - self.means[name]

    def ratings(
        self,
        *,
        items: Sequence[int] | None = None,
        departments: Sequence[int] | None = None,
        weight: ArrayLike | None = None,
    ) -> Ratings:
        """Ratings of the items with these indices (None: the weighted ones) for the departments with these
        indices; raters are named by their row.

        Raises InputError when nothing was rated.
        """
        chosen = self.weighted_items if items is None else list(items)
        places = list(range(len(self.names)) if departments is None else departments)
        asked = tuple(chosen), tuple(places)
        if weight is None and asked in self._kept:
            return self._kept[asked]
        weights = {self.questionnaire.items[k].name: self.questionnaire.items[k].weight for k in chosen}
        # An importance analysis may look at an item that has no weight in the score.
        usable = len(weights) > 1 and min(weights.values()) > 0
        found = ratings_from_levels(
            self.levels,
            self.points,
            departments=places,
            items=chosen,
            department_names=[self.names[d] for d in places],
            item_names=list(weights),
            weight=weight,
            item_weights=weights if usable else None,
        )
        if weight is None and items is None:
            self._kept.clear()
            self._kept[asked] = found
        return found

    @cached_property
    def _kept(self) -> dict[tuple[tuple[int, ...], tuple[int, ...]], Ratings]:
        """The last ratings that `ratings` made of the score's items: most parts ask for the same."""
        return {}

    def declared(self, stratum: int) -> list[str | None]:
        """Options (R,) of stratum `stratum` that the ballots state, None where they state none."""
        options = (None, *self.questionnaire.strata[stratum].options)
        return [options[code] for code in self.scores.strata_columns()[:, stratum].tolist()]

    def places(self, names: Sequence[str]) -> list[int]:
        """Indices of the departments with these names, in the order of the questionnaire."""
        wanted = set(names)
        return [d for d, name in enumerate(self.names) if name in wanted]


_OF_DATA: Final = (None, "ratings", "score")


def impossible(why: InputError | str) -> Impossible:
    """Part of the facts that could not be worked out, with the reason as `why_not` words it."""
    zh, en = why_not(why)
    return Impossible(reason_zh=zh, reason_en=en)


def why_not(why: InputError | str) -> tuple[str, str]:
    """Pair (reason in Chinese, in English) from a message id or an error of the analysis."""
    if isinstance(why, str):
        return in_both(why)
    # An error about an argument is meant for the programmer; readers get a general reason.
    return (why.zh, why.en) if why.column in _OF_DATA else in_both(reasons.TOO_LITTLE)


def require_ballots(scored: ScoredRound) -> None:
    """Raise InputError when the round has fewer valid ballots than the threshold."""
    if scored.scores.valid < scored.threshold:
        raise InputError(*in_both(reasons.TOO_FEW_BALLOTS, threshold=scored.threshold))


def large_enough(count: int, of: int, threshold: int) -> int | None:
    """`count`, if it may be published: neither it nor `of` − `count` is 1 … threshold − 1; else None."""
    small = 0 < count < threshold or 0 < of - count < threshold
    return None if small else count
