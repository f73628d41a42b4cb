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
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, compare_groups, rank
from analysis.compare import relabelled
from analysis.inference import exchanged
from bench.document import set_table
from bench.simulations.ranking import wrong

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[Floats, Floats]]
"""Function from a generator to marks (R, D), NaN where not rated, and true means (D,)."""

ROUNDS, DRAWS = 300, 2_000
THREE, FIVE = (0.0, 50.0, 100.0), (20.0, 40.0, 60.0, 80.0, 100.0)


def equal(R: int, D: int, top: float, levels: tuple[float, ...] = THREE, rated: int = 0) -> Draw:
    """The best mark with the chance `top`, the other levels alike; each rater rates `rated` (0: all)."""
    p = np.full(len(levels), (1 - top) / (len(levels) - 1))
    p[-1] = top

    def make(g: np.random.Generator) -> tuple[Floats, Floats]:
        y = g.choice(levels, (R, D), p=p)
        return _some(y, rated, g), np.full(D, float(p @ np.array(levels)))

    return make


def differing(R: int, D: int) -> Draw:
    """Half of the departments get the best of three marks in 80 of 100, half in 40."""

    def make(g: np.random.Generator) -> tuple[Floats, Floats]:
        best = np.where(np.arange(D) < D // 2, 0.8, 0.4)
        y = np.where(g.random((R, D)) < best, 100.0, g.choice([0.0, 50.0], (R, D)))
        return y, 100 * best + 25 * (1 - best)

    return make


def rare(R: int, D: int, worst: float, rated: int = 0) -> Draw:
    """Half get marks about 100 (1 − worst), half 100 with a 0 in a share `worst`."""

    def make(g: np.random.Generator) -> tuple[Floats, Floats]:
        mean, half = 100 * (1 - worst), D // 2
        spread = min(2.0, 100 - mean)
        usual = mean + g.choice([-spread, 0.0, spread], (R, half))
        y = np.hstack([usual, np.where(g.random((R, D - half)) < worst, 0.0, 100.0)])
        return _some(y, rated, g), np.full(D, mean)

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
        y, truth = draw(np.random.default_rng([i, 30]))
        scale = (0.0, 100.0)
        errors = wrong(
            rank(Ratings.from_array(y), threshold=5, draws=DRAWS, seed=i, scale=scale, screen=False), truth
        )
        found += errors[0], any(errors)
    return found / rounds


def play_groups(sizes: tuple[int, ...], draw: Draw, rounds: int) -> Floats:
    """The same for two groups of raters that do not differ."""
    labels = [str(n) for n in sizes for _ in range(n)]
    found = np.zeros(2)
    for i in range(rounds):
        y, _truth = draw(np.random.default_rng([i, 31]))
        compared = compare_groups(Ratings.from_array(y), labels, threshold=5, draws=DRAWS, seed=i)
        missed = any(d.ci[0] > 0 or d.ci[1] < 0 for d in compared.differences)
        found += bool(compared.significant), bool(compared.significant) or missed
    return found / rounds


def main(rounds: int = ROUNDS) -> None:
    """Play all designs with and without the test, print the table and set it into docs/statistics.md."""
    lines = ["| design | without: declared | declared | **with intervals** |", "|---|---:|---:|---:|"]
    print("\n".join(lines), flush=True)
    plays = {name: lambda draw=draw: play(draw, rounds) for name, draw in DESIGNS.items()}
    plays |= {name: lambda of=of: play_groups(*of, rounds) for name, of in GROUPS.items()}
    for name, go in plays.items():
        never = mock.patch.object(exchanged, "applies", return_value=False)
        with never, mock.patch.object(relabelled, "applies", return_value=False):
            before = go()
        after = go()
        lines.append(
            f"| {name} | {100 * before[0]:.1f} % | {100 * after[0]:.1f} % | {100 * after[1]:.1f} % |"
        )
        print(lines[-1], flush=True)
    if rounds == ROUNDS:
        set_table("top", "\n".join(lines))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
