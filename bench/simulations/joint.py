"""The one promise, tried with its intervals: small, skewed, stratified, weakly linked and ceiling designs.

The truth of every interval is known. A round is wrong when any pair, average or interval, of a difference or
of a score, is. Power is the share of truly different pairs declared in the right order; beside it, on the
same rounds, that of the ranking whose guard is asked always, of the ranking without the ordinal scale, of
Tukey and Kramer's test (one variance for all, studentised range) and of an oracle that knows this variance.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.stats import studentized_range

from analysis import Ranking, Ratings, cells_of, fit, rank
from analysis.inference.simultaneous import critical, draw, pair_errors
from bench.document import set_table
from bench.simulations.ranking import GENEROUS, Scenario, simulate, wrong

Floats = NDArray[np.float64]
Round = tuple[Floats, Floats, dict[str, Any]]
"""Scores (R, D), true adjusted scores (D,), further arguments of `Ratings.from_array`, and the scale."""


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


def levels(scenario: Scenario) -> Callable[[np.random.Generator], Round]:
    """Five levels from an ordered logit."""
    return lambda g: (simulate(scenario, g), scenario.points, {"scale": (20, 100)})


def ceiling(raters: int, spread: float = 0.0) -> Callable[[np.random.Generator], Round]:
    """raters × 12, 5 rated, 60 % top marks, lenient raters sent to the first half."""
    scenario = Scenario("", raters, 12, 5, spread=spread, selection=1.5, cuts=GENEROUS)
    return levels(scenario)


COLUMNS = (
    "declared",
    "interval of a difference",
    "of a score",
    "**with intervals**",
    "declared, no ordinal scale",
    "power",
    "guard asked always",
    "no ordinal scale",
    "Tukey–Kramer",
    "oracle",
)

DESIGNS = (
    Design("5 raters × 6, complete", 1_000, normal(5, 6)),
    Design("12 × 6, complete", 1_000, normal(12, 6)),
    Design("100 × 6, complete", 1_000, normal(100, 6)),
    Design("12 × 30, complete", 1_000, normal(12, 30)),
    Design("15 × 100, complete", 60, normal(15, 100)),
    Design("20 × 9, 6 rated", 400, normal(20, 9, 6)),
    Design("40 × 20, 5 rated", 200, normal(40, 20, 5)),
    Design("400 × 30, 8 rated", 100, normal(400, 30, 8)),
    Design("5 × 12, skewed, sd 1:10", 300, normal(5, 12, skew=10)),
    Design("12 × 12, skewed, sd 1:10", 300, normal(12, 12, skew=10)),
    Design("30 × 12, skewed, sd 1:10", 300, normal(30, 12, skew=10)),
    Design("60 × 12, skewed, sd 1:10", 300, normal(60, 12, skew=10)),
    Design("12 × 12, skewed, sd 1:3", 300, normal(12, 12, skew=3)),
    Design("3 strata, two taken whole, 20 % of the third", 400, stratified((1, 1, 0.2))),
    Design("3 strata, 90, 60, 30 %", 400, stratified((0.9, 0.6, 0.3))),
    Design("two clusters, 1 linking rater", 300, bridged(1)),
    Design("two clusters, 4 linking raters", 300, bridged(4)),
    Design("40 × 12, 5 rated, ceiling, selection", 300, ceiling(40)),
    Design("100 × 12, 5 rated, ceiling, selection", 300, ceiling(100)),
    Design("300 × 12, 5 rated, ceiling, selection", 100, ceiling(300)),
    Design("12 × 6, 3 sd apart", 100, normal(12, 6, spread=3)),
    Design("20 × 9, 6 rated, 3 sd apart", 100, normal(20, 9, 6, spread=3)),
    Design("12 × 6, five levels", 100, levels(Scenario("", 12, 6, 6, spread=4))),
    Design("20 × 9, 6 rated, five levels", 100, levels(Scenario("", 20, 9, 6, spread=4))),
    Design("100 × 12, 5 rated, five levels", 100, levels(Scenario("", 100, 12, 5, spread=3))),
    Design("80 × 12, skewed, sd 1:10", 300, normal(80, 12, skew=10)),
    Design("100 × 12, skewed, sd 1:10", 300, normal(100, 12, skew=10)),
)


@dataclass
class Rivals:
    """Tukey–Kramer and the oracle on the rounds of one design; rows (M,) are pairs j < k."""

    found: list[float] = field(default_factory=list)
    rounds: list[tuple[Floats, Floats, float]] = field(default_factory=list)
    squares: list[tuple[float, int]] = field(default_factory=list)

    def add(self, ratings: Ratings, truth: Floats) -> None:
        """One round."""
        model = fit(cells_of(ratings))
        cells, D = model.cells, truth.size
        y = cells.total - model.theta[cells.department]
        y -= (np.bincount(cells.rater, y) / np.bincount(cells.rater))[cells.rater]
        free = y.size - cells.n_raters - D + 1
        j, k = np.triu_indices(D, 1)
        A = model.inverse[:D, :D]
        t, gap = (model.theta[j] - model.theta[k]) / pair_errors(A)[j, k], truth[j] - truth[k]
        s = float(np.sqrt((y**2).sum() / free))
        self.found.append(_power(t / s, gap, studentized_range.ppf(0.95, D, free) / np.sqrt(2)))
        Z = draw(A, 4_000, 0)
        maxima = (np.abs(Z[j] - Z[k]) / pair_errors(A)[j, k][:, None]).max(axis=0)
        self.rounds.append((t, gap, critical(maxima, 0.95)))
        self.squares.append((float((y**2).sum()), free))

    def power(self) -> tuple[float, float]:
        """Tukey–Kramer, oracle."""
        s = np.sqrt(np.divide(*np.sum(self.squares, axis=0)))
        return float(np.mean(self.found)), float(np.mean([_power(t / s, g, c) for t, g, c in self.rounds]))


def _power(t: Floats, gap: Floats, c: float) -> float:
    different = gap != 0
    return float(((np.abs(t) > c) & (t * gap > 0))[different].mean())


def found_pairs(ranking: Ranking, truth: Floats) -> float:
    """Share of truly different pairs declared in the right order."""
    pairs = ranking.pairs
    own = truth[[int(d.name) - 1 for d in ranking.departments]]
    different = own[pairs.a] != own[pairs.b]
    right = pairs.significant & (own[pairs.a] > own[pairs.b])
    return float(right[different].sum() / (np.abs(np.subtract.outer(truth, truth)) > 0).sum() * 2)


def play(design: Design, seed: int) -> str:
    """One row of the table, in per cent of rounds."""
    errors, power, rivals = np.zeros(5), [], Rivals()
    for i in range(design.rounds):
        y, truth, given = design.play(np.random.default_rng([seed, i]))
        options = {"threshold": 1, "draws": 2_000, "seed": i, "scale": given.pop("scale", None)}
        ratings = Ratings.from_array(y, **given)
        ranking, plain = rank(ratings, **options), rank(ratings, **options, latent_guard=False)
        found = wrong(ranking, truth)
        errors += (*found, any(found), wrong(plain, truth)[0])
        if np.ptp(truth) > 1e-9 and not given:
            with patch("analysis.ranking.rank.doubtful", lambda _: True):
                always = rank(ratings, **options)
            power.append([found_pairs(r, truth) for r in (ranking, always, plain)])
            rivals.add(ratings, truth)
    shares = [*(100 * errors / design.rounds)]
    of_power = [*np.mean(power, axis=0), *rivals.power()] if power else []
    last = [f"{100 * x:.1f} %" for x in of_power] or ["–"] * 5
    return f"| {design.name} | {design.rounds} | {' | '.join([f'{x:.1f} %' for x in shares] + last)} |"


def main(part: slice = slice(None)) -> None:
    """Play all designs and print the table; all of them set it into docs/statistics.md."""
    lines = [
        f"| design | rounds | {' | '.join(COLUMNS)} |",
        "|---|" + "---:|" * (1 + len(COLUMNS)),
    ]
    for seed, design in list(enumerate(DESIGNS))[part]:
        lines.append(play(design, seed))
        print(lines[-1], flush=True)
    if part == slice(None):
        set_table("joint", "\n".join(lines))


if __name__ == "__main__":
    main(slice(*map(int, sys.argv[1:3])) if len(sys.argv) > 2 else slice(None))
