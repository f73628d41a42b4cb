"""Latent (ordinal) scale: Bradley-Terry model of who was scored above whom, and by how much.

W_jk = Σ_r w_r Σ_i v_i (y_rji - y_rki)₊, over raters r with weight w_r and items i with weight v_i, counts
over all cut points between levels the raters who put j above and k not above the cut: the pairwise
conditional likelihood of an ordered logit with an effect of every rater on every item. Departments are
compared on the same item only, so a missing item says nothing about a department. θ maximises the
Bradley-Terry likelihood of W; its covariance is the same rater-clustered jackknife as in points. The model
does not assume equal distances between levels, and so guards against taking a ceiling for a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.model.blocks import Block, blocks
from analysis.model.cells import Cells
from analysis.model.clusters import add, alone, several
from analysis.model.contrasts import components, pseudo_inverse, scatter
from analysis.model.parts import Parts, summed
from analysis.model.sandwich import OuterSum, Strata, adjust
from analysis.values.arguments import checked, refusal
from analysis.values.arrays import codes, square

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_MOST_ITERATIONS = 100
_UNKNOWN = 1e6
"""Variance, in squared logits, of the level of departments that nobody compared with the others."""
_TIE = 1e-9
"""Two means that differ by less, relative to the largest score, are tied: only rounding differs."""


@dataclass(frozen=True, eq=False)
class Latent:
    """Estimates on the latent scale. theta: (D,) logits, mean 0 in each component; covariance: (D, D)
    jackknife.

    wins: (D, D) W; separated: whether some department always won or lost, so that half a typical difference
    was added each way to every compared pair; prior: (D, D) what was added; influence: (U, D) of units on
    theta, None where units are many; part: (D,) codes of departments linked by comparisons on the same item.
    Departments of one component in different parts have a theta of mean 0 in their part and a covariance so
    large that nothing can be said between parts.
    """

    theta: Floats
    covariance: Floats
    wins: Floats
    separated: bool
    influence: Floats | None
    prior: Floats
    part: Ints


def latent(
    cells: Cells | Parts, component: Ints, strata: Strata | None = None, *, keep: bool = False
) -> Latent:
    """Estimate the latent scale, with jackknife covariance; component: (D,) of the additive model.

    keep: keep influences also where units are many.
    """
    wins, together, decided = summed(cells, _wins)
    compared, typical = together > 0, float(wins.sum()) / decided if decided else 1.0
    part = components(-compared.astype(np.float64)) if cells.n_items else component
    separated = not _strongly_connected(wins, part)
    prior = np.where(compared, typical / 2, 0.0) if separated else np.zeros_like(wins)
    theta, inverse = bradley_terry(wins + prior, part)
    middle, root = _middle(cells, theta, inverse, strata, keep)
    covariance = inverse @ middle @ inverse
    if part.max() > component.max():
        covariance += _UNKNOWN * (part[:, None] == part[None, :])
    always = separated and bool(wins.any())  # where all are tied, nobody wins or loses
    return Latent(theta, covariance, wins, always, None if root is None else root @ inverse, prior, part)


def _check_wins(wins: Floats, component: Ints) -> None:
    if (wins < 0).any() or np.diagonal(wins).any():
        raise refusal("wins", "胜场不能为负，自己对自己为 0。", "none is negative, the diagonal is 0.")
    if component.size != len(wins) or set(component.tolist()) != set(range(int(component.max()) + 1)):
        raise refusal(
            "component", f"应有 {len(wins)} 个从 0 起的编号。", f"needs {len(wins)} codes from 0 on."
        )
    if wins[component[:, None] != component[None, :]].any():
        raise refusal("component", "不同组之间有胜负。", "there are wins between components.")
    if not _strongly_connected(wins, component):
        raise refusal(
            "wins",
            "有的部门全胜或全败，估计值为无穷大；请先在每对部门间各加少量胜负。",
            "some department won or lost every comparison, so its estimate is infinite; "
            "add a little of a win each way to every pair first.",
        )


@checked(wins=square, component=codes)
def bradley_terry(wins: Floats, component: Ints) -> tuple[Floats, Floats]:
    """Estimates θ (D,) that maximise Σ W_jk log σ(θ_j - θ_k), and the pseudo-inverse of their information (D,
    D).

    wins: W (D, D); component: (D,) codes. Raises InputError for negative wins, and where some department of a
    component beat all others or none.

    >>> import numpy as np
    >>> from analysis import bradley_terry
    >>> theta, _ = bradley_terry(np.array([[0, 3], [1, 0]]), np.array([0, 0]))
    >>> bool(np.isclose(theta[0] - theta[1], np.log(3)))
    True
    """
    _check_wins(wins, component)
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


def _wins(cells: Cells) -> tuple[Floats, Floats, float]:
    """Weighted wins W (D, D); (D, D) how often a rater rated both on one item; number of wins."""
    D = cells.n_departments
    wins, compared, decided = np.zeros((D, D)), np.zeros((D, D)), 0.0
    for block in blocks(cells, lambda m: 3 * m * m):
        won = ahead(block) * block.weight[:, None, None]
        wins += scatter(block.department, won, D)
        compared += scatter(block.department, _on_one_item(block), D)
        decided += float((won > 0).sum())
    np.fill_diagonal(compared, 0)
    return wins, compared, decided


def ahead(block: Block) -> Floats:
    """Sum over items Σ_i v_i (y_rji - y_rki)₊ for each rater and pair, (G, m, m); 0 for a tie or a gap."""
    G, m = block.department.shape
    total = np.zeros((m, m, G))  # raters last: the loops inside numpy are then long
    for v, y in block.by_item():
        column = np.ascontiguousarray(y.T)
        difference = column[:, None] - column[None, :]
        np.fmax(difference, 0, out=difference)
        least = _TIE * float(np.fmax.reduce(np.abs(y), axis=None, initial=0.0))
        difference *= difference > least
        difference *= v
        total += difference
    return np.ascontiguousarray(total.transpose(2, 0, 1))


def _on_one_item(block: Block) -> Floats:
    """Number of items that a rater answered for both departments, (G, m, m); all ones without gaps."""
    scores = block.item_score if block.item_n is not None else None
    if scores is None:
        G, m = block.department.shape
        return np.ones((G, m, m))
    answered = np.isfinite(scores).astype(np.float64)
    return np.asarray(answered @ answered.transpose(0, 2, 1))


def _strongly_connected(wins: Floats, component: Ints) -> bool:
    """Whether in each component every department beat every other through some chain of wins (then θ is
    finite)."""
    together = component[:, None] == component[None, :]
    reach = (wins > 0) | np.eye(wins.shape[0], dtype=bool)
    while True:
        further = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (further == reach).all():
            return bool((reach | ~together).all())
        reach = further


def _middle(
    cells: Cells | Parts, theta: Floats, inverse: Floats, strata: Strata | None, keep: bool
) -> tuple[Floats, Floats | None]:
    """Middle (D, D) of the jackknife covariance, and its root (U, D) where units are few or `keep`."""
    if isinstance(cells, Parts):
        return summed(cells, _total, theta, inverse, cells.n_units)[0], None
    outer = _outer(cells, theta, inverse, cells.n_units, strata, keep)
    return outer.result(), outer.root()


def _total(cells: Cells, theta: Floats, inverse: Floats, units: int) -> tuple[Floats]:
    return (_outer(cells, theta, inverse, units, None, False).result(),)


def _outer(
    cells: Cells, theta: Floats, inverse: Floats, units: int, strata: Strata | None, keep: bool
) -> OuterSum:
    D = cells.n_departments
    outer = OuterSum(D, "jackknife", cells, units, strata, keep=keep)
    own, raters = alone(cells)
    for block in blocks(own, lambda m: 6 * m * m):
        u, H_r = _scores(block, theta)
        hat = inverse[block.department[:, :, None], block.department[:, None, :]]
        outer.add(cells.unit[raters[block.rater]], block.department, adjust(H_r, hat, u, "jackknife"))
    for of_several, part, place in several(cells, D * D):
        u, H = np.zeros((of_several.size, D)), np.zeros((of_several.size, D, D))
        for block in blocks(part, lambda m: 6 * m * m):
            u_r, H_r = _scores(block, theta)
            add(u, place[block.rater], block.department, u_r)
            add(H, place[block.rater], block.department, H_r)
        hat = np.broadcast_to(inverse, H.shape)
        outer.add(of_several, np.broadcast_to(np.arange(D), u.shape), adjust(H, hat, u, "jackknife"))
    return outer


def _scores(block: Block, theta: Floats) -> tuple[Floats, Floats]:
    """Score contributions (G, m) and information matrices (G, m, m) of the raters of a block."""
    won = ahead(block) * block.weight[:, None, None]
    at = theta[block.department]
    p = expit(at[:, :, None] - at[:, None, :])
    lost = won.transpose(0, 2, 1)
    u = (won * (1 - p) - lost * p).sum(axis=2)
    weight = (won + lost) * p * (1 - p)
    H = -weight
    diagonal = np.arange(at.shape[1])
    H[:, diagonal, diagonal] += weight.sum(axis=2)
    return u, H
