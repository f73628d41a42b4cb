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

from analysis.cells import blocks
from analysis.clusters import add, alone, several
from analysis.contrasts import Fit, information, moments
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


def freedom(fit: Fit) -> Freedom:
    """Degrees of freedom of all pairs and of each department against the average of its component."""
    D = fit.cells.n_departments
    product, mixed, square = np.zeros((D, D)), np.zeros((D, D)), np.zeros((D, D))
    large = fit.cells.n_raters * D * D > _SINGLE_PRECISION_FROM
    scale = float(np.abs(fit.inverse).max())
    A_plus = (fit.inverse[:, :D] / scale).astype(np.float32 if large else np.float64)
    own_cells, _ = alone(fit.cells)
    for block in blocks(own_cells, lambda m: D * (m + fit.cells.n_items), limit=1 << 21):
        part = moments(block, D)
        B = A_plus[part.index]
        T = (information(block, part) * scale).astype(B.dtype) @ B
        own = (B * T).sum(axis=1)
        product += own.T @ own
        mixed += (own[:, None, :] * B).reshape(-1, D).T @ T.reshape(-1, D)
        _add_squares(square, B, T)
    upper = np.triu(square)
    square = upper + np.triu(upper, 1).T
    clustered = _cluster_squares(fit, fit.inverse[:, :D] / scale, scale)
    return _freedom(fit.inverse[:D, :D] / scale, product, mixed, square, clustered, fit.component)


def _cluster_squares(fit: Fit, A_plus: Floats, scale: float) -> tuple[Floats, Floats]:
    """Σ q_c² over clusters of several raters, q_c being the sum of its raters' shares: by pair (D, D), and
    against the average (D,)."""
    P, D = A_plus.shape
    pairs, average = np.zeros((D, D)), np.zeros(D)
    for units, cells, place in several(fit.cells, P * P):
        A = np.zeros((units.size, P, P))
        for block in blocks(cells, lambda m: 2 * (m + fit.cells.n_items + 1) ** 2):
            part = moments(block, D)
            add(A, place[block.rater], part.index, information(block, part) * scale)
        share = A_plus.T @ A @ A_plus
        own = np.diagonal(share, axis1=1, axis2=2)
        q = own[:, :, None] + own[:, None, :] - 2 * share
        pairs += (q**2).sum(axis=0)
        average += (own**2).sum(axis=0)
    return pairs, average


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


def _freedom(
    own: Floats,
    product: Floats,
    mixed: Floats,
    square: Floats,
    clustered: tuple[Floats, Floats],
    component: NDArray[np.intp],
) -> Freedom:
    d, dd = np.diagonal(own), np.diagonal(product)
    total = d[:, None] + d[None, :] - 2 * own
    squares = clustered[0] + dd[:, None] + dd[None, :] + 2 * product - 4 * (mixed + mixed.T) + 4 * square
    apart = (component[:, None] != component[None, :]) | np.eye(d.size, dtype=bool)
    pairs = np.divide(total**2, squares, out=np.full_like(total, np.inf), where=~apart)
    return Freedom(np.maximum(pairs - 1, 1), np.maximum(d**2 / (dd + clustered[1]) - 1, 1))
