"""Marks that stand apart from all others of a file, as slips of typing and codes for no answer do."""

from __future__ import annotations

from itertools import pairwise
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
_SEVEN: Final = 7.0
_TEN: Final = 10.0
_SMALL: Final = 20.0
_HUNDRED: Final = 100.0
_MOST_CODES: Final = 3
_GRIDS: Final = (10.0, 20.0, 25.0)
_LOW_CODES: Final = (-1, -2, -3, -4, -5, -6, -7, -8, -9, -97, -98, -99, -997, -998, -999, -9999)
_USUAL_CODES: Final = (7, 8, 9, 66, 77, 88, 97, 98, 99)
_HIGH_CODES: Final = (9, 88, 97, 98, 99, 888, 997, 998, 999, 8888, 9998, 9999)
_FEW: Final = 0.05
_REMOTE: Final = 9  # times the scale of all others
_ENOUGH: Final = 20
_EVIDENCE: Final = 5
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


def zero_below_one(scores: Floats) -> bool:
    """Whether zeros stand beside whole marks from 1 to 5, or from 1 to 7, only, which may be no answers."""
    distinct = np.unique(scores)
    full = distinct[-1]
    return bool(distinct[0] == 0 and full in (_FIVE, _SEVEN) and np.isin(distinct, np.arange(full + 1)).all())


def standing_apart(scores: Floats) -> Floats:
    """Distinct whole marks apart from the scale of all others, of which there are at most three on each side:
    −9 beside −2 … 2, 8 beside 1 … 4, −1 beside 0 … 10, 0 beside 60 … 100.

    Marks that a scale of 10 or 100 may well have are not among them: a gap within it must be unlikely.
    """
    distinct, counts = np.unique(scores, return_counts=True)
    whole = distinct % 1 == 0
    apart = np.zeros(len(distinct), dtype=bool)
    run = _core(distinct, counts)
    if run is not None:
        apart |= _around(distinct, counts, run)
    elif distinct[-1] > _TEN:
        apart |= _of_hundred(distinct, counts)
    apart |= _below_zero(distinct, apart)
    return distinct[apart & whole] if (~apart).sum() > 1 else distinct[:0]


def _core(distinct: Floats, counts: NDArray[np.intp]) -> slice | None:
    """Longest stretch, by marks, of values at most one apart, with at least a third of all marks and 20; None
    without one, or if it leaves the scales up to ten."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(distinct) > 1) + 1, [len(distinct)]])
    runs = [slice(int(a), int(b)) for a, b in pairwise(starts)]
    several = [part for part in runs if part.stop - part.start > 1] or runs
    run = max(several, key=lambda part: int(counts[part].sum()))
    values, n = distinct[run], int(counts[run].sum())
    if values[-1] == _TEN + 1 and len(values) > _FIVE:  # no scale ends at 11
        run, values = slice(run.start, run.stop - 1), values[:-1]
    fits = len(values) > 1 and values[0] >= -_TEN and values[-1] <= _TEN
    return run if fits and 3 * n >= max(3 * _ENOUGH, int(counts.sum())) else None


def _around(distinct: Floats, counts: NDArray[np.intp], run: slice) -> NDArray[np.bool_]:
    """Which values lie apart from a stretch of small whole marks."""
    low, high = distinct[run][0], distinct[run][-1]
    above, below = distinct > high, distinct < low
    apart = np.zeros(len(distinct), dtype=bool)
    if above.sum() <= _MOST_CODES:
        ends = np.minimum(counts, counts[run.stop - 1])
        unlikely = ends * (distinct - high - 1) >= _EVIDENCE
        far = distinct - high > 2 * (high - low)
        of_hundred = (distinct > _TEN) & (counts[above].sum() <= counts[run].sum())
        apart |= above & (distinct > _FIVE) & (unlikely | far | of_hundred)
        apart |= above & (low < 0) & (distinct > 2 * high)
    if below.sum() <= _MOST_CODES:
        apart |= below & (distinct == 0) & (2 * low >= high - low)
        apart |= below & (distinct < 0) & ((low >= 0) | (distinct < 2 * low))
    return apart


def _of_hundred(distinct: Floats, counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which values lie apart from marks out of 100: of one digit far below, above 100, codes between tens."""
    small, over = (distinct >= 0) & (distinct < _TEN), distinct > _HUNDRED
    apart = np.zeros(len(distinct), dtype=bool)
    others = distinct[~small & ~over & (distinct >= 0)]
    if len(others) < len(_GRIDS):
        return apart
    span = others[-1] - others[0]
    few = 3 * counts[small].sum() <= counts.sum()  # else full marks differ, which is another question
    if few and small.sum() <= _MOST_CODES and others[0] >= _SMALL:
        apart |= small & (2 * (others[0] - distinct) >= span)
    if over.sum() <= _MOST_CODES and others[-1] >= _NEARLY * _HUNDRED:
        apart |= over & (distinct - others[-1] >= _LEAST * span)
    code = np.isin(distinct, _USUAL_CODES)
    rest = distinct[~code & (distinct >= 0)]
    if counts[~code].sum() >= _ENOUGH and len(rest) >= len(_GRIDS):
        apart |= code & any(not (rest % step).any() for step in _GRIDS)
    return apart


def _below_zero(distinct: Floats, apart: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which values below zero belong to no scale from -m to m."""
    below = distinct < 0
    rest = distinct[~below & ~apart]
    if not below.any() or len(rest) < 2 or below.sum() > _MOST_CODES or rest[-1] < len(_FULL):
        return np.zeros(len(distinct), dtype=bool)
    within = below & (distinct >= -rest[-1])
    return below if 2 * within.sum() < rest[-1] and -rest[-1] not in distinct else below & ~within


def all_apart(values: Floats) -> Floats:
    """Distinct marks that stand apart from all others, by `standing_apart` or `codes_among`."""
    apart: Floats = np.union1d(codes_among(values), standing_apart(values))
    return apart


def usual_codes(values: Floats) -> Floats:
    """Marks apart from all others, if all are numbers that surveys often use for no answer."""
    apart = all_apart(values)
    usual = (*_USUAL_CODES, *_HIGH_CODES, *map(abs, _LOW_CODES))
    return apart if np.isin(np.abs(apart), usual).all() else apart[:0]


def codes_among(values: Floats) -> Floats:
    """Distinct scores far off the scale of all others: codes for no answer, such as 99, or a few of another
    size, such as 1e9 among 0 to 100."""
    distinct, counts = np.unique(values, return_counts=True)
    low, high = np.isin(distinct, _LOW_CODES), np.isin(distinct, _HIGH_CODES)
    for codes in (low, high):
        others = distinct[~codes]
        if not codes.any() or len(others) < 2:
            continue
        first, last, step = others[0], others[-1], np.diff(others).min()
        far = distinct >= max(last + max(last - first, 3), 1.8 * last)
        below = (distinct < 0) & (first >= 0) & (first - distinct[codes].max() > step)
        found = codes & (below | far)
        if found.any():
            far_off: Floats = distinct[found]
            return far_off
    return _remote(distinct, counts)


def _remote(distinct: Floats, counts: NDArray[np.intp]) -> Floats:
    """At most one score in twenty that lie far beyond all others."""
    cumulated = np.cumsum(counts) / counts.sum()
    most = int(np.searchsorted(cumulated, 1 - _FEW))  # the last value that is not among the few highest
    for last in range(max(most, 1), len(distinct) - 1):
        scale = max(distinct[last] - distinct[0], abs(distinct[last]))
        if distinct[last + 1] - distinct[last] > _REMOTE * scale:
            return distinct[last + 1 :]
    return distinct[:0]
