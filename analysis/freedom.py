"""Degrees of freedom: how many raters really stand behind a difference.

q_r,jk = P_jj + P_kk - 2 P_jk with P_r = A⁺ A_r A⁺ is rater r's share of the variance of θ̂_j - θ̂_k under
independent errors; ν_jk = (Σ q)² / Σ q² - 1, at least 1.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.cells import blocks
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
    for block in blocks(fit.cells, lambda m: D * (m + fit.cells.n_items), limit=1 << 21):
        part = moments(block, D)
        B = A_plus[part.index]
        T = (information(block, part) * scale).astype(B.dtype) @ B
        own = (B * T).sum(axis=1)
        product += own.T @ own
        mixed += (own[:, None, :] * B).reshape(-1, D).T @ T.reshape(-1, D)
        _add_squares(square, B, T)
    upper = np.triu(square)
    square = upper + np.triu(upper, 1).T
    return _freedom(fit.inverse[:D, :D] / scale, product, mixed, square, fit.component)


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
    own: Floats, product: Floats, mixed: Floats, square: Floats, component: NDArray[np.intp]
) -> Freedom:
    d, dd = np.diagonal(own), np.diagonal(product)
    total = d[:, None] + d[None, :] - 2 * own
    squares = dd[:, None] + dd[None, :] + 2 * product - 4 * (mixed + mixed.T) + 4 * square
    apart = (component[:, None] != component[None, :]) | np.eye(d.size, dtype=bool)
    pairs = np.divide(total**2, squares, out=np.full_like(total, np.inf), where=~apart)
    return Freedom(np.maximum(pairs - 1, 1), np.maximum(d**2 / dd - 1, 1))
