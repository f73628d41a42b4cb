"""What a ranking costs, beside one numpy pass over the same ratings in the same run."""

from __future__ import annotations

import gzip
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from analysis import Ratings, rank

INSTEVAL = Path(__file__).parents[1] / "tests" / "data" / "insteval.csv.gz"


def invited(R: int, D: int, m: int, K: int = 1, missing: float = 0.0) -> Ratings:
    """R raters of m departments out of D on K items, a share of the item answers missing."""
    g = np.random.default_rng(0)
    chosen = np.empty((R, m), dtype=np.int16)
    for i in range(0, R, 100_000):
        random = g.random((min(R, i + 100_000) - i, D), dtype=np.float32)
        chosen[i : i + 100_000] = np.argpartition(random, m, axis=1)[:, :m]
    rater = np.repeat(np.arange(R, dtype=np.int32), m * K)
    department = np.repeat(chosen.ravel(), K)
    item = np.tile(np.arange(K, dtype=np.int8), R * m) if K > 1 else None
    score = g.integers(1, 6, R * m * K).astype(float)
    if missing and item is not None:
        kept = g.random(rater.size, dtype=np.float32) >= missing
        rater, department, item, score = rater[kept], department[kept], item[kept], score[kept]
    return Ratings.from_columns(rater, department, score, item=item)


def insteval(column: int) -> Ratings:
    with gzip.open(INSTEVAL, "rt", encoding="utf-8") as file:
        file.readline()
        table = np.loadtxt(file, delimiter=",", dtype=int)
    return Ratings.from_columns(table[:, 0], table[:, column], table[:, 6])


CASES: dict[str, Callable[[], Ratings]] = {
    "InstEval, 14 departments": lambda: insteval(1),
    "InstEval, 1,128 lecturers": lambda: insteval(2),
    "100,000 raters × 8, 100 departments": lambda: invited(100_000, 100, 8),
    "250,000 raters × 8 × 6 items, 40 departments": lambda: invited(250_000, 40, 8, 6),
    "1,000,000 raters × 8 × 6 items, 40 departments": lambda: invited(1_000_000, 40, 8, 6),
    "the same with 5 % of answers missing": lambda: invited(1_000_000, 40, 8, 6, 0.05),
}


def one_pass(ratings: Ratings) -> None:
    """The least that any method must do: read every rating once and add it up by department."""
    np.bincount(ratings.department, ratings.score, minlength=ratings.n_departments)
    np.bincount(ratings.rater, ratings.score, minlength=ratings.n_raters)


def timed(action: Callable[[], object], repeats: int = 1) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print seconds, the ratio to one pass, and the peak memory so far."""
    print(f"{'case':50s} {'ratings':>11s} {'one pass':>9s} {'ranking':>9s} {'ratio':>8s} {'peak GB':>8s}")
    for name, make in CASES.items():
        print(f"{name} …", file=sys.stderr, flush=True)
        ratings = make()
        quick = ratings.n_departments < 100 and ratings.n_ratings < 1_000_000
        base = timed(partial(one_pass, ratings), 3)
        own = timed(partial(rank, ratings), 3 if quick else 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{name:50s} {ratings.n_ratings:11,d} {base:9.4f} {own:9.3f} {own / base:8.0f} {peak:8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
