"""Exact test that no department differs: marks are exchanged among the departments that a rater rated.

If nothing differs, a rater's marks were equally likely in any order, however they are distributed: at the
top of the scale, in a few levels, skewed. The largest studentised difference of the family (a pair, or a
department against the average of its component) is computed from the marks as they are and from marks that
are permuted within every rater, each time with a refit: θ* = A⁺a*, errors from the refitted residuals of
whole raters (Lehmann & Romano 2005, ch. 15; Chung & Romano 2013 on studentising). t and sign flips, which
assume that errors are symmetric, declare something in up to a third of such rounds where nine marks in ten
are the best one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analysis.inference.permutations import largest, permutation_p
from analysis.model.cells import Cells
from analysis.model.contrasts import Fit

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST_CELLS, MOST_RATERS = 20_000, 5_000
"""Largest numbers of cells and raters for which marks are exchanged; errors of so many average out."""
_AT_ONCE, _ROUNDING = 50, 1e-5
_MOST_ENTRIES = 100_000
"""Most entries of the tables (R, D) multiplied at a time, which then lie in the cache."""


def applies(cells: Cells) -> bool:
    """Whether marks can be exchanged: raters are independent, few enough, and answered the same items for all
    their departments."""
    small = cells.department.size <= MOST_CELLS and cells.n_raters <= MOST_RATERS
    return small and cells.cluster is None and cells.item_n is None and cells.n_departments > 1


def exchange_p(fit: Fit, pair_df: Floats, average_df: Floats, seed: int, bound: float | None = None) -> float:
    """p-value of the largest studentised difference, where `applies`; 0 if no permutation reached it.

    pair_df: (D, D), average_df: (D,) degrees of freedom, by which statistics are made comparable; bound: as
    in `permutation_p`.
    """
    exchange = _Exchange(fit, pair_df, average_df)
    if not exchange.groups:
        return 1.0
    R, D = fit.cells.n_raters, fit.cells.n_departments
    observed = float(exchange.largest(exchange.marks[None])[0]) * (1 - _ROUNDING)
    g = np.random.default_rng(seed)
    return permutation_p(
        lambda number: exchange.largest(exchange.permuted(number, g)),
        observed,
        cost=2 * R * D * D + 60 * fit.cells.department.size,
        at_once=_AT_ONCE,
        bound=bound,
    )


class _Exchange:
    """Marks of a design, their permutations within raters, and the statistic of each.

    marks: (C,) mean of each cell, cells in an order in which those that may be exchanged (one rater's, of
    equal weight) stand together; groups: number of sets of two or more such cells.
    """

    def __init__(self, fit: Fit, pair_df: Floats, average_df: Floats) -> None:
        cells = fit.cells
        order = np.lexsort((cells.n, cells.rater))
        self._rater, self._department = cells.rater[order], cells.department[order]
        self._n, self._w = cells.n[order], (cells.weight[cells.rater] * cells.n)[order]
        self.marks = (cells.total / cells.n)[order]
        self.marks = self.marks - self.marks.mean()
        start = np.r_[True, (np.diff(self._rater) != 0) | (np.diff(self._n) > 1e-12 * self._n[1:])]
        self._group = np.cumsum(start) - 1
        self.groups = int((np.bincount(self._group) > 1).sum())
        R, D = cells.n_raters, cells.n_departments
        rows = np.arange(order.size)
        self._by_rater = csr_array((self._n, (self._rater, rows)), shape=(R, rows.size))
        self._total = np.maximum(np.bincount(self._rater, self._n, R), 1e-300)
        self._by_department = csr_array((self._w, (self._department, rows)), shape=(D, rows.size))
        self._inverse = fit.inverse
        self._j, self._k = np.nonzero(np.triu(fit.component[:, None] == fit.component, 1))
        self._df = np.concatenate([pair_df[self._j, self._k], average_df])
        self._shape = (R, D)

    def permuted(self, draws: int, g: np.random.Generator) -> Floats:
        """(draws, C): marks in random order within each group."""
        keys = self._group + g.random((draws, self.marks.size), dtype=np.float32) * 0.999
        return self.marks[np.argsort(keys, axis=1)]

    def _centred(self, values: Floats) -> Floats:
        """Values (B, C) less the rater's mean, weighted by n."""
        mean = (self._by_rater @ values.T).T / self._total
        return np.asarray(values - mean[:, self._rater])

    def largest(self, marks: Floats) -> Floats:
        """Largest |u| (Normal scale) of pairs and averages for each row of marks (B, C)."""
        theta = (self._by_department @ self._centred(marks).T).T @ self._inverse
        residual = self._centred(marks - theta[:, self._department]) * self._w
        variance = self._variance(residual)
        own = np.einsum("bii->bi", variance)
        pair = own[:, self._j] + own[:, self._k] - 2 * variance[:, self._j, self._k]
        error = np.sqrt(np.maximum(np.concatenate([pair, own], axis=1), 0))
        size = np.abs(np.concatenate([theta[:, self._j] - theta[:, self._k], theta], axis=1))
        least = 1e-7 * np.abs(marks).max(axis=1, keepdims=True) + 1e-300
        return largest(size, error, least, self._df)

    def _variance(self, residual: Floats) -> Floats:
        """Covariance (B, D, D) of θ* by the sums of squares over raters."""
        R, D = self._shape
        found = np.empty((residual.shape[0], D, D))
        most = max(1, _MOST_ENTRIES // (R * D))
        X = np.zeros((min(most, residual.shape[0]), R, D), dtype=np.float32)
        for b in range(0, residual.shape[0], most):
            rows = residual[b : b + most]
            X[: len(rows), self._rater, self._department] = rows
            found[b : b + most] = (X.swapaxes(1, 2) @ X)[: len(rows)]
        return np.asarray(self._inverse @ found @ self._inverse)
