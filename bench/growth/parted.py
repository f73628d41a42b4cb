"""Ratings ranked in parts: seconds, and memory of all processes together, by number of ratings.

`python -m bench parted` takes 10⁶ and 10⁷ ratings, `python -m bench.growth.parted 100000000` as many as it
is told.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from bench.measuring import cpu

SIZES = (1_000_000, 10_000_000)
EACH, DEPARTMENTS, AT_ONCE, FILES = 8, 100, 125_000, 4


@contextmanager
def parquet_of(ratings: int) -> Iterator[list[Path]]:
    """Parquet files of so many ratings, eight by each rater, marks 1 to 5; the ratings of one rater lie in
    two files."""
    g = np.random.default_rng(0)
    schema = pa.schema({"rater": pa.string(), "department": pa.string(), "score": pa.float64()})
    names = pa.array([f"局{d}" for d in range(DEPARTMENTS)])
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i}.parquet") for i in range(FILES)]
        writers = [parquet.ParquetWriter(path, schema) for path in paths]
        for start in range(0, ratings // EACH, AT_ONCE):
            n = min(ratings // EACH, start + AT_ONCE) - start
            chosen = np.argpartition(g.random((n, DEPARTMENTS), dtype=np.float32), EACH, axis=1)[:, :EACH]
            raters = np.char.add("r", np.arange(start, start + n).astype(str))
            scores = g.integers(1, 6, (n, EACH)).astype(float)
            for half in range(2):
                part = slice(half * EACH // 2, (half + 1) * EACH // 2)
                columns = {
                    "rater": pa.array(np.repeat(raters, EACH // 2)),
                    "department": names.take(pa.array(chosen[:, part].ravel())),
                    "score": scores[:, part].ravel(),
                }
                writers[(start // AT_ONCE * 2 + half) % FILES].write_table(pa.table(columns, schema))
        for writer in writers:
            writer.close()
        yield paths


def main(sizes: tuple[int, ...] = SIZES, workers: int = 2) -> list[dict[str, float]]:
    """Rank so many ratings by `pingyi rank … --workers N`, and print a row for each."""
    print("| ratings | wall, s | CPU, s | peak GB, all processes |\n|---:|---:|---:|---:|", flush=True)
    figures = []
    for ratings in sizes:
        with parquet_of(ratings) as paths:
            command = [sys.executable, "-m", "survey.cli", "rank", *map(str, paths)]
            command += ["--workers", str(workers), "--out", str(paths[0].parent / "out")]
            before, start = cpu(), time.perf_counter()
            peak = _peak(Popen(command))
            wall, spent = time.perf_counter() - start, cpu() - before
        figures.append({"ratings": ratings, "wall": wall, "cpu": spent, "peak": peak})
        print(f"| {ratings:,d} | {wall:.1f} | {spent:.1f} | {peak / 1e9:.2f} |", flush=True)
    return figures


def _peak(process: Popen[bytes]) -> int:
    """Largest memory in bytes of a process and those it started, looked at five times a second until it
    ends."""
    most = 0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(0.2)
    if process.returncode:
        sys.exit(f"pingyi rank ended with {process.returncode}")
    return most


def _memory(pid: int) -> int:
    """Private and shared memory of a process and its descendants; shared memory counts in proportion."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return 0
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return 1024 * own + sum(map(_memory, children))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
