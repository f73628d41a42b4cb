"""Adjusted p-values for several tests that are not a max-t family, as R's p.adjust."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import numbers
from analysis.errors import InputError

Floats = NDArray[np.float64]
Method = Literal["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]


def p_adjust(p: ArrayLike, method: Method) -> Floats:
    """(n,) p-values adjusted by Bonferroni, Holm (1979), Hochberg (1988), Hommel (1988),
    Benjamini & Hochberg (1995) or Benjamini & Yekutieli (2001). Raises InputError outside [0, 1]."""
    values = numbers(p, "p")
    if ((values < 0) | (values > 1)).any():
        raise InputError("p 值应在 0 与 1 之间。", "p-values must lie in [0, 1].", column="p")
    n = values.size
    if method == "bonferroni":
        return np.minimum(1, n * values)
    order = np.argsort(values, kind="stable")
    result = np.empty(n)
    result[order] = _sorted(values[order], method)
    return result


def _sorted(p: Floats, method: Method) -> Floats:
    """Adjusted p of ascending p."""
    n = p.size
    rank = np.arange(1, n + 1)
    if method == "hommel":
        return _hommel(p)
    if method == "holm":
        return np.minimum(1, np.maximum.accumulate((n + 1 - rank) * p))
    factors: dict[str, NDArray[np.floating]] = {
        "hochberg": (n + 1.0) - rank,
        "BH": n / rank,
        "BY": n / rank * (1 / rank).sum(),
    }
    if method not in factors:
        raise InputError(f"没有校正方法 {method}。", f"There is no method {method}.", column="method")
    return np.asarray(np.minimum(1, np.minimum.accumulate((factors[method] * p)[::-1])[::-1]))


def _hommel(p: Floats) -> Floats:
    """Closed testing with Simes: p_i is the largest, over sizes m, of the least Simes bound."""
    n = p.size
    adjusted = p.copy()
    for m in range(n, 1, -1):
        tail = p[n - m + 1 :]
        c = float((m * tail / np.arange(2, m + 1)).min())
        bound = np.where(np.arange(n) >= n - m + 1, c, np.minimum(c, m * p))
        adjusted = np.maximum(adjusted, bound)
    return np.minimum(1, adjusted)
