"""Importance of items beside their mean scores: which items weigh much and score low."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, listed, pick
from analysis.items.drivers import Drivers
from analysis.values.arguments import checked, instance, optional, text, whole
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ImportancePerformance(Result):
    """Items of one department (or of all) as points of an importance–performance chart."""

    department: str | None
    """None for all departments."""
    items: tuple[str, ...]
    importance: Floats
    """(K,) shares adding up to 1."""
    low: Floats
    high: Floats
    performance: Floats
    """(K,) mean points; NaN below the threshold."""
    n: NDArray[np.int64]
    """(K,) raters behind each mean."""

    def summary(self, language: str = "zh") -> str:
        """Items of above-average importance and below-average score; items without a score named apart."""
        known = np.isfinite(self.performance)
        blank = [item for item, shown in zip(self.items, known, strict=True) if not shown]
        weighty = self.importance >= self.importance[known].mean() if known.any() else ~known
        low = known & (self.performance < self.performance[known].mean()) if known.any() else known
        first = [item for item, now in zip(self.items, weighty & low, strict=True) if now]
        zh = f"{self.department or '全部部门'}：对总体评价影响较大而得分偏低的指标（只比较点估计）："
        en = f"{self.department or 'All departments'}: weighs much and scores low (point estimates alone): "
        zh += f"{listed(first, 'zh')}。这是关联，不等于改进后总体评价一定提高。"
        en += f"{listed(first, 'en')}. These are associations: improving an item need not raise the rest."
        if blank:
            zh += f"样本不足、未计得分：{listed(blank, 'zh')}。"
            en += f" Too few ratings: {listed(blank, 'en')}."
        return pick(language, zh, en)


@checked(
    ratings=comparable,
    drivers=instance("items.drivers.Drivers"),
    department=optional(text),
    threshold=whole(1),
)
def importance_performance(
    ratings: Ratings, drivers: Drivers, department: str | None = None, *, threshold: int = 10
) -> ImportancePerformance:
    """Importance and mean score of each item, for one department or for all together.

    threshold: fewest raters for a mean, NaN below. Raises InputError for an unknown department or item.

    >>> import numpy as np
    >>> from analysis import Ratings, importance, importance_performance
    >>> cube = np.random.default_rng(1).normal(size=(30, 3, 3))
    >>> ratings = Ratings.from_array(cube, item_names=["speed", "manners", "overall"])
    >>> importance_performance(ratings, importance(ratings, "overall", draws=200)).items
    ('speed', 'manners')
    """
    if ratings.item is None or any(d.item not in ratings.item_names for d in drivers.drivers):
        raise InputError("评分里没有这些指标。", "The ratings lack these items.", column="drivers")
    if department is not None and department not in ratings.department_names:
        raise InputError(
            f"评分里没有部门“{department}”。",
            f"There is no department {department} in the ratings.",
            column="department",
            name=department,
        )
    here = np.ones(ratings.n_ratings, dtype=bool)
    if department is not None:
        here = ratings.department == ratings.department_names.index(department)
    codes = [ratings.item_names.index(d.item) for d in drivers.drivers]
    rows = [here & (ratings.item == code) for code in codes]
    n = np.array([len(np.unique(ratings.rater[row])) for row in rows], dtype=np.int64)
    means = [_mean(ratings, row) if k >= threshold else float("nan") for row, k in zip(rows, n, strict=True)]
    return ImportancePerformance(
        department=department,
        items=tuple(d.item for d in drivers.drivers),
        importance=np.array([d.importance for d in drivers.drivers]),
        low=np.array([d.ci[0] for d in drivers.drivers]),
        high=np.array([d.ci[1] for d in drivers.drivers]),
        performance=np.array(means),
        n=n,
    )


def _mean(ratings: Ratings, row: NDArray[np.bool_]) -> float:
    w = ratings.weight[ratings.rater[row]]
    return float((w * ratings.score[row]).sum() / w.sum())
