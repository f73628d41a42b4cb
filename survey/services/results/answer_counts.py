"""Counts of answers by level, and which of them may be published."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from analysis.blurring import PROTECTION, STEP, deviating, gap, item_step, limits, nearest
from analysis.disclosure.coarsening import coarsen
from analysis.disclosure.protection import Rule, primary_reason
from survey.facts.base import Withheld
from survey.facts.items import ItemTotal
from survey.facts.ranking import RankingFacts
from survey.protocol.questionnaire import Item
from survey.services.results import small_counts
from survey.services.results.scored_round import ScoredRound

_FUZZ = 1e-6
Interval = tuple[float, float]


class AnswerCounts:
    """Counts of answers by department d, item k and level, and which may be published.

    ranking: the exact ranking, whose scores are published in steps; what is published of the items must leave
    those scores uncertain within their steps. Without one the plain means stand for the scores.
    """

    def __init__(self, scored: ScoredRound, ranking: RankingFacts | None = None) -> None:
        self.scored = scored
        self._rule = Rule(scored.threshold)
        self._scores = _scores(ranking) if ranking else {}

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Numbers of answers (D, K, L) by department, item and level."""
        levels = range(1, len(self.scored.scale) + 1)
        return np.stack([(self.scored.levels == level).sum(axis=0) for level in levels], axis=2)

    @cached_property
    def not_known(self) -> NDArray[np.int64]:
        """Numbers of answers "don't know" (D, K)."""
        unknown: NDArray[np.int64] = (self.scored.levels == 255).sum(axis=0)
        return unknown

    @cached_property
    def reasons(self) -> list[list[Withheld]]:
        """Reasons (list D × K) why a department's answers to an item are withheld, "" where they are not."""
        return [self._reasons(d) for d in range(len(self.scored.names))]

    def shown(self, k: int) -> set[str]:
        """Names of departments that show item `k`."""
        return {name for name, reasons in zip(self.scored.names, self.reasons, strict=True) if not reasons[k]}

    def _reasons(self, d: int) -> list[Withheld]:
        counts = self.counts[d]
        if self.scored.raters[d] < self.scored.threshold:
            return ["threshold" if n.sum() else "none" for n in counts]
        reasons = [self._reason(d, k) if n.sum() else "none" for k, n in enumerate(counts)]
        self._complement(d, reasons)
        return reasons

    def _reason(self, d: int, k: int) -> Withheld:
        """Reason why item k of department d is withheld by itself; "unanimous" also where the mean alone
        would tell nearly all answers."""
        n, scored = self.counts[d, k], self.scored
        reason = cast("Withheld", primary_reason(n, self._rule))
        if reason:
            return reason
        low, high = limits(int(n.sum()), scored.threshold, scored.scale)
        if not low < self.mean(d, k) < high:
            return "unanimous"
        satisfied = scored.questionnaire.scale.satisfied
        told = coarsen(
            n,
            scored.scale,
            satisfied=satisfied,
            threshold=scored.threshold,
            room=self.room(d, k),
            protection=PROTECTION,
            sums_told=True,
        )
        return "" if told else "unanimous"

    def _complement(self, d: int, reasons: list[Withheld]) -> None:
        """Mark further items in `reasons` as withheld until the department's mean no longer reveals a
        withheld item."""
        while any(
            self._follows(d, k, reasons) for k in self.scored.weighted_items if reasons[k] not in ("", "none")
        ):
            left = [k for k in self.scored.weighted_items if reasons[k] == ""]
            if not left:
                return  # only the score is published, as a bound if near an end
            counts = self.counts[d]
            closest = min(left, key=lambda k: counts[k].sum() - counts[k].max())
            reasons[closest] = "complementary"

    def _follows(self, d: int, k: int, reasons: list[Withheld]) -> bool:
        """Whether the mean of withheld item k follows from what is published to within a few answers."""
        share, scale = self._share, self.scored.scale
        low, high = self._cell(self.scored.means[self.scored.names[d]], d)
        for j in share:
            if j != k and reasons[j] != "none":
                least, most = self._mean_cell(d, j) if reasons[j] == "" else (scale[-1], scale[0])
                low, high = low - share[j] * most, high - share[j] * least
        low, high = max(low / share[k], scale[-1]), min(high / share[k], scale[0])
        n = int(self.counts[d, k].sum())
        few = deviating(n, self.scored.threshold)
        bottom, top = limits(n, self.scored.threshold, scale)
        beyond = low > top or high < bottom
        return beyond or high - low < few * gap(scale) / n

    @cached_property
    def _share(self) -> dict[int, float]:
        """Weight of each weighted item in a department's score, by item index; the weights sum to 1."""
        weights = {k: self.scored.questionnaire.items[k].weight for k in self.scored.weighted_items}
        return {k: weight / sum(weights.values()) for k, weight in weights.items()}

    def mean(self, d: int, k: int) -> float:
        n = self.counts[d, k]
        return float((n * self.scored.scale).sum() / n.sum())

    def step(self, d: int, k: int) -> float:
        return item_step(int(self.counts[d, k].sum()), self.scored.scale)

    def step_of(self, k: int, name: str) -> float:
        return self.step(self.scored.names.index(name), k)

    def told(self, d: int, k: int) -> float:
        """Published mean of item k at department d: the exact one rounded to `step`."""
        return nearest(self.mean(d, k), self.step(d, k))

    def error(self, d: int, k: int) -> float:
        """Published mean of item k at department d less the exact one."""
        return self.told(d, k) - self.mean(d, k)

    def room(self, d: int, k: int) -> Interval:
        """By how much the item's sum of points may be lower (≤ 0) and higher (≥ 0) without changing a
        published figure."""
        n, mean = int(self.counts[d, k].sum()), self.mean(d, k)
        low, high = self._mean_cell(d, k)
        low, high = low - mean, high - mean
        for score in self._published(d) if k in self._share else ():
            least, most = self._cell(score, d)
            low, high = (
                max(low, (least - score) / self._share[k]),
                min(high, (most - score) / self._share[k]),
            )
        return min(0.0, n * low), max(0.0, n * high - _FUZZ)

    def _published(self, d: int) -> Iterator[float]:
        """Exact scores of the department that are published in steps."""
        name = self.scored.names[d]
        yield self.scored.means[name]
        yield from self._scores.get(name, ())

    def _cell(self, score: float, d: int) -> Interval:
        return self.scored.told.cell(score, int(self.scored.raters[d]))

    def _mean_cell(self, d: int, k: int) -> Interval:
        told, step = self.told(d, k), self.step(d, k)
        return told - step / 2, told + step / 2

    def told_counts(self) -> dict[small_counts.Cell, small_counts.AnswersByLevel]:
        """Counts by level of the items that are not withheld, each with `room`, by (department, item)."""
        return {
            (name, item.name): small_counts.AnswersByLevel(tuple(self.counts[d, k].tolist()), self.room(d, k))
            for d, name in enumerate(self.scored.names)
            for k, item in enumerate(self.scored.questionnaire.items)
            if not self.reasons[d][k]
        }

    def satisfied(self, d: int, k: int) -> int:
        return int(self.counts[d, k, : self.scored.questionnaire.scale.satisfied].sum())


