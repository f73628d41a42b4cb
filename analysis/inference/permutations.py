"""What permutation tests share: the largest studentised statistic, and its p-value by random permutations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, ndtr

from analysis.model.signflips import to_normal

Floats = NDArray[np.float64]

_BUDGET, _FEWEST, _MOST, _ENOUGH, _CLEAR = 1_000_000_000, 499, 4_999, 200, 200
_BEYOND_DOUBT = float(ndtr(-5))
_CERTAIN = 1e8
"""Statistic of a difference without error."""


def largest(size: Floats, error: Floats, least: Floats | float, df: Floats) -> Floats:
    """Largest statistic, on the Normal scale, of absolute estimates `size` (…, M) with standard errors
    `error`, of which those up to `least` are rounding; df: (M,) degrees of freedom."""
    sure = np.where(size > least, _CERTAIN, 0.0)
    t = np.divide(size, error, out=sure, where=error > least)
    return np.asarray(to_normal(t, df).max(axis=-1, initial=0))


def permutation_p(
    statistics: Callable[[int], Floats], observed: float, cost: float, *, at_once: int, bound: float | None
) -> float:
    """p-value of the statistic `observed`; 0 if no permutation reached it.

    statistics: function from a number to the statistics of as many random permutations; cost: operations of
    one, which sets how many there are. The p-value is exact, also when drawing ends early because `_ENOUGH`
    permutations reached the statistic (Besag & Clifford 1991). bound: where given, drawing ends as soon as p
    is on one side of it beyond doubt.
    """
    draws = int(np.clip(_BUDGET // cost, _FEWEST, _MOST))
    reached = done = 0
    while done < draws:
        number = min(at_once, draws - done)
        reached += int((statistics(number) >= observed).sum())
        done += number
        if reached >= _ENOUGH or (bound is not None and _clear(reached, bound, done)):
            return reached / done
    return (1 + reached) / (1 + draws) if reached else 0.0


def _clear(reached: int, bound: float, draws: int) -> bool:
    """Whether, were p the bound, so few or so many of the draws would reach the statistic only as often as a
    Normal variable is five standard deviations off."""
    few, many = bdtr(reached, draws, bound), bdtrc(reached - 1, draws, bound) if reached else 1.0
    return draws >= _CLEAR and min(few, many) < _BEYOND_DOUBT
