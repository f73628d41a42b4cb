"""Sensitivity to flagged respondents: the same analysis with and without them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, number, pick
from analysis.ranking.rank import rank
from analysis.ranking.results import Ranking
from analysis.values.arguments import checked, known
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import booleans

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sensitivity(Result):
    """Result of `sensitivity`: estimates (D,) with all respondents (`full`) and without the flagged ones
    (`without`)."""

    names: tuple[str, ...]
    full: Vector
    without: Vector
    """(D,) NaN for a name that drops out altogether."""
    n: int
    n_flagged: int

    @property
    def difference(self) -> Vector:
        """Change of each estimate when flagged respondents are left out: without − full, (D,)."""
        return self.without - self.full

    @property
    def order_changes(self) -> int:
        """Number of pairs whose order by point estimate is reversed without the flagged respondents."""
        both = ~np.isnan(self.without)
        a, b = self.full[both], self.without[both]
        turned = np.sign(a[:, None] - a) * np.sign(b[:, None] - b) < 0
        return int(turned.sum() // 2)

    def summary(self, language: str = "zh") -> str:
        """Largest change and number of reversed pairs, one paragraph in `language` ("zh" or "en")."""
        gaps = np.abs(self.difference)
        if not self.n_flagged or np.isnan(gaps).all():
            return pick(
                language,
                "没有可比较的标记答卷，结果不受影响。",
                "No flagged response to compare; nothing changes.",
            )
        worst = int(np.nanargmax(gaps))
        return pick(
            language,
            f"去掉 {self.n_flagged} 份有标记的答卷（共 {self.n} 份）重算：差别最大的是{self.names[worst]}，"
            f"变动 {number(self.difference[worst])}；有 {self.order_changes} 对部门的名次互换（只看点估计）。"
            "公布的仍是全部答卷的结果。",
            f"Computed again without {self.n_flagged} flagged responses (of {self.n}): the largest "
            f"difference is {number(self.difference[worst])} ({self.names[worst]}); "
            f"pairs that change places: {self.order_changes} (point estimates alone). "
            "What is published rests on all responses.",
        )


def sensitivity(
    names: tuple[str, ...], estimate: Callable[[Flags], ArrayLike], flagged: ArrayLike
) -> Sensitivity:
    """Compute `estimate` with all respondents and without the flagged ones.

    estimate: takes a boolean (n,) of respondents to use and returns (D,) values in the order of `names`.
    Raises InputError when everybody is flagged.
    """
    out = np.asarray(flagged, dtype=bool)
    if out.all():
        raise InputError(
            "所有答卷都被标记，无从比较；请先检查标记的界限。",
            "Every response is flagged, so there is nothing to compare with; check the cut-offs.",
            column="flagged",
        )
    full = np.asarray(estimate(np.ones(len(out), dtype=bool)), dtype=float)
    without = np.asarray(estimate(~out), dtype=float)
    return Sensitivity(names, full, without, len(out), int(out.sum()))


@checked(ratings=comparable, flagged=booleans(1))
def ranking_sensitivity(ratings: Ratings, flagged: ArrayLike, **options: Any) -> Sensitivity:
    """Adjusted scores with all raters and without the flagged ones, flagged: (R,); options as for `rank`.

    Scores are relative to the average department, so that losing harsh raters does not look like a change.
    Raises InputError as `rank` does, and when everybody is flagged.

    >>> from analysis import Ratings, ranking_sensitivity
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 8, department_names=list("ABC"))
    >>> flagged = [True] + [False] * 23
    >>> ranking_sensitivity(ratings, flagged, draws=1000).order_changes
    0
    """
    known(rank, options, "ratings")
    if np.size(flagged) != ratings.n_raters:
        raise InputError(
            f"标记有 {np.size(flagged)} 个，评议人有 {ratings.n_raters} 个。",
            f"{np.size(flagged)} flags for {ratings.n_raters} raters.",
            column="flagged",
        )
    names = tuple(entry.name for entry in rank(ratings, **options).departments)
    return sensitivity(names, lambda keep: _relative(rank(ratings.take(keep), **options), names), flagged)


def _relative(ranking: Ranking, names: tuple[str, ...]) -> Vector:
    scores = {entry.name: entry.average_difference for entry in ranking.departments}
    return np.array([scores.get(name, float("nan")) for name in names])
