"""How often a sum over several electorates says something false where nothing differs and one has few raters.

Tails: size of one statement about a sum of two independent estimates with ν₁ and ν₂ degrees of freedom,
relative to the stated probability, by numerical integration over both variance estimates. Composites and
combined rounds: share of rounds in which a pair, a comparison with the average or a shift is declared.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, stdtrit

from analysis import Ratings, combine_rounds, composite
from analysis.inference.sums import summed_freedom
from bench.document import set_table
from bench.simulations.ranking import wrong

Floats = NDArray[np.float64]
RATERS = ((200, 6), (60, 6), (60, 10), (200, 12), (30, 30))
VARIANCES = (1 / 6, 1.0, 6.0)
"""Variance of the second part over that of the first."""
TAILS = (0.04 / 15, 0.04 / 435)
ROUNDS, DEPARTMENTS = 200, 6


def sizes(one: int, two: int, ratio: float, tail: float, k: int = 300) -> dict[str, tuple[float, float]]:
    """By method: probability of a false statement over `tail`, and mean width over that of the least degrees
    of freedom."""
    angle = (np.arange(k) + 0.5) / k * np.pi / 2
    u, weight = np.sin(angle) ** 2, np.sin(2 * angle) / np.sin(2 * angle).sum()
    nus = (one - 1.0, two - 1.0)
    a, b = (
        v * 2 * gammaincinv(nu / 2, u) / nu
        for v, nu in zip((1 / (1 + ratio), ratio / (1 + ratio)), nus, strict=True)
    )
    a, b, W = np.repeat(a, k), np.tile(b, k), np.outer(weight, weight).ravel()
    t, share, s = [stdtrit(nu, 1 - tail / 2) for nu in nus], a / (a + b), np.sqrt(a + b)
    welch = 1 / (share**2 / nus[0] + (1 - share) ** 2 / nus[1])
    found = summed_freedom([a, b], [np.full_like(a, nu) for nu in nus], tail)
    critical = {
        "Welch": stdtrit(welch, 1 - tail / 2),
        "Cochran and Cox": share * t[0] + (1 - share) * t[1],
        "here": stdtrit(found, 1 - tail / 2),
        "least": np.full_like(a, max(t)),
    }
    widest = float((critical["least"] * s * W).sum())
    return {
        method: (float((2 * ndtr(-c * s) * W).sum()) / tail, float((c * s * W).sum()) / widest)
        for method, c in critical.items()
    }


@dataclass(frozen=True)
class Design:
    """Two electorates of `raters` with errors of sd `spread` and 1; combined: as rounds instead of a
    composite."""

    name: str
    raters: tuple[int, int]
    spread: float = 1.0
    skewed: bool = False
    combined: bool = False


DESIGNS = (
    Design("composite, 200 + 6 raters", (200, 6)),
    Design("composite, 200 + 6, variances 6:1", (200, 6), spread=14.1),
    Design("combined, 60 + 6", (60, 6), combined=True),
    Design("combined, 60 + 6, variances 1:1", (60, 6), spread=3.2, combined=True),
    Design("composite, 200 + 12, exponential errors, variances 1:1", (200, 12), spread=4, skewed=True),
    Design("composite, 30 + 30", (30, 30)),
)


def play(design: Design, rounds: int = ROUNDS) -> tuple[float, float]:
    """Share of rounds in which something is declared, and in which a score's interval misses."""
    errors = np.zeros(2)
    for i in range(rounds):
        g = np.random.default_rng([*design.raters, i])
        sides = []
        for n, spread in zip(design.raters, (design.spread, 1), strict=True):
            size, lenient = (n, DEPARTMENTS), g.normal(size=(n, 1))
            e = g.exponential(size=size) - 1 if design.skewed else g.normal(size=size)
            sides.append(Ratings.from_array(lenient + spread * e))
        moved = False
        if design.combined:
            ranking = combine_rounds(sides, independent=True, threshold=2).ranking(draws=2_000, seed=i)
        else:
            parts, weights = dict(zip("ab", sides, strict=True)), {"a": 1.0, "b": 1.0}
            found = composite(parts, weights, independent=True, threshold=2, draws=2_000, seed=i)
            ranking, moved = found.ranking, any(move.direction != "same" for move in found.moves)
        declared, _, level = wrong(ranking, np.zeros(DEPARTMENTS))
        errors += (declared or moved, level)
    return float(errors[0] / rounds), float(errors[1] / rounds)


def main(rounds: int = ROUNDS) -> None:
    """Print both tables and set them into docs/statistics.md."""
    methods = ("Welch", "Cochran and Cox", "here", "least")
    head = f"| raters | variances | tail | {' | '.join(methods)} | width here |"
    lines = [head, "|---|---:|---:|" + "---:|" * 5]
    for one, two in RATERS:
        for ratio in VARIANCES:
            for tail in TAILS:
                found = sizes(one, two, ratio, tail)
                said = " | ".join(f"{found[method][0]:.2f}" for method in methods)
                width, ratios = found["here"][1], f"1:{ratio:g}" if ratio >= 1 else f"{1 / ratio:g}:1"
                lines.append(f"| {one} + {two} | {ratios} | {100 * tail:.2g} % | {said} | {width:.2f} |")
    print("\n".join(lines))
    set_table("sums", "\n".join(lines))
    lines = ["| nothing differs | rounds | declared | a score's interval misses |", "|---|---:|---:|---:|"]
    for design in DESIGNS:
        declared, level = play(design, rounds)
        lines.append(f"| {design.name} | {rounds} | {100 * declared:.1f} % | {100 * level:.1f} % |")
        print(lines[-1], flush=True)
    set_table("electorates", "\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
