"""Factorising of labels (names, numbers) into integer codes 0 … L − 1, with checks."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.signs import without_invisible
from analysis.errors import InputError
from analysis.values.arguments import refusal, several, shown

Codes = NDArray[np.int32]

_AT_ONCE = 1 << 22


class Coded(Sequence[str]):
    """Column of labels as integer codes (N,) and the names they stand for, as columnar readers give it."""

    def __init__(self, codes: Codes, names: tuple[str, ...]) -> None:
        self.codes, self.names = codes, names

    def __len__(self) -> int:
        return int(self.codes.size)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self.names[code] for code in self.codes[index].tolist()]
        return self.names[int(self.codes[index])]


def factorise(labels: ArrayLike | Sequence[Any], column: str) -> tuple[Codes, tuple[str, ...]]:
    """Integer codes (N,) of labels and their distinct texts: integers in numeric order, others in order of
    appearance.

    Raises InputError for an empty or missing label, with its row, and for two labels of one text: 1 and "1",
    or names that differ only by signs that nobody sees.
    """
    if isinstance(labels, Coded):
        if _distinct_at_once(labels.names):
            return labels.codes, labels.names
        again, names = _factorise_objects(list(labels.names), column)
        return again[labels.codes], names
    array = labels if isinstance(labels, np.ndarray) else _as_array(labels, column)
    if array.ndim != 1:
        raise InputError(f"{column} 必须是一列。", f"{column} must be one-dimensional.", column=column)
    if isinstance(array, np.ma.MaskedArray):
        if np.ma.getmaskarray(array).any():
            raise _empty(int(np.argmax(np.ma.getmaskarray(array))) + 1, column)
        array = np.asarray(array)
    if array.dtype.kind in "iu":
        return _factorise_integers(array)
    if array.dtype.kind not in "bfOUST":
        raise refusal(column, f"标签不能是 {array.dtype}。", f"labels cannot be {array.dtype}.")
    return _factorise_objects(array.tolist(), column)


def labelled(name: str, value: Any) -> Codes:
    """Check an argument that holds labels and return their codes (n,); InputError where it is empty."""
    codes, _ = factorise(value, name)
    if not codes.size:
        raise refusal(name, "是空的。", "is empty.")
    return codes


def category_labels(name: str, value: Any) -> tuple[Any, ...]:
    """Check that all labels are hashable and return them, None for a missing one."""
    if isinstance(value, list | tuple) and set(map(type, value)) <= {str, type(None)}:
        return tuple(value)
    labels: tuple[Any, ...] = several(_label, 0)(name, value)
    return labels


def _label(name: str, value: Any) -> Any:
    if not isinstance(value, Hashable) or value is np.ma.masked:
        raise refusal(name, "标签应是文字或数字。", "labels must be texts or numbers.")
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def as_text(label: Any) -> str:
    """Text of a label as it is shown; a whole float as spreadsheets store it, 3.0, becomes "3"."""
    if isinstance(label, float) and label.is_integer() and abs(label) < 2**53:
        return str(int(label))
    return str(label)


def by_text(values: Mapping[Any, Any], name: str) -> dict[str, Any]:
    """Mapping keyed by the text of its keys; InputError where two keys have the same text."""
    if not isinstance(values, Mapping):
        raise refusal(name, f"应是对照表，得到 {shown(values)}。", f"needs a mapping, not {shown(values)}.")
    found = {as_text(key): value for key, value in values.items()}
    if len(found) < len(values):
        raise _same_text(values, name)
    return found


def _as_array(labels: Any, column: str) -> NDArray[Any]:
    if isinstance(labels, str | bytes | Mapping | set | frozenset) or not hasattr(labels, "__iter__"):
        raise refusal(
            column,
            f"应是一列标签，得到 {shown(labels)}。",
            f"needs a column of labels, not {shown(labels)}.",
        )
    values: Any = labels if hasattr(labels, "__array__") else list(labels)
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
    kinds = set(map(type, values))
    if bool in kinds and kinds & {int, float}:
        raise refusal(column, "标签里混有真假值与数字。", "labels mix truth values and numbers.")
    index: dict[Any, int] = {}
    try:
        codes = np.fromiter(
            (index.setdefault(value, len(index)) for value in values), dtype=np.int32, count=len(values)
        )
    except TypeError:
        raise refusal(column, "标签应是文字或数字。", "labels must be texts or numbers.") from None
    if not kinds <= {str, int, bool}:
        for value, code in index.items():
            if _missing(value):
                raise _empty(int(np.argmax(codes == code)) + 1, column)
            if value in (math.inf, -math.inf) or isinstance(
                value, complex | bytes | tuple | frozenset | np.datetime64 | np.timedelta64
            ):
                raise refusal(column, f"标签不能是 {shown(value)}。", f"labels cannot be {shown(value)}.")
    names = tuple(map(as_text, index))
    for code, name in enumerate(names):
        if not name.strip():
            raise _empty(int(np.argmax(codes == code)) + 1, column)
    if len(set(names)) < len(names) or len(set(map(_visible, names))) < len(names):
        raise _same_text(index, column)
    return codes, names


def _distinct_at_once(names: Sequence[str]) -> bool:
    """Whether a quick check proves that names are distinct, not blank and without invisible signs (ASCII
    only).

    It saves the slow check for the names of a million raters.
    """
    return "".join(names).isascii() and len({name.strip() for name in names} - {""}) == len(names)


def _missing(label: Any) -> bool:
    if label is None or label is np.ma.masked or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return bool(label != label)


def _empty(row: int, column: str) -> InputError:
    return InputError(
        f"第 {row} 行的 {column} 为空，请填写或删除该行。",
        f"Row {row}: {column} is empty. Fill it in or delete the row.",
        row=row,
        column=column,
    )


def _visible(name: str) -> str:
    """Name reduced to what a reader sees: composed (NFC), without invisible signs and outer space."""
    return name.strip() if name.isascii() else without_invisible(name).strip()


def _same_text(labels: Iterable[Any], column: str) -> InputError:
    first: dict[str, Any] = {}
    for label in labels:
        other = first.setdefault(_visible(as_text(label)), label)
        if other is not label:
            return refusal(
                column,
                f"{other!r} 与 {label!r} 是两个标签，看上去却是同一个名称；请统一写法。",
                f"{other!r} and {label!r} are two labels of one name; write them alike.",
                name=as_text(label),
            )
    raise AssertionError("no two labels are alike")
