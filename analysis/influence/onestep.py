"""One-step approximation of what removing or falsifying each ballot does to a declared statement.

The margin of a statement is its estimate less critical value times standard error. Removing ballot r changes
the estimate by -A⁺u*_r, with A the information and u*_r the adjusted score of r (exact without items), and
takes (A⁺u*_r)² from the variance; falsifying it gives every rating of the ballot the end of the scale that
hurts the statement most (Broderick, Giordano & Meager 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.influence.refits import Kind
from analysis.model.blocks import blocks
from analysis.model.bridges import bridge
from analysis.model.contrasts import Fit, information, moments
from analysis.model.rater_level import RaterLevel
from analysis.model.sandwich import adjust
from analysis.ranking.results import Ranking

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


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


@dataclass(frozen=True, eq=False)
class Order:
    """Ballots in the order in which the one-step approximation removes or falsifies them to undo a statement.

    removal, falsification: orders of ballots; first, first_falsified: how many of them undo it; effect: what
    each ballot adds to the estimate, curvature: how its square counts in the order; falsification: None for
    statements about the line, since every answer changes its level.
    """

    kind: Kind
    a: str
    b: str
    removal: Ints
    first: int
    effect: Floats
    curvature: float
    falsification: Ints | None
    worst: NDArray[np.bool_]  # (C,) True for cells whose worst answer is the lowest score, else the highest
    first_falsified: int


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
        """Orders of ballots for one statement, with the number after which its margin is gone."""
        c, estimate, half = self._contrast(kind, a, b)
        of_line = kind in ("above_line", "below_line")
        own = (self._adjusted if of_line else self._theta) @ c
        variance = float(own @ own)
        critical = half / np.sqrt(variance) if variance > 0 else 0.0
        slope = critical / (2 * np.sqrt(variance)) if variance > 0 else 0.0
        removal = np.argsort(-(own - slope * own**2), kind="stable")
        bent, low_is_worst = self._falsified(c)
        change = (own - bent) ** 2 - own**2
        falsification = np.argsort(-(bent + slope * change), kind="stable")
        return Order(
            kind,
            a,
            b,
            removal,
            _falls(estimate, critical, variance, own[removal], -(own**2)[removal], self._who_rated(a, b)),
            own,
            slope,
            None if of_line else falsification,
            low_is_worst,
            _falls(estimate, critical, variance, bent[falsification], change[falsification]),
        )

    def others(self, order: Order) -> Iterator[tuple[Ints, int]]:
        """Yield further orders for removal, each with a guess of how many undo the statement."""
        for share in (0, 2):
            yield np.argsort(-(order.effect - share * order.curvature * order.effect**2), kind="stable"), 0
        yield from self._leave(order.removal, order.a, order.b)

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
        cells = self._fit.cells
        wanted = np.isin(cells.department, [self.place[name] for name in (a, b) if name])
        return int(np.unique(cells.rater[wanted]).size)

    def _falsified(self, c: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Decrease (R,) of the estimate by falsifying each ballot, and a mask (C,) of the fit's cells in
        which the lowest mark, not the highest, is the answer that hurts most."""
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


def _falls(
    estimate: float, critical: float, variance: float, taken: Floats, change: Floats, gone: int | None = None
) -> int:
    """Smallest k such that the first k ballots remove the margin; one more than there are if none does.

    taken, change: effect of each ballot on estimate and variance; gone: sample size, where ballots are
    removed (None: falsified, they stay). What remains is centred again and reweighted, as for a mean, where
    that is exact.
    """
    k, moved = np.arange(1, taken.size + 1), np.cumsum(taken)
    left = np.maximum(gone - k, 1) if gone is not None else np.full(k.size, taken.size)
    more = 1.0 if gone is None else gone / left
    squares = np.maximum(variance + np.cumsum(change) - moved**2 / left, 0)
    found = np.flatnonzero(estimate - more * moved <= critical * more * np.sqrt(squares))
    return int(found[0]) + 1 if found.size else taken.size + 1
