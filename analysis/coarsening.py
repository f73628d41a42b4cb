"""Coarse distributions: answers by level, merged until no small count is published or can be worked out.

Neighbouring levels are merged into classes of at least the threshold. The mean and the number of answers are
published beside them, and arithmetic would undo some merges: two levels, their sum and their points give
both counts. A merge is therefore accepted only with a counterexample: another distribution with the same
classes, the same mean and the same share of satisfied answers in which the small count is different.
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
"""(first, last) level of each class, both counted in."""

_MOST_AT_ONCE = 3


@dataclass(frozen=True)
class Coarse(Result):
    """What may be told of one distribution beside its mean and its number of answers."""

    classes: tuple[tuple[int, int, int], ...]
    """(first level, last level, answers), levels from 0, best first; every count reaches the threshold."""
    satisfied: int | None
    """Answers at the satisfied levels; None where it or the rest is below the threshold or would follow."""
    below: tuple[int, int]
    """Fewest and most answers below the satisfied levels that a reader cannot rule out by these figures."""


def coarsen(
    counts: ArrayLike, points: Sequence[float], *, satisfied: int, threshold: int = 10
) -> Coarse | None:
    """The finest classes of one distribution (L,) that give no small count away; None: even the mean would.

    points: (L,) of each level, from best to worst; satisfied: how many of the levels count as satisfied. The
    share of satisfied answers is kept before finer classes are. At least ``threshold`` answers are presumed.
    """
    x = np.asarray(counts, dtype=np.int64)
    for exact, cut in _candidates(x, satisfied, threshold):
        worlds = _worlds(x, tuple(points), cut, satisfied, threshold, exact)
        if _hides(x, worlds, satisfied, threshold):
            below = np.append(worlds[:, satisfied:].sum(axis=1), x[satisfied:].sum())
            classes = tuple((a, b, int(x[a : b + 1].sum())) for a, b in cut)
            return Coarse(
                classes, int(x[:satisfied].sum()) if exact else None, (int(below.min()), int(below.max()))
            )
    return None


def _candidates(x: Ints, satisfied: int, threshold: int) -> list[tuple[bool, Cut]]:
    """Cuts without small classes, the share of satisfied answers told or not; the most telling first."""
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
    """All 2^(L-1) ways of cutting the levels into classes of neighbours."""
    ways = []
    for ends in itertools.product((False, True), repeat=levels - 1):
        last = [i for i, end in enumerate(ends) if end] + [levels - 1]
        ways.append(tuple(zip([0] + [i + 1 for i in last[:-1]], last, strict=True)))
    return tuple(ways)


def _worlds(
    x: Ints, points: tuple[float, ...], cut: Cut, satisfied: int, threshold: int, exact: bool
) -> Ints:
    """(W, L) other distributions with the same classes and mean, and with what is told of satisfaction."""
    worlds = x + _exchanges(points, cut)
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


def _hides(x: Ints, worlds: Ints, satisfied: int, threshold: int) -> bool:
    """Whether every small count has another value in some world: of a level, of the (dis)satisfied."""
    counts, others = _with_sides(x, satisfied), _with_sides(worlds, satisfied)
    return bool(((others != counts).any(axis=0) | (counts >= threshold)).all())


def _with_sides(x: Ints, satisfied: int) -> Ints:
    """(…, L + 2) counts of levels, then of satisfied and of other answers."""
    sides = x[..., :satisfied].sum(axis=-1), x[..., satisfied:].sum(axis=-1)
    return np.concatenate([x, np.stack(sides, axis=-1)], axis=-1)


@lru_cache(maxsize=256)
def _exchanges(points: tuple[float, ...], cut: Cut) -> Ints:
    """(M, L) changes of the counts that leave every class and the sum of points as they are.

    Each is at most three answers moved between two levels of a class, and at most three moved between two
    levels of the same or another class, whose points cancel.
    """
    L = len(points)
    moves = [(a, b) for first, last in cut for a, b in itertools.permutations(range(first, last + 1), 2)]
    found = set()
    for (a, b), (c, d) in itertools.combinations_with_replacement(moves, 2):
        for i, k in itertools.product(range(1, _MOST_AT_ONCE + 1), repeat=2):
            if abs(i * (points[b] - points[a]) + k * (points[d] - points[c])) < 1e-9:
                change = [0] * L
                change[a] -= i
                change[b] += i
                change[c] -= k
                change[d] += k
                found.add(tuple(change))
    found.discard((0,) * L)
    return np.array(sorted(found), dtype=np.int64).reshape(-1, L)
