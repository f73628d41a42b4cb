"""Cells: ratings summed per rater and department.

All of a ranking is a function of cells; no step loops over single raters (blocks.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import Codes
from analysis.answers.ratings import Ratings
from analysis.values.arguments import checked, instance

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# Ratings are summed part by part, so that memory stays near that of the ratings themselves.
_RATINGS_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class Cells:
    """C cells, one per rater and department rated, by rater; R raters (some may have none), D departments, K
    items.

    n: (C,) visits, the weight of a cell's ratings; total: (C,) weighted sum of scores. item_n: (C, K) weight
    by item, item_total: (R, K) weighted score sums by rater and item; both None unless cells differ in their
    items. item_score: (C, K) unweighted mean score by item, NaN for gaps; None without items. weight: (R,) of
    raters. cluster: (R,) codes 0 … U-1 of independent units; None where each rater is one. number: (R,) codes
    of the raters among all, where these are a part of them.
    """

    rater: Ints
    department: Ints
    n: Floats
    total: Floats
    weight: Floats
    n_departments: int
    item_n: Floats | None = None
    item_total: Floats | None = None
    item_weights: Floats | None = None
    item_score: NDArray[np.floating[Any]] | None = None
    cluster: Ints | None = None
    number: Ints | None = None

    @property
    def n_raters(self) -> int:
        return int(self.weight.size)

    @property
    def n_items(self) -> int:
        return 0 if self.item_n is None else int(self.item_n.shape[1])

    @property
    def n_parameters(self) -> int:
        return self.n_departments + self.n_items

    @property
    def clustered(self) -> bool:
        """Whether some independent unit has several raters."""
        return self.cluster is not None

    @cached_property
    def unit(self) -> Ints:
        """Independent unit of each rater, (R,): its cluster, or itself."""
        return np.arange(self.n_raters) if self.cluster is None else self.cluster

    @property
    def n_units(self) -> int:
        return self.n_raters if self.cluster is None else int(self.cluster.max(initial=-1)) + 1

    @cached_property
    def size(self) -> Ints:
        """Number of departments rated by each rater, (R,)."""
        return np.bincount(self.rater, minlength=self.n_raters)

    @cached_property
    def start(self) -> Ints:
        """Index of each rater's first cell, (R,)."""
        return np.concatenate([[0], np.cumsum(self.size)[:-1]]).astype(np.intp)

    @cached_property
    def by_size(self) -> tuple[Ints, Cells]:
        """Codes of the raters, (R,), by how many departments they rated, and their cells in this order."""
        order = np.argsort(self.size, kind="stable")
        return order, self.take(order)

    def only(self, keep: NDArray[np.bool_]) -> Cells:
        """Cells of the departments in mask (D,), departments coded anew; all raters stay."""
        if keep.all():
            return self
        part, code = self.rows(keep[self.department]), np.cumsum(keep) - 1
        return replace(part, department=code[part.department], n_departments=int(keep.sum()))

    def rows(self, rows: NDArray[np.bool_]) -> Cells:
        """Cells in mask (C,), with raters and departments coded as before."""
        return replace(
            self,
            rater=self.rater[rows],
            department=self.department[rows],
            n=self.n[rows],
            total=self.total[rows],
            item_n=None if self.item_n is None else self.item_n[rows],
            item_score=None if self.item_score is None else self.item_score[rows],
        )

    def take(self, raters: Ints) -> Cells:
        """Cells of the given raters, coded anew in that order; all departments stay."""
        first, size = self.start[raters], self.size[raters]
        new = np.repeat(np.arange(raters.size), size)
        rows = np.repeat(first - np.concatenate([[0], np.cumsum(size)[:-1]]), size) + np.arange(new.size)
        return replace(
            self,
            rater=new,
            department=self.department[rows],
            n=self.n[rows],
            total=self.total[rows],
            weight=self.weight[raters],
            item_n=None if self.item_n is None else self.item_n[rows],
            item_total=None if self.item_total is None else self.item_total[raters],
            item_score=None if self.item_score is None else self.item_score[rows],
            cluster=None,
            number=None,
        )

    def mean_per_department(self) -> Floats:
        """Raw weighted mean of each department's ratings, (D,)."""
        n, total = self.sums_per_department()
        return np.asarray(total / n)

    def sums_per_department(self) -> tuple[Floats, Floats]:
        """Weighted number and sum of each department's ratings, (D,) each."""
        w, d = self.weight[self.rater], self.n_departments
        n, total = (np.bincount(self.department, w * of, minlength=d) for of in (self.n, self.total))
        return np.asarray(n), np.asarray(total)

    def raters_per_department(self) -> Ints:
        return np.bincount(self.department, minlength=self.n_departments)


