"""Data of the core's tests."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from references import DATA

from analysis import Ratings


@pytest.fixture(scope="session")
def insteval() -> dict[str, np.ndarray]:
    """73,421 ratings of lectures at ETH Zürich (lme4::InstEval)."""
    with gzip.open(DATA / "insteval.csv.gz", "rt", encoding="utf-8") as file:
        names = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",", dtype=int)
    return dict(zip(names, table.T, strict=True))


@pytest.fixture(scope="session")
def insteval_ratings(insteval: dict[str, np.ndarray]) -> Ratings:
    return Ratings.from_columns(insteval["rater"], insteval["department"], insteval["score"])


@pytest.fixture(scope="session")
def pisa() -> tuple[list[str], np.ndarray, np.ndarray]:
    """PISA 2018 mathematics: unit, estimate, standard error (csranks::pisa2018)."""
    with (DATA / "pisa2018_math.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        [row["unit"] for row in rows],
        np.array([float(row["estimate"]) for row in rows]),
        np.array([float(row["se"]) for row in rows]),
    )
