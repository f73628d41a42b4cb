"""What a ranking costs, beside one numpy pass over the same ratings in the same run."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from analysis import Ratings, compare_groups, rank
from bench.document import set_table

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


COMPARED = "100,000 raters × 8, 100 departments"
CASES: dict[str, Callable[[], Ratings]] = {
    "InstEval, 14 departments": lambda: insteval(1),
    "InstEval, 1,128 lecturers": lambda: insteval(2),
    COMPARED: lambda: invited(100_000, 100, 8),
    "250,000 raters × 8 × 6 items, 40 departments": lambda: invited(250_000, 40, 8, 6),
    "1,000,000 raters × 8 × 6 items, 40 departments": lambda: invited(1_000_000, 40, 8, 6),
    "the same with 5 % of answers missing": lambda: invited(1_000_000, 40, 8, 6, 0.05),
}


def one_pass(ratings: Ratings) -> None:
    """The least that any method must do: read every rating once and add it up by department."""
    np.bincount(ratings.department, ratings.score, minlength=ratings.n_departments)
    np.bincount(ratings.rater, ratings.score, minlength=ratings.n_raters)


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processors, the better of several runs."""

    wall: float
    cpu: float


def timed(action: Callable[[], object], repeats: int = 1) -> Cost:
    best = Cost(float("inf"), float("inf"))
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        action()
        best = min(best, Cost(time.perf_counter() - start, time.process_time() - used), key=lambda c: c.wall)
    return best


def commanded(ratings: Path, *arguments: str) -> tuple[Cost, float]:
    """`pingyi rank` as a process of its own, imports and all files included; and its peak memory in GB."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "survey.cli", "rank", str(ratings), *arguments, "--out", folder]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
    if child.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return Cost(wall, usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1e6


def peak_memory() -> float:
    """GB so far, of this process: cases come in the order of their size."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """Print seconds, the ratio to one pass, and the peak memory so far; set the tables into the document."""
    from bench import ranking_in_r, ranking_targets

    rows = [
        "| case | ratings | one numpy pass, s | here, s | CPU, s | ratio | peak GB |",
        "|---|" + "---:|" * 6,
    ]
    print("\n".join(rows), flush=True)

    def report(name: str, ratings: Ratings, base: Cost, own: Cost, peak: float) -> None:
        rows.append(
            f"| {name} | {ratings.n_ratings:,d} | {base.wall:.4f} | {own.wall:.2f} | {own.cpu:.2f} "
            f"| {own.wall / base.wall:,.0f} | {peak:.2f} |"
        )
        print(rows[-1], flush=True)

    for column, name, arguments in (
        (1, "`pingyi rank` InstEval, 14 departments", ()),
        (2, "`pingyi rank` InstEval, 1,128 lecturers", ("--department", "lecturer")),
    ):
        print(f"{name} …", file=sys.stderr, flush=True)
        ratings = insteval(column)
        base = timed(partial(one_pass, ratings), 3)
        report(name, ratings, base, *commanded(INSTEVAL, *arguments))
    for name, make in CASES.items():
        print(f"{name} …", file=sys.stderr, flush=True)
        ratings = make()
        quick = ratings.n_departments < 100 and ratings.n_ratings < 1_000_000
        base = timed(partial(one_pass, ratings), 3)
        report(name, ratings, base, timed(partial(rank, ratings), 3 if quick else 1), peak_memory())
        if name == COMPARED:
            sides = ["ab"[r % 2] for r in range(ratings.n_raters)]
            own = timed(partial(compare_groups, ratings, sides))
            report("the same, two groups of raters compared", ratings, base, own, peak_memory())
    set_table("speed", "\n".join(rows))
    print(flush=True)
    set_table("targets", "\n".join(ranking_targets.rows()))
    ranking_in_r.main()


if __name__ == "__main__":
    main()
