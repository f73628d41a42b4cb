"""Omnibus test of equal departments from ranks within raters, for any incomplete design with ties.

a_j = Σ_r w_r √(12 / (m_r + 1)) (R_rj - (m_r + 1)/2), R midranks within the rater; under the null hypothesis
the ranks of a rater are a random permutation of themselves, which gives the covariance exactly with ties.
T = aᵀ Σ⁻ a is chi-squared with rank Σ degrees of freedom. Complete designs give Friedman (1937) with its tie
correction, balanced incomplete ones Durbin (1951), incomplete ones Skillings & Mack (1981).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from analysis.cells import Block, Cells, blocks, cells_of
from analysis.contrasts import scatter
from analysis.ratings import Ratings
from analysis.results import GlobalTest

Floats = NDArray[np.float64]


def friedman(cells: Cells) -> GlobalTest:
    """Generalised Friedman test on the cell means."""
    D = cells.n_departments
    a, sigma = np.zeros(D), np.zeros((D, D))
    for block in blocks(cells, lambda m: 3 * m * m):
        score, covariance = _rank_scores(block)
        a += np.bincount(block.department.ravel(), score.ravel(), minlength=D)
        sigma += scatter(block.department, covariance, D)
    value, vector = np.linalg.eigh(sigma)
    keep = value > 1e-9 * max(float(value[-1]), 1e-300)
    statistic = float(((vector[:, keep].T @ a) ** 2 / value[keep]).sum())
    df = int(keep.sum())
    return GlobalTest(statistic, float(df), None, float(chdtrc(df, statistic)) if df else 1.0, "Friedman")


def friedman_test(
    ratings: Ratings, *, permutations: int = 0, seed: int = 20260101, threshold: int = 1
) -> GlobalTest:
    """Generalised Friedman test of ratings: friedman.test, durbinTest and skillingsMackTest in one.

    permutations: with more than 0 the p-value is (1 + #{T* >= T}) / (1 + permutations) over random
    permutations of every rater's ranks, exact with ties and few raters; chi-squared otherwise. threshold:
    raters a department needs to take part.
    """
    cells = cells_of(ratings)
    cells = cells.only(cells.raters_per_department() >= threshold)
    found = friedman(cells)
    if not permutations or not found.df1:
        return found
    parts = [(block.department, *_rank_scores(block)) for block in blocks(cells, lambda m: 3 * m * m)]
    D, g = cells.n_departments, np.random.default_rng(seed)
    inverse = np.linalg.pinv(sum(scatter(d, V, D) for d, _, V in parts), rcond=1e-9, hermitian=True)
    exceeding = 0
    for _ in range(permutations):
        a = np.zeros(D)
        for d, score, _ in parts:
            a += np.bincount(d.ravel(), g.permuted(score, axis=1).ravel(), minlength=D)
        exceeding += bool(a @ inverse @ a >= found.statistic * (1 - 1e-9))
    p = (1 + exceeding) / (1 + permutations)
    return replace(found, p_value=p, method="Friedman, permutations")


def _rank_scores(block: Block) -> tuple[Floats, Floats]:
    """Weighted centred midranks (G, m) and their permutation covariance (G, m, m)."""
    m = block.n.shape[1]
    centred = midranks(block.total / block.n) - (m + 1) / 2
    score = centred * (block.weight * np.sqrt(12 / (m + 1)))[:, None]
    if m == 1:
        return score, np.zeros((score.shape[0], 1, 1))
    variance = (score**2).sum(axis=1) / m
    shape = (np.eye(m) * m - 1) / (m - 1)
    return score, variance[:, None, None] * shape


def midranks(values: Floats) -> Floats:
    """(G, m) ranks within each row, ties averaged (scores equal to 9 digits are tied)."""
    difference = values[:, :, None] - values[:, None, :]
    difference[np.abs(difference) < 1e-9 * np.abs(values).max(initial=1.0)] = 0
    return np.asarray((np.sign(difference).sum(axis=2) + values.shape[1] + 1) / 2)
