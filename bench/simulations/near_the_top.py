"""How often a ranking says something false where most marks are the best one, or hardly ever the worst.

Equal: every department's marks are drawn alike, from three levels or five. Some differ: half of the
departments have fewer best marks. Rare: all means are equal, but half of the departments get a moderate mark
throughout and half the best mark with a rare worst one, which a sample may not contain; no method that looks
at the sample alone can hold there (Bahadur & Savage 1956). A round is wrong when a pair or an average is
declared that is not so; with intervals also when an interval of a difference or of a score misses. Without:
the test by exchanged marks (`analysis.inference.exchanged`) left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from analysis import Ranking, Ratings, combine_rounds, compare_groups, compare_rounds, composite, rank
from analysis.compare import exchanges, relabelled
from analysis.inference import exchanged
from bench.document import set_table
from bench.simulations.ranking import wrong

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[Ratings, Floats]]
"""Function from a generator to ratings and true means (D,)."""

ROUNDS, DRAWS = 300, 2_000
THREE, FIVE = (0.0, 50.0, 100.0), (20.0, 40.0, 60.0, 80.0, 100.0)


def equal(R: int, D: int, top: float, levels: tuple[float, ...] = THREE, rated: int = 0) -> Draw:
    """The best mark with the chance `top`, the other levels alike; each rater rates `rated` (0: all)."""
    p = np.full(len(levels), (1 - top) / (len(levels) - 1))
    p[-1] = top

    def make(g: np.random.Generator) -> tuple[Ratings, Floats]:
        y = g.choice(levels, (R, D), p=p)
        return Ratings.from_array(_some(y, rated, g)), np.full(D, float(p @ np.array(levels)))

    return make


def with_gaps(R: int, D: int, items: int, top: float, missing: float) -> Draw:
    """As `equal` for every item, of whose answers a share is missing."""

    def make(g: np.random.Generator) -> tuple[Ratings, Floats]:
        cube = g.choice(THREE, (R, D, items), p=[(1 - top) / 2, (1 - top) / 2, top])
        cube[g.random(cube.shape) < missing] = np.nan
        return Ratings.from_array(cube), np.full(D, 100 * top + 25 * (1 - top))

    return make


def owned(owners: int, firms: int, D: int, top: float, levels: tuple[float, ...] = THREE) -> Draw:
    """As `equal`; each owner has several raters, who give their owner's mark in 70 of 100 cells."""
    p = np.full(len(levels), (1 - top) / (len(levels) - 1))
    p[-1] = top
    owner = np.repeat(np.arange(owners), firms)

    def make(g: np.random.Generator) -> tuple[Ratings, Floats]:
        common, own = g.choice(levels, (owners, D), p=p)[owner], g.choice(levels, (owner.size, D), p=p)
        y = np.where(g.random(own.shape) < 0.7, common, own)
        return Ratings.from_array(y, cluster=owner.tolist()), np.full(D, float(p @ np.array(levels)))

    return make


