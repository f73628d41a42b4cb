"""Decomposition of R² into shares of several correlated items: LMG and Johnson's relative weights.

Sources: Lindeman, Merenda & Gold (1980) and Grömping (2006) for LMG, the average over all orderings of the
increase in R², equal to Shapley's value; Johnson (2000) for relative weights, its near equal without the
orderings. Agree with R's `relaimpo::calc.relimp(type = "lmg")` and `rwa::rwa`.
"""

from math import comb
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError
from analysis.values.arrays import as_floats

Floats = NDArray[np.float64]

MOST_ITEMS = 12
"""Most items for LMG, which visits 2^p subsets of p items."""


def lmg(correlations: ArrayLike, with_outcome: ArrayLike) -> Floats:
    """LMG shares of R², (…, p), from correlations (…, p, p) among items and (…, p) with the outcome.

    The shares add up to R². Raises InputError for more than 12 items.

    >>> from analysis import lmg
    >>> lmg([[1, 0], [0, 1]], [0.6, 0.3]).round(2).tolist()
    [0.36, 0.09]
    """
    R, r = _checked(correlations, with_outcome)
    p = r.shape[-1]
    if p > MOST_ITEMS:
        raise InputError(
            f"指标超过 {MOST_ITEMS} 个时请用 Johnson 相对权重。",
            f"With more than {MOST_ITEMS} items use Johnson's relative weights.",
            column="correlations",
        )
    explained = np.zeros((2**p, *r.shape[:-1]))
    for subset in range(1, 2**p):
        chosen = [i for i in range(p) if subset >> i & 1]
        inner = R[..., chosen, :][..., :, chosen]
        part = r[..., chosen]
        explained[subset] = (np.linalg.solve(inner, part[..., None])[..., 0] * part).sum(axis=-1)
    shares = np.zeros(r.shape)
    for i in range(p):
        for subset in range(2**p):
            if not subset >> i & 1:
                gain = explained[subset | 1 << i] - explained[subset]
                shares[..., i] += gain / (p * comb(p - 1, subset.bit_count()))
    return shares


def johnson(correlations: ArrayLike, with_outcome: ArrayLike) -> Floats:
    """Johnson's (2000) relative weights, (…, p): ε = Λ² β², Λ = R^½, β = Λ⁻¹ r; they add up to R².

    >>> from analysis import johnson
    >>> johnson([[1, 0], [0, 1]], [0.6, 0.3]).round(2).tolist()
    [0.36, 0.09]
    """
    R, r = _checked(correlations, with_outcome)
    values, vectors = np.linalg.eigh(R)
    root = (vectors * np.sqrt(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    beta = np.linalg.solve(root, r[..., None])[..., 0]
    return cast(Floats, ((root**2) @ (beta**2)[..., None])[..., 0])


def _checked(correlations: ArrayLike, with_outcome: ArrayLike) -> tuple[Floats, Floats]:
    R, r = as_floats("correlations", correlations), as_floats("with_outcome", with_outcome)
    if not r.size or not r.ndim or R.shape != (*r.shape, r.shape[-1]):
        raise InputError(
            "指标间的相关矩阵与指标数不符。",
            "The correlation matrix does not fit the number of items.",
            column="correlations" if r.size and r.ndim else "with_outcome",
        )
    unit = np.abs(np.diagonal(R, axis1=-2, axis2=-1) - 1) < 1e-8
    if not unit.all() or (np.abs(R - np.swapaxes(R, -1, -2)) > 1e-8).any():
        raise InputError(
            "这不是相关矩阵（对称，对角线为 1）。",
            "This is no correlation matrix (symmetric, ones on the diagonal).",
            column="correlations",
        )
    if np.linalg.eigvalsh(R).min() < 1e-10:
        raise InputError(
            "指标之间有完全重复的信息，分不清各自的作用；请去掉重复的指标。",
            "Some items repeat others exactly, so their shares cannot be told apart; leave one out.",
            column="correlations",
        )
    if (np.einsum("...i,...i->...", r, np.linalg.solve(R, r[..., None])[..., 0]) > 1 + 1e-6).any():
        raise InputError(
            "与结果的相关和指标间的相关不相容（R² 大于 1）。",
            "These correlations with the outcome are impossible beside those among items (R² over 1).",
            column="with_outcome",
        )
    return R, r
