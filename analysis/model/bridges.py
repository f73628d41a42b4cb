"""Smallest set of raters that links two departments (minimum cut)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from analysis.model.cells import Cells

Ints = NDArray[np.intp]


def bridge(cells: Cells, a: int, b: int) -> Ints:
    """Fewest raters (their codes) whose removal leaves no chain of raters from department a to b (Menger
    1927).

    Minimum cut of a network whose nodes are departments and, twice, every rater, joined by an arc of capacity
    one.
    """
    D, R = cells.n_departments, cells.n_raters
    into, out = D + cells.rater, D + R + cells.rater
    raters = np.arange(R)
    tail = np.concatenate([cells.department, out, D + raters])
    head = np.concatenate([into, cells.department, D + R + raters])
    capacity = np.concatenate([np.full(2 * cells.rater.size, R), np.ones(R, dtype=np.intp)])
    network = csr_array((capacity.astype(np.int32), (tail, head)), shape=(D + 2 * R, D + 2 * R))
    residual = network - maximum_flow(network, a, b).flow
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    reached = np.zeros(D + 2 * R, dtype=bool)
    reached[breadth_first_order(residual, a, return_predecessors=False)] = True
    return np.flatnonzero(reached[D : D + R] & ~reached[D + R :])