def differing(R: int, D: int) -> Draw:
    """Half of the departments get the best of three marks in 80 of 100, half in 40."""

    def make(g: np.random.Generator) -> tuple[Ratings, Floats]:
        best = np.where(np.arange(D) < D // 2, 0.8, 0.4)
        y = np.where(g.random((R, D)) < best, 100.0, g.choice([0.0, 50.0], (R, D)))
        return Ratings.from_array(y), 100 * best + 25 * (1 - best)

    return make


def rare(R: int, D: int, worst: float, rated: int = 0) -> Draw:
    """Half get marks about 100 (1 − worst), half 100 with a 0 in a share `worst`."""

    def make(g: np.random.Generator) -> tuple[Ratings, Floats]:
        mean, half = 100 * (1 - worst), D // 2
        spread = min(2.0, 100 - mean)
        usual = mean + g.choice([-spread, 0.0, spread], (R, half))
        y = np.hstack([usual, np.where(g.random((R, D - half)) < worst, 0.0, 100.0)])
        return Ratings.from_array(_some(y, rated, g)), np.full(D, mean)

    return make


def _some(y: Floats, rated: int, g: np.random.Generator) -> Floats:
    if rated:
        for row in y:
            row[g.permutation(row.size)[rated:]] = np.nan
    return y


DESIGNS: dict[str, Draw] = {
    "60 × 6, equal, 95 % best marks": equal(60, 6, 0.95),
    "25 × 5, equal, 90 %": equal(25, 5, 0.9),
    "15 × 5, equal, 80 %": equal(15, 5, 0.8),
    "40 × 8, 5 rated, equal, five levels, 80 %": equal(40, 8, 0.8, FIVE, 5),
    "100 × 12, 5 rated, equal, five levels, 90 %": equal(100, 12, 0.9, FIVE, 5),
    "40 × 6, two items, one answer in ten missing, equal, 97 %": with_gaps(40, 6, 2, 0.97, 0.1),
    "40 × 8, three items, one in five missing, equal, 90 %": with_gaps(40, 8, 3, 0.9, 0.2),
    "30 owners of 2 × 6, equal, 95 %": owned(30, 2, 6, 0.95),
    "20 owners of 3 × 8, equal, five levels, 90 %": owned(20, 3, 8, 0.9, FIVE),
    "15 × 8, some differ": differing(15, 8),
    "40 × 8, some differ": differing(40, 8),
    "20 × 6, rare worst mark, 1 in 20": rare(20, 6, 0.05),
    "60 × 6, rare worst mark, 1 in 25": rare(60, 6, 0.04),
    "200 × 10, 6 rated, rare worst mark, 1 in 100": rare(200, 10, 0.01, 6),
}
GROUPS = {"groups of 12 and 60 × 6, equal, 80 %": ((12, 60), equal(72, 6, 0.8))}


def play(draw: Draw, rounds: int) -> Floats:
    """Shares of rounds with something declared wrongly, and with an interval wrong besides."""
    found = np.zeros(2)
    for i in range(rounds):
        ratings, truth = draw(np.random.default_rng([i, 30]))
        ranking = rank(ratings, threshold=5, draws=DRAWS, seed=i, scale=(0.0, 100.0), screen=False)
        errors = wrong(ranking, truth)
        found += errors[0], any(errors)
    return found / rounds


def play_groups(sizes: tuple[int, ...], draw: Draw, rounds: int) -> Floats:
    """The same for two groups of raters that do not differ."""
    labels = [str(n) for n in sizes for _ in range(n)]
    found = np.zeros(2)
    for i in range(rounds):
        ratings, _truth = draw(np.random.default_rng([i, 31]))
        compared = compare_groups(ratings, labels, threshold=5, draws=DRAWS, seed=i)
        missed = any(d.ci[0] > 0 or d.ci[1] < 0 for d in compared.differences)
        found += bool(compared.significant), bool(compared.significant) or missed
    return found / rounds


def _something(ranking: Ranking) -> bool:
    return bool(ranking.pairs.significant.any()) or any(d.vs_average != "same" for d in ranking.departments)


Verdict = Callable[[np.random.Generator, int], tuple[bool, bool]]
"""Function from a generator and a seed to whether something is declared, and whether besides an interval of a
difference leaves 0 out."""


def _sample(R: int, D: int, top: float, g: np.random.Generator) -> Ratings:
    return Ratings.from_array(np.where(g.random((R, D)) < top, 100.0, 0.0))


def with_figures(g: np.random.Generator, seed: int) -> tuple[bool, bool]:
    parts = {"firms": _sample(60, 6, 0.95, g), "figures": {str(j): 80.0 for j in range(1, 7)}}
    found = composite(parts, {"firms": 7, "figures": 3}, threshold=5, draws=DRAWS, seed=seed)
    declared = _something(found.ranking) or any(m.direction != "same" for m in found.moves)
    return declared, declared or any(m.ci[0] > 0 or m.ci[1] < 0 for m in found.moves)


def of_a_year(g: np.random.Generator, seed: int) -> tuple[bool, bool]:
    rounds = [_sample(25, 6, 0.9, g), _sample(15, 6, 0.9, g)]
    found = combine_rounds(rounds, independent=True, threshold=5)
    declared = _something(found.ranking(draws=DRAWS, seed=seed))
    return declared, declared


def between_rounds(g: np.random.Generator, seed: int) -> tuple[bool, bool]:
    rounds = _sample(60, 6, 0.9, g), _sample(15, 6, 0.9, g)
    found = compare_rounds(*rounds, independent=True, threshold=5, draws=DRAWS, seed=seed).changes
    declared = any(c.direction != "same" for c in found)
    return declared, declared or any(c.ci[0] > 0 or c.ci[1] < 0 for c in found)


SEVERAL: dict[str, Verdict] = {
    "composite of 60 × 6, equal, 95 %, and equal figures from outside": with_figures,
    "rounds of 25 and 15 × 6 combined, equal, 90 %, different raters": of_a_year,
    "change between rounds of 60 and 15 × 6, equal, 90 %, different raters": between_rounds,
}


def play_several(judge: Verdict, rounds: int) -> Floats:
    """The same for several samples in which nothing differs."""
    return np.mean([judge(np.random.default_rng([i, 32]), i) for i in range(rounds)], axis=0)


def main(rounds: int = ROUNDS, only: str = "") -> None:
    """Play all designs, or those with `only` in their name, with and without the test, and print the table;
    the whole one is set into docs/statistics.md."""
    lines = ["| design | without: declared | declared | **with intervals** |", "|---|---:|---:|---:|"]
    print("\n".join(lines), flush=True)
    plays = {name: lambda draw=draw: play(draw, rounds) for name, draw in DESIGNS.items()}
    plays |= {name: lambda of=of: play_groups(*of, rounds) for name, of in GROUPS.items()}
    plays |= {name: lambda judge=judge: play_several(judge, rounds) for name, judge in SEVERAL.items()}
    plays = {name: go for name, go in plays.items() if not only or only in name}
    for name, go in plays.items():
        with ExitStack() as without:
            for module in (exchanged, exchanges, relabelled):
                without.enter_context(mock.patch.object(module, "applies", return_value=False))
            before = go()
        after = go()
        lines.append(
            f"| {name} | {100 * before[0]:.1f} % | {100 * after[0]:.1f} % | {100 * after[1]:.1f} % |"
        )
        print(lines[-1], flush=True)
    if rounds == ROUNDS and not only:
        set_table("top", "\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS, *sys.argv[2:])
