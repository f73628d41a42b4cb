"""Exact test that no department differs: marks are exchanged among the departments that a rater rated.

If nothing differs, a rater's marks were equally likely in any order, however they are distributed: at the
top of the scale, in a few levels, skewed. The largest studentised difference of the family (a pair, or a
department against the average of its component) is computed from the marks as they are and from marks that
are permuted within every rater, each time with a refit: θ* = A⁺a*, errors from the refitted residuals of
whole raters, or clusters of them (Lehmann & Romano 2005, ch. 15; Chung & Romano 2013 on studentising). t and
sign flips, which assume that errors are symmetric, declare something in up to a third of such rounds where
nine marks in ten are the best one. Raters of one cluster are put in one order, as far as they rated the same
departments. Where a rater visited departments unequally often, means of few marks are exchanged with means of
many; studentising then makes the test approximate instead of exact. So it is where answers to items are
missing; there the fitted item effects are taken off the marks first.

Sums over several samples (rounds, electorates) of different raters are permuted together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analysis.inference.permutations import largest, permutation_p
from analysis.model.cells import Cells
from analysis.model.contrasts import Fit, without_items

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST_CELLS, MOST_RATERS = 20_000, 5_000
"""Largest numbers of cells and raters for which marks are exchanged; errors of so many average out."""
_AT_ONCE, _ROUNDING = 50, 1e-5
_MOST_ENTRIES = 100_000
"""Most entries of the tables (R, D) multiplied at a time, which then lie in the cache."""


def applies(*samples: Cells) -> bool:
    """Whether marks are exchanged: raters are few enough."""
    small = sum(cells.department.size for cells in samples) <= MOST_CELLS
    small = small and sum(cells.n_raters for cells in samples) <= MOST_RATERS
    return small and all(cells.n_departments > 1 for cells in samples)


def exchange_p(fit: Fit, pair_df: Floats, average_df: Floats, seed: int, bound: float | None = None) -> float:
    """p-value of the largest studentised difference, where `applies`; 0 if no permutation reached it.

    pair_df: (D, D), average_df: (D,) degrees of freedom, by which statistics are made comparable; bound: as
    in `permutation_p`.
    """
    j, k = np.nonzero(np.triu(fit.component[:, None] == fit.component, 1))
    df = np.concatenate([pair_df[j, k], average_df])
    return sum_p([Exchange(fit)], [np.eye(average_df.size)], (j, k), df, seed, bound)


def sum_p(
    samples: Sequence[Exchange],
    parts: Sequence[Floats],
    pairs: tuple[Ints, Ints],
    df: Floats,
    seed: int,
    bound: float | None = None,
) -> float:
    """p-value of the largest studentised of statements x = Σ parts[s] θ_s (M,), of samples with different
    raters, and of the differences x_j − x_k of `pairs`; df: of the differences, then of x."""
    if not any(exchange.groups for exchange in samples):
        return 1.0

    def statistics(marks: Sequence[Floats]) -> Floats:
        found = [own.estimates(y) for own, y in zip(samples, marks, strict=True)]
        x = sum(theta @ L.T for (theta, _V), L in zip(found, parts, strict=True))
        V = sum(L @ own @ L.T for (_theta, own), L in zip(found, parts, strict=True))
        least = 1e-7 * max(float(np.abs(y).max(initial=0)) for y in marks) + 1e-300
        return _largest(np.asarray(x), np.asarray(V), pairs, df, least)

    observed = float(statistics([own.marks[None] for own in samples])[0]) * (1 - _ROUNDING)
    g = np.random.default_rng(seed)
    return permutation_p(
        lambda number: statistics([own.permuted(number, g) for own in samples]),
        observed,
        cost=sum(own.cost for own in samples),
        at_once=_AT_ONCE,
        bound=bound,
    )


def _largest(x: Floats, V: Floats, pairs: tuple[Ints, Ints], df: Floats, least: float) -> Floats:
    """Largest |u| (Normal scale) of statements x (B, M) with covariances V (B, M, M) and of pairs of them."""
    j, k = pairs
    own = np.einsum("bii->bi", V)
    of_pairs = own[:, j] + own[:, k] - 2 * V[:, j, k]
    error = np.sqrt(np.maximum(np.concatenate([of_pairs, own], axis=1), 0))
    return largest(np.abs(np.concatenate([x[:, j] - x[:, k], x], axis=1)), error, least, df)


class Exchange:
    """Marks of a sample, their permutations within raters, and the estimates of each.

    marks: (C,) mean of each cell, cells of one rater that may be exchanged standing together; groups: number
    of sets of two or more such cells; cost: operations of a permutation.
    """

    def __init__(self, fit: Fit, among: NDArray[np.bool_] | None = None) -> None:
        """among: (D,) departments whose marks are exchanged; None for all."""
        fit = without_items(fit)
        cells = fit.cells
        moved = np.ones(cells.rater.size, dtype=bool) if among is None else among[cells.department]
        order = np.lexsort((moved, cells.rater))
        self._rater, self._department = cells.rater[order], cells.department[order]
        self._n, self._w = cells.n[order], (cells.weight[cells.rater] * cells.n)[order]
        self.marks = (cells.total / cells.n)[order]
        self.marks = self.marks - self.marks.mean()
        start = np.r_[True, (np.diff(self._rater) != 0) | ~(moved[order][1:] & moved[order][:-1])]
        self._group = np.cumsum(start) - 1
        self.groups = int((np.bincount(self._group) > 1).sum())
        R, D = cells.n_raters, cells.n_departments
        rows = np.arange(order.size)
        key = cells.unit[self._rater] * D + self._department
        self._keys, self._key = np.unique(key, return_inverse=True)
        ones = np.ones(rows.size)
        self._by_key = csr_array((ones, (self._key, rows)), shape=(self._keys.size, rows.size))
        self._by_rater = csr_array((self._n, (self._rater, rows)), shape=(R, rows.size))
        self._total = np.maximum(np.bincount(self._rater, self._n, R), 1e-300)
        self._by_department = csr_array((self._w, (self._department, rows)), shape=(D, rows.size))
        self._inverse = fit.inverse
        self._shape = (cells.n_units, D)
        self.cost = 2 * R * D * D + 60 * order.size

    def permuted(self, draws: int, g: np.random.Generator) -> Floats:
        """(draws, C): marks in random order within each group, in one order for raters of one cluster."""
        keys = g.random((draws, self._keys.size), dtype=np.float32) * 0.999
        return self.marks[np.argsort(self._group + keys[:, self._key], axis=1)]

    def _centred(self, values: Floats) -> Floats:
        """Values (B, C) less the rater's mean, weighted by n."""
        mean = (self._by_rater @ values.T).T / self._total
        return np.asarray(values - mean[:, self._rater])

    def estimates(self, marks: Floats) -> tuple[Floats, Floats]:
        """θ* (B, D) for each row of marks (B, C), and its covariance (B, D, D)."""
        theta = (self._by_department @ self._centred(marks).T).T @ self._inverse
        residual = self._centred(marks - theta[:, self._department]) * self._w
        return np.asarray(theta), self._variance(residual)

    def _variance(self, residual: Floats) -> Floats:
        """Covariance (B, D, D) of θ* by the sums of squares over independent units."""
        U, D = self._shape
        found = np.empty((residual.shape[0], D, D))
        most = max(1, _MOST_ENTRIES // (U * D))
        X = np.zeros((min(most, residual.shape[0]), U * D), dtype=np.float32)
        for b in range(0, residual.shape[0], most):
            rows = residual[b : b + most]
            X[: len(rows), self._keys] = (self._by_key @ rows.T).T
            units = X.reshape(-1, U, D)
            found[b : b + most] = (units.swapaxes(1, 2) @ units)[: len(rows)]
        return np.asarray(self._inverse @ found @ self._inverse)
