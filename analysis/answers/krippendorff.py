"""Krippendorff's alpha: agreement of any number of raters about departments, gaps allowed.

Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. It is computed from the table of
counts (departments × levels), whose size does not depend on the number of raters.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, number, pick
from analysis.values.arguments import checked, choice, instance
from analysis.values.arrays import table

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class KrippendorffAlpha(Result):
    """Krippendorff's alpha, α = 1 − observed / expected disagreement: 1 is full agreement, 0 is chance."""

    alpha: float
    metric: str
    n_units: int
    """Departments with at least two ratings; others cannot agree or disagree."""
    n_values: int
    """Ratings of those departments."""

    def summary(self, language: str = "zh") -> str:
        """Alpha with its metric and how to read it, one sentence in `language` ("zh" or "en")."""
        return pick(
            language,
            f"评议人之间的一致程度（Krippendorff α，{self.metric}）为 {number(self.alpha)}，"
            "1 为完全一致，0 为与随机相同。",
            f"Agreement among raters (Krippendorff's alpha, {self.metric}): {number(self.alpha)}; "
            "1 is full agreement, 0 is chance.",
        )


@checked(scores=table(), metric=choice("nominal", "ordinal", "interval", "ratio"))
def krippendorff_alpha(scores: ArrayLike, *, metric: Metric = "ordinal") -> KrippendorffAlpha:
    """Krippendorff's alpha of scores (raters, departments), NaN where not rated.

    >>> from analysis import krippendorff_alpha
    >>> krippendorff_alpha([[1, 2, 3], [1, 2, 3]]).alpha
    1.0
    """
    X = np.asarray(scores)
    values, code = np.unique(X[~np.isnan(X)], return_inverse=True)
    unit = np.broadcast_to(np.arange(X.shape[1]), X.shape)[~np.isnan(X)]
    size = (X.shape[1], max(len(values), 1))
    counts = np.bincount(unit * size[1] + code, minlength=size[0] * size[1]).reshape(size)
    return alpha_from_counts(counts, values, metric=metric)


def alpha_from_counts(
    counts: ArrayLike, values: ArrayLike, *, metric: Metric = "ordinal"
) -> KrippendorffAlpha:
    """Krippendorff's alpha from how often each department received each level.

    counts: (departments, levels); values: (levels,) increasing points. Raises InputError when no department
    has two ratings, or when all are the same (alpha is then 0/0).
    """
    n_uv = np.asarray(counts, dtype=float)
    n_uv = n_uv[n_uv.sum(axis=1) >= 2]
    if not len(n_uv):
        raise InputError(
            "没有部门得到两份评分，谈不上一致。", "No department was rated twice.", column="scores"
        )
    n_v = n_uv.sum(axis=0)
    if (n_v > 0).sum() < 2:
        raise InputError(
            "所有评分都相同，一致性没有定义。",
            "All ratings are the same; agreement is undefined.",
            column="scores",
        )
    m = n_uv.sum(axis=1)
    coincidences = (n_uv / (m - 1)[:, None]).T @ n_uv - np.diag((n_uv / (m - 1)[:, None]).sum(axis=0))
    delta = _squared_differences(np.asarray(values, dtype=float), n_v, metric)
    n = n_v.sum()
    observed, expected = (coincidences * delta).sum() / n, (np.outer(n_v, n_v) * delta).sum() / (n * (n - 1))
    return KrippendorffAlpha(float(1 - observed / expected), metric, len(n_uv), int(n))


@checked(
    ratings=instance("answers.ratings.Ratings"), metric=choice("nominal", "ordinal", "interval", "ratio")
)
def rating_agreement(ratings: Ratings, *, metric: Metric = "ordinal") -> KrippendorffAlpha:
    """Krippendorff's alpha of `Ratings`; a unit is a department (and item).

    Differences in leniency count as disagreement.

    >>> from analysis import Ratings, rating_agreement
    >>> rating_agreement(Ratings.from_array([[1, 2, 3], [1, 2, 3]])).alpha
    1.0
    """
    K = max(len(ratings.item_names), 1)
    item = 0 if ratings.item is None else ratings.item
    values, code = np.unique(ratings.score, return_inverse=True)
    L = len(values)
    unit = ratings.department.astype(np.intp) * K + item
    counts = np.bincount(unit * L + code, minlength=ratings.n_departments * K * L)
    return alpha_from_counts(counts.reshape(-1, L), values, metric=metric)


def _squared_differences(values: Matrix, n_v: Matrix, metric: Metric) -> Matrix:
    a, b = values[:, None], values[None, :]
    if metric == "nominal":
        return np.where(a != b, 1.0, 0.0)
    if metric == "ordinal":
        middle = np.cumsum(n_v) - n_v / 2
        return np.square(middle[:, None] - middle[None, :])
    if metric == "interval":
        return np.square(a - b)
    total = np.where(a + b == 0, 1.0, a + b)
    return np.square((a - b) / total)
