"""The guarantee, tried: rounds with known truth, and how often each method says something false.

Scores are an ordered logit with rater effects, five levels of 20 to 100. "Selection" sends lenient raters to
the first half of the departments and harsh ones to the second. Family-wise error: rounds in which some
department is declared above another that is not worse. Coverage: rounds in which every rank set holds every
rank its department could truly have. Power: share of truly different pairs declared in the right order. With
intervals: rounds in which anything stated is wrong, a pair, an average, a rank set or any interval of a
difference or a score, the truth of intervals being the mean had everybody rated every department.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis import Ranking, Ratings, rank
from analysis.inference.ranksets import rank_sets
from bench.document import set_table
from bench.simulations.rivals import RIVALS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDS = 1_000
METHOD = "Pingyi"
COLUMNS = ("family-wise error", "joint rank coverage", "any statement wrong", "**with intervals**", "power")
MIDDLING = (-3.0, -1.5, 0.0, 1.5)
GENEROUS = (-4.5, -3.4, -2.2, -0.9)
LENIENCY = 1.5
"""Standard deviation of the raters' leniency in logits."""
SCALE = (20.0, 100.0)
"""Worst and best mark, which every page of the product passes to the ranking."""


@dataclass(frozen=True)
class Scenario:
    """One kind of round. spread: distance in logits between the best and the worst department."""

    name: str
    raters: int = 400
    departments: int = 30
    ratings: int = 8
    spread: float = 0.0
    selection: float = 0.0
    cuts: tuple[float, ...] = MIDDLING

    @property
    def truth(self) -> Floats:
        """(D,) logits; distinct departments come in threes of equals, so that errors are possible."""
        group = np.arange(self.departments) * 7 % self.departments // 3
        return self.spread * (group / max(1, group.max()) - 0.5)

    @property
    def points(self) -> Floats:
        """(D,) mean score had everybody rated every department."""
        node, weight = np.polynomial.hermite_e.hermegauss(80)
        logit = LENIENCY * node[:, None] + self.truth
        over = 1 / (1 + np.exp(np.array(self.cuts)[:, None, None] - logit))
        return np.asarray(20 * (1 + weight @ over.sum(axis=0) / weight.sum()))


SCENARIOS = (
    Scenario("equal"),
    Scenario("equal, selection", selection=1.5),
    Scenario("distinct", spread=3.0),
    Scenario("distinct, selection", spread=3.0, selection=1.5),
    Scenario("ceiling, selection", selection=1.5, cuts=GENEROUS),
    Scenario("20 raters", raters=20, departments=10),
    Scenario("6 departments × 6 ratings", raters=100, departments=6, ratings=6),
)


