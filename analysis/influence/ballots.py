"""Fewest ballots whose removal, or falsification, undoes a declared statement of a ranking.

Ballots are ordered by a one-step approximation (`onestep`), removed or turned into the worst answer, and
everything is ranked again by the same rule. A set that undoes a statement is an upper bound; where all
smaller sets were tried (`removal`), it is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.explain import Result
from analysis.influence import sentences as words
from analysis.influence.onestep import Ints, OneStep, Order
from analysis.influence.refits import Kind, Refits, Statement, seconds_of
from analysis.influence.removal import Removal
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from analysis.ranking.results import Ranking
from analysis.threads import blas_threads
from analysis.values.arguments import checked, flag, instance, optional, real, whole
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import scale_ends

LEAST = 3
SHARE = 0.02
SECONDS = 8.0
MOST_REFITS, MOST_SEARCHED = 3_000, 150
"""Most rankings computed in all, and by the search that follows the exhaustive trials."""
MOST_WORK = 300_000_000
"""Largest cells × statements (about three seconds); beyond it only some statements are examined, or none."""
_EXHAUSTIVE = 0.8
"""Share of the refits that exhaustive trials may use; the rest is for the search."""
_MOST_TRIES = 8
_NEAR = 4  # pairs that need over 4 × `least` ballots by the one-step approximation are not refitted


@dataclass(frozen=True)
class Carried(Result):
    """Result for one declared statement: a above or below the average or the line, or (kind "pair") a above
    b.

    removed: so many removed ballots undo it (an upper bound of the fewest); at_least: no fewer do, since all
    smaller sets were tried (1: none were); falsified: so many undo it when turned into the worst answer.
    None: no number does, or it was not examined. verified, falsified_verified: found by ranking again,
    otherwise by the one-step approximation. fragile: removed is less than `Influence.least`.
    """

    kind: Kind
    a: str
    b: str
    removed: int | None
    at_least: int
    falsified: int | None
    verified: bool
    falsified_verified: bool
    fragile: bool

    @property
    def exact(self) -> bool:
        """Whether `removed` is known to be the fewest."""
        return self.verified and self.removed == self.at_least


@dataclass(frozen=True)
class Influence(Result):
    """Result of `carried`: how many ballots carry each statement of a ranking.

    n_raters: ballots with two departments or more; least: statements undone by fewer ballots are fragile;
    refits: rankings computed; omitted: number of declared statements not examined, for cost.
    """

    n_raters: int
    least: int
    statements: tuple[Carried, ...]
    refits: int
    omitted: int

    def of(self, a: str, kind: Kind, b: str = "") -> Carried | None:
        """Result for one statement; None when it was not declared or not examined."""
        return next((s for s in self.statements if (s.kind, s.a, s.b) == (kind, a, b)), None)

    @property
    def fragile(self) -> tuple[Carried, ...]:
        return tuple(s for s in self.statements if s.fragile)

    def summary(self, language: str = "zh") -> str:
        """Which statements are fragile and how thoroughly the others were tried, in words."""
        return words.summary(self.statements, self.least, self.omitted, language)


@checked(
    ratings=comparable,
    ranking=instance("ranking.results.Ranking"),
    refits=optional(whole(0)),
    pairs=flag,
    scale=optional(scale_ends),
    line=optional(real()),
)
def carried(
    ratings: Ratings,
    ranking: Ranking,
    *,
    refits: int | None = None,
    pairs: bool = True,
    scale: tuple[float, float] | None = None,
    line: float | None = None,
) -> Influence:
    """Find how many ballots carry each statement that `ranking` of these ratings declares.

    refits: most rankings to compute (about `SECONDS`' worth unless given): first all sets of one ballot, two
    …, as far as affordable, then a search; pairs: examine pairs too; scale: worst and best score (those that
    occur, unless given); line: also examine departments above or below this score.

    >>> from analysis import Ratings, carried, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> carried(ratings, rank(ratings, draws=1000), refits=0).n_raters
    12
    """
    ends = scale or (float(ratings.score.min()), float(ratings.score.max()))
    allowed = int(min(MOST_REFITS, SECONDS / seconds_of(ratings, ranking))) if refits is None else refits
    single = [*_against_average(ranking), *_against_line(ranking, line)]
    both = [*single, *(_pairs(ranking) if pairs else ())]
    with blas_threads(ratings.n_departments):
        search = _Search(ratings, ranking, ends, line)
        room = int(MOST_WORK // max(1, search.work))
        looked = both if len(both) <= room else single if len(single) <= room else []
        statements, used = search.run(looked, allowed, MOST_SEARCHED if refits is None else allowed)
    return Influence(search.n_raters, search.least, statements, used, len(both) - len(looked))


Named = tuple[Kind, str, str]


def _against_average(ranking: Ranking) -> Iterator[Named]:
    for department in ranking.departments:
        if department.vs_average != "same":
            yield department.vs_average, department.name, ""


def _against_line(ranking: Ranking, line: float | None) -> Iterator[Named]:
    if line is None:
        return
    for department, (low, high) in ranking.levels():
        if low > line or high < line:
            yield "above_line" if low > line else "below_line", department.name, ""


def _pairs(ranking: Ranking) -> Iterator[Named]:
    table = ranking.pairs
    for i in np.flatnonzero(table.significant):
        a, b = table.names[table.a[i]], table.names[table.b[i]]
        yield "pair", *((a, b) if table.difference[i] > 0 else (b, a))


class _Search:
    """Search for the fewest ballots of all statements, within a number of rankings."""

    def __init__(
        self,
        ratings: Ratings,
        ranking: Ranking,
        ends: tuple[float, float],
        line: float | None,
    ) -> None:
        kept = [ratings.department_names[j] for j in np.sort(ratings.places(ranking.pairs.names))]
        self._ratings, self._ranking, self._ends, self._line = ratings, ranking, ends, line
        self._place = {name: j for j, name in enumerate(kept)}
        self._cells = cells_of(ratings).only(np.isin(ratings.department_names, kept))
        self.n_raters = int((self._cells.size > 1).sum())
        self.least = max(LEAST, int(np.ceil(SHARE * self.n_raters)))
        self.work = self._cells.rater.size + self._cells.n_raters

    def run(self, looked: Sequence[Named], allowed: int, searched: int) -> tuple[tuple[Carried, ...], int]:
        """Search for each statement in `looked`; returns the results and the number of rankings computed.

        allowed: rankings in all; searched: those left for the search after the exhaustive trials.
        """
        if not looked:
            return (), 0
        one_step = OneStep(self._ranking, fit(self._cells), self._place, self._ends, self._line)
        orders = [one_step.order(*statement) for statement in looked]
        code = {name: j for j, name in enumerate(self._ratings.department_names)}
        asked = [Statement(kind, code[a], code.get(b, -1) if b else -1) for kind, a, b in looked]
        refits = Refits(self._ratings, self._ranking, asked, allowed, self._line)
        removal = Removal(refits, len(orders), self._ratings.n_raters)
        removal.exhaust(self.least, _EXHAUSTIVE)
        refits.left = min(refits.left, searched)
        first = [
            i for i, order in enumerate(orders) if order.kind != "pair" or order.first < _NEAR * self.least
        ]
        first.sort(key=lambda i: (orders[i].first, i))
        for i in first:
            if refits.left > 0:
                removal.along(i, one_step.removal(orders[i]), min(orders[i].first, removal.size(i) - 1))
        falsified = {i: self._falsified(i, one_step, orders[i], refits) for i in first}
        if refits.left > 0:
            self._around(one_step, orders, first, removal, refits)
        return tuple(
            self._statement(order, removal, i, falsified.get(i)) for i, order in enumerate(orders)
        ), refits.used

    def _around(
        self,
        one_step: OneStep,
        orders: Sequence[Order],
        first: Sequence[int],
        removal: Removal,
        refits: Refits,
    ) -> None:
        """Try further orders of ballots, and sets near the best ones, statements with the smallest sets
        first."""
        for i in sorted(first, key=lambda i: (removal.size(i), i)):
            for order, guess in one_step.others(orders[i]):
                removal.along(i, order, guess or removal.size(i) - 1)
                if refits.left <= 0:
                    return
        for i in sorted(first, key=lambda i: (removal.size(i), i)):
            removal.improve(i, one_step.removal(orders[i]).tolist())

    def _falsified(self, i: int, one_step: OneStep, order: Order, refits: Refits) -> tuple[int | None, bool]:
        """Fewest falsified ballots, in their order, that undo statement i, and whether that was verified by
        ranking."""
        n, first = self.n_raters, order.first_falsified
        if first is None:
            return None, False
        if refits.left <= 0:
            return min(first, n), False
        order_of, worst = one_step.falsification(order)
        low, high, k, step = 0, None, min(first, n), 1
        wanted = np.zeros(refits.size, dtype=bool)
        wanted[i] = True
        for _ in range(_MOST_TRIES):
            if high is not None and high - low <= 1:
                return high, True
            if refits.left <= 0:
                break
            if refits.changed(self._with_false(worst, order_of[:k]), wanted).stands[i]:
                low = k
            else:
                high = k
            if high is None:
                if low >= n:
                    return None, True
                k, step = min(low + step, n), 2 * step
            elif low == 0:
                k, step = max(high - step, 1), 2 * step
            else:
                k = (low + high) // 2
        return (min(first, n), False) if high is None else (high, True)

    def _with_false(self, low_is_worst: NDArray[np.bool_], ballots: Ints) -> Ratings:
        cells, ratings = self._cells, self._ratings
        bent = np.zeros(ratings.n_raters, dtype=bool)
        bent[ballots] = True
        code = np.array([self._place.get(name, -1) for name in ratings.department_names])
        worst = np.full((ratings.n_raters, len(self._place) + 1), np.nan)
        worst[cells.rater, cells.department] = np.where(low_is_worst, *self._ends)
        answer = worst[ratings.rater, code[ratings.department]]
        false = bent[ratings.rater] & ~np.isnan(answer)
        return replace(ratings, score=np.where(false, answer, ratings.score))

    def _statement(
        self, order: Order, removal: Removal, i: int, bent: tuple[int | None, bool] | None
    ) -> Carried:
        """`Carried` for statement i: the numbers that the search found, or those of the one-step
        approximation where it found none.

        bent: number of falsified ballots that undo the statement and whether a ranking verified it; None
        where it was not searched for.
        """
        shown, n = removal.best[i] is not None, self.n_raters
        k = removal.size(i) if shown else max(min(order.first, n), int(removal.at_least[i]))
        first = order.first_falsified
        falsified, known = bent or (None if first is None else min(first, n), False)
        return Carried(
            order.kind, order.a, order.b, k, int(removal.at_least[i]), falsified, shown, known, k < self.least
        )
