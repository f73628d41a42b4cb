"""Blocks of raters who rated equally many departments, over which every pass through the cells goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.model.cells import Cells

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Block:
    """G raters who each rated m departments; arrays (G, m), item_n and item_score (mean by item, NaN for
    gaps) (G, m, K) or None. They show parts of larger arrays, and nobody writes to them.

    item_total: (G, K) or None; item_weights: (K,) or None.
    """

    rater: Ints
    weight: Floats
    department: Ints
    n: Floats
    total: Floats
    item_n: Floats | None
    item_total: Floats | None
    item_score: NDArray[np.floating[Any]] | None
    item_weights: Floats | None

    def by_item(self) -> Iterator[tuple[float, Floats]]:
        """Yield weight and scores (G, m) of each item, NaN for gaps; without items 1 and the cell means."""
        scores, weights = self.item_score, self.item_weights
        if scores is None or weights is None:
            yield 1.0, self.total / self.n
            return
        for i, v in enumerate(weights.tolist()):
            yield v, scores[:, :, i].astype(np.float64)


def blocks(cells: Cells, elements: Callable[[int], int], limit: int = 1 << 18) -> Iterator[Block]:
    """Yield blocks of at most ``limit`` / ``elements(m)`` raters who rated m >= 1 departments each."""
    order, arranged = cells.by_size
    sizes = arranged.size
    for m in np.unique(sizes[sizes > 0]).tolist():
        low, high = np.searchsorted(sizes, [m, m + 1])
        step = max(1, limit // max(1, elements(m)))
        for i in range(int(low), int(high), step):
            yield _block(order, arranged, slice(i, min(i + step, int(high))), m)


def _block(order: Ints, arranged: Cells, raters: slice, m: int) -> Block:
    rater = order[raters]
    first = int(arranged.start[raters.start])
    at = slice(first, first + rater.size * m)

    def of_cells(values: NDArray[Any]) -> NDArray[Any]:
        return values[at].reshape(rater.size, m, *values.shape[1:])

    return Block(
        rater=rater,
        weight=arranged.weight[raters],
        department=of_cells(arranged.department),
        n=of_cells(arranged.n),
        total=of_cells(arranged.total),
        item_n=None if arranged.item_n is None else of_cells(arranged.item_n),
        item_total=None if arranged.item_total is None else arranged.item_total[raters],
        item_score=None if arranged.item_score is None else of_cells(arranged.item_score),
        item_weights=arranged.item_weights,
    )
