"""Score tests on the ordinal scale: every statement (pair, or department against the average) tested at its
own null.

Estimate over standard error breaks down where a department wins nearly always (Hauck & Donner 1977): the odds
then depend on the few who put it lower, and the standard error grows faster than the estimate. A score is
computed under the null hypothesis instead: at θ̃, which is θ̂ with θ_j = θ_k at their best common value, or
with θ_j at the mean of the others. For a contrast c with information A, the effective score Σ_r a_r, a_r =
cᵀA⁺(θ̃) u_r(θ̃), does not depend on the other estimates to first order (Neyman's C(α) test); the signs of a_r
are flipped (Kline & Santos 2012).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.model.blocks import blocks
from analysis.model.cells import Cells
from analysis.model.latent import Latent, ahead
from analysis.model.parts import Parts, summed
from analysis.model.sandwich import Strata, factors

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST = 3_000_000_000
"""Largest units × pairs × statements (about a second); beyond it no scores are computed."""
_AT_ONCE = 1 << 21
_NEWTON = 60


@dataclass(frozen=True, eq=False)
class Scores:
    """Effective scores of M statements: the pairs j < k within components, then every department against its
    average.

    total: (M,) scores; variance: (M,) of them; influence: (U, M) contribution of every unit, with squares
    summing to the variance, (0, M) of cells in parts; centred: whether contributions are taken about the mean
    of their strata (else about 0).
    """

    total: Floats
    variance: Floats
    influence: Floats
    centred: bool

    def signs(self, component: Ints) -> tuple[Floats, Floats]:
        """Signs of the scores: (D, D) of pairs, antisymmetric, and (D,) of departments against the
        average."""
        j, k = pairs_within(component)
        square = np.zeros((component.size,) * 2)
        square[j, k] = np.sign(self.total[: j.size])
        return square - square.T, np.sign(self.total[j.size :])

    def standardised(self, share: Floats, df: Floats) -> Floats:
        """t-statistics (M,) of the scores, in the form that `signflips` uses.

        share: (U, M) share of each unit in the information, summing to 1; df: (M,).
        """
        root = np.sqrt(self.variance)
        z = np.divide(self.total, root, out=np.zeros_like(root), where=root > 0)
        if self.centred:
            return z
        a = np.divide(self.influence, root, out=np.zeros_like(self.influence), where=root > 0)
        room = 1 - z * (2 * (share * a).sum(axis=0) - z * (share**2).sum(axis=0))
        return np.asarray(z / np.sqrt(np.maximum(room, _LEAST) * (1 + 1 / df)))


_LEAST = 1e-6


def pairs_within(component: Ints) -> tuple[Ints, Ints]:
    """Indices j < k of all pairs within a component."""
    j, k = np.triu_indices(component.size, 1)
    same = component[j] == component[k]
    return j[same], k[same]


def null_scores(
    cells: Cells | Parts, at: Latent, component: Ints, strata: Strata | None = None
) -> Scores | None:
    """Scores of all pairs and averages under their null hypotheses; None where that would cost more than
    `MOST`."""
    D, (j, k) = cells.n_departments, pairs_within(component)
    M = j.size + D
    if cells.n_units * (D * (D - 1) // 2) * M > MOST:
        return None
    contrast, theta = _hypotheses(at, component, j, k)
    prior = np.concatenate([_prior(at, *load) for _, load in _loaded(at, contrast, theta)])
    comparable = np.abs(_within_parts(contrast, at.part)).max(axis=1) < 1e-9
    if isinstance(cells, Parts):
        total, squares = summed(cells, _sums, at, contrast, theta)
        kept = [np.where(comparable, values, 0.0) for values in (prior + total, squares)]
        return Scores(kept[0], kept[1], np.zeros((0, M)), False)
    influence = np.where(comparable, _influence(cells, at, contrast, theta), 0.0)
    total = np.where(comparable, prior, 0.0) + influence.sum(axis=0)
    if strata is not None:
        influence = _centred(influence, strata.of_units(cells), cells.n_units)
    return Scores(total, (influence**2).sum(axis=0), influence, strata is not None)


def _loaded(at: Latent, contrast: Floats, theta: Floats) -> Iterator[tuple[slice, tuple[Floats, Floats]]]:
    """Yield some of the statements at a time, with their `_loadings`."""
    step = max(1, _AT_ONCE // at.theta.size**2)
    for i in range(0, len(contrast), step):
        part = slice(i, i + step)
        yield part, _loadings(at, contrast[part], theta[part])


def _influence(cells: Cells, at: Latent, contrast: Floats, theta: Floats) -> Floats:
    """Contribution of every unit to every score, (U, M)."""
    own, both = _by_unit(cells)
    influence = np.zeros((cells.n_units, len(contrast)))
    for part, (loading, crossed) in _loaded(at, contrast, theta):
        influence[:, part] = own @ loading.T - both @ crossed
    return influence


def _sums(cells: Cells, at: Latent, contrast: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Sums over the units of a part of their contributions to the scores, and of the squares of these,
    (M,) each."""
    influence = _influence(cells, at, contrast, theta)
    return influence.sum(axis=0), (influence**2).sum(axis=0)


