"""Largest standardised difference of every draw over all pairs: the inner loop of max-t, by tiles.

Over ordered pairs (j above k) it is the maximum of (Z_j - Z_k) S_jk, with S_jk the inverse standard error, 0
where the pair takes no part. Departments are sorted by standard error and cut into tiles, so that S varies
little within a tile; a tile (I, K) can give no more than (max Z_I - min Z_K) max S_IK, and is evaluated only
for draws whose maximum so far is smaller. Rounding is monotone, so the bound holds in single precision too
and the result equals that of all pairs, bit by bit.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from analysis.threads import processors

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

_TILE = 16
_AT_ONCE = 8192
_FEW = 64
"""Up to this many departments all pairs are as quick as tiles."""


def pair_maxima(Z: Draws, inverse: Floats, fallen: Bools | None = None) -> Draws:
    """Largest standardised difference over ordered pairs in each draw, (draws,), at least 0.

    Z: (D, draws) Normal draws; inverse: (D, D) inverse standard errors. fallen: (D, D) pairs (j, k) already
    rejected; such a pair takes part only as "k above j".
    """
    scale = inverse.astype(np.float32)
    if fallen is not None:
        scale[fallen] = 0
    size = _AT_ONCE if Z.shape[0] > _FEW else 1 << 16
    chunks = [Z[:, i : i + size] for i in range(0, Z.shape[1], size)]
    work = _all_pairs
    if Z.shape[0] > _FEW:
        order = np.argsort(np.median(inverse, axis=1), kind="stable")
        scale, chunks = scale[np.ix_(order, order)], [chunk[order] for chunk in chunks]
        work = _tiled
    if len(chunks) == 1:
        return work(chunks[0], scale)
    with ThreadPoolExecutor(processors()) as pool:
        return np.concatenate(list(pool.map(lambda chunk: work(chunk, scale), chunks)))


def _all_pairs(Z: Draws, scale: Draws) -> Draws:
    result = np.zeros(Z.shape[1], dtype=np.float32)
    for j in range(Z.shape[0]):
        used = np.flatnonzero(scale[j])
        if used.size:
            t = Z[j] - Z[used]
            t *= scale[j, used, None]
            np.maximum(result, t.max(axis=0), out=result)
    return result


def _tiled(Z: Draws, scale: Draws) -> Draws:
    """Same result as `_all_pairs`, skipping tiles that cannot hold the maximum; rows sorted by standard
    error."""
    edges = list(range(0, Z.shape[0], _TILE))
    tiles = [slice(i, i + _TILE) for i in edges]
    steepest = np.maximum.reduceat(np.maximum.reduceat(scale, edges, axis=0), edges, axis=1)
    top = np.maximum.reduceat(Z, edges, axis=0)
    low = np.minimum.reduceat(Z, edges, axis=0)
    result = _first_guess(Z, scale, tiles, steepest, top, low)
    for i, above in enumerate(tiles):
        bound = (top[i] - low) * steepest[i, :, None]
        for k in np.flatnonzero((bound > result).any(axis=1)).tolist():
            draws = np.flatnonzero(bound[k] > result)
            if draws.size:
                found = _tile_maxima(Z[above, draws], Z[tiles[k], draws], scale[above, tiles[k]])
                result[draws] = np.maximum(result[draws], found)
    return result


def _first_guess(
    Z: Draws, scale: Draws, tiles: list[slice], steepest: Draws, top: Draws, low: Draws
) -> Draws:
    """Lower bound of the maximum in every draw, (draws,): the difference of the extremes of the most
    promising tiles."""
    highest = np.stack([tile.start + Z[tile].argmax(axis=0) for tile in tiles])
    lowest = np.stack([tile.start + Z[tile].argmin(axis=0) for tile in tiles])
    result, draws = np.zeros(Z.shape[1], dtype=np.float32), np.arange(Z.shape[1])
    for i in range(len(tiles)):
        k = ((top[i] - low) * steepest[i, :, None]).argmax(axis=0)
        found = (top[i] - low[k, draws]) * scale[highest[i], lowest[k, draws]]
        np.maximum(result, found, out=result)
    return result


def _tile_maxima(above: Draws, below: Draws, scale: Draws) -> Draws:
    t = above[:, None, :] - below[None, :, :]
    t *= scale[:, :, None]
    return np.asarray(t.max(axis=(0, 1)))
