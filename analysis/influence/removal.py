"""Search for the fewest ballots whose removal undoes a statement, and exhaustive trials for a lower bound.

Sets are tried along several orders of ballots, and around the best set by leaving out and exchanging. Every
refit counts for all statements. As far as affordable, all sets of k ballots are tried: a statement that
survives them needs more than k.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from analysis.influence.refits import Refits, Verdict

Ints = NDArray[np.intp]
Ballots = frozenset[int]
_MOST_SETS = 1000
"""Most sets of k ballots tried for k ≥ `least`; smaller k decide what is fragile: as far as refits allow."""
_TRIES = 8
_CANDIDATES = 10


class Removal:
    """Best sets of ballots known for S statements, with lower bounds.

    best: for each statement a set whose removal undoes it, None while none is known; at_least: (S,) no
    smaller set does.
    """

    def __init__(self, refits: Refits, n_statements: int, n_raters: int) -> None:
        self._refits, self._n, self._tried = refits, n_raters, 0
        self.best: list[Ballots | None] = [None] * n_statements
        self.at_least = np.ones(n_statements, dtype=np.intp)

    def size(self, i: int) -> int:
        """Number of ballots in the best set of statement i; one more than there are while none is known."""
        found = self.best[i]
        return self._n + 1 if found is None else len(found)

    def exact(self, i: int) -> bool:
        return self.size(i) <= int(self.at_least[i])

    def exhaust(self, least: int, share: float = 1.0) -> None:
        """Try all sets of 1, 2, … ballots, as long as a share of the remaining refits pays for them.

        least: sets of this size or more are tried only if there are few (`_MOST_SETS`).
        """
        for k in range(self._tried + 1, self._n):
            sets = comb(self._n, k)
            remaining = [i for i in range(len(self.best)) if self.size(i) > k]
            dear = sets > share * self._refits.left or (k >= least and sets > _MOST_SETS)
            if not remaining or dear:
                return
            for out in combinations(range(self._n), k):
                self._try(frozenset(out), remaining)
            self._tried = k
            for i in remaining:
                self.at_least[i] = min(k + 1, self.size(i))

    def along(self, i: int, order: Ints, guess: int) -> None:
        """Find the shortest beginning of an order that undoes statement i: doubling steps from a guess, then
        bisection."""
        low, high = int(self.at_least[i]) - 1, self.size(i)
        k, step, stood, fell = guess, 1, False, False
        for _ in range(_TRIES):
            k = min(max(k, low + 1), high - 1)
            if k <= low or self._refits.left <= 0:
                return
            if self._try(frozenset(order[:k].tolist()), [i]).stands[i]:
                low, stood = k, True
                k = (low + high) // 2 if fell else low + step
            else:
                high, fell = k, True
                k = (low + high) // 2 if stood else high - step
            step *= 2

    def improve(self, i: int, candidates: Sequence[int]) -> None:
        """Search for a set smaller by one near the best set of statement i, repeatedly, until none is
        found."""
        while not self.exact(i) and self._refits.left > 0:
            best = self.best[i]
            if best is None or not self._smaller(i, best, candidates):
                return

    def _smaller(self, i: int, best: Ballots, candidates: Sequence[int]) -> bool:
        """Find a set smaller by one that undoes i: leave one ballot out, then exchange ballots while that
        weakens i."""
        found = self._best_of(i, (best - {r} for r in sorted(best)))
        while found is not None and len(found[1]) == len(best) - 1:
            if found[0] > 1:
                return True
            weakness, chosen = found
            others = [r for r in candidates if r not in chosen][:_CANDIDATES]
            exchanged = ((chosen - {r}) | {s} for r in sorted(chosen) for s in others)
            found = self._best_of(i, exchanged)
            if found is None or found[0] <= weakness:
                return False
        return False

    def _best_of(self, i: int, sets: Iterator[Ballots]) -> tuple[float, Ballots] | None:
        """Set that weakens statement i most, with its weakness; the first that undoes it has weakness 2."""
        found: tuple[float, Ballots] | None = None
        for out in sets:
            if self._refits.left <= 0:
                break
            verdict = self._try(out, [i])
            if not verdict.stands[i]:
                return 2.0, out
            if found is None or verdict.weakness[i] > found[0]:
                found = float(verdict.weakness[i]), out
        return found

    def _try(self, out: Ballots, wanted: Sequence[int]) -> Verdict:
        """Rank without these ballots, and record them for every statement they undo with fewer ballots than
        known."""
        mask = np.zeros(len(self.best), dtype=bool)
        mask[[i for i in wanted if self.size(i) > len(out)]] = True
        verdict = self._refits.without(out, mask)
        for i in np.flatnonzero(verdict.sure & ~verdict.stands).tolist():
            if len(out) < self.size(i):
                self.best[i] = out
        return verdict
