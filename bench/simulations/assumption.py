"""What happens where an assumption of the ranking fails, and what the remedy does, the truth being known.

A pair is false where a department is declared above one that is not worse. Departments are equal, and a
rejecting omnibus test is wrong, unless a row says better.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, additivity_test, rank, standardise
from bench.document import set_table

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Make = Callable[[np.random.Generator], Ratings]

ROUNDS = 1_000


def owners(sizes: Ints, departments: int, *, known: bool, correlation: float = 0.3) -> Make:
    """Raters of one owner share part of what they think of each department."""
    owner = np.repeat(np.arange(sizes.size), sizes)

    def make(g: np.random.Generator) -> Ratings:
        shape = (owner.size, departments)
        liking = np.sqrt(correlation) * g.normal(size=(sizes.size, departments))[owner]
        y = g.normal(size=(owner.size, 1)) + liking + np.sqrt(1 - correlation) * g.normal(size=shape)
        score = 20 * np.clip(np.round(3 + 1.2 * y), 1, 5)
        score[np.argsort(np.argsort(g.random(shape), axis=1), axis=1) >= 6] = np.nan
        return Ratings.from_array(score, cluster=owner if known else None)

    return make


def items_missing(better: float) -> Make:
    """300 raters × 6 of 12 departments × 4 items; the first item is two logits easier, half lack it."""

    def make(g: np.random.Generator) -> Ratings:
        rater, own = g.normal(0, 1, (300, 1, 1)), g.normal(0, 0.7, (300, 12, 1))
        logit = rater + own + np.array([2.0, 0.5, 0, -0.5]) + g.logistic(size=(300, 12, 4))
        logit[:, 0] += better
        score = 20.0 * (1 + np.searchsorted([-2.5, -1, 0.5, 2], logit))
        score[np.argsort(np.argsort(g.random((300, 12)), axis=1), axis=1) >= 6] = np.nan
        score[:, :6, 0] = np.nan
        return Ratings.from_array(score)

    return make


def chosen(kind: str) -> Make:
    """300 raters × 3 of 8 departments; the discontented, or those who use the whole scale, prefer some."""

    def make(g: np.random.Generator) -> Ratings:
        own, slope = g.normal(0, 1, (300, 1)), np.exp(g.normal(0, 0.7, (300, 1)))
        opinion = g.normal(size=(300, 8))
        first = np.arange(8) < (2 if kind == "slopes" else 4)
        pull = -opinion if kind == "discontented" else np.log(slope) * 4
        taste = g.gumbel(size=(300, 8)) + pull * first
        y = 3 + own + opinion + GOOD_AND_POOR * slope * (kind == "slopes")
        score = 20 * np.clip(np.round(y), 1, 5)
        score[np.argsort(np.argsort(-taste, axis=1), axis=1) >= 3] = np.nan
        return Ratings.from_array(score)

    return make


@dataclass(frozen=True)
class Scenario:
    """One kind of round and what is true of its departments, (D,) or one number where all are equal."""

    make: Make
    truth: Floats | float = 0.0


BETTER = (np.arange(12) == 0).astype(float)
GOOD_AND_POOR = np.where(np.arange(8) < 4, 0.7, -0.7)
UNEQUAL = np.array([30, 20, 15, 10, 10, 8, 8, *[5] * 6, *[2] * 12, *[1] * 40])
SCENARIOS = {
    "items missing by department": Scenario(items_missing(0)),
    "the same, one department one logit better that lacks the easy item": Scenario(items_missing(1), BETTER),
    "30 owners of 5 firms, unknown": Scenario(owners(np.full(30, 5), 8, known=False)),
    "30 owners of 5 firms, `cluster=`": Scenario(owners(np.full(30, 5), 8, known=True)),
    "15 owners of 10 firms, unknown": Scenario(owners(np.full(15, 10), 8, known=False)),
    "15 owners of 10 firms, `cluster=`": Scenario(owners(np.full(15, 10), 8, known=True)),
    "65 owners of 1 to 30 firms, unknown": Scenario(owners(UNEQUAL, 8, known=False)),
    "65 owners of 1 to 30 firms, `cluster=`": Scenario(owners(UNEQUAL, 8, known=True)),
    "the discontented come to rate half of the departments": Scenario(chosen("discontented")),
    "four better; those who use the whole scale come to two of these": Scenario(
        chosen("slopes"), GOOD_AND_POOR
    ),
}


def play(scenario: Scenario, rounds: int, seed: int) -> tuple[float, float, float]:
    """Shares: rounds with a false pair, rounds whose omnibus test rejects, truly different pairs found."""
    false, omnibus, found = 0, 0, 0.0
    for i in range(rounds):
        ratings = scenario.make(np.random.default_rng([seed, i]))
        ranking = rank(ratings, seed=i)
        pairs = ranking.pairs
        own = np.broadcast_to(scenario.truth, ratings.n_departments)[[int(n) - 1 for n in pairs.names]]
        better = own[pairs.a] - own[pairs.b]
        false += bool((pairs.significant & (better <= 0)).any())
        omnibus += ranking.global_test.p_value <= 0.05
        if better.any():
            found += float(pairs.significant[better > 0].sum() / (better != 0).sum())
    return false / rounds, omnibus / rounds, found / rounds


def kinds(
    *, local: float = 0.0, top: float = 0.0, lenient: float = 0.5
) -> Callable[..., tuple[Ratings, list[str]]]:
    """200 raters × 5 of 8 departments, 4 of 5 raters local. local: how much more they like the first;
    top: how much everybody likes everything; lenient raters prefer the first four; the others are lenient."""

    def make(g: np.random.Generator) -> tuple[Ratings, list[str]]:
        kind = np.where(np.arange(200) % 5 == 0, "外来", "本地")
        own = g.normal(0, 0.8, (200, 1)) + lenient * (kind == "外来")[:, None]
        y = 3 + top + own + g.normal(0, 1, (200, 8)) + g.normal(0, 0.3, 8)
        y[:, 0] += local * (kind == "本地")
        taste = g.gumbel(size=(200, 8)) + (own > 0) * (np.arange(8) < 4) * 1.5
        score = 20 * np.clip(np.round(y), 1, 5)
        score[np.argsort(np.argsort(-taste, axis=1), axis=1) >= 5] = np.nan
        return Ratings.from_array(score), kind.tolist()

    return make


KINDS = {
    "nothing differs, 外来 more lenient, lenient ones prefer half": kinds(),
    "the same, 60 % top marks": kinds(top=1.7),
    "本地 see the first department 15 points better": kinds(local=0.75),
    "本地 see the first department 30 points better": kinds(local=1.5),
}


def play_kinds(make: Callable[..., tuple[Ratings, list[str]]], rounds: int, seed: int) -> tuple[float, float]:
    """Shares of rounds: the additivity test rejects; standardising to equal shares moves some department."""
    rejected = moved = 0
    for i in range(rounds):
        ratings, kind = make(np.random.default_rng([seed, i]))
        rejected += additivity_test(ratings, {"来源": kind}, seed=i).rejected
        moved += bool(standardise(ratings, kind, seed=i).moved)
    return rejected / rounds, moved / rounds


def main(rounds: int = ROUNDS, *, write: bool = True) -> None:
    """Play all scenarios, print both tables and set them into docs/statistics.md."""
    lines = ["| rounds | false pair | omnibus rejects | different pairs found |", "|---|---:|---:|---:|"]
    for seed, (name, scenario) in enumerate(SCENARIOS.items()):
        false, omnibus, found = play(scenario, rounds, seed)
        power = f"{100 * found:.1f} %" if "better" in name else "–"
        lines.append(f"| {name} | {100 * false:.1f} % | {100 * omnibus:.1f} % | {power} |")
        print(lines[-1], file=sys.stderr, flush=True)
    of_kinds = [
        "| rounds | additivity test rejects | standardising moves some department |",
        "|---|---:|---:|",
    ]
    for seed, (name, make) in enumerate(KINDS.items(), start=len(SCENARIOS)):
        rejected, moved = play_kinds(make, rounds, seed)
        of_kinds.append(f"| {name} | {100 * rejected:.1f} % | {100 * moved:.1f} % |")
        print(of_kinds[-1], file=sys.stderr, flush=True)
    print("\n".join([*lines, "", *of_kinds]))
    if write:
        set_table("assumptions", "\n".join(lines))
        set_table("kinds", "\n".join(of_kinds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
