"""Raters who link sets of departments: the fewest between two departments, and sets linked by too few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from analysis.model.cells import Cells
from analysis.model.contrasts import Fit
from analysis.model.parts import Parts, summed

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

_DIRECTIONS = 12
_SOME = 20_000
"""Raters counted to show that no link is weak."""


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


def weak_link(fitted: Fit, least: float) -> Ints | None:
    """Code (D,) of two sets of departments (0, 1; 2: others) linked by fewer than `least` effective raters;
    None if none is found.

    A rater with n_S of m visits in the one set tells q = w n_S (m − n_S) / m of the difference of both, which
    is 0 for those who stay within one; effective number (Σq)²/Σq², over units. A weak link is a direction of
    large variance: the directions of largest variance are cut at every place.
    """
    if _linked(fitted.source, fitted.component, least):
        return None
    D = fitted.component.size
    _, vector = np.linalg.eigh(fitted.inverse[:D, :D])
    for v in vector[:, ::-1][:, : min(D - fitted.n_components, _DIRECTIONS)].T:
        order = np.lexsort((v, fitted.component))
        number = _effective(*summed(fitted.source, _linking, order))
        number[np.append(np.diff(fitted.component[order]) > 0, True)] = np.inf
        cut = int(np.argmin(number))
        if number[cut] < least - 1e-6:
            inside = fitted.component == fitted.component[order[cut]]
            return np.where(inside, np.isin(np.arange(D), order[cut + 1 :]), 2).astype(np.intp)
    return None


def _linked(cells: Cells | Parts, component: Ints, least: float) -> bool:
    """Whether enough raters in common show at once that no link is weak (no weak link may be there if not).

    N raters with q between a and b count as at least N · 4ab/(a + b)² (Kantorovich); departments that so many
    rated both are in one set of every weak link.
    """
    if cells.clustered:
        return False
    lowest, high = summed(cells, _told, by=(np.minimum, np.maximum))
    if not np.isfinite(lowest):
        return False
    need = least * (lowest + high) ** 2 / (4 * lowest * high)
    # Every k-th rater: those of a sorted table that come first may all lack the same department.
    steps = (max(1, cells.n_raters // _SOME), 1)
    return any(_sets(*summed(cells, _in_common, k), need) == int(component.max()) + 1 for k in steps)


def _told(cells: Cells) -> tuple[float, float]:
    """Least and most q that a rater of several departments tells of a link; inf and 0 without such raters."""
    w = cells.weight[cells.rater]
    visits = np.bincount(cells.rater, cells.n, cells.n_raters)[cells.rater]
    several = cells.size[cells.rater] > 1
    low = (w * cells.n * (visits - cells.n) / visits)[several].min(initial=np.inf)
    return float(low), float((w * visits / 4)[several].max(initial=0))


def _in_common(cells: Cells, k: int) -> tuple[Floats]:
    """Number of raters, every k-th of them, whom two departments have in common, (D, D)."""
    used = (cells.size[cells.rater] > 1) & (cells.rater % k == 0)
    rater, department = cells.rater[used], cells.department[used]
    rated = csr_array((np.ones(rater.size), (rater, department)), shape=(cells.n_raters, cells.n_departments))
    return ((rated.T @ rated).toarray(),)


def _sets(in_common: Floats, need: float) -> int:
    """Number of sets of departments that at least `need` raters in common hold together."""
    return int(connected_components(csr_array(in_common >= need), directed=False)[0])


def _linking(cells: Cells, order: Ints) -> tuple[Floats, Floats]:
    """Changes (D,) of Σq and of Σq² from each place of `order` to the next, q being what a unit tells of the
    link of order[: i + 1] with the departments after it."""
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    at = np.lexsort((place[cells.department], cells.rater))
    rater, n, position = cells.rater[at], cells.n[at], place[cells.department[at]]
    visits = np.bincount(rater, n, cells.n_raters)[rater]
    before = _within(n, rater)
    gain = cells.weight[rater] / visits * (before * (visits - before) - (before - n) * (visits - before + n))
    by_unit = np.lexsort((position, cells.unit[rater]))
    gain, position = gain[by_unit], position[by_unit]
    q = _within(gain, cells.unit[rater][by_unit])
    change = np.bincount(position, gain, order.size)
    return np.asarray(change), np.asarray(np.bincount(position, q**2 - (q - gain) ** 2, order.size))


def _effective(change: Floats, of_squares: Floats) -> Floats:
    """Effective number of units, (D,), that link the first departments with those after them, inf for
    none."""
    total, squares = np.cumsum(change), np.cumsum(of_squares)
    none = total <= 1e-9 * max(float(total.max()), 1e-300)
    return np.asarray(np.divide(total**2, squares, out=np.full(total.size, np.inf), where=~none))


def _within(values: Floats, group: Ints) -> Floats:
    """Running sums of values within groups; group ascending."""
    if not values.size:
        return values
    running = np.cumsum(values)
    start = np.flatnonzero(np.append(True, np.diff(group) > 0))
    sizes = np.diff(np.append(start, values.size))
    return np.asarray(running - np.repeat(running[start] - values[start], sizes))
