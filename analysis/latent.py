"""The latent guard: Bradley-Terry on who was scored above whom, and by how much.

W_jk = Σ_r w_r (y_rj - y_rk)₊ counts, over all cut points between levels, the raters who put j above and k not
above the cut: the pairwise conditional likelihood of an ordered logit with rater effects. θ solves
the Bradley-Terry equations on W; its covariance is the same rater-clustered jackknife. It assumes
no equal distances between levels, and is what keeps a ceiling from being taken for a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.cells import Block, Cells, blocks
from analysis.contrasts import pseudo_inverse, scatter
from analysis.sandwich import OuterSum, Strata, adjust

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_MOST_ITERATIONS = 100
_TIE = 1e-9
"""Relative to the largest score: two means this near are the same answers, added up in another order."""


@dataclass(frozen=True, eq=False)
class Latent:
    """theta: (D,) logits, mean 0 in each component; covariance: (D, D) jackknife; separated: some department
    always won or lost, and half a typical difference was added each way to every compared pair."""

    theta: Floats
    covariance: Floats
    wins: Floats
    separated: bool


def latent(cells: Cells, component: Ints, strata: Strata | None = None) -> Latent:
    """Bradley-Terry estimates and jackknife covariance for the components of the additive model."""
    wins, compared, typical = _wins(cells)
    separated = not _strongly_connected(wins, component)
    prior = np.where(compared, typical / 2, 0.0) if separated else np.zeros_like(wins)
    theta, inverse = bradley_terry(wins + prior, component)
    return Latent(theta, _covariance(cells, theta, inverse, strata), wins, separated)


def bradley_terry(wins: Floats, component: Ints) -> tuple[Floats, Floats]:
    """θ maximising Σ W_jk log σ(θ_j - θ_k), and the pseudo-inverse of its information (D, D)."""
    theta = np.zeros(wins.shape[0])
    total = wins + wins.T
    for _ in range(_MOST_ITERATIONS):
        p = expit(theta[:, None] - theta[None, :])
        gradient = (wins * (1 - p) - wins.T * p).sum(axis=1)
        inverse = pseudo_inverse(_laplacian(total * p * (1 - p)), component)
        step = inverse @ gradient
        largest = float(np.abs(step).max())
        theta = theta + step * min(1.0, 2.0 / max(largest, 1e-300))
        if largest < 1e-10:
            break
    p = expit(theta[:, None] - theta[None, :])
    return theta, pseudo_inverse(_laplacian(total * p * (1 - p)), component)


def _laplacian(weight: Floats) -> Floats:
    return np.asarray(np.diag(weight.sum(axis=1)) - weight)


def _wins(cells: Cells) -> tuple[Floats, NDArray[np.bool_], float]:
    """W (D, D), which pairs some rater rated both of, and the mean w_r |y_j - y_k| where it is not 0."""
    D = cells.n_departments
    wins, compared, decided = np.zeros((D, D)), np.zeros((D, D)), 0.0
    for block in blocks(cells, lambda m: 3 * m * m):
        ahead = _ahead(block) * block.weight[:, None, None]
        wins += scatter(block.department, ahead, D)
        compared += scatter(block.department, np.ones_like(ahead), D)
        decided += float((ahead > 0).sum())
    np.fill_diagonal(compared, 0)
    return wins, compared > 0, float(wins.sum()) / decided if decided else 1.0


def _ahead(block: Block) -> Floats:
    """(y_rj - y_rk)₊, (G, m, m); 0 for a tie, however its two means were rounded."""
    y = block.total / block.n
    difference = y[:, :, None] - y[:, None, :]
    return np.where(difference > _TIE * np.abs(y).max(initial=0.0), difference, 0.0)


def _strongly_connected(wins: Floats, component: Ints) -> bool:
    """Whether every department of a component beat, in some chain, every other: then θ is finite."""
    together = component[:, None] == component[None, :]
    reach = (wins > 0) | np.eye(wins.shape[0], dtype=bool)
    while True:
        further = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (further == reach).all():
            return bool((reach | ~together).all())
        reach = further


def _covariance(cells: Cells, theta: Floats, inverse: Floats, strata: Strata | None) -> Floats:
    outer = OuterSum(cells.n_departments, "jackknife", cells.n_raters, strata)
    for block in blocks(cells, lambda m: 6 * m * m):
        u, H_r = _scores(block, theta)
        hat = inverse[block.department[:, :, None], block.department[:, None, :]]
        outer.add(block.rater, block.department, adjust(H_r, hat, u, "jackknife"))
    return np.asarray(inverse @ outer.result() @ inverse)


def _scores(block: Block, theta: Floats) -> tuple[Floats, Floats]:
    """Score contributions (G, m) and information matrices (G, m, m) of a block."""
    ahead = _ahead(block) * block.weight[:, None, None]
    at = theta[block.department]
    p = expit(at[:, :, None] - at[:, None, :])
    behind = ahead.transpose(0, 2, 1)
    u = (ahead * (1 - p) - behind * p).sum(axis=2)
    weight = (ahead + behind) * p * (1 - p)
    H = -weight
    diagonal = np.arange(at.shape[1])
    H[:, diagonal, diagonal] += weight.sum(axis=2)
    return u, H
