"""Matrix of pairs as SVG: one path for each kind of cell, rows and columns in ranked order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from survey.facts.ranking import RankingFacts

CELL = 10


@dataclass(frozen=True, slots=True)
class Matrix:
    """Matrix of pairs: SVG paths of the cells where the row is above, below, alike; a cell in no path is not
    compared.

    surely_above: every department in ranked order, and the numbers of those it is declared above.
    """

    size: int
    above: str
    below: str
    same: str
    ticks: tuple[tuple[int, float], ...]
    surely_above: tuple[tuple[str, str], ...]


def pair_matrix(ranking: RankingFacts) -> Matrix | None:
    """Matrix that shows for each pair of departments which is significantly above; None without pairs."""
    places = {d.name: place for place, d in enumerate(ranking.departments)}
    if not ranking.pairs:
        return None
    rows = [[""] * len(places) for _ in places]
    for pair in ranking.pairs:
        a, b = places[pair.a], places[pair.b]
        first = pair.difference >= 0  # the published difference of two bounds may be 0
        rows[a][b] = ("above" if first else "below") if pair.significant else "same"
        rows[b][a] = ("below" if first else "above") if pair.significant else "same"
    step = 1 if len(places) <= 20 else 5 if len(places) <= 60 else 10
    numbers = [n for n in range(1, len(places) + 1) if n == 1 or n % step == 0]
    return Matrix(
        size=CELL * len(places),
        above=_path(rows, "above"),
        below=_path(rows, "below"),
        same=_path(rows, "same"),
        ticks=tuple((n, CELL * (n - 0.5)) for n in numbers),
        surely_above=tuple((name, _numbers(rows[place])) for name, place in places.items()),
    )


def _numbers(row: list[str]) -> str:
    """Numbers of the cells where the row is above, such as "3, 5–12"."""
    runs: list[list[int]] = []
    for number, found in enumerate(row, start=1):
        if found == "above" and runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        elif found == "above":
            runs.append([number])
    return ", ".join("–".join(map(str, run)) for run in runs)


def _path(rows: list[list[str]], kind: str) -> str:
    """SVG path with a rectangle for each run of cells of one kind, one unit apart so that the table's lines
    show."""
    parts = []
    for y, row in enumerate(rows):
        x = 0
        for found, run in groupby(row):
            length = len(list(run))
            if found == kind:
                parts.append(f"M{CELL * x} {CELL * y}h{CELL * length - 1}v{CELL - 1}h{1 - CELL * length}z")
            x += length
    return "".join(parts)
