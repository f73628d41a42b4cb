"""Reference data of the core: values from R, with the call that made them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"


def reference(name: str) -> dict[str, Any]:
    """Input and expected values of tests/data/reference/NAME.json."""
    return dict(json.loads((DATA / "reference" / f"{name}.json").read_text(encoding="utf-8")))


def long_table(name: str) -> dict[str, list[str]]:
    """Columns of tests/data/reference/NAME.csv as text."""
    with (DATA / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}
