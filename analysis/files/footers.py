"""Rows among raters' that hold what was computed from theirs: means, sums and counts of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.files.amounts import amount
from analysis.tables.cells import cell_text

_MOST: Final = 8
_LEAST_ROWS: Final = 4
_LEAST_COLUMNS: Final = 2
_ENOUGH_COLUMNS: Final = 3
_RARE: Final = 0.35
_HALF: Final = 0.5 + 1e-9
Floats = NDArray[np.float64]


def computed_rows(cells: Sequence[Sequence[Any]], decimal_comma: bool) -> list[int]:
    """Positions of the rows of raters' marks that are the mean, the trimmed mean, the sum or the number of
    those above in the same column, and that no rater gives: with decimals where no rater has any, beyond the
    marks of all raters, or with one that no rater gave among at least three. Subtotals are of the rows since
    the one before, and stand anywhere; what is of all rows stands last."""
    if len(cells) <= _LEAST_ROWS:
        return []
    known: dict[tuple[type, Any], float] = {}

    def value(cell: Any) -> float:
        key = (type(cell), cell)  # True equals 1, and is no mark
        if key not in known:
            found = amount(cell, decimal_comma=decimal_comma)
            known[key] = np.nan if found is None else found
        return known[key]

    marks = np.array([[value(cell) for cell in row] for row in cells])
    between = _subtotals(marks, cells)
    rows = np.setdiff1d(np.arange(len(cells)), between)
    return [*between, *rows[len(rows) - _at_the_end(marks[rows], [cells[i] for i in rows]) :].tolist()]


def _at_the_end(marks: Floats, cells: Sequence[Sequence[Any]]) -> int:
    """Number of the last rows that are computed from all above."""
    texts = [[cell_text(cell).strip() for cell in row] for row in cells[-_MOST:]]
    for n in range(min(_MOST, len(cells) - _LEAST_ROWS), 0, -1):
        statistics = _statistics(marks[:-n])
        if all(
            _is_computed(m, t, marks[:-n], statistics) for m, t in zip(marks[-n:], texts[-n:], strict=True)
        ):
            return n
    return 0


def _subtotals(marks: Floats, cells: Sequence[Sequence[Any]]) -> list[int]:
    """Positions of rows with decimals, which few rows have, that are computed from those since the last;
    halves in two columns may be a rater's."""
    fractions = (np.nan_to_num(marks) % 1 != 0).any(axis=1)
    if fractions.mean() > _RARE:
        return []
    found: list[int] = []
    for row in np.flatnonzero(fractions).tolist():
        above = marks[found[-1] + 1 if found else 0 : row]
        there = marks[row][~np.isnan(marks[row])]
        if len(there) < _ENOUGH_COLUMNS and not (there * 2 % 1 != 0).any():
            continue
        texts = [cell_text(cell).strip() for cell in cells[row]]
        if len(above) > 1 and _is_computed(marks[row], texts, above, _statistics(above)):
            found.append(row)
    return found


def _statistics(above: Floats) -> list[Floats]:
    """Mean, sum, number, and mean without the highest and lowest mark, of each column."""
    counts = (~np.isnan(above)).sum(axis=0).astype(float)
    sums = np.nansum(above, axis=0)
    ends = np.nan_to_num(np.fmax.reduce(above, axis=0) + np.fmin.reduce(above, axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return [sums / counts, sums, counts, (sums - ends) / (counts - 2)]


def _is_computed(marks: Floats, texts: Sequence[str], above: Floats, statistics: Sequence[Floats]) -> bool:
    there = ~np.isnan(marks)
    if there.sum() < _LEAST_COLUMNS or any(
        text and not here for text, here in zip(texts, there, strict=True)
    ):
        return False
    places = max(
        len(text.replace(",", ".").rpartition(".")[2].rstrip("%分")) if set(text) & set(",.") else 0
        for text in texts
    )
    near = _HALF * 10.0 ** -min(places, 6)
    if not any((np.abs(marks - found) <= near)[there].all() for found in statistics):
        return False
    given = above[~np.isnan(above)]
    decimals = bool((marks[there] % 1 != 0).any()) and not (given % 1 != 0).any()
    beyond = bool(marks[there].max() > given.max(initial=-np.inf))
    new = not np.isin(marks[there], given).all()
    return decimals or beyond or (new and there.sum() >= _ENOUGH_COLUMNS)
