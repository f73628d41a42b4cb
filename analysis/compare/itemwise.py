"""Adjusted scores of departments per item (leniency removed), the numbers of the heat map."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError, NothingToRankError
from analysis.explain import Result, listed, number, pick
from analysis.model.cells import cells_of
from analysis.model.points import points
from analysis.ranking.selection import select
from analysis.values.arguments import checked, whole
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ItemScores(Result):
    """Adjusted scores of D departments on K items; each item is fitted by itself, as `rank` does."""

    departments: tuple[str, ...]
    items: tuple[str, ...]
    adjusted: Floats
    """(D, K) mean had everybody rated every department on this item; NaN where too few did."""
    mean: Floats
    """(D, K) raw means; NaN where too few rated."""
    n: NDArray[np.int64]
    """(D, K) raters."""
    threshold: int

    def summary(self, language: str = "zh") -> str:
        """Items with the lowest and highest average score, one paragraph in `language` ("zh" or "en")."""
        known = np.isfinite(self.adjusted)
        used = known.any(axis=0)
        hidden = int((~known).sum())
        if not used.any():
            return pick(
                language, "各项样本都不足，不公布分项得分。", "No item has enough ratings to be shown."
            )
        level = np.where(known, self.adjusted, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        low = self.items[int(np.argmin(np.where(used, level, np.inf)))]
        high = self.items[int(np.argmax(np.where(used, level, -np.inf)))]
        zh = f"各部门平均，{low}得分最低（{number(level[used].min(), 1)}），"
        zh += f"{high}最高（{number(level[used].max(), 1)}）；分项高低未作显著性检验。"
        en = f"Over departments {low} scores lowest ({number(level[used].min(), 1)}), "
        en += f"{high} highest ({number(level[used].max(), 1)}); differences of items are not tested."
        if hidden:
            empty = [name for name, row in zip(self.departments, known, strict=True) if not row.any()]
            zh += f"{hidden} 格样本不足，不公布；整行不公布的部门：{listed(empty, 'zh')}。"
            en += f" {hidden} cells have too few ratings; departments without any: {listed(empty, 'en')}."
        return pick(language, zh, en)


@checked(ratings=comparable, threshold=whole(1))
def item_scores(ratings: Ratings, *, threshold: int = 10) -> ItemScores:
    """Adjusted score of every department on every item, each item ranked by itself; NaN where fewer than
    `threshold` raters did. Raises InputError when the ratings have no items.

    >>> from analysis import Ratings, item_scores
    >>> ratings = Ratings.from_array([[[9, 8], [7, 5]]] * 12, item_names=["speed", "manners"])
    >>> item_scores(ratings).adjusted.tolist()
    [[9.0, 8.0], [7.0, 5.0]]
    """
    if ratings.item is None:
        raise InputError("评分没有指标一栏。", "The ratings have no items.", column="item")
    D, K = ratings.n_departments, len(ratings.item_names)
    adjusted, mean = np.full((D, K), np.nan), np.full((D, K), np.nan)
    n = np.zeros((D, K), dtype=np.int64)
    for k in range(K):
        rows = ratings.rows(ratings.item == k)
        cells = cells_of(replace(rows, item=None, item_names=(), item_weights=None))
        n[:, k] = cells.raters_per_department()
        try:
            chosen = select(cells, ratings.department_names, threshold)
        except NothingToRankError:
            continue
        adjusted[chosen.kept, k] = points(chosen.fit).adjusted
        mean[chosen.kept, k] = chosen.cells.mean_per_department()
    return ItemScores(ratings.department_names, ratings.item_names, adjusted, mean, n, threshold)
