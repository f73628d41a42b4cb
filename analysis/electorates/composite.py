"""Composite index of several electorates (enterprises, delegates, the public) and of figures from outside.

Every electorate has a round of its own, and its adjusted scores enter with a weight fixed before anything was
opened. Figures from outside are points without error. The weighted sum is ranked like one round, both scales
agreeing. Electorates may share raters unless they are declared not to (`analysis/compare/pooling.py`).

Shift by an electorate s: the composite with it minus the composite C₋ₛ of the others alone, w_s (θ_s − C₋ₛ),
for every electorate and department, one max-t family. The ranking spends four fifths of the error rate 1 −
level and the shifts one fifth, so that everything said of a composite holds jointly at `level`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare.contrast_family import ContrastFamily, family
from analysis.compare.exchanges import exchange_test, gate
from analysis.compare.pooling import inflated, pool, stretched
from analysis.compare.samples import Sample, centring, common_blocks, sample_of
from analysis.electorates.inputs import (
    electorate_labels,
    part,
    rated_and_points,
    sharing_of,
    weight,
    weight_shares,
)
from analysis.electorates.sentences import moves_held, notes_of, summarised
from analysis.errors import InputError
from analysis.explain import Result, plain
from analysis.inference.ranksets import ranks
from analysis.ranking.rank import DEFAULT_SEED
from analysis.ranking.results import Insufficient, Ranking
from analysis.values.arguments import MOST_DRAWS, checked, confidence, enough_draws, flag, mapping, whole

Floats = NDArray[np.float64]
MOVES = 0.2
"""Share of the error rate 1 − level spent on shifts by single electorates (`Move`)."""


@dataclass(frozen=True)
class Electorate(Result):
    """One part of a composite: name, weight (they sum to 1), and raters, None for figures from outside."""

    name: str
    weight: float
    n_raters: int | None


@dataclass(frozen=True)
class Move(Result):
    """Effect of one electorate on one department's place in the composite."""

    electorate: str
    department: str
    contribution: float
    """Weighted score of the department by this electorate, relative to the average department, in points."""
    shift: float
    """Composite with this electorate minus composite of the others alone, in points, both relative to the
    average department."""
    se: float
    df: float
    ci: tuple[float, float]
    p_adjusted: float
    direction: str
    """"up" or "down" where the shift is significant, else "same"."""
    rank: int
    rank_without: int
    """Ranks of the point estimates; for what is certain of ranks see the ranking's rank sets."""


@dataclass(frozen=True)
class Composite(Result):
    """Result of `composite`: the index with its ranking, and shifts by each electorate; all holds jointly at
    `level`.

    >>> from analysis import Ratings, composite
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> parts = {"firms": ratings, "figures": {"A": 8, "B": 7, "C": 6}}
    >>> found = composite(parts, {"firms": 3, "figures": 1})
    >>> [part.weight for part in found.electorates]
    [0.75, 0.25]
    """

    ranking: Ranking
    electorates: tuple[Electorate, ...]
    moves: tuple[Move, ...]
    """By electorate, then department in ranked order."""
    level: float
    independent: bool
    not_compared: tuple[str, ...]

    @property
    def moves_level(self) -> float:
        """Joint confidence level of the shifts alone."""
        return 1 - MOVES * (1 - self.level)

    def moved(self, electorate: str) -> tuple[Move, ...]:
        """Departments that this electorate shifts significantly, the largest shift first."""
        found = [m for m in self.moves if m.electorate == electorate and m.direction != "same"]
        return tuple(sorted(found, key=lambda m: -abs(m.shift)))

    def summary(self, language: str = "zh") -> str:
        """Summary of the ranking, then of each electorate's shifts."""
        return summarised(self, language)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values of the fields; `ranking` in format version 1 of ranking.json."""
        return {**self.beside(), "ranking": self.ranking.to_dict()}

    def beside(self) -> dict[str, Any]:
        """JSON-safe values of all fields but the ranking."""
        return {
            "level": self.level,
            "independent": self.independent,
            "electorates": plain(self.electorates),
            "moves": plain(self.moves),
            "not_compared": list(self.not_compared),
        }


@checked(
    parts=mapping(part),
    weights=mapping(weight),
    independent=sharing_of,
    level=confidence,
    threshold=whole(1),
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    latent_guard=flag,
)
def composite(
    parts: Mapping[str, Ratings | Mapping[str, float]],
    weights: Mapping[str, float],
    *,
    independent: bool | Mapping[str, Hashable] = False,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = DEFAULT_SEED,
    latent_guard: bool = True,
) -> Composite:
    """Rank departments by the weighted sum of several electorates' scores and outside figures.

    parts: name → ratings, or name → points of every department; departments are matched by name. weights:
    name → positive number, taken relative to their sum. independent: whether no rater belongs to two
    electorates, or a label per electorate (those of different labels share none). threshold: raters a
    department needs in every electorate. Raises InputError where parts and weights do not fit or no two
    departments are in all.

    >>> from analysis import Ratings, composite
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> parts = {"firms": ratings, "figures": {"A": 5, "B": 7, "C": 9}}
    >>> index = composite(parts, {"firms": 1, "figures": 1})
    >>> [(d.name, round(d.adjusted, 2)) for d in index.ranking.departments[:1]]
    [('B', 7.17)]
    """
    enough_draws(draws, 1 - MOVES * (1 - level))
    w = weight_shares(parts, weights)
    rated, points = rated_and_points(parts)
    samples = {name: sample_of(r, threshold=threshold, guard=latent_guard) for name, r in rated.items()}
    names = _common(samples, points)
    codes = electorate_labels(independent, list(rated))
    shares = [w[name] for name in rated]
    ready = inflated([stretched(s, names) for s in samples.values()], [names], shares, codes)
    given = {name: np.array([part[d] for d in names]) for name, part in points.items()}
    fixed = np.sum([w[name] * x for name, x in given.items()], axis=0) if given else None
    spent = 1 - level
    ranking = pool(ready, names, shares, codes, fixed).ranking(
        level=1 - (1 - MOVES) * spent, draws=draws, seed=seed
    )
    alone = dict(zip(rated, ready, strict=True))
    rank_of = {d.name: d.rank for d in ranking.departments}
    options = {"level": 1 - MOVES * spent, "draws": draws, "seed": seed + len(parts)}
    moves, held = _moves(w, names, alone, given, codes, rank_of, **options)
    left = _left_out(parts, samples, names)
    electorates = tuple(
        Electorate(name, w[name], rated[name].n_raters if name in rated else None) for name in parts
    )
    disjoint = len(set(codes)) == len(rated)
    levels = (level, ranking.level, options["level"])
    notes = notes_of(electorates, disjoint, [r.score for r in rated.values()], list(given.values()), levels)
    said = (*notes, *ranking.notes, *([moves_held()] if held else []))
    ranking = replace(ranking, threshold=threshold, insufficient=left, notes=said)
    return Composite(ranking, electorates, moves, level, disjoint, tuple(entry.name for entry in left))


def _common(samples: Mapping[str, Sample], points: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Largest set of departments that every electorate can compare and every outside figure covers."""
    blocks = [
        [name for name in block if all(name in part for part in points.values())]
        for block in common_blocks(list(samples.values()))
    ]
    largest = max(blocks, key=len)
    if len(largest) < 2:
        raise InputError(
            "没有两个部门在每一部分中都有得分；请核对部门名称。",
            "No two departments are in every part; check how the departments are named.",
            column="parts",
        )
    return largest


