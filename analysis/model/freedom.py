"""Degrees of freedom of differences: the effective number of raters behind each, less one.

q_r,jk = P_jj + P_kk - 2 P_jk with P_r = A⁺ A_r A⁺ is rater r's share of the variance of θ̂_j - θ̂_k under
independent errors; ν_jk = (Σ q)² / Σ q² - 1, at least 1. Shares of the raters of a cluster are added before
they are squared.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.model.blocks import Block, blocks
from analysis.model.cells import Cells
from analysis.model.clusters import alone, several, summed_information
from analysis.model.contrasts import Fit, informed, moments, summed_fit
from analysis.model.parts import summed
from analysis.model.sandwich import Strata
from analysis.threads import processors, single_blas_thread

Floats = NDArray[np.float64]

# With more shares than this, squares are summed in single precision: relative error of ν about 1e-5.
_SINGLE_PRECISION_FROM = 500_000_000
# With more raters than this, every k-th rater is taken to represent k, if a check allows it.
_MANY = 100_000
_CLOSE = 0.1
_TILE = 128
_IN_CACHE = 1 << 18


@dataclass(frozen=True, eq=False)
class Freedom:
    """Degrees of freedom; pairs: (D, D) ν_jk, inf on the diagonal and between components; average: (D,)
    against the average."""

    pairs: Floats
    average: Floats


def freedom(fit: Fit, strata: Strata | None = None) -> Freedom:
    """Degrees of freedom of all pairs, and of each department against the average of its component.

    With strata: Satterthwaite's combination of the strata's variances (1 − f_h) n_h/(n_h − 1) Σ (u − ū)²
    under independent errors; a stratum of which all answered (f_h = 1) has no variance and is left out.
    """
    component = fit.component
    apart = (component[:, None] != component[None, :]) | np.eye(component.size, dtype=bool)
    if strata is None:
        share, each = _sampled(fit, ~apart)
        pairs = each * _ratio(share.pairs**2, share.pairs_squared) - 1
        average = each * _ratio(share.average**2, share.average_squared) - 1
        return Freedom(np.where(apart, np.inf, np.maximum(pairs, 1)), np.maximum(average, 1))
    strata, D = strata.of_units(fit.cells), component.size
    large = fit.cells.n_raters * D * D > _SINGLE_PRECISION_FROM
    top, bottom = [np.zeros((D, D)), np.zeros(D)], [np.zeros((D, D)), np.zeros(D)]
    for h, (n, f) in enumerate(zip(strata.counts.tolist(), strata.fraction.tolist(), strict=True)):
        if n == 0 or f >= 1:
            continue
        share = _shares(fit, fit.cells.rows((strata.code == h)[fit.cells.unit[fit.cells.rater]]), large)
        for k, (sum_q, sum_q2) in enumerate(
            ((share.pairs, share.pairs_squared), (share.average, share.average_squared))
        ):
            part = _of_stratum(n, f, sum_q, sum_q2)
            top[k] += part[0]
            bottom[k] += part[1]
    pairs, average = (_ratio(t**2, b) for t, b in zip(top, bottom, strict=True))
    return Freedom(np.where(apart, np.inf, np.maximum(pairs, 1)), np.maximum(average, 1))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """`top / bottom`, inf where bottom is 0."""
    return np.asarray(np.divide(top, bottom, out=np.full_like(top, np.inf), where=bottom > 0))


def unit_shares(fit: Fit, strata: Strata | None = None) -> Floats:
    """Share P_u of every independent unit in A⁺, (U, D, D), times 1 − f (the part that was not sampled) of
    its stratum."""
    cells, D = fit.cells, fit.cells.n_departments
    shares = np.zeros((cells.n_units, D, D))
    for block in blocks(cells, lambda m: D * (D + m + cells.n_items)):
        part = moments(block, D)
        B = fit.inverse[:, :D][part.index]
        np.add.at(shares, cells.unit[block.rater], B.transpose(0, 2, 1) @ informed(block, part, B))
    if strata is not None:
        strata = strata.of_units(cells)
        shares *= (1 - strata.fraction)[strata.code][:, None, None]
    return shares


@dataclass(frozen=True, eq=False)
class _Shares:
    """Sums Σ q and Σ q² over units: of pairs (D, D) and of departments against the average (D,)."""

    pairs: Floats
    pairs_squared: Floats
    average: Floats
    average_squared: Floats


def _sampled(fit: Fit, compared: NDArray[np.bool_]) -> tuple[_Shares, int]:
    """Sums of shares over every k-th rater, and k; k = 1 (all raters) unless raters are very many.

    The shares of all raters sum to A⁺. If k times the sample's sum is not close to that for every pair
    compared, few raters stand behind some pair, and all raters are used.
    """
    cells, D = fit.source, fit.source.n_departments
    k, large = cells.n_raters // _MANY, cells.n_raters * D * D > _SINGLE_PRECISION_FROM
    if k > 1 and not cells.clustered and _alike(*summed(cells, _ends, by=(np.minimum, np.maximum))):
        some = _Shares(*summed_fit(fit, _every, k, large))
        P = fit.inverse[:D, :D] / np.abs(fit.inverse).max()
        d = np.diagonal(P)
        whole = d[:, None] + d[None, :] - 2 * P
        if np.allclose(k * some.pairs[compared], whole[compared], rtol=_CLOSE, atol=0):
            return some, k
    return _Shares(*summed_fit(fit, _every, 1, large)), 1


def _ends(cells: Cells) -> tuple[Floats, Floats]:
    """Least, then largest weight of a rater and number of ratings of a cell, (2,) each."""
    least = [cells.weight.min(initial=np.inf), cells.n.min(initial=np.inf)]
    return np.array(least), np.array([cells.weight.max(initial=0), cells.n.max(initial=0)])


def _alike(least: Floats, most: Floats) -> bool:
    return bool(least[0] == most[0] and most[1] <= 4 * least[1])


def _every(fit: Fit, k: int, large: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Members of `_Shares` of every k-th rater; large: whether squares are summed in single precision."""
    cells = fit.cells
    number = np.arange(cells.n_raters) if cells.number is None else cells.number
    found = _shares(fit, cells if k == 1 else cells.rows(number[cells.rater] % k == 0), large)
    return found.pairs, found.pairs_squared, found.average, found.average_squared


