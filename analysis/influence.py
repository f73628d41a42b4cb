"""How many ballots carry a declared statement: the fewest whose removal, or falsification, undoes it.

Ballots are put in order by one step (`onestep`). The first k of that order are then removed, or turned into
the worst answer, and everything is ranked again by the same rule, k by bisection. So k ballots are shown to
be enough; fewer, chosen otherwise, may be: k is an upper bound of the fewest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.arguments import checked, flag, instance, optional, refusal, whole
from analysis.arguments import ratings as comparable
from analysis.arrays import vector
from analysis.cells import cells_of
from analysis.contrasts import fit
from analysis.errors import InputError
from analysis.explain import Result, listed, pick
from analysis.onestep import Kind, OneStep, Order
from analysis.ranking import rank
from analysis.ratings import Ratings
from analysis.results import Ranking

LEAST = 3
SHARE = 0.02
MOST_REFITS = 100
REFIT_DRAWS = 10_000  # enough to see a statement fall; the ranking itself draws until its error is small
MOST_WORK = 300_000_000
"""Cells × statements: about three seconds. Beyond it only part of the statements is looked at, or none."""
_MOST_TRIES = 8
_NEAR = 4  # times the least: a pair that one step puts beyond is not tried again


@dataclass(frozen=True)
class Carried(Result):
    """A declared statement: a above or below the average, or (kind pair) a above b.

    removed: this many ballots, the most favourable ones, are enough to undo it when they are removed;
    falsified: when they are turned into the worst answer. None where no number of ballots does.
    verified, falsified_verified: found by ranking again; otherwise by one step, and only about right.
    fragile: removed is fewer than `Influence.least`.
    """

    kind: Kind
    a: str
    b: str
    removed: int | None
    falsified: int | None
    verified: bool
    falsified_verified: bool
    fragile: bool


@dataclass(frozen=True)
class Influence(Result):
    """What carries the statements of a ranking.

    n_raters: ballots that say something about differences; least: fewer than this are fragile; refits:
    rankings computed; omitted: declared statements that were not looked at, for cost.
    """

    n_raters: int
    least: int
    statements: tuple[Carried, ...]
    refits: int
    omitted: int

    def of(self, a: str, kind: Kind, b: str = "") -> Carried | None:
        """One statement; None when it was not declared or not looked at."""
        return next((s for s in self.statements if (s.kind, s.a, s.b) == (kind, a, b)), None)

    @property
    def fragile(self) -> tuple[Carried, ...]:
        return tuple(s for s in self.statements if s.fragile)

    def summary(self, language: str = "zh") -> str:
        """How many statements are fragile, and which departments are concerned."""
        if not self.statements:
            return pick(language, _NOTHING[0], _NOTHING[1])
        found = self.fragile
        if not found:
            zh = (
                f"看过 {len(self.statements)} 条结论：从对它最有利的选票去起，"
                f"没有一条去掉不到 {self.least} 张就不成立；换一种选法，也许更少的几张就够。"
            )
            en = (
                f"Statements looked at: {len(self.statements)}. Taking away the most favourable ballots "
                f"first, none was undone by fewer than {self.least}; another choice might need fewer."
            )
            return pick(language, zh, en)
        guessed = sum(not s.verified for s in found)
        names = list(dict.fromkeys(s.a if s.kind != "pair" else f"{s.a} > {s.b}" for s in found))
        shown = listed(names[:8], language) + ("" if len(names) <= 8 else pick(language, "等", " …"))
        return pick(
            language,
            f"有 {len(found)} 条结论易变：去掉不到 {self.least} 张选票就不再成立"
            + (f"（其中 {guessed} 条是估算，没有逐一重算）" if guessed else "")
            + f"，涉及{shown}。",
            f"{len(found)} statements are fragile, undone by fewer than {self.least} ballots"
            + (f" ({guessed} of them by estimate only)" if guessed else "")
            + f": {shown}.",
        )


_NOTHING = (
    "没有检查结论靠几张选票支撑：没有分得出高低的结论，或者数据太多。",
    "How many ballots carry statements was not looked at: none are made, or there are too many ratings.",
)


def _scale(name: str, value: Any) -> tuple[float, float]:
    """Worst and best score."""
    ends = vector()(name, value).tolist()
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise refusal(name, "应是最低分与最高分。", "needs the worst and the best score.")
    return ends[0], ends[1]


@checked(
    ratings=comparable,
    ranking=instance("results.Ranking"),
    refits=optional(whole(0)),
    pairs=flag,
    scale=optional(_scale),
)
def carried(
    ratings: Ratings,
    ranking: Ranking,
    *,
    refits: int | None = None,
    pairs: bool = True,
    scale: tuple[float, float] | None = None,
    **options: Any,
) -> Influence:
    """How many ballots carry each statement that `ranking` declares; options: those `rank` was called with.

    refits: rankings that may be computed (about five seconds' worth, at most 100, unless given), statements
    about the average first, then the pairs that look fragile; pairs: also look at pairs; scale: worst and
    best score (those that occur, unless given).

    >>> from analysis import Ratings, carried, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> carried(ratings, rank(ratings, draws=1000), refits=0).n_raters
    12
    """
    ends = scale or (float(ratings.score.min()), float(ratings.score.max()))
    tries = _affordable(ratings, ranking) if refits is None else refits
    search = _Search(ratings, ranking, ends, tries, options)
    least = max(LEAST, int(np.ceil(SHARE * search.n_raters)))
    declared = list(_declared(ranking, pairs=False))
    room = int(MOST_WORK // max(1, search.work))
    both = declared + list(_declared(ranking, pairs=True))[len(declared) :]
    looked = both if pairs and len(both) <= room else declared if len(declared) <= room else []
    found = [search.one_step.order(*statement) for statement in looked]
    first = [i for i, order in enumerate(found) if order.kind != "pair" or order.first < _NEAR * least]
    first.sort(key=lambda i: (found[i].first, i))
    removed = {i: search.removed(found[i]) for i in first}
    falsified = {i: search.falsified(found[i]) for i in first}
    statements = tuple(
        _statement(order, least, removed.get(i), falsified.get(i), search.n_raters)
        for i, order in enumerate(found)
    )
    return Influence(search.n_raters, least, statements, search.used, len(both) - len(looked))


def _affordable(ratings: Ratings, ranking: Ranking) -> int:
    """Rankings of this size in about five seconds of a processor: draws of all pairs, passes over ratings."""
    D = len(ranking.departments)
    seconds = min(ranking.draws, REFIT_DRAWS) * D * D * 5e-9 + ratings.n_ratings * 2e-6
    return int(min(MOST_REFITS, 5 / max(seconds, 1e-3)))


def _declared(ranking: Ranking, *, pairs: bool) -> Iterator[tuple[Kind, str, str]]:
    for department in ranking.departments:
        if department.vs_average != "same":
            yield department.vs_average, department.name, ""
    table = ranking.pairs
    for i in np.flatnonzero(table.significant) if pairs else ():
        a, b = table.names[table.a[i]], table.names[table.b[i]]
        yield "pair", *((a, b) if table.difference[i] > 0 else (b, a))


@dataclass(frozen=True)
class _Found:
    k: int | None
    verified: bool


class _Search:
    """Rankings computed again, without or with changed ballots, as long as refits are left."""

    def __init__(
        self,
        ratings: Ratings,
        ranking: Ranking,
        ends: tuple[float, float],
        refits: int,
        options: dict[str, Any],
    ) -> None:
        kept = [ratings.department_names[j] for j in np.sort(ratings.places(ranking.pairs.names))]
        self._ratings, self._ends = ratings, ends
        self._place = {name: j for j, name in enumerate(kept)}
        self._cells = cells_of(ratings).only(np.isin(ratings.department_names, kept))
        self.one_step = OneStep(ranking, fit(self._cells), self._place, *ends)
        draws = min(ranking.draws, REFIT_DRAWS)
        same = {"level": ranking.level, "threshold": ranking.threshold, "draws": draws}
        same |= {"seed": ranking.seed, "stepdown": ranking.stepdown, "latent_guard": ranking.latent_guard}
        self._options = same | options
        self._left, self.used = refits, 0
        self.n_raters = int((self._cells.size > 1).sum())
        self.work = self._cells.rater.size + self._cells.n_raters

    def removed(self, order: Order) -> _Found:
        """The fewest ballots by removal, as far as refits are left."""
        return self._fewest(order, order.first, self._without)

    def falsified(self, order: Order) -> _Found:
        """The fewest ballots by falsification, as far as refits are left."""
        return self._fewest(order, order.first_falsified, self._with_false)

    def _fewest(self, order: Order, guess: int, changed: Callable[[Order, int], Ratings]) -> _Found:
        """Smallest k by steps away from the guess, then bisection; not verified where refits gave out."""
        low, high, k, step = 0, None, min(guess, self.n_raters), 1
        for _ in range(_MOST_TRIES):
            if high is not None and high - low <= 1:
                return _Found(high, verified=True)
            if self._left <= 0:
                break
            if self._stands(order, changed(order, k)):
                low = k
            else:
                high = k
            if high is None:
                if low >= self.n_raters:
                    return _Found(None, verified=True)
                k, step = min(low + step, self.n_raters), 2 * step
            elif low == 0:
                k, step = max(high - step, 1), 2 * step
            else:
                k = (low + high) // 2
            k = k if high is None or k < high else max(1, high - 1)
        return _Found(min(guess, self.n_raters) if high is None else high, verified=high is not None)

    def _without(self, order: Order, k: int) -> Ratings:
        keep = np.ones(self._ratings.n_raters, dtype=bool)
        keep[order.removal[:k]] = False
        return self._ratings.take(keep)

    def _with_false(self, order: Order, k: int) -> Ratings:
        cells, ratings = self._cells, self._ratings
        bent = np.zeros(ratings.n_raters, dtype=bool)
        bent[order.falsification[:k]] = True
        code = np.array([self._place.get(name, -1) for name in ratings.department_names])
        worst = np.full((ratings.n_raters, len(self._place) + 1), np.nan)
        worst[cells.rater, cells.department] = np.where(order.worst, *self._ends)
        answer = worst[ratings.rater, code[ratings.department]]
        false = bent[ratings.rater] & ~np.isnan(answer)
        return replace(ratings, score=np.where(false, answer, ratings.score))

    def _stands(self, order: Order, ratings: Ratings) -> bool:
        """Whether the statement is still declared; a ranking that is no longer possible declares nothing."""
        self._left, self.used = self._left - 1, self.used + 1
        try:
            again = rank(ratings, **self._options)
        except InputError:
            return False
        return (order.kind, order.a, order.b) in set(_declared(again, pairs=order.kind == "pair"))


def _statement(order: Order, least: int, removed: _Found | None, falsified: _Found | None, n: int) -> Carried:
    """What was found, or what one step says where nothing was tried."""
    out = removed or _Found(min(order.first, n), verified=False)
    bent = falsified or _Found(min(order.first_falsified, n), verified=False)
    fragile = out.k is not None and out.k < least
    return Carried(order.kind, order.a, order.b, out.k, bent.k, out.verified, bent.verified, fragile)
