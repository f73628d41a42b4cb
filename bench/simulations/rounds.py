"""How often rounds with the same raters say something false where nothing differs.

Eight departments of equal standing, 150 raters a round who rate five each. A rater's leniency stays; of the
variance with which raters differ about a department, a share persists from round to round, or is turned
round (negative), or some of the raters are the same. Combined: four rounds as one ranking, wrong when any
pair is declared different. Change: the second round against the first, wrong when any department is said to
have moved. Composite: two rounds at 60 and 40 %, wrong when the ranking or a move says anything.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, combine_rounds, compare_rounds, composite
from bench.document import set_table

Floats = NDArray[np.float64]

ROUNDS, INDEXES = 1_000, 300
DEPARTMENTS, RATED, RATERS, SEASONS = 8, 5, 150, 4
METHODS = ("combined", "combined, variances added", "change", "change, different raters declared")
DECLARED = ("composite", "composite, different raters declared")


@dataclass(frozen=True)
class Scenario:
    """same: share of raters who answer every round; persistent: share of the within-rater variance that stays
    (turned round from one season to the next where negative); rotating: other departments each time."""

    name: str
    same: float = 1.0
    persistent: float = 0.0
    rotating: bool = False


SCENARIOS = (
    Scenario("different raters", same=0),
    Scenario("the same raters, a quarter persistent", persistent=0.25),
    Scenario("the same raters, half persistent", persistent=0.5),
    Scenario("half of the raters the same, all persistent", same=0.5, persistent=1),
    Scenario("the same raters, all persistent", persistent=1),
    Scenario("the same, half persistent, other departments each time", persistent=0.5, rotating=True),
    Scenario("the same raters, a quarter turned round", persistent=-0.25),
    Scenario("the same raters, half turned round", persistent=-0.5),
    Scenario("the same raters, all turned round", persistent=-1),
)


def seasons(scenario: Scenario, generator: np.random.Generator) -> list[Ratings]:
    """Four rounds of (R, D) scores of 20 to 100, unrated ones NaN."""
    kept = round(scenario.same * RATERS)
    stays = generator.normal(0, 12, (kept, 1)), generator.normal(0, 15, (kept, DEPARTMENTS))
    order = np.argsort(generator.random((RATERS, DEPARTMENTS)), axis=1)
    rounds = []
    for season in range(SEASONS):
        own = generator.normal(0, 12, (RATERS, 1))
        taste = generator.normal(0, 15, (RATERS, DEPARTMENTS))
        own[:kept] = stays[0]
        turn = -1 if scenario.persistent < 0 and season % 2 else 1
        rho = abs(scenario.persistent)
        taste[:kept] = np.sqrt(rho) * turn * stays[1] + np.sqrt(1 - rho) * taste[:kept]
        if scenario.rotating:
            rates = (order + 4 * season) % DEPARTMENTS < RATED
        else:
            rates = np.argsort(np.argsort(generator.random(taste.shape), axis=1), axis=1) < RATED
        y = 20 * np.clip(np.round((70 + own + taste) / 20), 1, 5)
        rounds.append(Ratings.from_array(np.where(rates, y, np.nan)))
    return rounds


def play(scenario: Scenario, rounds: int, draws: int = 2_000) -> dict[str, float]:
    """Share of rounds with a false statement, by method."""
    wrong = dict.fromkeys(METHODS, 0)
    for i in range(rounds):
        year = seasons(scenario, np.random.default_rng([rounds, i]))
        for method, independent in zip(METHODS[:2], (False, True), strict=True):
            ranking = combine_rounds(year, independent=independent).ranking(draws=draws, seed=i)
            wrong[method] += bool(ranking.pairs.significant.any())
        for method, independent in zip(METHODS[2:], (False, True), strict=True):
            moved = compare_rounds(*year[:2], draws=draws, seed=i, independent=independent)
            wrong[method] += any(c.direction != "same" for c in moved.changes)
        if (i + 1) % 100 == 0:
            print(f"{scenario.name}: {i + 1}/{rounds}", file=sys.stderr, flush=True)
    return {method: count / rounds for method, count in wrong.items()}


def index_says_false(scenario: Scenario, rounds: int, draws: int = 5_000) -> dict[str, float]:
    """Share of composites (60 and 40 %) with a false statement: raters unknown, and declared different."""
    wrong = dict.fromkeys(DECLARED, 0)
    for i in range(rounds):
        firms, delegates = seasons(scenario, np.random.default_rng([rounds, i]))[:2]
        for method, independent in zip(DECLARED, (False, True), strict=True):
            parts = {"firms": firms, "delegates": delegates}
            weights = {"firms": 60, "delegates": 40}
            found = composite(parts, weights, independent=independent, draws=draws, seed=i)
            said = any(d.vs_average != "same" for d in found.ranking.departments)
            moved = any(move.direction != "same" for move in found.moves)
            wrong[method] += bool(said or moved or found.ranking.pairs.significant.any())
    return {method: count / rounds for method, count in wrong.items()}


def table(results: dict[str, dict[str, float]], methods: tuple[str, ...] = METHODS) -> str:
    """Markdown, in per cent of rounds."""
    lines = [f"| nothing differs | {' | '.join(methods)} |", "|---|" + "---:|" * len(methods)]
    for scenario, found in results.items():
        shares = " | ".join(f"{100 * found[method]:.1f} %" for method in methods)
        lines.append(f"| {scenario} | {shares} |")
    return "\n".join(lines)


def main(rounds: int = ROUNDS) -> None:
    """Play all scenarios, print the table and set it into docs/statistics.md."""
    text = table({scenario.name: play(scenario, rounds) for scenario in SCENARIOS})
    print(text)
    set_table("rounds", text)
    index = {scenario.name: index_says_false(scenario, INDEXES) for scenario in SCENARIOS[:5:2]}
    text = table(index, DECLARED)
    print(text)
    set_table("composites", text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
