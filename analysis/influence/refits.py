"""Refits: rankings of changed ballots by the same rule, computed only as far as the statements need.

Whether a statement holds depends on its p-value or interval, and both are drawn. 2,000 draws are used where
they decide beyond doubt (five standard errors), 10,000 elsewhere, more where units are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.inference.joint import DIFFERENCES
from analysis.model.signflips import few, statements
from analysis.ranking.declared import Declared, Evidence, declare
from analysis.ranking.rank import evidence_of
from analysis.ranking.rated import rated_of
from analysis.ranking.results import Ranking
from analysis.ranking.scaled import level_interval
from analysis.ranking.selection import select

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Kind = Literal["above", "below", "pair", "above_line", "below_line"]
_DRAWS = (2_000, 10_000)
_WORK = 10_000_000
"""Draws × statements × units of one refit: more than 10,000 draws only within this (a ranking draws more)."""
_ERRORS, _EXCHANGES = 5, 200


@dataclass(frozen=True)
class Statement:
    """Statement about departments (codes a, b): a above or below the average or the line, or (kind "pair") a
    above b."""

    kind: Kind
    a: int
    b: int = -1

    @property
    def up(self) -> bool:
        return self.kind in ("above", "above_line", "pair")

    @property
    def of_line(self) -> bool:
        return self.kind in ("above_line", "below_line")


@dataclass(frozen=True, eq=False)
class Verdict:
    """Outcome of one refit for S statements, arrays (S,).

    stands: whether the statement still holds; weakness: grows as it weakens, 1 where it cannot be made; sure:
    decided by all draws, or beyond doubt by few.
    """

    stands: Bools
    weakness: Floats
    sure: Bools


class Refits:
    """Refitter that makes at most ``allowed`` rankings of changed ratings and remembers each set's verdict.

    line: warning line in points, for statements of kind above_line and below_line.
    """

    def __init__(
        self,
        ratings: Ratings,
        ranking: Ranking,
        statements: Sequence[Statement],
        allowed: int,
        line: float | None = None,
    ) -> None:
        self._ratings, self._ranking = ratings, ranking
        self._most = _most_draws(ratings, ranking)
        self._line, self._known = np.nan if line is None else line, dict[frozenset[int], Verdict]()
        self.left, self.used, self.size = allowed, 0, len(statements)
        self._a = np.array([s.a for s in statements], dtype=np.intp)
        self._b = np.array([s.b for s in statements], dtype=np.intp)
        self._up = np.array([s.up for s in statements], dtype=bool)
        self._pair = self._b >= 0
        self._of_line = np.array([s.of_line for s in statements], dtype=bool)

    def without(self, out: Iterable[int], wanted: Bools) -> Verdict:
        """Verdict of the ranking without the ballots `out`; wanted: (S,) statements that must be decided
        surely."""
        key = frozenset(out)
        known = self._known.get(key)
        if known is None or not (known.sure | ~wanted).all():
            keep = np.ones(self._ratings.n_raters, dtype=bool)
            keep[list(key)] = False
            known = self._known[key] = self.changed(self._ratings.take(keep), wanted)
        return known

    def changed(self, ratings: Ratings, wanted: Bools) -> Verdict:
        """Verdict of the ranking of changed ratings; no statement holds where nothing can be ranked."""
        self.left, self.used = self.left - 1, self.used + 1
        ranking = self._ranking
        try:
            with np.errstate(invalid="ignore", divide="ignore"):
                rated = rated_of(ratings)
                chosen = select(rated.cells, rated.names, ranking.threshold, rated.strata)
                evidence = evidence_of(rated, chosen, ranking.latent_guard)
        except InputError:
            return Verdict(np.zeros_like(self._up), np.ones(self._a.size), np.ones_like(self._up))
        place = np.where(chosen.kept, np.cumsum(chosen.kept) - 1, -1)
        level, seed, stepdown = ranking.level, ranking.seed, ranking.stepdown
        for draws in sorted({min(n, self._most) for n in (*_DRAWS, self._most)}):
            options: dict[str, Any] = {"level": level, "draws": draws, "seed": seed, "stepdown": stepdown}
            said = declare(evidence, levels=bool(self._of_line.any()), only_decide=True, **options)
            found = self._judged(said, evidence, place, draws)
            if (found.sure | ~wanted).all():
                break
        return found

    def _judged(self, said: Declared, evidence: Evidence, place: Ints, draws: int) -> Verdict:
        a, b = place[self._a], np.where(self._pair, place[self._b], 0)
        there, a, b = (a >= 0) & (b >= 0), np.maximum(a, 0), np.maximum(b, 0)
        sign, error = np.where(self._up, 1, -1), 1 - self._ranking.level
        against = np.where(self._pair, evidence.theta[b], 0)
        right = there & (sign * (evidence.theta[a] - against) > 0)
        p = np.where(right, np.where(self._pair, said.p[a, b], said.average_p[a]), 1.0)
        declared = np.where(self._pair, said.above[a, b], said.average[a] == sign)
        inner = DIFFERENCES * error
        doubt = np.abs(p - error) < _ERRORS * np.sqrt(inner * (1 - inner) / draws) / DIFFERENCES
        distance = sign * (evidence.adjusted[a] - self._line)
        ends = level_interval(evidence.adjusted, said.additive, evidence.sample, self._ranking.scale)
        bound = np.abs(evidence.adjusted[a] - np.where(self._up, ends[0][a], ends[1][a]))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self._of_line & there, distance / bound, -np.inf)
        # The density of the largest of many |z| at its upper q-quantile c is about c q, so that the relative
        # error of c is √(q / draws) / (c² q), with c² about 10.
        relative = _ERRORS / np.sqrt((1 - DIFFERENCES) * error * draws) / 10
        sure = np.where(self._of_line, np.abs(ratio - 1) >= relative, ~doubt | ~right)
        return Verdict(
            np.where(self._of_line, ratio > 1, there & declared),
            np.where(self._of_line, np.clip(error * (2 - ratio), 0, 1), p),
            sure | (draws >= self._most),
        )


def _most_draws(ratings: Ratings, ranking: Ranking) -> int:
    each = statements(len(ranking.departments)) * ratings.n_raters
    return min(ranking.draws, max(_DRAWS[-1], _WORK // each))


def seconds_of(ratings: Ratings, ranking: Ranking) -> float:
    """Estimated seconds of one refit."""
    D, R = len(ranking.departments), ratings.n_raters
    each = 1.2e-9 * R * statements(D) if few(R, D) else 1.2e-9 * D * D
    exchanged = _EXCHANGES * 3e-10 * (2 * R * D * D + 60 * ratings.n_ratings)
    return 0.006 + 6e-7 * ratings.n_ratings + exchanged + _most_draws(ratings, ranking) * each
