"""Differences of all pairs of departments, stored as columns and readable as a sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from analysis.answers.frames import Library, framed, pair_columns
from analysis.values.frozen import freeze, same

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairResult:
    """Difference a − b of the adjusted scores of two departments; a is ranked before b.

    ci: simultaneous over all pairs and averages; it excludes 0 exactly when the pair is significant.
    p_adjusted: the larger of p_additive and p_latent (both simultaneous); a pair is significant exactly when
    p_adjusted <= 1 - level.

    >>> from analysis import Ratings, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> pair = rank(ratings, draws=1000).pairs[0]
    >>> pair.a, pair.b, round(pair.difference, 2), pair.significant
    ('A', 'B', 0.67, False)
    """

    a: str
    b: str
    difference: float
    se: float
    se_cr0: float
    df: float
    p_adjusted: float
    p_additive: float
    p_latent: float
    ci: tuple[float, float]
    significant: bool


@dataclass(frozen=True, eq=False, repr=False)
class Pairs(Sequence[PairResult]):
    """All pairs within components as columns of length P; a and b are positions in ``names``.

    >>> from analysis import Ratings, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> rank(ratings, draws=1000).pairs
    Pairs of 3 departments: 2 of 3 differ
    """

    names: tuple[str, ...]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    difference: Floats
    se: Floats
    se_cr0: Floats
    df: Floats
    p_adjusted: Floats
    p_additive: Floats
    p_latent: Floats
    lower: Floats
    upper: Floats
    significant: NDArray[np.bool_]

    def __post_init__(self) -> None:
        freeze(self)

    def __len__(self) -> int:
        return int(self.a.size)

    def __eq__(self, other: object) -> bool:
        return same(self, other) if isinstance(other, Pairs) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"Pairs of {len(self.names)} departments: {int(self.significant.sum())} of {len(self)} differ"

    def to_frame(self, library: Library | None = None) -> Any:
        """Data frame with a row per pair, in pandas, polars or pyarrow as named, or the first installed."""
        return framed(pair_columns(self), library)

    @overload
    def __getitem__(self, index: int) -> PairResult: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PairResult, ...]: ...
    def __getitem__(self, index: int | slice) -> PairResult | tuple[PairResult, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        return PairResult(
            a=self.names[self.a[index]],
            b=self.names[self.b[index]],
            difference=float(self.difference[index]),
            se=float(self.se[index]),
            se_cr0=float(self.se_cr0[index]),
            df=float(self.df[index]),
            p_adjusted=float(self.p_adjusted[index]),
            p_additive=float(self.p_additive[index]),
            p_latent=float(self.p_latent[index]),
            ci=(float(self.lower[index]), float(self.upper[index])),
            significant=bool(self.significant[index]),
        )

    def __iter__(self) -> Iterator[PairResult]:
        return (self[i] for i in range(len(self)))

    def part(self, rows: slice) -> Pairs:
        """Pairs in the slice `rows`."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "names"}
        return Pairs(self.names, **columns)
