"""Degrees of freedom: how many raters really stand behind a difference.

q_r,jk = P_jj + P_kk - 2 P_jk with P_r = A⁺ A_r A⁺ is rater r's share of the variance of θ̂_j - θ̂_k under
independent errors; ν_jk = (Σ q)² / Σ q² - 1, at least 1. Of raters that belong together the shares are added
before they are squared.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Block, Cells, blocks
from analysis.clusters import add, alone, several
from analysis.contrasts import Fit, information, moments
from analysis.sandwich import Strata
from analysis.threads import processors, single_blas_thread

Floats = NDArray[np.float64]

# Beyond this many shares the squares are summed in single precision: relative error of ν about 1e-5.
_SINGLE_PRECISION_FROM = 500_000_000
_TILE = 128
_IN_CACHE = 1 << 18


@dataclass(frozen=True, eq=False)
class Freedom:
    """pairs: (D, D) ν_jk, inf on the diagonal and between components; average: (D,) ν against the average."""

    pairs: Floats
    average: Floats


def freedom(fit: Fit, strata: Strata | None = None) -> Freedom:
    """Degrees of freedom of all pairs and of each department against the average of its component.

    With strata each has degrees of freedom of its own, and one taken whole has neither variance nor any:
    Satterthwaite over the pieces (1 − f_h) n_h/(n_h − 1) Σ (u − ū)² under independent errors.
    """
    component = fit.component
    apart = (component[:, None] != component[None, :]) | np.eye(component.size, dtype=bool)
    if strata is None:
        share = _shares(fit, fit.cells)
        pairs = _ratio(share.pairs**2, share.pairs_squared) - 1
        average = _ratio(share.average**2, share.average_squared) - 1
        return Freedom(np.where(apart, np.inf, np.maximum(pairs, 1)), np.maximum(average, 1))
    strata = strata.of_units(fit.cells)
    D = component.size
    top, bottom = [np.zeros((D, D)), np.zeros(D)], [np.zeros((D, D)), np.zeros(D)]
    for h, (n, f) in enumerate(zip(strata.counts.tolist(), strata.fraction.tolist(), strict=True)):
        if n == 0 or f >= 1:
            continue
        share = _shares(fit, fit.cells.rows((strata.code == h)[fit.cells.unit[fit.cells.rater]]))
        scale = (1 - f) * (n / (n - 1) if n > 1 else 1.0)
        for k, (sum_q, sum_q2) in enumerate(
            ((share.pairs, share.pairs_squared), (share.average, share.average_squared))
        ):
            centre = 1 / n if n > 1 else 0.0
            top[k] += scale * (1 - centre) * sum_q
            bottom[k] += scale**2 * (sum_q2 * (1 - 2 * centre) + (sum_q * centre) ** 2)
    pairs, average = (_ratio(t**2, b) for t, b in zip(top, bottom, strict=True))
    return Freedom(np.where(apart, np.inf, np.maximum(pairs, 1)), np.maximum(average, 1))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """Infinite where nothing varies."""
    return np.asarray(np.divide(top, bottom, out=np.full_like(top, np.inf), where=bottom > 0))


def unit_shares(fit: Fit, strata: Strata | None = None) -> Floats:
    """(U, D, D) the share P_u of every independent unit in A⁺, times its part of the variance (1 − f)."""
    cells, D = fit.cells, fit.cells.n_departments
    shares = np.zeros((cells.n_units, D, D))
    for block in blocks(cells, lambda m: D * (D + m + cells.n_items)):
        part = moments(block, D)
        B = fit.inverse[:, :D][part.index]
        np.add.at(shares, cells.unit[block.rater], B.transpose(0, 2, 1) @ (information(block, part) @ B))
    if strata is not None:
        strata = strata.of_units(cells)
        shares *= (1 - strata.fraction)[strata.code][:, None, None]
    return shares


@dataclass(frozen=True, eq=False)
class _Shares:
    """Σ q and Σ q² over units: pairs (D, D), average (D,), in units of the squared scale."""

    pairs: Floats
    pairs_squared: Floats
    average: Floats
    average_squared: Floats


def _shares(fit: Fit, cells: Cells) -> _Shares:
    D = cells.n_departments
    total, product, mixed, square = (np.zeros((D, D)) for _ in range(4))
    large = cells.n_raters * D * D > _SINGLE_PRECISION_FROM
    scale = float(np.abs(fit.inverse).max())
    A_plus = (fit.inverse[:, :D] / scale).astype(np.float32 if large else np.float64)
    own_cells, _ = alone(cells)
    for block in blocks(own_cells, lambda m: D * (m + cells.n_items), limit=1 << 21):
        part = moments(block, D)
        B = A_plus[part.index]
        T = (information(block, part) * scale).astype(B.dtype) @ B
        own = (B * T).sum(axis=1)
        product += own.T @ own
        mixed += (own[:, None, :] * B).reshape(-1, D).T @ T.reshape(-1, D)
        total += B.reshape(-1, D).T @ T.reshape(-1, D)
        _add_squares(square, B, T)
    upper = np.triu(square)
    square = upper + np.triu(upper, 1).T
    whole, pairs2, average2 = _clusters(cells, fit.inverse[:, :D] / scale, scale)
    total = whole + (total + total.T) / 2
    d, dd = np.diagonal(total), np.diagonal(product)
    squares = pairs2 + dd[:, None] + dd[None, :] + 2 * product - 4 * (mixed + mixed.T) + 4 * square
    return _Shares(d[:, None] + d[None, :] - 2 * total, squares, d, dd + average2)


def _clusters(cells: Cells, A_plus: Floats, scale: float) -> tuple[Floats, Floats, Floats]:
    """Over clusters of several raters, q_c being the sum of its raters' shares: Σ P_c (D, D), Σ q_c² by pair
    (D, D), and against the average (D,)."""
    P, D = A_plus.shape
    total, pairs, average = np.zeros((D, D)), np.zeros((D, D)), np.zeros(D)
    for units, part_cells, place in several(cells, P * P):
        A = np.zeros((units.size, P, P))
        for block in blocks(part_cells, lambda m: 2 * (m + cells.n_items + 1) ** 2):
            part = moments(block, D)
            add(A, place[block.rater], part.index, information(block, part) * scale)
        share = A_plus.T @ A @ A_plus
        own = np.diagonal(share, axis1=1, axis2=2)
        q = own[:, :, None] + own[:, None, :] - 2 * share
        total += share.sum(axis=0)
        pairs += (q**2).sum(axis=0)
        average += (own**2).sum(axis=0)
    return total, pairs, average


def _add_squares(square: Floats, B: NDArray[Any], T: NDArray[Any]) -> None:
    """Add Σ_r P_r∘P_r, P_r = B_rᵀ T_r being symmetric, to the tiles of ``square`` on and above the diagonal.

    Tiles of a few raters at a time stay in the processor's cache; they are shared among threads.
    """
    D = square.shape[0]
    step = max(1, _IN_CACHE // min(D, _TILE) ** 2)
    tiles = [(i, k) for i in range(0, D, _TILE) for k in range(i, D, _TILE)]

    def add(tile: tuple[int, int]) -> None:
        i, k = tile
        left, right = B[:, :, i : i + _TILE].transpose(0, 2, 1), T[:, :, k : k + _TILE]
        for g in range(0, B.shape[0], step):
            P = left[g : g + step] @ right[g : g + step]
            square[i : i + _TILE, k : k + _TILE] += np.einsum("gjk,gjk->jk", P, P)

    if len(tiles) == 1:
        add(tiles[0])
        return
    with single_blas_thread(), ThreadPoolExecutor(processors()) as pool:
        list(pool.map(add, tiles))


def contrast_freedom(fit: Fit, contrasts: Floats) -> Floats:
    """(M,) (Σq)²/Σq² − 1, at least 1, of contrasts (M, D); inf for a contrast that is 0."""
    lead = np.take_along_axis(contrasts, np.argmax(np.abs(contrasts), axis=1)[:, None], axis=1)
    distinct, place = np.unique(np.where(lead < 0, -contrasts, contrasts), axis=0, return_inverse=True)
    D, M = fit.cells.n_departments, len(distinct)
    loading = np.ascontiguousarray((distinct @ fit.inverse[:D]).T)
    first, second = np.zeros(M), np.zeros(M)
    own, _ = alone(fit.cells)
    for block in blocks(own, lambda m: M * (m + fit.cells.n_items)):
        q = _block_shares(block, loading, D)
        first += q.sum(axis=0)
        second += (q**2).sum(axis=0)
    for units, cells, at in several(fit.cells, M):
        q_c = np.zeros((units.size, M))
        for block in blocks(cells, lambda m: M * (m + fit.cells.n_items)):
            np.add.at(q_c, at[block.rater], _block_shares(block, loading, D))
        first += q_c.sum(axis=0)
        second += (q_c**2).sum(axis=0)
    ratio = np.divide(first**2, second, out=np.full(M, np.inf), where=second > 0)
    return np.asarray(np.maximum(ratio - 1, 1))[place]


def _block_shares(block: Block, loading: Floats, D: int) -> Floats:
    """(G, M) q_r of each contrast."""
    part = moments(block, D)
    B = loading[part.index]
    return np.asarray(np.einsum("gpm,gpm->gm", information(block, part) @ B, B))
