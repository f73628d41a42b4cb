"""Importance of items for the overall rating, within raters.

A rater's own means over the departments rated are subtracted from every item and from the overall rating
(总体评价), so that leniency does not pass for importance. Importance is each item's share of R²
(`analysis.items.relative_weights`), with percentile intervals from a bootstrap of raters (Tonidandel,
LeBreton & Johnson 2009; clusters are resampled whole).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, counted, listed, pick, share
from analysis.items.relative_weights import johnson, lmg
from analysis.model.cells import cell_index
from analysis.values.arguments import MOST_DRAWS, checked, choice, proportion, refusal, text, whole
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]
Method = Literal["lmg", "johnson"]

_MOST_NUMBERS = 1 << 28
_MOST_CLUSTERS = 2000
"""With more raters (or clusters), this many random sets of them are resampled: as valid, and quicker."""


@dataclass(frozen=True)
class Driver(Result):
    """Importance of one item for the overall rating."""

    item: str
    raw: float
    """Share of the variance of the overall rating within raters; all items add up to R²."""
    importance: float
    """raw / R², so that all items add up to 1."""
    ci: tuple[float, float]
    """Interval of `importance` at `level`, for this item alone."""
    correlation: float
    """Correlation with the overall rating, within raters."""


@dataclass(frozen=True)
class Drivers(Result):
    """Result of `importance`: importance of every item for the outcome (overall rating)."""

    outcome: str
    drivers: tuple[Driver, ...]
    """In the order of the ratings' items."""
    r_squared: float
    n_raters: int
    n_cells: int
    """Rater–department pairs with every item answered, of raters with at least two of them."""
    method: str
    level: float

    def summary(self, language: str = "zh") -> str:
        """Items from most to least important, with intervals, one paragraph in `language` ("zh" or "en")."""
        order = sorted(self.drivers, key=lambda d: -d.importance)
        words = [f"{d.item} {share(d.importance)}（{share(d.ci[0])}–{share(d.ci[1])}）" for d in order]
        words_en = [f"{d.item} {share(d.importance)} ({share(d.ci[0])}–{share(d.ci[1])})" for d in order]
        return pick(
            language,
            f"各指标共解释“{self.outcome}”差异的 {share(self.r_squared)}；其中：{listed(words, 'zh')}。"
            "这是评价之间的关联，不等于改进某项就一定提高总体评价。",
            f"The items explain {share(self.r_squared)} of the differences in {self.outcome}; of this: "
            f"{listed(words_en, 'en')}. These are associations among ratings: improving an item need not "
            "raise the overall rating.",
        )


@checked(
    ratings=comparable,
    outcome=text,
    method=choice("lmg", "johnson"),
    level=proportion,
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    threshold=whole(1),
)
def importance(
    ratings: Ratings,
    outcome: str,
    *,
    method: Method = "lmg",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 20260101,
    threshold: int = 10,
) -> Drivers:
    """Estimate the importance of every other item for the item `outcome`, within raters.

    Cells (a rater's ratings of one department) with a gap are left out; several answers to an item are
    averaged. Rater weights count. Raises InputError when the outcome is not an item, when fewer than
    `threshold` raters have two complete cells, or when an item does not vary or repeats others.

    >>> import numpy as np
    >>> from analysis import Ratings, importance
    >>> cube = np.random.default_rng(1).normal(size=(30, 3, 3))
    >>> cube[:, :, 2] = cube[:, :, 0] + 0.1 * cube[:, :, 1]
    >>> ratings = Ratings.from_array(cube, item_names=["speed", "manners", "overall"])
    >>> found = importance(ratings, "overall", draws=200)
    >>> found.drivers[0].item, round(found.r_squared, 6)
    ('speed', 1.0)
    """
    X, rater, weight = _complete(ratings, outcome)
    items = [name for name in ratings.item_names if name != outcome]
    used, code = np.unique(rater, return_inverse=True)
    _require_raters(len(used), max(threshold, len(items) + 2))
    unit = used if ratings.cluster is None else ratings.cluster[used]
    cross = _cross_products(X, code, weight[used], np.unique(unit, return_inverse=True)[1])
    covariance = cross.sum(axis=0)
    _require_variation(np.diag(covariance) > 1e-12 * len(X), [*items, outcome])
    shares = _shares(covariance, method)
    low, high = _interval(cross, method, level, draws, seed)
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance[-1] / (scale * scale[-1])
    drivers = tuple(
        Driver(
            item=name,
            raw=float(shares[k]),
            importance=float(shares[k] / shares.sum()),
            ci=(float(low[k]), float(high[k])),
            correlation=float(correlation[k]),
        )
        for k, name in enumerate(items)
    )
    return Drivers(outcome, drivers, float(shares.sum()), len(used), len(X), method, level)


