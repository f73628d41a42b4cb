"""Cells of more raters than memory holds, in parts: what a pass computes of each part is added up.

Every pass of a ranking is a sum, or an extreme, over independent units. A part holds whole units, so that a
function of the cells of one part gives that part's term; parts are read, used and forgotten one by one, by
whatever `Run` offers: this process, others, other machines. Nothing of a part but its term comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from analysis.model.cells import Cells
from analysis.threads import blas_threads

Floats = NDArray[np.float64]
Read = Callable[[], Cells]
Run = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Results of a function of each of several arguments, in their order; all of it must be picklable."""
T = TypeVar("T", bound=tuple[Any, ...])


@dataclass(frozen=True, eq=False)
class Parts:
    """Cells in parts, each with whole units; n_units: independent units of all parts; n_items: 0 unless some
    cell lacks an item; clustered: whether some unit has several raters; steps: what becomes of the cells of a
    part that was read."""

    reads: tuple[Read, ...]
    run: Run
    n_raters: int
    n_units: int
    n_departments: int
    n_items: int = 0
    item_weights: Floats | None = None
    clustered: bool = False
    steps: tuple[Callable[[Cells], Cells], ...] = ()

    @property
    def n_parameters(self) -> int:
        return self.n_departments + self.n_items

    def only(self, keep: NDArray[np.bool_]) -> Parts:
        """Cells of the departments in mask (D,), departments coded anew; all raters stay."""
        if keep.all():
            return self
        return replace(self.changed(partial(Cells.only, keep=keep)), n_departments=int(keep.sum()))

    def changed(self, step: Callable[[Cells], Cells]) -> Parts:
        """The same parts, of whose cells `step` makes others."""
        return replace(self, steps=(*self.steps, step))

    def terms(self, function: Callable[..., T], *given: Any) -> Iterable[T]:
        """Value of function(cells, *given) for each part in turn."""
        return self.run(partial(_of_part, function, self.steps, given), self.reads)

    def raters_per_department(self) -> NDArray[np.intp]:
        return summed(self, _raters)[0]

    def mean_per_department(self) -> Floats:
        """Raw weighted mean of each department's ratings, (D,)."""
        n, total = summed(self, Cells.sums_per_department)
        return np.asarray(total / n)


def _of_part(
    function: Callable[..., T], steps: Sequence[Callable[[Cells], Cells]], given: tuple[Any, ...], read: Read
) -> T:
    cells = read()
    for step in steps:
        cells = step(cells)
    with blas_threads(cells.n_departments):
        return function(cells, *given)


def summed(cells: Cells | Parts, function: Callable[..., T], *given: Any, by: Sequence[np.ufunc] = ()) -> T:
    """What function(cells, *given) returns, a tuple of arrays or numbers: of parts, each member added up, or
    combined by its ufunc of `by`."""
    if isinstance(cells, Cells):
        return function(cells, *given)
    total: T | None = None
    for term in cells.terms(function, *given):
        ufuncs = by or (np.add,) * len(term)
        pairs = zip(ufuncs, total or term, term, strict=True)
        total = term if total is None else cast(T, tuple(join(a, b) for join, a, b in pairs))
    return cast(T, total)


def _raters(cells: Cells) -> tuple[NDArray[np.intp]]:
    return (cells.raters_per_department(),)
