"""Some rows of a table of ratings."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.files.ratings import RatingsTable


def rows_at(table: RatingsTable, kept: NDArray[np.intp]) -> RatingsTable:
    """Table with the rows at these positions."""

    def of(column: Any) -> Any:
        return column[kept] if isinstance(column, np.ndarray) else [column[i] for i in kept.tolist()]

    columns = [f.name for f in fields(table) if f.name not in ("notes", "headings", "levels", "no_rating")]
    return replace(
        table,
        **{
            name: of(column)
            for name in columns
            if (column := getattr(table, name)) is not None and len(column)
        },
    )
