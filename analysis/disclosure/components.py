"""Connected sets of published statements as linear programs, with known solutions (witnesses).

Witnesses, counts that satisfy all statements, show without solving another linear program how far apart the
values of a target can lie, or that the bounds of a single cell are attained.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from analysis.errors import InputError
from analysis.explain import listed

if TYPE_CHECKING:
    from analysis.disclosure.attacker import Statement

Floats = NDArray[np.float64]
_TOLERANCE = 1e-7  # that of HiGHS
_ATTAINED = 1e-9
_SPREAD = 8


class Component:
    """Linear program of J cells and the I published statements about them, connected to nothing else.

    found: solutions of earlier components (cell → value); those that satisfy this one are kept.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        cells: Sequence[Hashable],
        used: Sequence[int],
        found: Iterable[Mapping[Hashable, float]] = (),
    ) -> None:
        self.place = {cell: j for j, cell in enumerate(cells)}
        self._labels = [statements[i].label for i in used[:5]]
        self._exact = [i for i in used if statements[i].rounding == 0]
        self._rounded = [i for i in used if statements[i].rounding > 0]
        self._A, self._b = self._rows(statements, self._exact)
        self._U, self._u = self._rows(statements, self._rounded)
        self._slack = np.array([statements[i].rounding for i in self._rounded])
        self._witnesses: list[Floats] = []
        for values in found:
            self.witness(values)

    def _rows(self, statements: Sequence[Statement], which: list[int]) -> tuple[sparse.csr_array, Floats]:
        entries = [
            (row, self.place[cell], coefficient)
            for row, i in enumerate(which)
            for cell, coefficient in statements[i].terms.items()
        ]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(which), len(self.place))
        matrix = sparse.csr_array((np.array(values, dtype=float), (rows, columns)), shape=shape)
        return matrix, np.array([statements[i].value for i in which], dtype=float)

    def witness(self, values: Mapping[Hashable, float]) -> None:
        """Keep `values` (cell → count) as a witness if they cover every cell and satisfy every statement;
        otherwise ignore them."""
        if not values.keys() >= self.place.keys():
            return
        x = np.array([values[cell] for cell in self.place])
        exact, rounded = np.abs(self._A @ x - self._b), np.abs(self._U @ x - self._u) - self._slack
        if x.min() >= 0 and max(exact.max(initial=0), rounded.max(initial=0)) <= _TOLERANCE:
            self._witnesses.append(x)

    def spread(self) -> list[dict[Hashable, float]]:
        """Find and return witnesses far apart, by pushing each cell up or down at random; [] for small
        components."""
        if len(self.place) <= 2 * _SPREAD or len(self._witnesses) >= _SPREAD:
            return []
        weights = np.random.default_rng(0).uniform(0.5, 1, (_SPREAD // 2, len(self.place)))
        weights *= np.random.default_rng(1).choice([-1, 1], weights.shape)
        solved = (self._solve(w)[0] for half in weights for w in (half, -half))
        found = [dict(zip(self.place, x.tolist(), strict=True)) for x in solved if x is not None]
        for values in found:
            self.witness(values)
        return found

    def values(self, target: Mapping[Hashable, float]) -> Floats:
        """Values (W,) of the target (cell → coefficient) in each of the W witnesses kept."""
        weight = self._objective(target)
        return np.array([weight @ x for x in self._witnesses])

    def box(self, target: Mapping[Hashable, float]) -> tuple[float, float] | None:
        """Bounds of a target that is one cell, from the statements about it alone, if witnesses attain both;
        else None."""
        if list(target.values()) != [1.0]:
            return None
        low, high = self._told[:, self.place[next(iter(target))]].tolist()
        values = self.values(target)
        attained = values.size and values.min() <= low + _ATTAINED and values.max() >= high - _ATTAINED
        return (low, high) if attained else None

    @property
    def _told(self) -> Floats:
        """Bounds (2, J) of each cell from the statements about that cell alone; at least 0."""
        if not hasattr(self, "_bounds"):
            self._bounds = np.array([np.zeros(len(self.place)), np.full(len(self.place), np.inf)])
            for matrix, value, slack in ((self._A, self._b, 0 * self._b), (self._U, self._u, self._slack)):
                for row in np.flatnonzero(np.diff(matrix.indptr) == 1):
                    at = matrix.indptr[row]
                    j, ends = matrix.indices[at], (value[row] + np.array([-1, 1]) * slack[row])
                    low, high = np.sort(ends / matrix.data[at])
                    self._bounds[0, j] = max(self._bounds[0, j], low)
                    self._bounds[1, j] = min(self._bounds[1, j], high)
        return self._bounds

    def _objective(self, target: Mapping[Hashable, float]) -> Floats:
        objective = np.zeros(len(self.place))
        for cell, coefficient in target.items():
            objective[self.place[cell]] = coefficient
        return objective

    def least(self, target: Mapping[Hashable, float]) -> tuple[dict[Hashable, float] | None, list[int]]:
        """Counts (cell → value) that minimise the target, or None if it is unbounded, and the indices of the
        statements that prove it."""
        x, proof = self._solve(self._objective(target))
        return None if x is None else dict(zip(self.place, x.tolist(), strict=True)), proof

    def _solve(self, objective: Floats) -> tuple[Floats | None, list[int]]:
        some = bool(self._rounded)
        found = optimize.linprog(
            objective,
            A_ub=sparse.vstack([self._U, -self._U]) if some else None,
            b_ub=np.r_[self._u + self._slack, self._slack - self._u] if some else None,
            A_eq=self._A if self._exact else None,
            b_eq=self._b if self._exact else None,
            method="highs",
        )
        if found.status == 3:
            return None, []
        if found.status != 0:
            raise InputError(
                f"公布的数互相矛盾，无法检验：{listed(self._labels, 'zh')} 等。请核对各表的合计。",
                f"Published numbers contradict each other, around {listed(self._labels, 'en')}; "
                "check the totals.",
                column="statements",
            )
        proof = [i for i, y in zip(self._exact, found.eqlin.marginals, strict=True) if abs(y) > 1e-9]
        doubled = zip([*self._rounded] * 2, found.ineqlin.marginals, strict=True) if some else ()
        return found.x, proof + [i for i, y in doubled if abs(y) > 1e-9]
