"""Reference data of the core: values from R, with the call that made them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import t

DATA = Path(__file__).parents[1] / "data"


def reference(name: str) -> dict[str, Any]:
    """Input and expected values of tests/data/reference/NAME.json."""
    return dict(json.loads((DATA / "reference" / f"{name}.json").read_text(encoding="utf-8")))


def long_table(name: str) -> dict[str, list[str]]:
    """Columns of tests/data/reference/NAME.csv as text."""
    with (DATA / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def summed_df(variances: list[Any], dfs: list[float], tail: float) -> list[float]:
    """Degrees of freedom whose t-quantile at `tail` (two-sided) is Banerjee's (1961) critical value, by
    scipy.stats and root finding."""
    found = []
    for parts in zip(*variances, strict=True):
        c = np.sqrt(sum(v * t.isf(tail / 2, nu) ** 2 for v, nu in zip(parts, dfs, strict=True)) / sum(parts))
        found.append(brentq(lambda nu, c=c: t.isf(tail / 2, nu) - c, min(dfs) - 1e-9, max(dfs) + 1e-9))
    return found
