"""One-step approximation of what removing or falsifying each ballot does to a declared statement.

The margin of a statement is its estimate less critical value times standard error. Removing ballot r changes
the estimate by -A⁺u*_r, with A the information and u*_r the adjusted score of r (exact without items), and
takes (A⁺u*_r)² from the variance; falsifying it gives every rating of the ballot the end of the scale that
hurts the statement most (Broderick, Giordano & Meager 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analysis.influence.refits import Kind
from analysis.model.blocks import blocks
from analysis.model.bridges import bridge
from analysis.model.contrasts import Fit, information, moments
from analysis.model.rater_level import RaterLevel
from analysis.model.sandwich import adjust
from analysis.ranking.results import Ranking

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# Ballots that are put in order at first; where they do not undo a statement, eight times as many.
_AT_FIRST = 1_000


def rater_influence(fitted: Fit) -> tuple[Floats, Floats]:
    """Estimates less those without rater r, (R, D) each: for theta (centred per component) and for adjusted
    scores.

    Adjusted scores also change in level when a rater is removed.
    """
    D, P = fitted.cells.n_departments, fitted.inverse.shape[0]
    theta, adjusted = (np.zeros((fitted.cells.n_raters, D)) for _ in range(2))
    level, weights = RaterLevel(fitted), fitted.cells.item_weights
    for block in blocks(fitted.cells, lambda m: P * (m + fitted.cells.n_items + 1) + 2 * m * m):
        part = moments(block, D)
        A_r = information(block, part)
        hat = fitted.inverse[part.index[:, :, None], part.index[:, None, :]]
        u = part.deviation(block.weight) - np.einsum("gij,gj->gi", A_r, fitted.coefficients[part.index])
        own = adjust(A_r, hat, u, "jackknife")
        moved = np.einsum("gpd,gp->gd", fitted.inverse[part.index], own)
        component = fitted.component[block.department[:, 0]]
        raised = level.influence(block, part, hat, own) - (moved * level.share[component]).sum(axis=1)
        if P > D and weights is not None:
            raised = raised + moved[:, D:] @ weights
        theta[block.rater] = moved[:, :D]
        together = component[:, None] == fitted.component
        adjusted[block.rater] = moved[:, :D] + np.where(together, raised[:, None], 0)
    return theta, adjusted


@dataclass(frozen=True)
class Order:
    """How many ballots undo a statement, removed or falsified in the order of the one-step approximation.

    first_falsified: None for statements about the line, since every answer changes its level.
    """

    kind: Kind
    a: str
    b: str
    first: int
    first_falsified: int | None


@dataclass(frozen=True, eq=False)
class _Margin:
    """Margin of a statement: estimate less critical value times the root of the variance.

    contrast: (D,); own: (R,) what each ballot adds to the estimate; slope: how its square counts in the
    order.
    """

    contrast: Floats
    estimate: float
    critical: float
    variance: float
    slope: float
    own: Floats


class OneStep:
    """One-step approximations for the statements of a ranking.

    place: code of each ranked department in the fit; ends: lowest and highest score; line: warning line in
    points.
    """

    def __init__(
        self,
        ranking: Ranking,
        fitted: Fit,
        place: dict[str, int],
        ends: tuple[float, float],
        line: float | None = None,
    ) -> None:
        self._ranking, self._fit, self._ends = ranking, fitted, ends
        self.place, self._line = place, np.nan if line is None else line
        self._theta, self._adjusted = rater_influence(fitted)
        self._department = {department.name: department for department in ranking.departments}
        names, pairs = ranking.pairs.names, ranking.pairs
        self._pair = {
            frozenset((names[a], names[b])): i
            for i, (a, b) in enumerate(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
        }

    def order(self, kind: Kind, a: str, b: str) -> Order:
        """Numbers of ballots after which the margin of one statement is gone."""
        margin = self._margin(kind, a, b)
        first = _falls(
            margin,
            margin.own - margin.slope * margin.own**2,
            margin.own,
            -(margin.own**2),
            self._who_rated(a, b),
        )
        falsified = None
        if not _of_line(kind):
            bent = self._falsified(margin.contrast)[0]
            change = (margin.own - bent) ** 2 - margin.own**2
            falsified = _falls(margin, bent + margin.slope * change, bent, change)
        return Order(kind, a, b, first, falsified)

    def removal(self, order: Order, share: float = 1) -> Ints:
        """Ballots in the order in which they are removed; share: of what their squares count."""
        margin = self._margin(order.kind, order.a, order.b)
        return np.argsort(-(margin.own - share * margin.slope * margin.own**2), kind="stable")

    def falsification(self, order: Order) -> tuple[Ints, NDArray[np.bool_]]:
        """Ballots in the order in which they are falsified, and a mask (C,) of the fit's cells in which the
        lowest mark, not the highest, is the answer that hurts most."""
        margin = self._margin(order.kind, order.a, order.b)
        bent, low_is_worst = self._falsified(margin.contrast)
        change = (margin.own - bent) ** 2 - margin.own**2
        return np.argsort(-(bent + margin.slope * change), kind="stable"), low_is_worst

    def others(self, order: Order) -> Iterator[tuple[Ints, int]]:
        """Yield further orders for removal, each with a guess of how many undo the statement."""
        for share in (0, 2):
            yield self.removal(order, share), 0
        yield from self._leave(self.removal(order), order.a, order.b)

    def _margin(self, kind: Kind, a: str, b: str) -> _Margin:
        c, estimate, half = self._contrast(kind, a, b)
        own = (self._adjusted if _of_line(kind) else self._theta) @ c
        variance = float(own @ own)
        critical = half / np.sqrt(variance) if variance > 0 else 0.0
        slope = critical / (2 * np.sqrt(variance)) if variance > 0 else 0.0
        return _Margin(c, estimate, critical, variance, slope, own)

    def _leave(self, removal: Ints, a: str, b: str) -> Iterator[tuple[Ints, int]]:
        """Yield orders that first remove all raters of a, or of b, or those who link both, with a guess of
        how many.

        Without them a or b cannot be ranked, or not be compared.
        """
        cells = self._fit.cells
        several = cells.size[cells.rater] > 1
        for name in filter(None, (a, b)):
            rated = np.isin(removal, cells.rater[several & (cells.department == self.place[name])])
            yield _first(removal, rated), int(rated.sum()) - self._ranking.threshold + 1
        if b:
            between = bridge(cells, self.place[a], self.place[b])
            yield _first(removal, np.isin(removal, between)), between.size

    def _contrast(self, kind: Kind, a: str, b: str) -> tuple[Floats, float, float]:
        """Contrast (D,) that is positive if the statement holds, its estimate, and the half-width of its
        interval."""
        c = np.zeros(len(self.place))
        j = self.place[a]
        if kind == "pair":
            i = self._pair[frozenset((a, b))]
            c[[j, self.place[b]]] = 1, -1
            pairs = self._ranking.pairs
            return c, abs(float(pairs.difference[i])), float(pairs.upper[i] - pairs.lower[i]) / 2
        department = self._department[a]
        if kind in ("above_line", "below_line"):
            sign = 1.0 if kind == "above_line" else -1.0
            c[j] = sign
            half = abs(department.adjusted - department.ci[0 if sign > 0 else 1])
            return c, sign * (department.adjusted - self._line), half
        same = self._fit.component == self._fit.component[j]
        c[same] = -1 / same.sum()
        c[j] += 1
        low, high = department.average_ci
        sign = 1.0 if kind == "above" else -1.0
        return sign * c, sign * department.average_difference, (high - low) / 2

    def _who_rated(self, a: str, b: str) -> int:
        """Number of ballots that rated a or b: the sample that shrinks by removal."""
        j, k = self.place[a], self.place[b or a]
        return int(self._rated_both[j, j] + self._rated_both[k, k] - self._rated_both[j, k])

    @cached_property
    def _rated_both(self) -> Ints:
        """Number of ballots that rated each two departments, (D, D)."""
        cells = self._fit.cells
        shape = (cells.n_raters, cells.n_departments)
        rated = csr_array((np.ones(cells.rater.size, np.intp), (cells.rater, cells.department)), shape=shape)
        return np.asarray((rated.T @ rated).toarray())

    def _falsified(self, c: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Decrease (R,) of the estimate by falsifying each ballot, and the mask of `falsification`."""
        cells, D = self._fit.cells, self._fit.cells.n_departments
        g = (self._fit.inverse[:D, :D] @ c)[cells.department]
        visits = np.bincount(cells.rater, cells.n, cells.n_raters)
        mean = np.bincount(cells.rater, cells.n * g, cells.n_raters) / np.maximum(visits, 1e-300)
        slope = cells.weight[cells.rater] * (g - mean[cells.rater])
        lowest = slope > 0
        moved = slope * (cells.total - cells.n * np.where(lowest, *self._ends))
        taken = np.bincount(cells.rater, moved, cells.n_raters)
        return np.asarray(taken, dtype=np.float64), lowest


