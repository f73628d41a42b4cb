"""Adjusted p-values for several tests that are not a max-t family, as R's p.adjust."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.values.arguments import checked, choice
from analysis.values.arrays import vector

Floats = NDArray[np.float64]
Method = Literal["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]


@checked(p=vector(low=0, high=1), method=choice("bonferroni", "holm", "hochberg", "hommel", "BH", "BY"))
def p_adjust(p: ArrayLike, method: Method) -> Floats:
    """Adjusted p-values (n,) by Bonferroni, Holm (1979), Hochberg (1988), Hommel (1988), Benjamini & Hochberg
    (1995) or Benjamini & Yekutieli (2001). Raises InputError for values outside [0, 1].

    >>> from analysis import p_adjust
    >>> p_adjust([0.01, 0.02, 0.03], "holm").tolist()
    [0.03, 0.04, 0.04]
    """
    values: Floats = np.asarray(p)
    n = values.size
    if method == "bonferroni":
        return np.asarray(np.minimum(1, n * values))
    order = np.argsort(values, kind="stable")
    result = np.empty(n)
    result[order] = _sorted(values[order], method)
    return result


def _sorted(p: Floats, method: Method) -> Floats:
    """Adjusted p-values of p-values in ascending order."""
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
    return np.asarray(np.minimum(1, np.minimum.accumulate((factors[method] * p)[::-1])[::-1]))


def _hommel(p: Floats) -> Floats:
    """Hommel's adjusted p-values of ascending p: closed testing with Simes' bound over all sizes m."""
    n = p.size
    adjusted = p.copy()
    for m in range(n, 1, -1):
        tail = p[n - m + 1 :]
        c = float((m * tail / np.arange(2, m + 1)).min())
        bound = np.where(np.arange(n) >= n - m + 1, c, np.minimum(c, m * p))
        adjusted = np.maximum(adjusted, bound)
    return np.minimum(1, adjusted)