@checked(ratings=instance("answers.ratings.Ratings"))
def cells_of(ratings: Ratings) -> Cells:
    """Sum ratings into `Cells`. Several ratings of one item by one rater count as several visits.

    >>> from analysis import Ratings, cells_of
    >>> cells_of(Ratings.from_array([[9, 7], [7, 6]])).mean_per_department().tolist()
    [8.0, 6.5]
    """
    cells = _summed(ratings)
    if ratings.cluster is None:
        return cells
    codes = np.unique(ratings.cluster, return_inverse=True)[1]
    return replace(cells, cluster=codes if codes.max(initial=-1) + 1 < codes.size else None)


def _summed(ratings: Ratings) -> Cells:
    parts = max(1, ratings.n_ratings // _RATINGS_AT_ONCE)
    if parts == 1:
        return _cells_of_raters(ratings, 0, ratings.n_raters)
    edges = np.linspace(0, ratings.n_raters, parts + 1).astype(np.int32)
    in_order = bool((ratings.rater[1:] >= ratings.rater[:-1]).all())
    found = []
    for low, high in pairwise(edges.tolist()):
        rows: slice | NDArray[np.bool_] = (ratings.rater >= low) & (ratings.rater < high)
        if in_order:
            bounds = np.array([low, high], dtype=ratings.rater.dtype)  # else the column would be converted
            rows = slice(*np.searchsorted(ratings.rater, bounds).tolist())
        found.append(_cells_of_raters(ratings.rows(rows), low, high))
    return _joined(found, ratings.weight)


def _joined(parts: list[Cells], weight: Floats) -> Cells:
    def join(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    joined = replace(
        parts[0],
        rater=join("rater"),
        department=join("department"),
        n=join("n"),
        total=join("total"),
        weight=weight,
        item_n=None,
        item_total=None,
        item_score=None if parts[0].item_score is None else join("item_score"),
    )
    if all(part.item_n is None for part in parts):
        return joined
    item_n = [item_counts(part) for part in parts]
    return replace(joined, item_n=np.concatenate(item_n), item_total=join("item_total"))


def item_counts(part: Cells) -> Floats:
    """Weight of each cell by item, (C, K), also where all cells have the same items."""
    v = part.item_weights if part.item_weights is not None else np.ones(1)
    return part.n[:, None] * v if part.item_n is None else part.item_n


def _cells_of_raters(part: Ratings, low: int, high: int) -> Cells:
    """Cells of raters low <= r < high; `weight` and `item_total` hold these raters only."""
    cell, key = cell_index(part.rater - np.int32(low), part.department, high - low, part.n_departments)
    rater, department = np.divmod(key, part.n_departments)
    whole = Cells(
        rater=rater,
        department=department,
        n=np.bincount(cell, minlength=key.size).astype(np.float64),
        total=np.asarray(np.bincount(cell, part.score, minlength=key.size), dtype=np.float64),
        weight=part.weight[low:high],
        n_departments=part.n_departments,
    )
    if part.item is not None and part.item_weights is not None:
        whole = _with_items(whole, part.score, cell, part.item, part.item_weights)
    return replace(whole, rater=rater + low)


def cell_index(rater: Codes, department: Codes, R: int, D: int) -> tuple[Ints, Ints]:
    """Cell of each rating, (N,), and key rater · D + department of each cell, (C,), ascending."""
    key = rater.astype(np.intp) * D + department
    if 4 * key.size >= R * D:
        seen = np.zeros(R * D, dtype=bool)
        seen[key] = True
        return (np.cumsum(seen) - 1)[key], np.flatnonzero(seen)
    distinct, cell = np.unique(key, return_inverse=True)
    return cell, distinct


def _with_items(plain: Cells, score: Floats, cell: Ints, item: Codes, v: Floats) -> Cells:
    """Add items: each rating gets its item's weight, scaled so that a cell's weight equals its visits."""
    K, C, R = v.size, plain.rater.size, plain.weight.size
    key = cell * K + item
    count = np.bincount(key, minlength=C * K).reshape(C, K)
    visits = count.max(axis=1).astype(np.float64)
    scale = visits / (count @ v)
    balanced = bool((count == count[:, :1]).all())
    weighted = v[item] * score
    total = np.bincount(cell, weighted, minlength=C) * scale
    by_item = np.bincount(plain.rater[cell] * K + item, weighted * scale[cell], R * K)
    return replace(
        plain,
        n=visits,
        total=total,
        item_n=None if balanced else count * v * scale[:, None],
        item_total=np.asarray(by_item, dtype=np.float64)[: R * K].reshape(R, K),
        item_weights=v,
        item_score=_item_scores(score, key, count),
    )


def _item_scores(score: Floats, key: Ints, count: Ints) -> NDArray[np.floating[Any]]:
    """Mean score per cell and item, (C, K); in single precision (half the memory) where that is exact."""
    mean = np.full(count.shape, np.nan)
    np.divide(np.bincount(key, score, count.size).reshape(count.shape), count, out=mean, where=count > 0)
    single = mean.astype(np.float32)
    return single if bool(((single == mean) | (count == 0)).all()) else mean