def simulate(scenario: Scenario, generator: np.random.Generator) -> Floats:
    """(R, D) scores, NaN where not rated."""
    R, D = scenario.raters, scenario.departments
    leniency = generator.normal(0, LENIENCY, R)
    side = np.where(np.arange(D) < D // 2, 1.0, -1.0)
    taste = scenario.selection * leniency[:, None] * side + generator.gumbel(size=(R, D))
    rated = np.argsort(-taste, axis=1)[:, : scenario.ratings]
    latent = leniency[:, None] + scenario.truth + generator.logistic(size=(R, D))
    score = 20.0 * (1 + np.searchsorted(scenario.cuts, latent))
    return np.where(np.isin(np.arange(R * D).reshape(R, D), np.arange(R)[:, None] * D + rated), score, np.nan)


@dataclass
class Tally:
    """Counts over rounds."""

    rounds: int = 0
    false_pair: int = 0
    covered: int = 0
    false_anything: int = 0
    with_intervals: int = 0
    power: list[float] = field(default_factory=list)

    def add(
        self,
        above: Bools,
        sets: NDArray[np.intp],
        truth: Floats,
        *,
        false_average: bool = False,
        false_interval: bool = False,
    ) -> None:
        better = truth[:, None] > truth[None, :]
        true_sets = rank_sets(better)
        covered = bool(((sets[:, 0] <= true_sets[:, 0]) & (sets[:, 1] >= true_sets[:, 1])).all())
        wrong = bool((above & ~better).any())
        self.rounds += 1
        self.false_pair += wrong
        self.covered += covered
        self.false_anything += wrong or not covered or false_average
        self.with_intervals += wrong or not covered or false_average or false_interval
        if better.any():
            self.power.append(float((above & better).sum() / better.sum()))

    @property
    def error(self) -> float:
        return self.false_pair / self.rounds

    @property
    def coverage(self) -> float:
        return self.covered / self.rounds


def play(
    scenario: Scenario, rounds: int, seed: int, rivals: Sequence[str] = tuple(RIVALS), draws: int = 10_000
) -> dict[str, Tally]:
    """Tallies by method over independent rounds."""
    tallies = {name: Tally() for name in (METHOD, *rivals)}
    for i in range(rounds):
        generator = np.random.default_rng([seed, i])
        scores = simulate(scenario, generator)
        ranking = rank(Ratings.from_array(scores), threshold=1, seed=i, draws=draws, scale=SCALE)
        _tally_ranking(tallies[METHOD], ranking, scenario)
        count, total = (~np.isnan(scores)).astype(float), np.nan_to_num(scores)
        for name in rivals:
            above, sets = RIVALS[name](count, total, generator)
            tallies[name].add(above, sets, scenario.truth)
        if (i + 1) % 100 == 0:
            print(f"{scenario.name}: {i + 1}/{rounds}", file=sys.stderr, flush=True)
    return tallies


def _tally_ranking(tally: Tally, ranking: Ranking, scenario: Scenario) -> None:
    """Departments left out as 样本不足 say nothing and are judged by nothing."""
    at = np.array([int(result.name) - 1 for result in ranking.departments])
    above = np.zeros((at.size, at.size), dtype=bool)
    hit = ranking.pairs.significant
    above[ranking.pairs.a[hit], ranking.pairs.b[hit]] = True
    sets = np.array([result.rank_set for result in ranking.departments])
    declared, missed, level = wrong(ranking, scenario.points)
    tally.add(above, sets, scenario.truth[at], false_average=declared, false_interval=missed or level)


def wrong(ranking: Ranking, truth: Floats) -> tuple[bool, bool, bool]:
    """Whether a declared difference, an interval of a difference, or one of a score is wrong.

    truth: (D,) mean scores had everybody rated every department, in the order of the departments' numbers.
    """
    at = np.array([int(d.name) - 1 for d in ranking.departments])
    own, pairs = truth[at], ranking.pairs
    gap = own[pairs.a] - own[pairs.b]
    component = np.array([d.component for d in ranking.departments])
    centred = own - np.array([own[component == c].mean() for c in component])
    side = np.array([{"above": 1, "same": 0, "below": -1}[d.vs_average] for d in ranking.departments])
    least = 1e-9 * float(np.abs(truth).max(initial=0))
    declared = (pairs.significant & (gap <= least)).any() or ((side != 0) & (side * centred <= least)).any()
    shown = [(*d.average_ci, v) for d, v in zip(ranking.departments, centred, strict=True)]
    missed = any(not low - 1e-9 <= v <= high + 1e-9 for low, high, v in shown)
    missed |= bool(((pairs.lower > gap + 1e-9) | (pairs.upper < gap - 1e-9)).any())
    level = any(not d.ci[0] <= v <= d.ci[1] for d, v in zip(ranking.departments, own, strict=True))
    return bool(declared), missed, level


def table(results: dict[str, dict[str, Tally]]) -> str:
    """Markdown: family-wise error, joint coverage, power by scenario and method, in per cent."""
    lines = [
        f"| rounds | method | {' | '.join(COLUMNS)} |",
        "|---|---|" + "---:|" * len(COLUMNS),
    ]
    for scenario, tallies in results.items():
        for name, tally in tallies.items():
            power = f"{100 * float(np.mean(tally.power)):.1f} %" if tally.power else "–"
            stated = (tally.false_anything, tally.with_intervals)
            anything = " | ".join(
                f"{100 * n / tally.rounds:.1f} %" if name == METHOD else "–" for n in stated
            )
            lines.append(
                f"| {scenario} | {name} | {100 * tally.error:.1f} % | {100 * tally.coverage:.1f} % "
                f"| {anything} | {power} |"
            )
    return "\n".join(lines)


def main(rounds: int = ROUNDS, *, write: bool = True) -> None:
    """Play all scenarios, print the table and set it into docs/statistics.md."""
    results = {scenario.name: play(scenario, rounds, seed) for seed, scenario in enumerate(SCENARIOS)}
    text = table(results)
    print(text)
    if write:
        set_table("simulation", text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