def _shares(fit: Fit, cells: Cells, large: bool) -> _Shares:
    D = cells.n_departments
    total, product, mixed, square = (np.zeros((D, D)) for _ in range(4))
    scale = float(np.abs(fit.inverse).max())
    A_plus = (fit.inverse[:, :D] / scale).astype(np.float32 if large else np.float64)
    own_cells, _ = alone(cells)
    for block in blocks(own_cells, lambda m: D * (m + cells.n_items)):
        part = moments(block, D)
        B = A_plus[part.index]
        T = informed(block, part, B) * B.dtype.type(scale)
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
    """Sums over clusters of several raters: Σ P_c (D, D), Σ q_c² of pairs (D, D) and against the average
    (D,).

    P_c and q_c are the sums of P_r and q_r over the raters of cluster c.
    """
    P, D = A_plus.shape
    total, pairs, average = np.zeros((D, D)), np.zeros((D, D)), np.zeros(D)
    for _, A in summed_information(cells, P):
        share = A_plus.T @ (A * scale) @ A_plus
        own = np.diagonal(share, axis1=1, axis2=2)
        q = own[:, :, None] + own[:, None, :] - 2 * share
        total += share.sum(axis=0)
        pairs += (q**2).sum(axis=0)
        average += (own**2).sum(axis=0)
    return total, pairs, average


