"""How often few raters say something false by agreeing, where departments are exchangeable.

Raters give every department one of two marks. No department is better than another, yet now and then all
raters see the same difference between two of them by chance: the fewer the raters and the more the
departments, the oftener. Two marks for all: 0 and 100. Two of one's own: neighbouring levels of 20 to 100,
which each rater chooses, so that no department stands at an end of the scale, where the ordinal scale is
always asked. A round is wrong when a pair or an average is declared; with intervals also when an interval of
a difference or of a score misses. Agreed: rounds with a pair on which all raters see one difference.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings, rank
from bench.document import set_table
from bench.simulations.ranking import wrong

Floats = NDArray[np.float64]

ROUNDS, ROUNDS_OF_60, DRAWS = 1_000, 200, 1_000
RATERS, DEPARTMENTS = (5, 6, 7, 8), (8, 20, 60)


def for_all(R: int, D: int, g: np.random.Generator) -> Floats:
    """(R, D) of 0 and 100, 100 with a chance of a fifth on average: 5 or 35 in a hundred, by rater."""
    own = np.where(g.random((R, 1)) < 0.5, 0.05, 0.35)
    return np.where(g.random((R, D)) < own, 100.0, 0.0)


def of_ones_own(R: int, D: int, g: np.random.Generator) -> Floats:
    """(R, D) of two neighbouring levels, each as likely."""
    return np.asarray(20.0 * (g.integers(1, 5, (R, 1)) + (g.random((R, D)) < 0.5)))


Marks = Callable[[int, int, np.random.Generator], Floats]
KINDS: dict[str, tuple[Marks, float, tuple[float, float]]] = {
    "of one's own": (of_ones_own, 60.0, (20, 100)),
    "for all": (for_all, 20.0, (0, 100)),
}
"""Marks, their mean, and the scale."""


def agreed(y: Floats) -> bool:
    """Whether all raters see the same difference between two departments of (R, D) marks."""
    gaps = y[:, :, None] - y[:, None, :]
    return bool(((np.ptp(gaps, axis=0) == 0) & (gaps[0] != 0)).any())


def play(R: int, D: int, kind: str, rounds: int = ROUNDS) -> Floats:
    """Shares of rounds: with an agreed pair, with a wrong statement, with a wrong one or a wrong interval."""
    make, mean, scale = KINDS[kind]
    truth, found = np.full(D, mean), np.zeros(3)
    for i in range(rounds):
        y = make(R, D, np.random.default_rng([R, D, i]))
        ratings = Ratings.from_array(y)
        errors = wrong(rank(ratings, threshold=R, draws=DRAWS, seed=i, screen=False, scale=scale), truth)
        found += agreed(y), errors[0], any(errors)
    return found / rounds


def main(raters: tuple[int, ...] = RATERS, departments: tuple[int, ...] = DEPARTMENTS) -> None:
    """Play all designs, print the table; all of them set it into docs/statistics.md."""
    lines = [
        "| two marks | raters × departments | agreed pair | declared | **with intervals** |",
        "|---|---|---:|---:|---:|",
    ]
    print("\n".join(lines), flush=True)
    for D in departments:
        for kind in KINDS:
            for R in raters:
                rounds = ROUNDS if D < 60 else ROUNDS_OF_60
                shares = " | ".join(f"{100 * share:.1f} %" for share in play(R, D, kind, rounds))
                lines.append(f"| {kind} | {R} × {D} | {shares} |")
                print(lines[-1], flush=True)
    if (raters, departments) == (RATERS, DEPARTMENTS):
        set_table("unanimous", "\n".join(lines))


if __name__ == "__main__":
    main(departments=tuple(map(int, sys.argv[1:])) or DEPARTMENTS)