def _scores(ranking: RankingFacts) -> dict[str, list[float]]:
    exact: dict[str, list[float]] = {}
    for part in (ranking, *ranking.groups):
        for d in part.departments:
            exact.setdefault(d.name, []).append(d.adjusted)
    return exact


def items(scored: ScoredRound, answers: AnswerCounts) -> tuple[ItemTotal, ...]:
    """Figures of each item over the departments that show it, computed from their published means, so that
    nothing follows about other departments."""
    return tuple(_item_total(answers, k, item) for k, item in enumerate(scored.questionnaire.items))


def _item_total(answers: AnswerCounts, k: int, item: Item) -> ItemTotal:
    shown = [d for d, reasons in enumerate(answers.reasons) if reasons[k] == ""]
    n = sum(int(answers.counts[d, k].sum()) for d in shown)
    points = sum(answers.told(d, k) * int(answers.counts[d, k].sum()) for d in shown)
    return ItemTotal(
        name=item.name,
        name_en=item.name_en,
        weight=item.weight,
        overall=item.overall,
        n=n,
        mean=nearest(points / n, STEP / 5) if n else None,
        satisfied=sum(answers.satisfied(d, k) for d in shown) / n if n else None,
        satisfied_at_least=None,
        satisfied_at_most=None,
    )