def _first(order: Ints, wanted: NDArray[np.bool_]) -> Ints:
    """`order` with the elements marked in `wanted` (mask along the order) moved to the front."""
    return np.concatenate([order[wanted], order[~wanted]])


def _of_line(kind: Kind) -> bool:
    return kind in ("above_line", "below_line")


def _falls(margin: _Margin, key: Floats, taken: Floats, change: Floats, gone: int | None = None) -> int:
    """Smallest k such that the k ballots of largest key remove the margin; one more than there are if none
    does.

    taken, change: effect of each ballot on estimate and variance; gone: sample size, where ballots are
    removed (None: falsified, they stay). What remains is centred again and reweighted, as for a mean, where
    that is exact.
    """
    tried = _AT_FIRST
    while True:
        order = _largest(key, tried)
        k, moved = np.arange(1, order.size + 1), np.cumsum(taken[order])
        left = np.maximum(gone - k, 1) if gone is not None else np.full(k.size, taken.size)
        more = 1.0 if gone is None else gone / left
        squares = np.maximum(margin.variance + np.cumsum(change[order]) - moved**2 / left, 0)
        found = np.flatnonzero(margin.estimate - more * moved <= margin.critical * more * np.sqrt(squares))
        if found.size or order.size == key.size:
            return int(found[0]) + 1 if found.size else key.size + 1
        tried *= 8


def _largest(key: Floats, number: int) -> Ints:
    """Indices of at least so many of the largest keys, largest first; of equal ones all, in their order."""
    if number >= key.size:
        return np.argsort(-key, kind="stable")
    chosen = np.flatnonzero(key >= np.partition(key, -number)[-number])
    return np.asarray(chosen[np.argsort(-key[chosen], kind="stable")])
