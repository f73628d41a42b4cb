"""How often a comparison of groups or rounds says something false where nothing differs.

Scores of 20 to 100 from raters of unequal leniency; one group (or the later round) may be 12 points more
lenient, 61 % of ratings may be top marks, and lenient raters may prefer half of the departments. A round
is wrong when any department is declared different, with intervals also when one of the true differences, all
0, is outside its interval. Beside ours: the additive scale without the latent guard, and t tests of raw means
department by department.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, compare_groups, compare_rounds
from bench.document import set_table

Floats = NDArray[np.float64]

ROUNDS = 1_000
METHODS = (
    "groups",
    "groups with intervals",
    "groups, additive only",
    "rounds, different raters declared",
    "rounds",
    "raw means",
)
DEPARTMENTS, RATED = 8, 5


@dataclass(frozen=True)
class Scenario:
    """R raters a side; lenient: points by which the second side is more lenient."""

    name: str
    raters: int = 150
    lenient: float = 0.0
    ceiling: float = 0.0
    select: bool = False


SCENARIOS = (
    Scenario("alike"),
    Scenario("one side more lenient", lenient=12),
    Scenario("more lenient, selection", lenient=12, select=True),
    Scenario("more lenient, selection, 61 % top marks", lenient=12, ceiling=20, select=True),
    Scenario("40 raters a side, more lenient", raters=40, lenient=12),
)


def side(scenario: Scenario, theta: Floats, lenient: float, generator: np.random.Generator) -> Floats:
    """(R, D) scores of one group or round, NaN where not rated."""
    own = generator.normal(lenient, 12, scenario.raters)
    y = 70 + scenario.ceiling + own[:, None] + theta
    y = y + generator.normal(0, 15, (scenario.raters, DEPARTMENTS))
    taste = generator.gumbel(size=y.shape)
    if scenario.select:
        taste += (own[:, None] > 0) * np.where(np.arange(DEPARTMENTS) < DEPARTMENTS // 2, 1.5, 0)
    rates = np.argsort(np.argsort(-taste, axis=1), axis=1) < RATED
    return np.where(rates, 20 * np.clip(np.round(y / 20), 1, 5), np.nan)


def raw_tests(first: Floats, second: Floats) -> bool:
    """Whether a two-sample z test at 5 % finds any department's raw means to differ."""
    z = []
    for scores in (first, second):
        n = (~np.isnan(scores)).sum(axis=0)
        z.append((np.nanmean(scores, axis=0), np.nanvar(scores, axis=0, ddof=1) / n))
    return bool((np.abs(z[0][0] - z[1][0]) > 1.96 * np.sqrt(z[0][1] + z[1][1])).any())


def play(scenario: Scenario, rounds: int, draws: int = 2_000) -> dict[str, float]:
    """Share of rounds with a false statement, by method."""
    wrong = dict.fromkeys(METHODS, 0)
    for i in range(rounds):
        generator = np.random.default_rng([rounds, i])
        theta = generator.normal(0, 5, DEPARTMENTS)
        first = side(scenario, theta, 0, generator)
        second = side(scenario, theta, scenario.lenient, generator)
        together = Ratings.from_array(np.concatenate([first, second]))
        group = ["a"] * scenario.raters + ["b"] * scenario.raters
        one, two = Ratings.from_array(first), Ratings.from_array(second)
        options = {"threshold": 5, "draws": draws, "seed": i}
        found = compare_groups(together, group, **options)
        wrong["groups"] += bool(found.significant)
        wrong["groups with intervals"] += any(d.ci[0] > 1e-9 or d.ci[1] < -1e-9 for d in found.differences)
        plain = compare_groups(together, group, **options, latent_guard=False)
        wrong["groups, additive only"] += bool(plain.significant)
        for independent in (True, False):
            moved = compare_rounds(one, two, **options, independent=independent)
            name = "rounds, different raters declared" if independent else "rounds"
            wrong[name] += any(change.direction != "same" for change in moved.changes)
        wrong["raw means"] += raw_tests(first, second)
        if (i + 1) % 100 == 0:
            print(f"{scenario.name}: {i + 1}/{rounds}", file=sys.stderr, flush=True)
    return {method: count / rounds for method, count in wrong.items()}


def table(results: dict[str, dict[str, float]]) -> str:
    """Markdown, in per cent of rounds."""
    methods = list(next(iter(results.values())))
    lines = [f"| nothing differs | {' | '.join(methods)} |", "|---|" + "---:|" * len(methods)]
    for scenario, found in results.items():
        shares = " | ".join(f"{100 * found[method]:.1f} %" for method in methods)
        lines.append(f"| {scenario} | {shares} |")
    return "\n".join(lines)


def main(rounds: int = ROUNDS) -> None:
    """Play all scenarios, print the table and set it into docs/statistics.md."""
    text = table({scenario.name: play(scenario, rounds) for scenario in SCENARIOS})
    print(text)
    set_table("comparisons", text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
