"""Marks that lie far outside all others of a file, as slips of typing do, and where they stand."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FULL: Final = (5.0, 10.0, 100.0)
"""Full marks in use."""
_LEAST: Final = 0.2
"""Least distance of a slip from the highest other mark, in spans of the others."""
_SHARE: Final = 0.02
_NEARLY: Final = 0.8
_FIVE: Final = 5.0
Floats = NDArray[np.float64]


def far_outside(scores: Floats) -> Floats:
    """Distinct marks above a full mark that the others keep (5, 10, 100) or below zero where no other is; at
    most one or 2 % of all."""
    distinct, counts = np.unique(scores, return_counts=True)
    few = max(1.0, _SHARE * len(scores))
    below = distinct < 0
    if below.any() and counts[below].sum() <= few and distinct[-1] >= _FIVE and (~below).sum() > 1:
        return distinct[below]
    for full in _FULL:
        above = distinct > full
        others = distinct[~above]
        if not above.any() or counts[above].sum() > few or len(others) < 2 or others[-1] < _NEARLY * full:
            continue
        if distinct[above][0] - others[-1] >= _LEAST * (others[-1] - others[0]):
            return distinct[above]
    return distinct[:0]


def zero_below_five(scores: Floats) -> bool:
    """Whether zeros stand beside whole marks from 1 to 5 only, which may be no answers."""
    distinct = np.unique(scores)
    return bool(distinct[0] == 0 and distinct[-1] == _FIVE and np.isin(distinct, np.arange(6.0)).all())