def _interval(cross: Floats, method: Method, level: float, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Ends (K - 1,) of percentile intervals of importance, from resampled clusters; cross: (G, K, K)."""
    if draws > _MOST_NUMBERS // max(len(cross), (cross.shape[1] - 1) ** 2):
        raise refusal("draws", "抽样次数太多，内存放不下。", "so many draws do not fit into memory.")
    boots = _shares(_resampled(cross, draws, seed), method)
    if not len(boots):
        raise refusal("draws", "每次重抽都有指标没有差异。", "every resample left some item constant.")
    relative = boots / boots.sum(axis=1, keepdims=True)
    low, high = np.quantile(relative, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def _require_raters(n: int, least: int) -> None:
    if n < least:
        raise InputError(
            f"把所有指标都答全、且评了两个以上部门的评议人只有 {n} 个，太少，不能分析影响因素。",
            f"Only {counted(n, 'rater')} answered every item for two or more departments; that is too few.",
            column="ratings",
        )


def _require_variation(varies: NDArray[np.bool_], names: Sequence[str]) -> None:
    if not varies.all():
        flat = names[int(np.argmin(varies))]
        raise InputError(
            f"“{flat}”对各部门打分都相同，没有差异可分析。",
            f"{flat} was scored alike for all departments; there is nothing to explain.",
            column="item",
            name=flat,
        )


def _complete(ratings: Ratings, outcome: str) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Complete cells (C, K) with the outcome last, their raters (C,), and raters' weights (R,)."""
    if ratings.item is None or outcome not in ratings.item_names or len(ratings.item_names) < 3:
        raise InputError(
            f"需要“{outcome}”和另外至少两个指标。",
            f"The ratings need the item {outcome} and at least two others.",
            column="outcome",
            name=outcome,
        )
    K, D = len(ratings.item_names), ratings.n_departments
    last = ratings.item_names.index(outcome)
    place = np.empty(K, dtype=np.intp)
    place[[k for k in range(K) if k != last] + [last]] = np.arange(K)
    cell, cells = cell_index(ratings.rater, ratings.department, ratings.n_raters, D)
    flat = cell * K + place[ratings.item]
    count = np.bincount(flat, minlength=len(cells) * K).reshape(-1, K)
    total = np.bincount(flat, ratings.score, minlength=len(cells) * K).reshape(-1, K)
    full = (count > 0).all(axis=1)
    rater = cells[full] // D
    several = np.bincount(rater, minlength=ratings.n_raters)[rater] > 1
    return (total[full] / count[full])[several], rater[several], ratings.weight


def _cross_products(X: Floats, code: NDArray[np.intp], weight: Floats, unit: NDArray[np.intp]) -> Floats:
    """Weighted cross-products (G, K, K) of deviations from the rater's means, by unit or random set of
    units."""
    n = np.bincount(code).astype(float)
    means = np.stack([np.bincount(code, column) for column in X.T], axis=1) / n[:, None]
    Y = (X - means[code]) * np.sqrt(weight[code])[:, None]
    sets, U, K = unit[code], int(unit.max()) + 1, X.shape[1]
    if U > _MOST_CLUSTERS:
        sets = (np.random.default_rng(U).permutation(U) % _MOST_CLUSTERS)[unit][code]
    G = min(U, _MOST_CLUSTERS)
    cross = np.zeros((G, K, K))
    for j in range(K):
        for k in range(j + 1):
            cross[:, j, k] = cross[:, k, j] = np.bincount(sets, Y[:, j] * Y[:, k], minlength=G)
    return cross


def _resampled(cross: Floats, draws: int, seed: int) -> Floats:
    """Sums (draws, K, K) of cross-products over clusters drawn with replacement; those with a constant item
    left out."""
    G, K, _ = cross.shape
    counts = np.random.default_rng(seed).multinomial(G, np.full(G, 1 / G), size=draws)
    sums = (counts.astype(float) @ cross.reshape(G, K * K)).reshape(draws, K, K)
    varied = (np.diagonal(sums, axis1=1, axis2=2) > 0).all(axis=1)
    return np.asarray(sums[varied])


def _shares(covariance: Floats, method: Method) -> Floats:
    scale = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    R = covariance / (scale[..., :, None] * scale[..., None, :])
    split = lmg if method == "lmg" else johnson
    return split(R[..., :-1, :-1], R[..., :-1, -1])


def ordered(drivers: Drivers) -> Sequence[Driver]:
    """Drivers from the most to the least important."""
    return sorted(drivers.drivers, key=lambda d: -d.importance)
