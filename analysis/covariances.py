"""Covariance of items from answers with gaps, checked before anything is computed from it."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError

Matrix = NDArray[np.float64]


def answers(scores: ArrayLike) -> Matrix:
    """(n, k) float matrix of answers, NaN where unanswered. Raises InputError for any other shape."""
    X = np.asarray(scores, dtype=float)
    if X.ndim != 2:
        raise InputError(
            f"需要二维表（一行一人，一列一个指标），得到 {X.ndim} 维。",
            f"A table is needed (a row per respondent, a column per item), not {X.ndim} dimensions.",
        )
    if np.isinf(X).any():
        raise InputError("分数里有无穷大，请改正或留空。", "A score is infinite; mend it or leave it empty.")
    return X


def item_covariance(scores: ArrayLike, *, pairwise: bool = False) -> tuple[Matrix, int]:
    """(k, k) covariance of items and the number of respondents behind it (complete rows, or pairwise)."""
    X = answers(scores)
    if X.shape[1] < 2:
        raise InputError("至少需要两个指标。", "At least two items are needed.")
    if pairwise:
        X = X[~np.isnan(X).all(axis=1)]
        return pairwise_covariance(X), len(X)
    X = X[~np.isnan(X).any(axis=1)]
    _check_rows(len(X))
    return np.cov(X, rowvar=False), len(X)


def pairwise_covariance(X: Matrix) -> Matrix:
    """Each covariance from the rows that answered both items, about the means of those rows."""
    seen = (~np.isnan(X)).astype(float)
    shift = np.nanmean(X, axis=0)
    filled = np.where(seen > 0, X - shift, 0.0)
    n = seen.T @ seen
    _check_rows(int(n.min()))
    sums = filled.T @ seen
    return cast(Matrix, (filled.T @ filled - sums * sums.T / n) / (n - 1))


def to_correlation(covariance: ArrayLike) -> Matrix:
    """Correlation matrix of a covariance matrix.

    Raises InputError unless it is square, symmetric and finite, of two or more items that all vary.
    """
    C = np.asarray(covariance, dtype=float)
    if C.ndim != 2 or C.shape[0] != C.shape[1] or len(C) < 2:
        raise InputError(
            "协方差矩阵须为方阵，至少两个指标。",
            "The covariance matrix must be square, of two or more items.",
        )
    if not np.isfinite(C).all() or not np.allclose(C, C.T):
        raise InputError(
            "协方差矩阵须对称且没有空值。", "The covariance matrix must be symmetric without gaps."
        )
    constant = np.flatnonzero(np.diag(C) <= 0)
    if len(constant):
        raise InputError(
            f"第 {constant[0] + 1} 个指标人人给分相同，请先去掉它。",
            f"Item {constant[0] + 1} was scored alike by everybody; leave it out.",
        )
    scale = np.sqrt(np.diag(C))
    return cast(Matrix, C / np.outer(scale, scale))


def _check_rows(n: int) -> None:
    if n < 3:
        raise InputError(
            f"答全的不足 3 人（{n} 人），算不出一致性。",
            f"Only {n} respondents answered every item; 3 are needed.",
        )
