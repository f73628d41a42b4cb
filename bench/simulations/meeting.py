"""What a meeting decides, with known truth: first and last K, grades, the winner's curse, and influence.

100 raters, 12 departments, 8 rated by each; errors of 15 points and raters of 12. A row is played anew for
every question. First and last: some department is said to be certainly in, or certainly not, and the truth
leaves it otherwise; or the tested set of K is not the true one (with ties: a set that no order of the tied
gives). Grades: some bound of a grade is wrong. Winner's curse: mean error of the score of whoever comes
first, as it is and corrected. Influence: 12 of 100 firms collude for one department, all equal.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from analysis import Ranking, Ratings, carried, extremes, grades, rank, shrunken
from bench.document import set_table

Floats = NDArray[np.float64]

ROUNDS, COALITIONS = 400, 60
RATERS, DEPARTMENTS, RATED, K = 100, 12, 8, 3
LINES = (78.0, 70.0, 62.0)
TRUTHS = {
    "all equal": np.zeros(DEPARTMENTS),
    "threes of equals, 6 points apart": np.repeat([9.0, 3.0, -3.0, -9.0], 3),
    "two first, all others equal": np.repeat([10.0, 0.0], [2, 10]),
    "evenly apart over 24 points": np.linspace(12, -12, DEPARTMENTS),
}


def marks(truth: Floats, g: np.random.Generator) -> Floats:
    """(R, D) scores around 70, NaN where not rated; nothing is cut off, so that truth is known."""
    y = 70 + truth + g.normal(0, 12, (RATERS, 1)) + g.normal(0, 15, (RATERS, DEPARTMENTS))
    y[np.argsort(g.random(y.shape), axis=1) >= RATED] = np.nan
    return y


def coalition(g: np.random.Generator) -> Floats:
    """(R, D) marks of 20 to 100; the first 12 raters give the first department 100 and the others 40."""
    y = 20 * np.clip(np.round(marks(np.zeros(DEPARTMENTS), g) / 20), 1, 5)
    y[:12] = np.where(np.isnan(y[:12]), np.nan, 40)
    y[:12, 0] = 100
    return y


def wrong_ends(ranking: Ranking, ratings: Ratings, truth: Floats) -> tuple[bool, bool]:
    """Whether a joint statement about the first or last K is wrong, and whether a tested one is."""
    joint = tested = False
    for sign, end in ((1, "first"), (-1, "last")):
        found = extremes(ranking, end, K, ratings=ratings)
        if found is None:
            continue
        own = sign * truth
        ahead = {str(j + 1): int((own > x).sum()) for j, x in enumerate(own)}
        behind = {str(j + 1): int((own < x).sum()) for j, x in enumerate(own)}
        joint |= any(behind[name] < DEPARTMENTS - K for name in found.certain)
        joint |= any(ahead[name] < K for name in found.excluded)
        inside = [own[int(name) - 1] for name in found.observed]
        outside = [x for j, x in enumerate(own) if str(j + 1) not in found.observed]
        tested |= found.verified and min(inside) <= max(outside)
    return joint, tested


def wrong_grade(ranking: Ranking, truth: Floats) -> bool:
    """Whether some bound of a grade is wrong."""
    lines = np.array(LINES)
    for grade in grades(ranking, LINES).grades:
        true = int((70 + truth[int(grade.name) - 1] < lines).sum())
        if not grade.best <= true <= grade.worst:
            return True
    return False


def play(truth: Floats, rounds: int, seed: int) -> tuple[Floats, Floats]:
    """Shares of rounds with a wrong joint end, tested end and grade; mean error of the first, corrected."""
    wrong, error = np.zeros(3), np.zeros(2)
    for i in range(rounds):
        ratings = Ratings.from_array(marks(truth, np.random.default_rng([seed, i])))
        ranking = rank(ratings, threshold=5, draws=2_000, seed=i)
        wrong += (*wrong_ends(ranking, ratings, truth), wrong_grade(ranking, truth))
        score = shrunken(ranking)
        true = 70 + truth[int(score.names[0]) - 1]
        error += (score.adjusted[0] - true, score.corrected[0] - true)
    return wrong / rounds, error / rounds


def influence(rounds: int) -> str:
    """Of the coalitions that got their department above the average: ballots said to carry it."""
    found, fragile = [], 0
    for i in range(rounds):
        ratings = Ratings.from_array(coalition(np.random.default_rng([99, i])))
        ranking = rank(ratings, threshold=5, draws=2_000, seed=i)
        first = next(d for d in ranking.departments if d.name == "1")
        if first.vs_average != "above":
            continue
        statement = carried(ratings, ranking, pairs=False).of("1", "above")
        if statement is not None and statement.removed is not None:
            found.append(statement.removed)
            fragile += statement.fragile
    if not found:
        return f"| 12 colluding firms of {RATERS} | {rounds} | 0 | – | – | – |"
    counts = np.array(found)
    return (
        f"| 12 colluding firms of {RATERS} | {rounds} | {100 * counts.size / rounds:.0f} % | "
        f"{np.median(counts):.0f} ({counts.min()} to {counts.max()}) | {100 * (counts <= 12).mean():.0f} % | "
        f"{100 * fragile / counts.size:.0f} % |"
    )


def main(rounds: int = ROUNDS) -> None:
    """Play everything, print both tables and set them into docs/statistics.md."""
    columns = ("joint ends wrong", "tested ends wrong", "grades wrong", "error of the first", "corrected")
    lines = [f"| truth | rounds | {' | '.join(columns)} |", "|---|" + "---:|" * 6]
    for seed, (name, truth) in enumerate(TRUTHS.items()):
        wrong, error = play(truth, rounds, seed)
        cells = [*(f"{100 * x:.1f} %" for x in wrong), *(f"{x:+.1f}".replace("-", "−") for x in error)]
        lines.append(f"| {name} | {rounds} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    text = "\n".join(lines)
    set_table("meeting", text)
    columns = ("said to be above the average", "ballots that carry it", "at most 12", "marked fragile")
    text = f"| coalition | rounds | {' | '.join(columns)} |\n|---|---:|---:|---:|---:|---:|\n"
    text += influence(min(rounds, COALITIONS))
    print(text, flush=True)
    set_table("influence", text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