def _add_squares(square: Floats, B: NDArray[Any], T: NDArray[Any]) -> None:
    """Add the raters' shares, squared elementwise, Σ_r P_r∘P_r, to the tiles of ``square`` on and above the
    diagonal.

    B, T: per rater (G, p, D) with P_r = B_rᵀ T_r, symmetric. Tiles of a few raters at a time stay in the
    processor's cache; they are shared among threads.
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


def contrast_freedom(fit: Fit, contrasts: Floats, strata: Strata | None = None) -> Floats:
    """Degrees of freedom (Σq)²/Σq² − 1, at least 1, of contrasts (M, D), as (M,); inf for a contrast that is
    0.

    With strata as in `freedom`.
    """
    lead = np.take_along_axis(contrasts, np.argmax(np.abs(contrasts), axis=1)[:, None], axis=1)
    distinct, place = np.unique(np.where(lead < 0, -contrasts, contrasts), axis=0, return_inverse=True)
    own = None if strata is None else strata.of_units(fit.cells)
    H = 1 if own is None else own.fraction.size
    first, second = np.zeros((H, len(distinct))), np.zeros((H, len(distinct)))
    for unit, q in _unit_shares(fit, distinct):
        h = np.zeros(unit.size, dtype=np.intp) if own is None else own.code[unit]
        np.add.at(first, h, q)
        np.add.at(second, h, q**2)
    if own is None:
        return np.asarray(np.maximum(_ratio(first[0] ** 2, second[0]) - 1, 1))[place]
    top, bottom = np.zeros(len(distinct)), np.zeros(len(distinct))
    for n, f, sum_q, sum_q2 in zip(own.counts.tolist(), own.fraction.tolist(), first, second, strict=True):
        part = _of_stratum(n, f, sum_q, sum_q2)
        top, bottom = top + part[0], bottom + part[1]
    return np.asarray(np.maximum(_ratio(top**2, bottom), 1))[place]


def contrast_shares(fit: Fit, contrasts: Floats) -> Floats:
    """Share q of every independent unit in the variance of contrasts (M, D), as (U, M)."""
    shares = np.zeros((fit.cells.n_units, len(contrasts)))
    for unit, q in _unit_shares(fit, contrasts):
        shares[unit] = q
    return shares


def _unit_shares(fit: Fit, contrasts: Floats) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """Yield units (G,) and their shares (G, M) of the contrasts, block by block."""
    D, M = fit.cells.n_departments, len(contrasts)
    loading = np.ascontiguousarray((contrasts @ fit.inverse[:D]).T)
    own, raters = alone(fit.cells)
    for block in blocks(own, lambda m: M * (m + fit.cells.n_items)):
        yield fit.cells.unit[raters[block.rater]], _block_shares(block, loading, D)
    for units, cells, at in several(fit.cells, M):
        q = np.zeros((units.size, M))
        for block in blocks(cells, lambda m: M * (m + fit.cells.n_items)):
            np.add.at(q, at[block.rater], _block_shares(block, loading, D))
        yield units, q


def _of_stratum(n: int, f: float, sum_q: Floats, sum_q2: Floats) -> tuple[Floats, Floats]:
    """Variance of a stratum, and variance² / degrees of freedom, for Satterthwaite's formula; 0 if all
    answered (f = 1).

    n: units; sum_q, sum_q2: sums of their shares and squared shares.
    """
    if n == 0 or f >= 1:
        return np.zeros_like(sum_q), np.zeros_like(sum_q)
    scale, centre = ((1 - f) * n / (n - 1), 1 / n) if n > 1 else (1 - f, 0.0)
    return scale * (1 - centre) * sum_q, scale**2 * (sum_q2 * (1 - 2 * centre) + (sum_q * centre) ** 2)


def _block_shares(block: Block, loading: Floats, D: int) -> Floats:
    """Share of each of G raters in the variance of the M contrasts, (G, M); loading: (P, M), A⁺ times the
    contrasts."""
    part = moments(block, D)
    B = loading[part.index]
    return np.asarray(np.einsum("gpm,gpm->gm", informed(block, part, B), B))
