"""Coarsening of distributions: levels of answers merged so that no small count is published or can be worked
out.

Neighbouring levels are merged into classes of at least the threshold. The mean and the number of answers are
published too, and arithmetic may undo a merge: two levels with known sum and points give both counts. A merge
is therefore accepted only with counterexamples: for each small count there must be another distribution with
the same classes, mean and share of satisfied answers in which fewer respondents (or nobody) gave that answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.explain import Result

Ints = NDArray[np.int64]
Cut = tuple[tuple[int, int], ...]
"""(first, last) level of each class, both included."""

_MOST_AT_ONCE = 3


@dataclass(frozen=True)
class Coarse(Result):
    """Result of `coarsen`: what may be published of one distribution besides its mean and number of
    answers."""

    classes: tuple[tuple[int, int, int], ...]
    """(first level, last level, answers), levels from 0, best first; every count reaches the threshold."""
    satisfied: int | None
    """Answers at the satisfied levels; None where it or the rest is below the threshold or would follow."""
    below: tuple[int, int]
    """Fewest and most answers below the satisfied levels that are compatible with what is published."""


def coarsen(
    counts: ArrayLike,
    points: Sequence[float],
    *,
    satisfied: int,
    threshold: int = 10,
    room: tuple[float, float] = (0.0, 0.0),
    protection: int = 1,
    sums_told: bool = False,
) -> Coarse | None:
    """Finest classes of one distribution of counts (L,) that disclose no small count; None if even the mean
    would.

    points: (L,) of each level, from best to worst; satisfied: how many of the levels count as satisfied.
    Keeping the share of satisfied answers has priority over finer classes. At least ``threshold`` answers are
    presumed. room: how much lower (at most 0) and higher the sum of points may be with the same published
    mean; protection: a small count must possibly be lower by this many answers (or zero); sums_told: hide
    levels even from a reader who knows the number of satisfied answers, e.g. from sums over several
    distributions.
    """
    x = np.asarray(counts, dtype=np.int64)
    for exact, cut in _candidates(x, satisfied, threshold):
        worlds = _worlds(x, tuple(points), cut, satisfied, threshold, exact, room)
        if _hides(x, worlds, satisfied, threshold, protection, sums_told):
            below = np.append(worlds[:, satisfied:].sum(axis=1), x[satisfied:].sum())
            classes = tuple((a, b, int(x[a : b + 1].sum())) for a, b in cut)
            return Coarse(
                classes, int(x[:satisfied].sum()) if exact else None, (int(below.min()), int(below.max()))
            )
    return None


def _candidates(x: Ints, satisfied: int, threshold: int) -> list[tuple[bool, Cut]]:
    """Cuts into classes without small ones, each with and without the share of satisfied answers; most
    informative first."""
    inside = int(x[:satisfied].sum())
    tellable = min(inside, int(x.sum()) - inside) >= threshold
    found = []
    for cut in _cuts(x.size):
        if all(x[a : b + 1].sum() >= threshold for a, b in cut):
            follows = any(b == satisfied - 1 for _, b in cut[:-1])
            found += [(exact, cut) for exact in ((True,) if follows else (tellable, False))]
    return sorted(dict.fromkeys(found), key=lambda c: (-c[0], -len(c[1]), c[1]))


@lru_cache(maxsize=8)
def _cuts(levels: int) -> tuple[Cut, ...]:
    """All 2^(L-1) ways to cut the levels into classes of neighbours."""
    ways = []
    for ends in itertools.product((False, True), repeat=levels - 1):
        last = [i for i, end in enumerate(ends) if end] + [levels - 1]
        ways.append(tuple(zip([0] + [i + 1 for i in last[:-1]], last, strict=True)))
    return tuple(ways)


def _worlds(
    x: Ints,
    points: tuple[float, ...],
    cut: Cut,
    satisfied: int,
    threshold: int,
    exact: bool,
    room: tuple[float, float],
) -> Ints:
    """Other distributions (W, L) compatible with what is published: classes, mean (within room),
    satisfaction."""
    moved, change = _exchanges(points, cut)
    worlds = x + moved[(change >= room[0] - 1e-9) & (change <= room[1] + 1e-9)]
    below, actual = worlds[:, satisfied:].sum(axis=1), x[satisfied:].sum()
    n = x.sum()
    if exact:
        told = below == actual
    elif actual < threshold:
        told = below < threshold
    elif n - actual < threshold:
        told = n - below < threshold
    else:
        told = np.ones(below.size, dtype=bool)
    return np.asarray(worlds[(worlds >= 0).all(axis=1) & told])


def _hides(x: Ints, worlds: Ints, satisfied: int, threshold: int, protection: int, sums_told: bool) -> bool:
    """Whether each small count could be lower (or each zero higher): of levels, and of the satisfied and
    dissatisfied."""
    below = worlds[:, satisfied:].sum(axis=1)
    same = worlds[below == x[satisfied:].sum()] if sums_told else worlds
    levels = _uncertain(x, same, threshold, protection)
    sides = np.array([x[:satisfied].sum(), x[satisfied:].sum()])
    return levels and _uncertain(sides, np.column_stack([x.sum() - below, below]), threshold, protection)


def _uncertain(counts: Ints, others: Ints, threshold: int, protection: int) -> bool:
    if not len(others):
        return bool((counts >= threshold).all())
    fewer = others.min(axis=0) <= np.maximum(counts - protection, 0)
    return bool((np.where(counts > 0, fewer, others.max(axis=0) > 0) | (counts >= threshold)).all())


@lru_cache(maxsize=256)
def _exchanges(points: tuple[float, ...], cut: Cut) -> tuple[Ints, NDArray[np.float64]]:
    """Changes of the counts (M, L) that keep every class total, and (M,) their effect on the sum of points.

    Each moves at most three answers between two levels of a class, once or twice.
    """
    L = len(points)
    within = [pair for first, last in cut for pair in itertools.permutations(range(first, last + 1), 2)]
    moves = [_move(L, a, b, i) for a, b in within for i in range(1, _MOST_AT_ONCE + 1)]
    pairs = itertools.combinations_with_replacement([(0,) * L, *moves], 2)
    found = sorted({tuple(map(sum, zip(a, b, strict=True))) for a, b in pairs} - {(0,) * L})
    changes = np.array(found, dtype=np.int64).reshape(-1, L)
    return changes, changes @ np.asarray(points)


def _move(levels: int, a: int, b: int, answers: int) -> tuple[int, ...]:
    return tuple(answers * ((level == b) - (level == a)) for level in range(levels))
