"""Rounding and bounding of published scores, so that they disclose nothing about a few respondents.

A mean with all its digits gives back the sum of points, and the sum undoes merged counts; a mean at the end
of the scale says what everybody answered. Scores are therefore rounded to a multiple of a step (a wider one
for means of few answers), and near an end of the scale only a bound is published (deterministic rounding and
top coding: Hundepool et al. 2012, *Statistical Disclosure Control*, §3.3).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

STEP: Final = 0.5
"""Scores are rounded to multiples of this many points."""
STEPS: Final = (STEP, 1.0, 2.0, 5.0, 10.0)
PROTECTION: Final = 3
"""Number of answers by which a small count must remain uncertain."""
LARGEST_SHARE: Final = 5
"""Under a published bound at most one answer in this many need be deviating (`deviating`)."""
P_CLASSES: Final = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
_FUZZ: Final = 1e-9


def nearest(value: float, step: float = STEP) -> float:
    """Value rounded to a multiple of step; halves go up, so that all machines round alike.

    >>> from analysis.blurring import nearest
    >>> nearest(91.6129), nearest(91.75)
    (91.5, 92.0)
    """
    return math.floor(value / step + 0.5 + _FUZZ) * step + 0.0


def item_step(n: int, points: Sequence[float]) -> float:
    """Rounding step for a mean of n answers: so wide that `PROTECTION` answers could be one level better or
    worse.

    >>> from analysis.blurring import item_step
    >>> [item_step(n, [100, 80, 60, 40, 20]) for n in (300, 100, 38, 20, 10)]
    [0.5, 1.0, 2.0, 5.0, 10.0]
    """
    return next((step for step in STEPS if n * step >= PROTECTION * gap(points)), STEPS[-1])


def gap(points: Sequence[float]) -> float:
    """Smallest difference between neighbouring levels; points: of the levels, from best to worst."""
    return min(a - b for a, b in itertools.pairwise(points))


def deviating(n: int, threshold: int) -> int:
    """Number of n answers that may differ from the end of the scale when only a bound is published: the
    threshold, at most n/5, at least 1."""
    return min(threshold, max(1, n // LARGEST_SHARE))


def limits(n: int, threshold: int, points: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest score that is published for n answers; a score beyond is given only as "at most" or
    "at least".

    points: of the levels, from best to worst. At each limit so many answers as `deviating(n, threshold)` says
    are one level away from the end of the scale, and all others at it.

    >>> from analysis.blurring import limits
    >>> limits(38, 10, [100, 80, 60, 40, 20])
    (24.0, 96.0)
    """
    share = deviating(n, threshold) / n
    top, bottom = points[0], points[-1]
    least = math.ceil((bottom + share * (points[-2] - bottom)) / STEP - _FUZZ) * STEP
    most = math.floor((top - share * (top - points[1])) / STEP + _FUZZ) * STEP
    middle = nearest((top + bottom) / 2)
    return min(least, middle), max(most, middle)


def p_class(p: float) -> float:
    """Upper end of the class that contains p, published instead of p (its digits would give the difference
    back).

    >>> from analysis.blurring import p_class
    >>> p_class(0.0312), p_class(0.0)
    (0.05, 0.0001)
    """
    return next((end for end in P_CLASSES if p <= end), 1.0)


def least_error(n: int, threshold: int, points: Sequence[float]) -> float:
    """Lowest standard error that is published for a mean of n answers: that of `deviating` answers one level
    off."""
    share = deviating(n, threshold) / n
    return gap(points) * math.sqrt(share * (1 - share) / n)


def digits(value: float, count: int = 3) -> float:
    """Value rounded to `count` significant digits."""
    return 0.0 if value == 0 else round(value, count - 1 - math.floor(math.log10(abs(value))))
