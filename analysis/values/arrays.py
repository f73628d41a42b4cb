"""Rules for arguments that are arrays of numbers or truth values.

numpy silently converts masked values, dates and truth values into numbers; here each is refused by name and
row. Gaps are NaN, None or masked where a table may have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.values.arguments import LARGEST, MOST_DEPARTMENTS, Rule, refusal, shown

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_CELLS = 500_000_000
_RESOLUTION = 1e-10


def as_floats(name: str, value: Any, *, gaps: bool = False, infinite: bool = False) -> Floats:
    """Array of doubles; NaN only if gaps are allowed, inf only if `infinite`; InputError names argument and
    row."""
    if value is None or isinstance(value, str | bytes | Mapping | set | frozenset):
        raise refusal(name, f"应是数组，得到 {shown(value)}。", f"needs an array, not {shown(value)}.")
    mask = np.ma.getmaskarray(value) if isinstance(value, np.ma.MaskedArray) else None
    try:
        array = np.asarray(value if mask is None else value.data)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise refusal(name, "不是整齐的数组。", "is no rectangular array.") from error
    numbers = _converted(name, array)
    if mask is not None and mask.any():
        numbers = np.where(mask, np.nan, numbers)
    return _finite(name, numbers, gaps=gaps, infinite=infinite)


def _converted(name: str, array: NDArray[Any]) -> Floats:
    if array.dtype == np.float64:
        return array
    if array.dtype.kind in "fiu":
        with np.errstate(over="ignore"):
            return array.astype(np.float64)
    if array.dtype.kind not in "OU" or array.ndim == 0:
        raise _no_number(name, array.ravel()[0] if array.size else array.dtype, 1)
    flat = array.ravel()
    numbers = [_number(cell) for cell in flat]
    if None in numbers:
        wrong = numbers.index(None)
        raise _no_number(name, flat[wrong], _row(wrong, array.shape))
    return np.array(numbers, dtype=np.float64).reshape(array.shape)


def _number(cell: Any) -> float | None:
    """Number in a cell of an object column: NaN for a missing value, None for what is no number."""
    if cell is None or type(cell).__name__ in ("NAType", "MaskedConstant"):
        return float("nan")
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, Real | Decimal | str):
        return None
    try:
        return None if isinstance(cell, str) and "_" in cell else float(cell)
    except OverflowError:
        return float("inf")
    except ValueError:
        return None


def _no_number(name: str, cell: Any, row: int) -> InputError:
    return InputError(
        f"第 {row} 行的 {name} 不是数字（{shown(cell)}）。",
        f"Row {row}: {name} is not a number ({shown(cell)}).",
        row=row,
        column=name,
    )


def _row(flat: int, shape: tuple[int, ...]) -> int:
    return int(np.unravel_index(flat, shape)[0]) + 1 if shape else 1


def _finite(name: str, numbers: Floats, *, gaps: bool, infinite: bool) -> Floats:
    if not numbers.size:
        return numbers
    low, high = float(np.fmin.reduce(numbers, axis=None)), float(np.fmax.reduce(numbers, axis=None))
    if low >= -LARGEST and high <= LARGEST and (gaps or not np.isnan(numbers).any()):
        return numbers
    missing = np.isnan(numbers)
    huge = np.abs(np.where(missing, 0.0, numbers)) > LARGEST
    huge &= ~(infinite & (numbers == np.inf))
    bad = huge if gaps else huge | missing
    if not bad.any():
        return numbers
    at = int(np.argmax(bad))
    row = _row(at, numbers.shape)
    if huge.ravel()[at]:
        infinite = np.isinf(numbers.ravel()[at])
        zh = "是无穷大" if infinite else f"太大（绝对值超过 {LARGEST:g}）"
        en = "is infinite" if infinite else f"is too large (over {LARGEST:g})"
    else:
        zh, en = (
            "缺失或不是有限的数；不了解请删除该行",
            "is missing or infinite. Delete rows without a rating",
        )
    raise InputError(f"第 {row} 行的 {name} {zh}。", f"Row {row}: {name} {en}.", row=row, column=name)


def resolved(name: str, scores: Floats) -> Floats:
    """Return the scores if double precision can resolve their differences; InputError e.g. for 1e15 + 1 and
    1e15 + 2."""
    if not scores.size or np.isnan(scores).all():
        return scores
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    size = max(abs(low), abs(high))
    if low < high and (high - low < _RESOLUTION * size or high - low < 1 / LARGEST):
        raise refusal(
            name,
            "数值之间的差距相对于数值本身太小，双精度算不准；请减去一个共同的常数或换个单位。",
            "its values differ too little for their size; subtract a constant or rescale.",
        )
    return scores


def vector(least: int = 1, *, low: float = -LARGEST, high: float = LARGEST, above: bool = False) -> Rule:
    """Rule: (n,) finite numbers between low and high, n at least ``least``; ``above`` excludes low itself."""

    def rule(name: str, value: Any) -> Floats:
        array = as_floats(name, value)
        if array.ndim != 1:
            raise refusal(name, "必须是一列。", "must be one-dimensional.")
        if array.size < least:
            raise refusal(name, f"至少要有 {least} 个数。", f"needs at least {least} numbers.")
        _between(name, array, low, high, above)
        return array

    return rule


def _between(name: str, array: Floats, low: float, high: float, above: bool) -> None:
    bad = (array <= low) if above else (array < low)
    bad |= array > high
    if bad.any():
        at = int(np.argmax(bad))
        zh, en = ("大于", "above") if above else ("不小于", "at least")
        raise refusal(
            name,
            f"第 {at + 1} 个是 {array.ravel()[at]:g}，应{zh} {low:g}、不大于 {high:g}。",
            f"number {at + 1} is {array.ravel()[at]:g}; it must be {en} {low:g} and at most {high:g}.",
            row=_row(at, array.shape),
        )


def table(rows: int = 1, columns: int = 1, *, gaps: bool = True) -> Rule:
    """Rule: (n, k) numbers with at least so many rows and columns; NaN allowed if ``gaps``."""

    def rule(name: str, value: Any) -> Floats:
        array = as_floats(name, value, gaps=gaps)
        if array.ndim != 2:
            raise refusal(
                name,
                f"需要二维表（一行一人，一列一个指标），得到 {array.ndim} 维。",
                f"needs a table (a row per respondent, a column per item), not {array.ndim} dimensions.",
            )
        if array.shape[0] < rows or array.shape[1] < columns:
            raise refusal(
                name,
                f"至少要有 {rows} 行 {columns} 列。",
                f"needs at least {rows} rows and {columns} columns.",
            )
        return resolved(name, array)

    return rule


def square(name: str, value: Any) -> Floats:
    """Rule: (n, n) finite numbers, n >= 1."""
    array = as_floats(name, value)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise refusal(name, "须为方阵。", "must be a square matrix.")
    if len(array) > MOST_DEPARTMENTS:
        raise refusal(name, f"最多 {MOST_DEPARTMENTS} 行。", f"has over {MOST_DEPARTMENTS} rows.")
    return array


def symmetric(name: str, value: Any) -> Floats:
    """Rule: (n, n) finite numbers, symmetric and positive semi-definite."""
    array = square(name, value)
    size = float(np.abs(array).max())
    if (np.abs(array - array.T) > 1e-8 * size).any():
        raise refusal(name, "须为对称矩阵。", "must be symmetric.")
    if np.linalg.eigvalsh(array)[0] < -1e-8 * max(float(np.trace(array)), 0.0) - 1e-300:
        raise refusal(name, "不是半正定的。", "is not positive semi-definite.")
    return array


def booleans(ndim: int, *, square: bool = False) -> Rule:
    """Rule: an array of truth values with `ndim` dimensions; 0 and 1 count as such, other numbers do not."""

    def rule(name: str, value: Any) -> Bools:
        if value is None or isinstance(value, str | bytes | Mapping | np.ma.MaskedArray):
            raise refusal(
                name, f"应是真假数组，得到 {shown(value)}。", f"needs truth values, not {shown(value)}."
            )
        try:
            array = np.asarray(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise refusal(name, "不是整齐的数组。", "is no rectangular array.") from error
        if array.ndim != ndim or (square and array.shape[0] != array.shape[-1]) or not array.size:
            raise refusal(name, f"应是 {ndim} 维的真假数组。", f"needs truth values in {ndim} dimension(s).")
        plain = array.dtype.kind in "biuf" or all(isinstance(cell, bool | np.bool_) for cell in array.ravel())
        if not plain or (array.dtype.kind in "iuf" and not np.isin(array, (0, 1)).all()):
            raise refusal(name, "只能是真或假（1 或 0）。", "must be true or false (1 or 0) throughout.")
        return array.astype(bool)

    return rule


def codes(name: str, value: Any) -> NDArray[np.intp]:
    """Rule: (n,) whole numbers from 0 on."""
    array: Floats = vector()(name, value)
    if (array != np.floor(array)).any() or array.min() < 0 or array.max() > 2**31:
        raise refusal(name, "应是从 0 起的整数。", "needs whole numbers from 0 on.")
    return array.astype(np.intp)


def chosen(name: str, value: Any, n: int) -> Bools:
    """Mask (n,) of members chosen by a mask or by codes 0 … n − 1; InputError for anything else."""
    if np.size(value) and np.asarray(value).dtype.kind == "b":
        mask: Bools = booleans(1)(name, value)
        if mask.size != n:
            raise refusal(name, f"应有 {n} 个真假值。", f"needs {n} truth values.")
        return mask
    mask = np.zeros(n, dtype=bool)
    if np.size(value):
        picked = codes(name, value)
        if picked.max() >= n:
            raise refusal(
                name, f"编号 {picked.max()} 不在 0 至 {n - 1} 之间。", f"{picked.max()} is no code below {n}."
            )
        mask[picked] = True
    return mask


def scale_ends(name: str, value: Any) -> tuple[float, float]:
    """Rule: the worst and the best score of a scale, in this order."""
    ends = vector()(name, value).tolist()
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise refusal(name, "应是最低分与最高分。", "needs the worst and the best score.")
    return ends[0], ends[1]
