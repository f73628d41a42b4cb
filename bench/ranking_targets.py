"""What rankings may cost at most: seconds of the processors, as promised, beside what was measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from analysis import rank_estimates
from bench.ranking_speed import Cost, commanded, timed


@dataclass(frozen=True)
class Target:
    """A measurement and the seconds of the processors that it may take."""

    name: str
    seconds: float
    measure: Callable[[], Cost]


def units(D: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, estimates and standard errors of D units; every second difference is beyond noise."""
    g = np.random.default_rng(0)
    return [f"u{i}" for i in range(D)], g.normal(0, 1, D), g.uniform(0.1, 0.4, D)


def ranked(D: int, draws: int | None, *, stepdown: bool = False) -> Cost:
    """Of one ranking of D units by estimates, the better of three."""
    return timed(partial(rank_estimates, *units(D), draws=draws, stepdown=stepdown), 3)


@contextmanager
def csv_of(raters: int, m: int = 8, D: int = 100) -> Iterator[Path]:
    """A CSV of `m` ratings by each of so many raters."""
    g = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ratings.csv")
        with path.open("w", encoding="utf-8") as file:
            file.write("rater,department,score\n")
            for start in range(0, raters, 50_000):
                n = min(raters, start + 50_000) - start
                chosen = np.argpartition(g.random((n, D), dtype=np.float32), m, axis=1)[:, :m].tolist()
                scores = g.integers(1, 6, (n, m)).tolist()
                rows = zip(range(start, start + n), chosen, scores, strict=True)
                file.writelines(
                    f"r{r},局{d},{s}\n" for r, ds, given in rows for d, s in zip(ds, given, strict=True)
                )
        yield path


def from_csv(raters: int) -> Cost:
    """Of `pingyi rank` from a CSV, all files included."""
    with csv_of(raters) as path:
        return commanded(path)[0]


TARGETS = (
    Target("joint rank sets of 1,128 units", 10, lambda: ranked(1_128, None)),
    Target("300 units by estimates, 10,000 draws", 1, lambda: ranked(300, 10_000)),
    Target("`pingyi rank` of 1,000,000 raters × 8 from CSV", 30, lambda: from_csv(1_000_000)),
)


# Twelve gigabytes and five minutes: only when asked for, by `python -m bench.ranking_targets`.
LARGE = (Target("`pingyi rank` of 10,000,000 raters × 8 from CSV", 300, lambda: from_csv(10_000_000)),)


def rows(targets: tuple[Target, ...] = TARGETS) -> list[str]:
    """The lines of a table, each printed as it is measured."""
    lines = ["| case | CPU, s | at most, s | wall, s |", "|---|---:|---:|---:|"]
    print("\n".join(lines), flush=True)
    for target in targets:
        cost = target.measure()
        lines.append(f"| {target.name} | {cost.cpu:.2f} | {target.seconds:g} | {cost.wall:.2f} |")
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    rows(TARGETS + LARGE)
