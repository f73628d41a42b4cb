"""The fewest ballots whose removal undoes a statement: from above by search, from below by trying all.

Sets are tried along several orders of ballots, and around the best by leaving out and exchanging. Every
ranking that is computed again tells of all statements. Where all sets of k ballots are affordable they are
all tried: a statement that survived them needs more than k.
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
"""Of three ballots and more; fewer decide what is fragile and are tried as far as refits allow."""
_TRIES = 8
_CANDIDATES = 10


class Removal:
    """Best known sets of ballots for S statements, and how many are certainly needed.

    best: a set for each that undoes it, None while none is known; at_least: (S,) no fewer undo it.
    """

    def __init__(self, refits: Refits, n_statements: int, n_raters: int) -> None:
        self._refits, self._n, self._tried = refits, n_raters, 0
        self.best: list[Ballots | None] = [None] * n_statements
        self.at_least = np.ones(n_statements, dtype=np.intp)

    def size(self, i: int) -> int:
        """Ballots of the best set; one more than there are while none is known."""
        found = self.best[i]
        return self._n + 1 if found is None else len(found)

    def exact(self, i: int) -> bool:
        return self.size(i) <= int(self.at_least[i])

    def exhaust(self, least: int, share: float = 1.0) -> None:
        """Try all sets of 1, 2, … ballots, below ``least`` or few, as long as a share of the refits pays."""
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
        """The shortest beginning of an order that undoes statement i: steps from a guess, then halves."""
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
        """Look for a set smaller by one around the best one, again and again, until none is found."""
        while not self.exact(i) and self._refits.left > 0:
            best = self.best[i]
            if best is None or not self._smaller(i, best, candidates):
                return

    def _smaller(self, i: int, best: Ballots, candidates: Sequence[int]) -> bool:
        """Leave one out; else exchange within the most promising of what remains, uphill."""
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
        """The set that weakens statement i most, at once one that undoes it (weakness 2)."""
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
        """Rank without these ballots, and remember all statements for which they are fewest so far."""
        mask = np.zeros(len(self.best), dtype=bool)
        mask[[i for i in wanted if self.size(i) > len(out)]] = True
        verdict = self._refits.without(out, mask)
        for i in np.flatnonzero(verdict.sure & ~verdict.stands).tolist():
            if len(out) < self.size(i):
                self.best[i] = out
        return verdict
