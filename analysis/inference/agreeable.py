"""Of how many statements all raters might see one and the same difference, if chance turned its signs."""

from __future__ import annotations

import numpy as np

from analysis.model.cells import Cells
from analysis.model.signflips import MOST_UNITS

_ROUNDING = 1e-9
"""Of the largest mark."""


def agreeable(cells: Cells) -> int:
    """Pairs of which all raters make the same difference, one way or the other, and averages likewise.

    Counted where every rater rated every department and raters are independent; elsewhere all pairs and
    averages, which is never too few. With many raters the count is of no consequence.

    >>> from analysis import Ratings, cells_of
    >>> from analysis.inference.agreeable import agreeable
    >>> agreeable(cells_of(Ratings.from_array([[9, 7, 5], [7, 9, 5], [9, 7, 6]])))
    1
    """
    R, D = cells.n_raters, cells.n_departments
    every = D * (D + 1) // 2
    if R > MOST_UNITS or cells.n_units < R or cells.item_n is not None or cells.rater.size != R * D:
        return every
    y = np.empty((R, D))
    y[cells.rater, cells.department] = cells.total / cells.n
    against = [y[:, j + 1 :] - y[:, j : j + 1] for j in range(D - 1)]
    if D > 2:  # of two departments, each lies from the average as they lie apart
        against.append(y - y.mean(axis=1, keepdims=True))
    room = _ROUNDING * max(float(np.abs(y).max()), 1e-300)
    sizes = (np.abs(gap) for gap in against)
    return sum(int(((np.ptp(a, axis=0) <= room) & (a[0] > room)).sum()) for a in sizes)
