"""What happens where an assumption of the ranking fails, and what the remedy does, the truth being known.

Departments are equal unless a row says better: a pair declared different, or a rejecting test, is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, rank
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


UNEQUAL = np.array([30, 20, 15, 10, 10, 8, 8, *[5] * 6, *[2] * 12, *[1] * 40])
SCENARIOS: dict[str, Make] = {
    "items missing by department": items_missing(0),
    "the same, one department one logit better that lacks the easy item": items_missing(1),
    "30 owners of 5 firms, unknown": owners(np.full(30, 5), 8, known=False),
    "30 owners of 5 firms, `cluster=`": owners(np.full(30, 5), 8, known=True),
    "15 owners of 10 firms, unknown": owners(np.full(15, 10), 8, known=False),
    "15 owners of 10 firms, `cluster=`": owners(np.full(15, 10), 8, known=True),
    "65 owners of 1 to 30 firms, unknown": owners(UNEQUAL, 8, known=False),
    "65 owners of 1 to 30 firms, `cluster=`": owners(UNEQUAL, 8, known=True),
}


def play(make: Make, rounds: int, seed: int) -> tuple[float, float, float]:
    """Shares: rounds with a false pair, rounds whose omnibus test rejects, pairs of "1" declared above."""
    false, omnibus, found = 0, 0, 0.0
    for i in range(rounds):
        ranking = rank(make(np.random.default_rng([seed, i])), seed=i)
        pairs = ranking.pairs
        hit = pairs.significant
        of_first = np.array(pairs.names)[pairs.a[hit]] == "1"
        found += float(of_first.sum()) / max(1, len(ranking.departments) - 1)
        false += bool((~of_first).any())
        omnibus += ranking.global_test.p_value <= 0.05
    return false / rounds, omnibus / rounds, found / rounds


def main(rounds: int = ROUNDS, *, write: bool = True) -> None:
    """Play all scenarios, print the table and set it into docs/statistics.md."""
    lines = [
        "| rounds | false pair | omnibus rejects | the better one declared above another |",
        "|---|---:|---:|---:|",
    ]
    for seed, (name, make) in enumerate(SCENARIOS.items()):
        false, omnibus, found = play(make, rounds, seed)
        power = f"{100 * found:.1f} %" if "better" in name else "–"
        lines.append(f"| {name} | {100 * false:.1f} % | {100 * omnibus:.1f} % | {power} |")
        print(lines[-1], file=sys.stderr, flush=True)
    print("\n".join(lines))
    if write:
        set_table("assumptions", "\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
