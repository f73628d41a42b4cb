"""Items that nobody rated: the mean or the sum of the other items of the same rater and department."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import Codes, factorise
from analysis.files.ratings import RatingsTable
from analysis.tables.headings import simplified
from analysis.tables.rows import is_total

_LEAST: Final = 8
_NEARLY_ALL: Final = 0.95
_PLACES: Final = 6
_MEAN: Final = re.compile(
    r"(加权|综合|最终|最后|算术)?(总分|总得分|总均分|平均(得分|分|值)?|均(分|值)|合计(得分|分)?|小计)"
    r"|(weighted |overall |grand )?(mean|average|total|sum)( (score|mark|rating|points))?s?"
)
Floats = NDArray[np.float64]


def computed_items(table: RatingsTable) -> list[str]:
    """Names of the items, beside at least two others, that are named like a mean or a sum, or are one in
    nearly all cells where the others differ: to as many decimals as they are written with."""
    if table.item is None:
        return []
    items, names = factorise(table.item, "item")
    if len(names) < 2:
        return []
    named = {name for name in names if _says_so(name)}
    if len(names) - len(named) < 2:
        return sorted(named) if len(names) > len(named) else []
    rest = np.isin(items, [i for i, name in enumerate(names) if name not in named])
    return [*sorted(named), *_by_numbers(table, items, names, rest)]


def _says_so(name: str) -> bool:
    plain = simplified(name).strip().casefold()
    return is_total(plain) or _MEAN.fullmatch(plain) is not None


def _by_numbers(
    table: RatingsTable, items: Codes, names: tuple[str, ...], counted: NDArray[np.bool_]
) -> list[str]:
    """Names of the items whose scores were computed from those of the others among the rows `counted`."""
    raters = factorise(table.rater, "rater")[0].astype(np.int64)
    departments, of = factorise(table.department, "department")
    _, cell = np.unique(raters * len(of) + departments, return_inverse=True)
    score = np.where(counted, table.score, 0.0)
    n, sums, squares = (np.bincount(cell, weights) for weights in (counted.astype(float), score, score**2))
    found = []
    for i in np.unique(items[counted]).tolist():
        rows = np.flatnonzero(items == i)
        own, at = score[rows], cell[rows]
        others, left, spread = n[at] - 1, sums[at] - own, squares[at] - own**2
        differ = (others > 1) & (spread - left**2 / np.maximum(others, 1) > 1e-9)
        if differ.sum() >= _LEAST and _equals(own[differ], left[differ], others[differ]):
            found.append(names[i])
    return found


def _equals(own: Floats, sums: Floats, n: Floats) -> bool:
    places = next((k for k in range(_PLACES) if np.abs(own - np.round(own, k)).max() < 1e-9), _PLACES)
    near = 0.5 * 10.0**-places + 1e-9 if places else 1e-9
    return any(float(np.mean(np.abs(own - value) <= near)) >= _NEARLY_ALL for value in (sums / n, sums))
