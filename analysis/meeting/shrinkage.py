"""Shrinkage against the winner's curse: departments that come first had, on average, some luck, the last bad
luck.

Empirical Bayes (Efron & Morris 1973): θ ~ N(0, τ²) around the average, θ̂ | θ ~ N(θ, V). The posterior mean
τ²(τ²I + V)⁻¹θ̂ is unbiased for departments picked by their score, as far as the true effects are about
Normal. τ² is estimated by moments, E θ̂ᵀθ̂ = (D - 1) τ² + tr V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.explain import Result, bounded, number, pick
from analysis.ranking.results import Ranking
from analysis.values.arguments import checked, instance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shrunken(Result):
    """Scores (`adjusted`) and shrunken scores (`corrected`), (D,) in ranked order.

    spread: (C,) τ, the estimated standard deviation of the true differences in each component, in points.
    """

    names: tuple[str, ...]
    adjusted: Floats
    corrected: Floats
    spread: Floats
    bounds: tuple[str, ...] = ()
    """Of the corrected scores: at_least or at_most where only a bound may be published, else empty."""
    adjusted_bounds: tuple[str, ...] = ()

    def bound(self, i: int) -> str:
        """Bound ("at_least", "at_most" or "") of the i-th corrected score."""
        return self.bounds[i] if self.bounds else ""

    def summary(self, language: str = "zh") -> str:
        """Sentences on how much of the first and the last score is luck on average; "" where all scores are
        equal or no luck is taken off."""
        if not np.ptp(self.adjusted) > 0:
            return ""
        if self.spread.size != 1:
            return pick(language, _BIASED[0] + _APART[0], f"{_BIASED[1]} {_APART[1]}")
        last = len(self.names) - 1
        first, at_last = (
            self._drawn(0, self.adjusted[0] - self.corrected[0]),
            self._drawn(last, self.corrected[last] - self.adjusted[last]),
        )
        zh = [
            f"{name}的得分估计是 {b} 分（现为 {a} 分）"
            for name, (a, b) in (("第一位", first), ("末位", at_last))
            if b
        ]
        en = [
            f"the {name} score would be about {b} (it is {a})"
            for name, (a, b) in (("first", first), ("last", at_last))
            if b
        ]
        if not zh:
            return ""
        return pick(
            language,
            f"{_BIASED[0]}扣除这一层，{'，'.join(zh)}。",
            f"{_BIASED[1]} With that taken off, {' and '.join(en)}.",
        )

    def _drawn(self, i: int, inwards: float) -> tuple[str, str]:
        """Texts of the i-th score as it is and corrected; ("", "") if the correction is not inwards."""
        if not inwards > 0:
            return "", ""
        now = bounded(number(self.adjusted[i], 1), self.adjusted_bounds[i] if self.adjusted_bounds else "")
        return now, bounded(number(self.corrected[i], 1), self.bound(i))


_BIASED = (
    "排在最前的部门，得分里通常带一点运气；排在最后的，通常带一点不走运。",
    "The scores that come first usually hold some good luck, and those that come last some bad luck.",
)
_APART = (
    "部门分成互不相连的几组，这里不给出扣除后的数。",
    "The departments fall into sets that cannot be compared, and no figures are given here.",
)


@checked(ranking=instance("ranking.results.Ranking"))
def shrunken(ranking: Ranking) -> Shrunken:
    """Scores shrunken towards the average of their component, to correct for selection as extreme.

    >>> from analysis import rank_estimates, shrunken
    >>> ranking = rank_estimates(["A", "B", "C"], [90, 80, 70], [5, 5, 5])
    >>> found = shrunken(ranking)
    >>> found.corrected.round(1).tolist()
    [87.5, 80.0, 72.5]
    """
    names = tuple(d.name for d in ranking.departments)
    theta = np.array([d.average_difference for d in ranking.departments])
    adjusted = np.array([d.adjusted for d in ranking.departments])
    component = np.array([d.component for d in ranking.departments], dtype=np.intp)
    squared = np.zeros((theta.size, theta.size))
    squared[ranking.pairs.a, ranking.pairs.b] = ranking.pairs.se**2
    squared += squared.T
    moved, spread = np.zeros(theta.size), np.zeros(int(component.max(initial=0)) + 1)
    for part in range(spread.size):
        inside = np.flatnonzero(component == part)
        moved[inside], spread[part] = _drawn(theta[inside], squared[np.ix_(inside, inside)])
    return Shrunken(names, adjusted, adjusted + moved - theta, spread)


def _drawn(theta: Floats, squared: Floats) -> tuple[Floats, float]:
    """Posterior means of the centred effects of one component, and τ."""
    D = theta.size
    centring = np.eye(D) - 1 / D
    V = -centring @ squared @ centring / 2
    variance = max(float(theta @ theta - np.trace(V)) / max(D - 1, 1), 0.0)
    if not variance > 0:
        return np.zeros(D), 0.0
    drawn = variance * np.linalg.solve(variance * np.eye(D) + V, theta - theta.mean())
    return np.asarray(drawn), float(np.sqrt(variance))
