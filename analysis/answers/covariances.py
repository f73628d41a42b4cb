"""Covariance and correlation of items from answers with gaps, with checks of their input."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError
from analysis.values.arrays import square, table

Matrix = NDArray[np.float64]


def answers(scores: ArrayLike) -> Matrix:
    """Answers as an (n, k) float matrix, NaN where unanswered. Raises InputError for any other shape."""
    X: Matrix = table()("scores", scores)
    return X


def item_covariance(scores: ArrayLike, *, pairwise: bool = False) -> tuple[Matrix, int]:
    """Covariance of items, (k, k), and the number of respondents used: those who answered all items, or,
    pairwise, any."""
    X = answers(scores)
    if X.shape[1] < 2:
        raise InputError("至少需要两个指标。", "At least two items are needed.", column="scores")
    if pairwise:
        X = X[~np.isnan(X).all(axis=1)]
        return pairwise_covariance(X), len(X)
    X = X[~np.isnan(X).any(axis=1)]
    _check_rows(len(X))
    return np.cov(X, rowvar=False), len(X)


def pairwise_covariance(X: Matrix) -> Matrix:
    """Covariance matrix (k, k) of answers with gaps: each entry from the rows that answered both items, about
    their means."""
    seen = (~np.isnan(X)).astype(float)
    n = seen.T @ seen
    _check_rows(int(n.min()))
    shift = np.nanmean(X, axis=0)
    filled = np.where(seen > 0, X - shift, 0.0)
    sums = filled.T @ seen
    return cast(Matrix, (filled.T @ filled - sums * sums.T / n) / (n - 1))


def to_correlation(covariance: ArrayLike) -> Matrix:
    """Correlation matrix (k, k) of a covariance matrix.

    Raises InputError unless it is square, symmetric and finite, of two or more items that all vary.
    """
    C = square("covariance", covariance)
    if len(C) < 2:
        raise InputError("至少要有两个指标。", "Two or more items are needed.", column="covariance")
    if (np.abs(C - C.T) > 1e-8 * np.abs(C).max()).any():
        raise InputError(
            "协方差矩阵须对称。", "The covariance matrix must be symmetric.", column="covariance"
        )
    constant = np.flatnonzero(np.diag(C) <= 0)
    if len(constant):
        raise InputError(
            f"第 {constant[0] + 1} 个指标人人给分相同，请先去掉它。",
            f"Item {constant[0] + 1} was scored alike by everybody; leave it out.",
            column="covariance",
        )
    scale = np.sqrt(np.diag(C))
    R = C / np.outer(scale, scale)
    if np.abs(R).max() > 1 + 1e-8 or R.sum() <= 1e-10 * len(R) or C.sum() <= 1e-10 * np.trace(C):
        raise InputError(
            "这不是协方差矩阵（相关大于 1），或者各指标彼此抵消；请检查有没有反向计分的指标。",
            "This is no covariance matrix (a correlation over 1), or the items cancel each other; "
            "look for reversed items.",
            column="covariance",
        )
    return cast(Matrix, R)


def _check_rows(n: int) -> None:
    if n < 3:
        raise InputError(
            f"答全的不足 3 人（{n} 人），算不出一致性。",
            f"Only {n} respondents answered every item; 3 are needed.",
            column="scores",
        )
