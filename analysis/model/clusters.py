"""Raters that belong together (one owner, one association): the cluster is then what is independent.

Everything clustered by rater is clustered by such units instead: sums of scores u_c and information A_c over
a unit's raters take the place of u_r and A_r. Units of one rater keep the short path by block; those of
several are summed here, dense over all parameters, as many at a time as fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.model.cells import Cells

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_ELEMENTS = 1 << 21


def alone(cells: Cells) -> tuple[Cells, Ints]:
    """The cells of raters that are a unit by themselves, and which raters these are."""
    every = np.arange(cells.n_raters)
    if cells.cluster is None:
        return cells, every
    raters = every[np.bincount(cells.unit, minlength=cells.n_units)[cells.unit] == 1]
    return cells.take(raters), raters


def several(cells: Cells, elements: int) -> Iterator[tuple[Ints, Cells, Ints]]:
    """Units of several raters, each taking ``elements``: codes (N,), cells, and place (R,) of each rater."""
    if cells.cluster is None:
        return
    size = np.bincount(cells.unit, minlength=cells.n_units)
    units = np.flatnonzero(size > 1)
    order = np.argsort(cells.unit, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)])
    step = max(1, _ELEMENTS // max(1, elements))
    for i in range(0, units.size, step):
        chosen = units[i : i + step]
        raters = np.concatenate([order[start[c] : start[c + 1]] for c in chosen.tolist()])
        yield chosen, cells.take(raters), np.repeat(np.arange(chosen.size), size[chosen])


def add(total: Floats, place: Ints, index: Ints, values: Floats) -> None:
    """Add values (G, p) or (G, p, p) to total (N, n) or (N, n, n), at place (G,) and index (G, p)."""
    n = total.shape[1]
    where = place[:, None] * n + index
    if values.ndim == 3:
        where = where[:, :, None] * n + index[:, None, :]
    np.add.at(total.reshape(-1), where.ravel(), values.ravel())


def units_by_stratum(cells: Cells, stratum: NDArray[Any]) -> Ints:
    """(U,) stratum of each unit from the strata (R,) of its raters."""
    code = np.zeros(cells.n_units, dtype=np.intp)
    code[cells.unit] = stratum
    return code
