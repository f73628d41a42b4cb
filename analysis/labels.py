"""Labels of any kind turned into codes 0 … L-1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError

Codes = NDArray[np.int32]

_AT_ONCE = 1 << 22


def factorise(labels: ArrayLike | Sequence[Any], column: str) -> tuple[Codes, tuple[str, ...]]:
    """Codes (N,) and the distinct labels as text; integers in numeric order, others in order of appearance.

    Raises InputError for an empty or missing label, with its row.
    """
    array = labels if isinstance(labels, np.ndarray) else _as_array(labels)
    if array.ndim != 1:
        raise InputError(f"{column} 必须是一列。", f"{column} must be one-dimensional.", column=column)
    if array.dtype.kind in "iub":
        return _factorise_integers(array)
    return _factorise_objects(array.tolist(), column)


def _as_array(labels: ArrayLike | Sequence[Any]) -> NDArray[Any]:
    values = list(labels) if not hasattr(labels, "__array__") else labels  # type: ignore[arg-type]
    if isinstance(values, list) and not all(type(value) is int for value in values):
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    return np.asarray(values)


def _factorise_integers(array: NDArray[Any]) -> tuple[Codes, tuple[str, ...]]:
    if not array.size:
        return np.empty(0, np.int32), ()
    low, high = int(array.min()), int(array.max())
    if high - low < 4 * array.size + 1_000:
        seen = np.zeros(high - low + 1, dtype=bool)
        codes = np.empty(array.size, dtype=np.int32)
        parts = [slice(i, i + _AT_ONCE) for i in range(0, array.size, _AT_ONCE)]
        for part in parts:
            seen[array[part].astype(np.int64) - low] = True
        lookup = (np.cumsum(seen) - 1).astype(np.int32)
        for part in parts:
            codes[part] = lookup[array[part].astype(np.int64) - low]
        return codes, tuple(str(value) for value in (np.flatnonzero(seen) + low).tolist())
    distinct, inverse = np.unique(array, return_inverse=True)
    return inverse.astype(np.int32), tuple(str(value) for value in distinct.tolist())


def _factorise_objects(values: list[Any], column: str) -> tuple[Codes, tuple[str, ...]]:
    index: dict[Any, int] = {}
    codes = np.fromiter(
        (index.setdefault(value, len(index)) for value in values), dtype=np.int32, count=len(values)
    )
    for value, code in index.items():
        is_nan = value != value
        if value is None or is_nan or not str(value).strip():
            row = int(np.argmax(codes == code)) + 1
            raise InputError(
                f"第 {row} 行的 {column} 为空，请填写或删除该行。",
                f"Row {row}: {column} is empty. Fill it in or delete the row.",
                row=row,
                column=column,
            )
    return codes, tuple(str(value) for value in index)
