"""The one promise, tried with its intervals: small, skewed, stratified and weakly linked designs.

Scores are points with raters of unequal leniency, so that the truth of every interval is known. A round is
wrong when any pair, average or interval, of a difference or of a score, is. "Plain" is the same ranking
without the ordinal scale: what the guard costs in power.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import Ranking, Ratings, rank
from bench.document import set_table

Floats = NDArray[np.float64]
Round = tuple[Floats, Floats, dict[str, Any]]
"""Scores (R, D), true adjusted scores (D,), further arguments of `Ratings.from_array`."""


@dataclass(frozen=True)
class Design:
    """One kind of round, played so many times."""

    name: str
    rounds: int
    play: Callable[[np.random.Generator], Round]


def normal(
    R: int, D: int, rated: int | None = None, spread: float = 0.0, skew: float = 0.0
) -> Callable[[np.random.Generator], Round]:
    """R raters of ``rated`` of D departments, spread points apart; skew: ratio of the largest sd of
    exponential errors to the smallest."""

    def play(g: np.random.Generator) -> Round:
        truth = np.linspace(-spread / 2, spread / 2, D)
        e = g.normal(size=(R, D))
        if skew:
            e = (g.exponential(size=(R, D)) - 1) * np.geomspace(1, skew, D)
        y = truth + g.normal(size=(R, 1)) + e
        if rated is not None:
            y[np.argsort(g.random((R, D)), axis=1) >= rated] = np.nan
        return y, truth, {}

    return play


def stratified(
    fractions: tuple[float, ...], n: int = 20, D: int = 5
) -> Callable[[np.random.Generator], Round]:
    """n raters of each stratum of a roster, which is what the statements are then about."""

    def play(g: np.random.Generator) -> Round:
        sizes = {str(h): round(n / f) for h, f in enumerate(fractions)}
        whole = [g.normal(size=(N, 1)) + g.normal(size=D) / 2 + g.normal(size=(N, D)) for N in sizes.values()]
        y = np.concatenate([part[:n] for part in whole])
        weight = np.repeat([len(part) / n for part in whole], n)
        stratum = np.repeat(list(sizes), n).tolist()
        given = {"stratum": stratum, "population": sizes, "weight": weight}
        return y, np.concatenate(whole).mean(axis=0), given

    return play


def bridged(raters: int, R: int = 30) -> Callable[[np.random.Generator], Round]:
    """Two clusters of four departments, R raters each, and ``raters`` who rated both."""

    def play(g: np.random.Generator) -> Round:
        y = g.normal(size=(2 * R + raters, 1)) + g.normal(size=(2 * R + raters, 8))
        y[:R, 4:] = y[R : 2 * R, :4] = np.nan
        return y, np.zeros(8), {}

    return play


DESIGNS = (
    Design("5 raters × 6, complete", 300, normal(5, 6)),
    Design("12 × 6, complete", 400, normal(12, 6)),
    Design("100 × 6, complete", 400, normal(100, 6)),
    Design("12 × 30, complete", 200, normal(12, 30)),
    Design("15 × 100, complete", 60, normal(15, 100)),
    Design("20 × 9, 6 rated", 400, normal(20, 9, 6)),
    Design("40 × 20, 5 rated", 200, normal(40, 20, 5)),
    Design("400 × 30, 8 rated", 100, normal(400, 30, 8)),
    Design("5 × 12, skewed, sd 1:10", 300, normal(5, 12, skew=10)),
    Design("12 × 12, skewed, sd 1:10", 150, normal(12, 12, skew=10)),
    Design("3 strata, two taken whole, 20 % of the third", 400, stratified((1, 1, 0.2))),
    Design("3 strata, 90, 60, 30 %", 400, stratified((0.9, 0.6, 0.3))),
    Design("two clusters, 1 linking rater", 300, bridged(1)),
    Design("two clusters, 4 linking raters", 300, bridged(4)),
    Design("12 × 6 × 6, 3 sd apart", 200, normal(12, 6, spread=3)),
    Design("20 × 9, 6 rated, 3 sd apart", 200, normal(20, 9, 6, spread=3)),
)


def wrong(ranking: Ranking, truth: Floats) -> tuple[bool, bool, bool]:
    """Whether a declared difference, an interval of a difference, or one of a score is wrong."""
    at = np.array([int(d.name) - 1 for d in ranking.departments])
    own, pairs = truth[at], ranking.pairs
    gap = own[pairs.a] - own[pairs.b]
    component = np.array([d.component for d in ranking.departments])
    centred = own - np.array([own[component == c].mean() for c in component])
    side = np.array([{"above": 1, "same": 0, "below": -1}[d.vs_average] for d in ranking.departments])
    declared = (pairs.significant & (gap <= 0)).any() or ((side != 0) & (side * centred <= 1e-12)).any()
    shown = [(*d.average_ci, v) for d, v in zip(ranking.departments, centred, strict=True)]
    missed = any(not low - 1e-9 <= v <= high + 1e-9 for low, high, v in shown)
    missed |= bool(((pairs.lower > gap + 1e-9) | (pairs.upper < gap - 1e-9)).any())
    level = any(not d.ci[0] <= v <= d.ci[1] for d, v in zip(ranking.departments, own, strict=True))
    return bool(declared), missed, level


def play(design: Design, seed: int) -> str:
    """One row of the table, in per cent of rounds."""
    errors, power, plain = np.zeros(4), [], []
    for i in range(design.rounds):
        y, truth, given = design.play(np.random.default_rng([seed, i]))
        ratings = Ratings.from_array(y, **given)
        ranking = rank(ratings, threshold=1, draws=2_000, seed=i)
        found = wrong(ranking, truth)
        errors += (*found, any(found))
        if np.ptp(truth) > 0 and not given:
            power.append(ranking.pairs.significant.mean())
            plain.append(
                rank(ratings, threshold=1, draws=2_000, seed=i, latent_guard=False).pairs.significant.mean()
            )
    shares = " | ".join(f"{x:.1f} %" for x in 100 * errors / design.rounds)
    last = f"{100 * np.mean(power):.1f} % | {100 * np.mean(plain):.1f} %" if power else "– | –"
    return f"| {design.name} | {design.rounds} | {shares} | {last} |"


def main(part: slice = slice(None)) -> None:
    """Play all designs and print the table; all of them set it into docs/statistics.md."""
    lines = [
        "| design | rounds | declared | interval of a difference | of a score | **any** | power | plain |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for seed, design in list(enumerate(DESIGNS))[part]:
        lines.append(play(design, seed))
        print(lines[-1], flush=True)
    if part == slice(None):
        set_table("joint", "\n".join(lines))


if __name__ == "__main__":
    main(slice(*map(int, sys.argv[1:3])) if len(sys.argv) > 2 else slice(None))
