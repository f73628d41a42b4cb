"""Ratings from an array of levels, a byte an answer, as ballots hold them: without an array of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.checks import axis_names, by_position, item_weight_vector, per_rater, rater_weights
from analysis.answers.labels import Codes
from analysis.answers.ratings import Ratings, nothing_rated
from analysis.values.arrays import as_floats, resolved

Floats = NDArray[np.float64]


def ratings_from_levels(
    levels: NDArray[np.uint8],
    points: ArrayLike,
    *,
    departments: Sequence[int],
    items: Sequence[int],
    department_names: Sequence[str],
    item_names: Sequence[str],
    weight: ArrayLike | None = None,
    item_weights: Mapping[Any, float] | None = None,
) -> Ratings:
    """Ratings from levels (R, D, K) of the chosen departments and items, which have these names; raters are
    named 0, 1, … by their row.

    points: (256,) score of each level, NaN for one that is no rating; weight: (R,); item_weights: by name.
    The same as `Ratings.from_array` of the points. Raises InputError when nothing was rated.
    """
    R = levels.shape[0]
    of_level = as_floats("scores", points, gaps=True)
    weights = per_rater(weight, R, "weight")
    names = axis_names(department_names, len(departments), "department_names")
    of_items = axis_names(item_names, len(items), "item_names")
    rater, department, item, level = _columns(levels, ~np.isnan(of_level), departments, items)
    if not rater.size:
        raise nothing_rated()
    resolved("scores", of_level[np.unique(level)])
    raters, present = _coded(rater, R)
    departments_coded, rated = _coded(department, len(names))
    items_coded, asked = _coded(item, len(of_items))
    by_name = None if item_weights is None else by_position(item_weights, of_items)
    several = tuple(asked.tolist()) if asked.size > 1 else ()
    rater_names = tuple(map(str, present.tolist()))
    own = None if weights is None else weights[present]
    return Ratings(
        rater=raters,
        department=departments_coded,
        score=of_level[level],
        department_names=tuple(names[d] for d in rated.tolist()),
        rater_names=rater_names,
        weight=rater_weights(own, np.arange(present.size, dtype=np.int32), rater_names, present.size),
        item=items_coded if several else None,
        item_names=tuple(of_items[k] for k in several),
        item_weights=item_weight_vector(by_name, tuple(map(str, several))),
    )


def _columns(
    levels: NDArray[np.uint8], is_rating: NDArray[np.bool_], departments: Sequence[int], items: Sequence[int]
) -> tuple[Codes, Codes, Codes, NDArray[np.uint8]]:
    """Rater, department and item, by their place among the chosen, and level of every rating, in the order
    of the array."""
    columns = len(departments) * len(items)
    chosen = levels[:, list(departments)][:, :, list(items)].reshape(levels.shape[0], columns)
    rater, column = (found.astype(np.int32) for found in np.nonzero(is_rating[chosen]))
    department, item = np.divmod(column, np.int32(max(1, len(items))))
    return rater, department, item, chosen[rater, column]


def _coded(values: Codes, n: int) -> tuple[Codes, NDArray[np.intp]]:
    """Values 0 … n − 1 coded anew by those that occur, and these, ascending."""
    found = np.flatnonzero(np.bincount(values, minlength=n))
    if found.size == n:
        return values, found
    code = np.zeros(n, dtype=np.int32)
    code[found] = np.arange(found.size)
    return code[values], found