def _within_parts(contrast: Floats, part: Ints) -> Floats:
    """Sums (M, parts) of each contrast over the departments of each part (linked by raters' comparisons on
    one item)."""
    return contrast @ np.eye(int(part.max()) + 1)[part]


def _hypotheses(at: Latent, component: Ints, j: Ints, k: Ints) -> tuple[Floats, Floats]:
    """Contrasts (M, D) that are 0 under each null hypothesis, and θ̃ (M, D), θ̂ changed so that they are."""
    D, n = component.size, j.size
    together = (component[:, None] == component).astype(np.float64)
    contrast = np.concatenate([np.zeros((n, D)), np.eye(D) - together / together.sum(axis=1, keepdims=True)])
    rows = np.arange(n)
    contrast[rows, j], contrast[rows, k] = 1, -1
    theta = np.repeat(at.theta[None], n + D, axis=0)
    common = _common(at, j, k)
    theta[rows, j] = theta[rows, k] = common
    others = together - np.eye(D)
    of_others = others @ at.theta / np.maximum(others.sum(axis=1), 1)
    theta[n + np.arange(D), np.arange(D)] = of_others
    return contrast, theta


def _common(at: Latent, j: Ints, k: Ints) -> Floats:
    """Common value of θ_j = θ_k, (n,), that maximises the likelihood while the other θ stay."""
    wins = at.wins + at.prior
    rows, games = np.arange(j.size), wins + wins.T
    won, played = wins[j] + wins[k], games[j] + games[k]
    for one in (j, k):
        won[rows, one] = played[rows, one] = 0
    value = (at.theta[j] + at.theta[k]) / 2
    for _ in range(_NEWTON):
        p = expit(value[:, None] - at.theta)
        slope = (played * p * (1 - p)).sum(axis=1)
        step = (won - played * p).sum(axis=1) / np.maximum(slope, 1e-300)
        step = np.where(slope > 0, np.clip(step, -1, 1), 0.0)
        value = value + step
        if np.abs(step).max(initial=0) < 1e-9:
            break
    return value


def _by_unit(cells: Cells) -> tuple[Floats, Floats]:
    """Wins (U, D) of every department, and weight of decided comparisons of each pair l < k, (U, pairs), by
    unit."""
    D, U = cells.n_departments, cells.n_units
    first, second = np.triu_indices(D, 1)
    number = np.zeros((D, D), dtype=np.intp)
    number[first, second] = np.arange(first.size)
    own, both = np.zeros(U * D), np.zeros(U * first.size)
    for block in blocks(cells, lambda m: 6 * m * m):
        won = ahead(block) * block.weight[:, None, None]
        unit = cells.unit[block.rater]
        own += np.bincount((unit[:, None] * D + block.department).ravel(), won.sum(axis=2).ravel(), U * D)
        a, b = np.triu_indices(block.department.shape[1], 1)
        low = np.minimum(block.department[:, a], block.department[:, b])
        high = np.maximum(block.department[:, a], block.department[:, b])
        place = unit[:, None] * first.size + number[low, high]
        both += np.bincount(place.ravel(), (won[:, a, b] + won[:, b, a]).ravel(), both.size)
    return own.reshape(U, D), both.reshape(U, first.size)


def _loadings(at: Latent, contrast: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Rows cᵀA⁺(θ̃), (S, D), and the expected score of one decided comparison of each pair l < k,
    (pairs, S)."""
    D = theta.shape[1]
    wins = at.wins + at.prior
    p = expit(theta[:, :, None] - theta[:, None, :])
    A = -(wins + wins.T) * p * (1 - p)
    diagonal = np.arange(D)
    A[:, diagonal, diagonal] = 0
    A[:, diagonal, diagonal] = -A.sum(axis=2)
    scale = np.maximum(A[:, diagonal, diagonal].mean(axis=1), 1e-300)
    alike = (at.part[:, None] == at.part).astype(np.float64)
    system = A / scale[:, None, None] + alike + 1e-12 * np.eye(D)
    loading = np.linalg.solve(system, contrast[:, :, None])[:, :, 0] / scale[:, None]
    first, second = np.triu_indices(D, 1)
    won = p[:, first, second]
    return loading, np.asarray((loading[:, first] * won + loading[:, second] * (1 - won)).T)


def _prior(at: Latent, loading: Floats, crossed: Floats) -> Floats:
    """Contribution (S,) to the scores by the prior comparisons that were added to every compared pair."""
    first, second = np.triu_indices(at.theta.size, 1)
    added = at.prior[first, second]
    return np.asarray((loading[:, first] + loading[:, second]) @ added - 2 * added @ crossed)


def _centred(influence: Floats, strata: Strata, units: int) -> Floats:
    """Unit contributions as deviations from their strata's means, scaled so that squares sum to the
    variance."""
    n = strata.counts
    sums = np.zeros((n.size, influence.shape[1]))
    np.add.at(sums, strata.code, influence)
    mean = np.where(n[:, None] > 1, sums / np.maximum(n, 1)[:, None], 0.0)
    factor = factors("jackknife", units, strata)
    return np.asarray((influence - mean[strata.code]) * np.sqrt(factor)[strata.code, None])
