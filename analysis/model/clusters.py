"""Clusters of raters (one owner, one association) as independent units in the covariance.

Sums of scores u_c and information A_c over the raters of a unit replace u_r and A_r of single raters. Units
of one rater are processed in blocks as without clusters; units of several are summed here, dense over all
parameters, as many at a time as memory allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.model.blocks import blocks
from analysis.model.cells import Cells
from analysis.model.contrasts import information, moments

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_ELEMENTS = 1 << 21


def alone(cells: Cells) -> tuple[Cells, Ints]:
    """Cells of raters that are a unit by themselves, and the codes of these raters."""
    every = np.arange(cells.n_raters)
    if cells.cluster is None:
        return cells, every
    raters = every[np.bincount(cells.unit, minlength=cells.n_units)[cells.unit] == 1]
    return cells.take(raters), raters


def several(cells: Cells, elements: int) -> Iterator[tuple[Ints, Cells, Ints]]:
    """Yield units of several raters in batches: codes of N units, cells of their raters, and the unit (0 … N
    − 1) of each.

    elements: memory per unit.
    """
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


def summed_information(cells: Cells, P: int) -> Iterator[tuple[Ints, Floats]]:
    """Yield units of several raters in batches: their codes (N,) and their information A_c (N, P, P)."""
    for units, part_cells, place in several(cells, P * P):
        A = np.zeros((units.size, P, P))
        for block in blocks(part_cells, lambda m: 2 * (m + cells.n_items + 1) ** 2):
            part = moments(block, cells.n_departments)
            add(A, place[block.rater], part.index, information(block, part))
        yield units, A


def add(total: Floats, place: Ints, index: Ints, values: Floats) -> None:
    """Add values (G, p) or (G, p, p) into total (N, n) or (N, n, n), at place (G,) and columns index
    (G, p)."""
    n = total.shape[1]
    where = place[:, None] * n + index
    if values.ndim == 3:
        where = where[:, :, None] * n + index[:, None, :]
    np.add.at(total.reshape(-1), where.ravel(), values.ravel())


def units_by_stratum(cells: Cells, stratum: NDArray[Any]) -> Ints:
    """Stratum of each unit, (U,), from the strata (R,) of its raters."""
    code = np.zeros(cells.n_units, dtype=np.intp)
    code[cells.unit] = stratum
    return code
