"""All of it, or what is named: `python -m bench growth`, or `python -m bench.growth SIZE…` for those sizes.

`BENCH_GROWTH` names a folder in which built counties are kept for another time. A ballot takes 3 ms to
make."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from bench.growth import building, mixing
from bench.growth.steps import STEPS
from bench.serving import databases

SIZES = (1_000, 10_000, 100_000)
KEPT = "BENCH_GROWTH"


def main(sizes: tuple[int, ...] = SIZES, steps: tuple[str, ...] = tuple(STEPS)) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `database`, `size`, `name`, `wall`, `CPU` (s) and
    `MB`."""
    figures: list[dict[str, Any]] = []
    with _kept() as folder, tempfile.TemporaryDirectory(prefix="pingyi-bench-") as name, databases() as urls:
        for size in sizes:
            if not (folder / str(size) / "grown.json").exists():
                building.build(folder / str(size), size)
        for database, url in urls.items():
            mine = [
                f for size in sizes for f in _of_size(folder / str(size), Path(name), database, url, steps)
            ]
            _exponents(mine)
            figures += mine
    return figures


@contextmanager
def _kept() -> Iterator[Path]:
    """Folder of built counties, by their size."""
    if KEPT in os.environ:
        yield Path(os.environ[KEPT])
        return
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        yield Path(folder)


def _of_size(
    built: Path, folder: Path, database: str, url: str | None, steps: tuple[str, ...]
) -> list[dict[str, Any]]:
    place, size = folder / f"{database}-{built.name}", int(built.name)
    shutil.copytree(built, place)
    if url:
        with create_engine(url).begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        building.copy_to(place, url)
    figures = []
    for found in (mixing.measure(place, url), *(_step(step, place, url) for step in steps)):
        for name, figure in found.items():
            figures.append({"database": database, "size": size, "name": name, **figure})
            told = "  ".join(f"{value:9.2f} {unit}" for unit, value in figure.items())
            print(f"{database:<11} {size:>8,}  {name:<26}{told}", flush=True)
    shutil.rmtree(place)
    return figures


def _step(step: str, place: Path, url: str | None) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "bench.growth.steps", step, str(place), *([url] if url else [])]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return {step: json.loads(done.stdout.splitlines()[-1])}


def _exponents(figures: list[dict[str, Any]]) -> None:
    """Powers of the number of ballots with which the figures grow, from the two largest sizes."""
    for name in dict.fromkeys(each["name"] for each in figures):
        for unit in ("CPU", "MB", "wall"):
            points = [(f["size"], f[unit]) for f in figures if f["name"] == name and f.get(unit, 0) > 0]
            if len(points) > 1:
                (small, first), (large, last) = points[-2:]
                power = math.log(last / first) / math.log(large / small)
                print(f"{figures[0]['database']:<11} {name:<26} {unit:<4} grows with the power {power:.2f}")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