def _place(sample: Sample, names: Sequence[str]) -> list[int]:
    return [sample.names.index(name) for name in names]


def _moves(
    w: Mapping[str, float],
    names: Sequence[str],
    rated: Mapping[str, Sample],
    given: Mapping[str, Floats],
    labels: Sequence[int],
    rank_of: Mapping[str, int],
    **options: Any,
) -> tuple[tuple[Move, ...], bool]:
    """A `Move` for every electorate and department, and whether the gate held some back; rank_of:
    department → its rank in the full composite."""
    verdict = {t: _centred(sample.theta[_place(sample, names)]) for t, sample in rated.items()}
    verdict |= {t: _centred(x) for t, x in given.items()}
    found, held = _shifts(w, names, rated, {t: verdict[t] for t in given}, labels, **options)
    order = sorted(range(len(names)), key=lambda j: (rank_of[names[j]], names[j]))
    moves = []
    for row, s in enumerate(w):
        without = ranks(np.asarray(np.sum([w[t] * verdict[t] for t in w if t != s], axis=0)))
        for j in order:
            i = row * len(names) + j
            up = "up" if found.estimate[i] > 0 else "down"
            moves.append(
                Move(
                    electorate=s,
                    department=names[j],
                    contribution=float(w[s] * verdict[s][j]),
                    shift=float(found.estimate[i]),
                    se=float(found.se[i]),
                    df=float(found.df[i]),
                    ci=(float(found.lower[i]), float(found.upper[i])),
                    p_adjusted=float(found.p[i]),
                    direction=up if found.significant[i] else "same",
                    rank=rank_of[names[j]],
                    rank_without=int(without[j]),
                )
            )
    return tuple(moves), held


def _centred(x: Floats) -> Floats:
    return np.asarray(x - x.mean())


def _shifts(
    w: Mapping[str, float],
    names: Sequence[str],
    rated: Mapping[str, Sample],
    given: Mapping[str, Floats],
    labels: Sequence[int],
    **options: Any,
) -> tuple[ContrastFamily, bool]:
    """Max-t family of the shifts w_s (θ_s − C₋ₛ), (S·D,), by electorate, then department; without those that
    figures from outside make, nothing is declared unless raters tell departments apart: whether that held
    some back."""
    coefficient = {s: {t: w[s] if t == s else -w[s] * w[t] / (1 - w[s]) for t in w} for s in w}
    centre = {t: centring(sample, [names]) for t, sample in rated.items()}
    contrasts = [np.concatenate([coefficient[s][t] * centre[t] for s in w]) for t in rated]
    nothing = np.zeros(len(names))
    offset = [sum((coefficient[s][t] * x for t, x in given.items()), start=nothing) for s in w]
    every, added = list(rated.values()), np.concatenate(offset)
    found = family(every, contrasts, labels=labels, offset=added, **options)
    test = exchange_test(every, names, contrasts, labels) if found.significant.any() else None
    return (found, False) if test is None else gate(found, test, added, options["level"], options["seed"])


def _left_out(
    parts: Mapping[str, Ratings | Mapping[str, float]],
    samples: Mapping[str, Sample],
    names: Sequence[str],
) -> tuple[Insufficient, ...]:
    """Departments of some part that are not in the composite, each with the names of the parts that
    lack it."""
    has = {
        name: tuple(str(d) for d in part) if not isinstance(part, Ratings) else samples[name].names
        for name, part in parts.items()
    }
    rated = [[d for d, n in s.n.items() if n] for s in samples.values()]
    every = dict.fromkeys(d for group in [*rated, *has.values()] for d in group)
    entries = []
    for department in every:
        if department in names:
            continue
        lacking = [name for name in parts if department not in has[name]] or list(samples)
        zh = f"在{'、'.join(f'“{name}”' for name in lacking)}中没有足够的、可以比较的评分或得分。"
        en = f"Not enough comparable ratings, or no figure, in {', '.join(lacking)}."
        entries.append(Insufficient(department, None, "part", zh, en))
    return tuple(entries)
