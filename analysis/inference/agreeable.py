"""Count of statements on which all raters could agree by chance, for the sign test of unanimous
differences."""

from __future__ import annotations

import numpy as np

from analysis.model.cells import Cells
from analysis.model.parts import Parts
from analysis.model.signflips import MOST_UNITS

_ROUNDING = 1e-9
"""Of the largest mark."""


def agreeable(cells: Cells | Parts) -> int:
    """Number of pairs and averages in which all raters show a difference of the same size, whatever its sign.

    Counted only in complete designs with independent raters; elsewhere all pairs and averages are returned,
    an upper bound. With many raters the number does not matter.

    >>> from analysis import Ratings, cells_of
    >>> from analysis.inference.agreeable import agreeable
    >>> agreeable(cells_of(Ratings.from_array([[9, 7, 5], [7, 9, 5], [9, 7, 6]])))
    1
    """
    R, D = cells.n_raters, cells.n_departments
    every = D * (D + 1) // 2
    if isinstance(cells, Parts) or R > MOST_UNITS or cells.n_units < R:
        return every
    if cells.n_items or cells.rater.size != R * D:
        return every
    y = np.empty((R, D))
    y[cells.rater, cells.department] = cells.total / cells.n
    against = [y[:, j + 1 :] - y[:, j : j + 1] for j in range(D - 1)]
    if D > 2:  # of two departments, each lies from the average as they lie apart
        against.append(y - y.mean(axis=1, keepdims=True))
    room = _ROUNDING * max(float(np.abs(y).max()), 1e-300)
    sizes = (np.abs(gap) for gap in against)
    return sum(int(((np.ptp(a, axis=0) <= room) & (a[0] > room)).sum()) for a in sizes)
