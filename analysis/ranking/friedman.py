"""Generalised Friedman test of equal departments from ranks within raters, for incomplete designs with ties.

a_j = Σ_r w_r Σ_i v_i √(12 / (m_ri + 1)) (R_rij - (m_ri + 1)/2), with R_rij the midrank of department j among
the m_ri that rater r (weight w_r) scored on item i (weight v_i). Under the null hypothesis a rater's
departments are exchangeable, with all their items, which gives the covariance Σ exactly, also with ties. T =
aᵀ Σ⁻ a is chi-squared with rank Σ degrees of freedom. Without items, complete designs give Friedman (1937)
with its tie correction, balanced incomplete ones Durbin (1951), other incomplete ones Skillings & Mack
(1981).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from analysis.answers.ratings import Ratings
from analysis.errors import NothingToRankError
from analysis.explain import counted
from analysis.model.blocks import Block, blocks
from analysis.model.cells import Cells, cells_of
from analysis.model.clusters import add
from analysis.model.contrasts import scatter
from analysis.ranking.results import GlobalTest
from analysis.values.arguments import MOST_DRAWS, checked, whole
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_SEED = 20260101
_FLIPS, _FLIPS_AT_ONCE, _MOST_FLIPPED = 10_000, 500, 4_000


def friedman(cells: Cells) -> GlobalTest:
    """Generalised Friedman test of cells; p-value by chi-squared, or by sign flips if raters are
    clustered."""
    D = cells.n_departments
    a, sigma = np.zeros(D), np.zeros((D, D))
    units = np.zeros((0 if cells.cluster is None else cells.n_units, D))
    for block in blocks(cells, _elements(cells)):
        score, covariance = _rank_scores(block)
        if cells.cluster is not None:
            add(units, cells.cluster[block.rater], block.department, score)
        a += np.bincount(block.department.ravel(), score.ravel(), minlength=D)
        sigma += scatter(block.department, covariance, D)
    value, vector = np.linalg.eigh(sigma)
    keep = value > 1e-9 * max(float(value[-1]), 1e-300)
    root = vector[:, keep] / np.sqrt(value[keep])
    statistic = float(((a @ root) ** 2).sum())
    df = int(keep.sum())
    if units.size and df:
        p = _by_signs(units @ root, statistic)
        return GlobalTest(statistic, float(df), None, p, "Friedman, clusters")
    return GlobalTest(statistic, float(df), None, float(chdtrc(df, statistic)) if df else 1.0, "Friedman")


def _by_signs(scores: Floats, statistic: float) -> float:
    """p-value of the statistic |Σ_c s_c|² by random signs of the clusters' scores s_c (U, df).

    The permutation covariance assumes independent raters, so it only gives the shape of the statistic. With
    more than some thousands of clusters, Normal draws replace the signs.
    """
    g = np.random.default_rng(_SEED)
    U, df = scores.shape
    exceeding = 0
    value, vector = np.linalg.eigh(scores.T @ scores)
    spread = (vector * np.sqrt(np.maximum(value, 0))).T
    for _ in range(_FLIPS // _FLIPS_AT_ONCE):
        if U <= _MOST_FLIPPED:
            drawn = g.choice(np.array([-1.0, 1.0]), (_FLIPS_AT_ONCE, U)) @ scores
        else:
            drawn = g.standard_normal((_FLIPS_AT_ONCE, df)) @ spread
        exceeding += int(((drawn**2).sum(axis=1) >= statistic * (1 - 1e-9)).sum())
    return (1 + exceeding) / (1 + _FLIPS)


@checked(ratings=comparable, permutations=whole(0, MOST_DRAWS), seed=whole(0), threshold=whole(1))
def friedman_test(
    ratings: Ratings, *, permutations: int = 0, seed: int = 20260101, threshold: int = 1
) -> GlobalTest:
    """Generalised Friedman test of ratings: friedman.test, durbinTest and skillingsMackTest of R in one.

    permutations: with more than 0 the p-value is (1 + #{T* >= T}) / (1 + permutations) over random
    permutations of every rater's departments, exact with ties and few raters; chi-squared otherwise. Where
    items are missing, only departments with the same items from a rater are exchanged: the p-value stays
    valid, but is 1 where no rater has two such departments. Clusters of raters are never permuted: their
    p-value always comes from random signs of whole clusters. threshold: raters a department needs to take
    part.

    >>> from analysis import Ratings, friedman_test
    >>> round(friedman_test(Ratings.from_array([[3, 2, 1]] * 4)).statistic, 6)
    8.0
    """
    cells = cells_of(ratings)
    enough = cells.raters_per_department() >= threshold
    if not enough.any():
        raise NothingToRankError(
            f"没有部门达到 {threshold} 个评议人。",
            f"No department has {counted(threshold, 'rater')}.",
            column="threshold",
        )
    cells = cells.only(enough)
    found = friedman(cells)
    if not permutations or not found.df1 or cells.cluster is not None:
        return found
    parts = [(block, *_rank_scores(block)) for block in blocks(cells, _elements(cells))]
    D, g = cells.n_departments, np.random.default_rng(seed)
    total = sum(scatter(block.department, V, D) for block, _, V in parts)
    inverse = np.linalg.pinv(total, rcond=1e-9, hermitian=True)
    kinds = [(block.department.ravel(), score, _kinds(block)) for block, score, _ in parts]
    exceeding = 0
    for _ in range(permutations):
        a = np.zeros(D)
        for department, score, kind in kinds:
            a += np.bincount(department, _permuted(score, kind, g).ravel(), minlength=D)
        exceeding += bool(a @ inverse @ a >= found.statistic * (1 - 1e-9))
    p = (1 + exceeding) / (1 + permutations)
    return replace(found, p_value=p, method="Friedman, permutations")


def _elements(cells: Cells) -> Callable[[int], int]:
    K = 0 if cells.item_n is None else cells.n_items
    return lambda m: (3 + 3 * K) * m * m


def _kinds(block: Block) -> Ints | None:
    """Code of the set of items that each department of a rater has, (G, m); None where all have the same."""
    scores = block.item_score
    if scores is None or not _gaps(block).any():
        return None
    return np.asarray(np.isfinite(scores) @ (1 << np.arange(scores.shape[2])), dtype=np.intp)


def _permuted(score: Floats, kind: Ints | None, g: np.random.Generator) -> Floats:
    """Scores (G, m) permuted within each row, only among departments with the same kind (set of items)."""
    if kind is None:
        return g.permuted(score, axis=1)
    u = g.random(score.shape)
    shuffled = np.empty_like(score)
    order = np.lexsort((u, kind), axis=1)
    np.put_along_axis(shuffled, np.argsort(kind, axis=1), np.take_along_axis(score, order, 1), 1)
    return shuffled


def _rank_scores(block: Block) -> tuple[Floats, Floats]:
    """Centred, weighted midranks of each rater's departments, summed over items, (G, m), and their
    permutation covariance (G, m, m)."""
    G, m = block.department.shape
    score, covariance = np.zeros((G, m)), np.zeros((G, m, m))
    gaps = _gaps(block)
    if not gaps.all():
        scale = block.weight * np.sqrt(12 / (m + 1))
        score = sum(v * (midranks(y) - (m + 1) / 2) for v, y in block.by_item()) * scale[:, None]
        variance = (score**2).sum(axis=1) / m
        covariance = variance[:, None, None] * (np.eye(m) * m - 1) / max(m - 1, 1)
    if gaps.any():
        score[gaps], covariance[gaps] = _gapped_scores(block, gaps)
    return score, covariance


def _gaps(block: Block) -> NDArray[np.bool_]:
    """Whether each rater answered different items for different departments, (G,)."""
    scores = block.item_score if block.item_n is not None else None
    if scores is None:
        return np.zeros(block.rater.size, dtype=bool)
    answered = np.isfinite(scores)
    return np.asarray((answered != answered[:, :1]).any(axis=(1, 2)))


def _gapped_scores(block: Block, rows: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Scores and covariance of raters whose departments lack items; ranks are within the item.

    A score is a sum of signs s_ij = ½ Σ_l sign(y_ij - y_il) over the departments l with item i. If the
    complete answers of a rater's departments are exchangeable, two signs of items i and i' have expectation
    β_ii' when they compare the same two departments, ±α_ii' when they share one, and 0 otherwise. Means of
    the rater's own signs estimate both without bias, and the covariance is linear in them; it is the
    permutation covariance where nothing is missing.
    """
    v, y = zip(*block.by_item(), strict=True)
    scores = np.stack([one[rows] for one in y], axis=1)
    G, K, m = scores.shape
    e = np.isfinite(scores).astype(np.float64)
    sign = _signs(scores.reshape(-1, m)).reshape(m * m, -1).T.astype(np.float32)
    flat = np.ascontiguousarray(sign).reshape(G, K, m * m)
    s, n = flat.reshape(G, K, m, m).sum(axis=3, dtype=np.float64) / 2, e.sum(axis=2)
    q = np.array(v) * np.sqrt(12 / (n + 1)) * block.weight[rows][:, None]
    both = e @ _turned(e)
    same = (flat @ _turned(flat)).astype(np.float64)  # whole numbers, exact in single precision
    beta = _ratio(same, both * (both - 1))
    pairs = (n[:, :, None] - 1) * (n[:, None, :] - 1) - (both - 1)
    alpha = _ratio(4 * s @ _turned(s) - same, both * pairs)
    quarter = q[:, :, None] * q[:, None, :] / 4
    covariance = _covariance(e, n, both, quarter * alpha, quarter * beta)
    return np.asarray((q[:, :, None] * s).sum(axis=1)), covariance


def _covariance(e: Floats, n: Floats, both: Floats, alpha: Floats, beta: Floats) -> Floats:
    """Covariance of the scores, (G, m, m), for raters with missing items.

    e (G, K, m): whether item i is answered for j; n: departments per item; both: c_ii', departments with both
    items; weighted α, β. For departments j ≠ k: Σ_ii' α (c_ii' e_ij e_i'k - n_i' e_ij e_ik e_i'k - n_i e_ij
    e_i'j e_i'k) + (2α - β) e_ij e_i'j e_ik e_i'k; rows sum to 0, as an item's scores do.
    """
    shared = e * ((alpha * n[:, None, :]) @ e)
    cross = _turned(e) @ shared
    two = e[:, :, :, None] * e[:, :, None, :]
    flat = two.reshape(*e.shape[:2], -1)
    paired = (flat * ((2 * alpha - beta) @ flat)).sum(axis=1).reshape(two.shape[0], *two.shape[2:])
    found = _turned(e) @ (alpha * both) @ e - cross - _turned(cross) + paired
    at = np.arange(e.shape[2])
    found[:, at, at] = 0
    found[:, at, at] = -found.sum(axis=2)
    return np.asarray(found)


def _turned(matrices: NDArray[Any]) -> NDArray[Any]:
    return matrices.transpose(0, 2, 1)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _signs(values: Floats) -> NDArray[np.int8]:
    """Signs of the differences j − l within rows of values (N, m), as (m, m, N); 0 for ties and for gaps.

    Scores equal to 9 digits are tied. Rows come last so that numpy's inner loops are long.
    """
    column = np.ascontiguousarray(values.T)
    difference = column[:, None] - column[None, :]
    tied = 1e-9 * float(np.fmax.reduce(np.abs(values), axis=None, initial=1.0))
    return np.asarray((difference >= tied).view(np.int8) - (difference <= -tied).view(np.int8))


def midranks(values: Floats) -> Floats:
    """Ranks within each row, (G, m), ties averaged (scores equal to 9 digits are tied)."""
    above = _signs(values).sum(axis=1, dtype=np.float64)
    return np.asarray((above.T + values.shape[1] + 1) / 2)
