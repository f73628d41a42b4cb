"""Internal consistency of a set of items: Cronbach's alpha with its uncertainty and its item statistics.

Sources: Cronbach (1951); Feldt, Woodruff & Salih (1987) for the F interval; Duhachek & Iacobucci (2004) for
the asymptotic standard error. Values agree with `psych::alpha`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.answers.covariances import item_covariance, to_correlation
from analysis.answers.quality import questionnaire
from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, level_text, number, pick
from analysis.items.omega import Omega, omega_from_covariance
from analysis.values.arguments import (
    checked,
    flag,
    instance,
    names_of,
    optional,
    proportion,
    real,
    refusal,
    renamed,
    several,
    text,
    whole,
)
from analysis.values.arrays import square


@dataclass(frozen=True)
class ItemStatistics(Result):
    """Statistics of one item against the rest of its set."""

    name: str
    alpha_without: float
    """Raw alpha of the set without this item."""
    r_rest: float
    """Correlation of the item with the sum of the others (psych's r.drop)."""


@dataclass(frozen=True)
class Alpha(Result):
    """Cronbach's alpha of k items, with interval and statistics per item."""

    n: int | None
    k: int
    raw: float
    standardised: float
    mean_r: float
    """Average correlation between two different items."""
    se: float
    """Asymptotic standard error (Duhachek & Iacobucci 2004); NaN without n."""
    ci: tuple[float, float]
    """Feldt interval at `level`; NaN without n."""
    level: float
    items: tuple[ItemStatistics, ...]
    """Empty for two items, where nothing is left to compare."""

    def summary(self, language: str = "zh") -> str:
        """Alpha, its interval and items that lower it, one paragraph in `language` ("zh" or "en")."""
        low, high = (number(bound) for bound in self.ci)
        weak = [item.name for item in self.items if item.alpha_without > self.raw]
        zh = (
            f"{self.k} 个指标的一致性（Cronbach α）为 {number(self.raw)}，"
            f"{level_text(self.level)} 区间 {low} 至 {high}。α 高说明各指标量的是同一件事，不说明评得对。"
        )
        en = (
            f"Consistency of the {self.k} items (Cronbach's alpha): {number(self.raw)}, "
            f"{level_text(self.level)} interval {low} to {high}. High alpha means that the items measure "
            "one thing, not that the ratings are right."
        )
        if weak:
            zh += f"去掉以下指标后一致性更高：{'、'.join(weak)}。"
            en += f" Consistency would rise without: {', '.join(weak)}."
        return pick(language, zh, en)


@checked(names=optional(names_of), level=proportion, pairwise=flag)
def cronbach_alpha(
    scores: ArrayLike, names: tuple[str, ...] | None = None, *, level: float = 0.95, pairwise: bool = False
) -> Alpha:
    """Cronbach's alpha of a table of answers.

    scores: (n, k), NaN where unanswered. Rows with a gap are left out, unless `pairwise`, which takes each
    covariance from the rows that have both items (as `psych::alpha` does); n is then all rows with an answer.
    Raises InputError for fewer than two items or three rows, or for an item everybody answered alike.

    >>> from analysis import cronbach_alpha
    >>> round(cronbach_alpha([[1, 1], [2, 2], [3, 3], [4, 4]]).raw, 3)
    1.0
    """
    covariance, n = item_covariance(scores, pairwise=pairwise)
    with renamed(covariance="scores"):
        return alpha_from_covariance(covariance, n, names, level=level)


@checked(ratings=instance("answers.ratings.Ratings"), without=several(text, 0), level=proportion)
def rating_reliability(
    ratings: Ratings, *, without: tuple[str, ...] = (), level: float = 0.95
) -> tuple[Alpha, Omega | None]:
    """Cronbach's alpha and, for three items or more, McDonald's omega of the items of `Ratings`.

    without: items left out, such as 总体评价. A row is a rater's answers about one department. Since rows of
    one rater are not independent, standard error and interval count raters, not rows, which is conservative.
    Raises InputError as `cronbach_alpha` does.

    >>> from analysis import Ratings, rating_reliability
    >>> cube = [[[9, 8, 9], [7, 5, 6]], [[8, 8, 8], [6, 4, 5]], [[9, 6, 7], [5, 6, 6]]] * 4
    >>> alpha, omega = rating_reliability(Ratings.from_array(cube))
    >>> alpha.k
    3
    """
    unknown = [name for name in without if name not in ratings.item_names]
    if unknown:
        raise refusal("without", f"没有指标“{unknown[0]}”。", f"there is no item {unknown[0]!r}.")
    X, _scales = questionnaire(ratings)
    kept = [k for k, name in enumerate(ratings.item_names) if name not in without]
    rows = X.reshape(len(X) * ratings.n_departments, -1)[:, kept]
    full = (~np.isnan(rows).any(axis=1)).reshape(len(X), -1)
    names = tuple(ratings.item_names[k] for k in kept)
    with renamed(covariance="ratings", scores="ratings"):
        covariance, _ = item_covariance(rows)
        alpha = alpha_from_covariance(covariance, int(full.any(axis=1).sum()), names, level=level)
        return alpha, omega_from_covariance(covariance) if len(kept) > 2 else None


@checked(n=optional(whole(2)), names=optional(names_of), level=proportion)
def alpha_from_covariance(
    covariance: ArrayLike, n: int | None = None, names: tuple[str, ...] | None = None, *, level: float = 0.95
) -> Alpha:
    """Cronbach's alpha of a (k, k) covariance matrix of items; with n respondents also standard error and
    interval.

    >>> from analysis import alpha_from_covariance
    >>> float(round(alpha_from_covariance([[1, 0.5], [0.5, 1]]).raw, 3))
    0.667
    """
    C = square("covariance", covariance)
    k = len(C)
    labels = names or tuple(str(i + 1) for i in range(k))
    if len(labels) != k:
        raise InputError(
            f"指标名有 {len(labels)} 个，指标却有 {k} 个。",
            f"{len(labels)} item names for {k} items.",
            column="names",
        )
    R = to_correlation(C)
    raw = _alpha(C)
    return Alpha(
        n=n,
        k=k,
        raw=raw,
        standardised=_alpha(R),
        mean_r=float((R.sum() - k) / (k * (k - 1))),
        se=_standard_error(C, n) if n else float("nan"),
        ci=feldt_interval(raw, n, k, level) if n else (float("nan"), float("nan")),
        level=level,
        items=tuple(_item(C, i, labels[i]) for i in range(k)) if k > 2 else (),
    )


@checked(alpha=real(high=1), n=whole(2, 2**53), k=whole(2, 2**31), level=proportion)
def feldt_interval(alpha: float, n: int, k: int, level: float = 0.95) -> tuple[float, float]:
    """Feldt's interval of alpha from n respondents and k items: (1 − α̂)/(1 − α) ~ F(n−1, (n−1)(k−1)).

    >>> from analysis import feldt_interval
    >>> low, high = feldt_interval(0.8, n=100, k=5)
    >>> low < 0.8 < high
    True
    """
    df = (n - 1, (n - 1) * (k - 1))
    tail = (1 - level) / 2
    upper, lower = special.fdtri(*df, 1 - tail), special.fdtri(*df, tail)
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def _alpha(C: NDArray[np.float64]) -> float:
    k = len(C)
    return float(k / (k - 1) * (1 - np.trace(C) / C.sum()))


def _standard_error(C: NDArray[np.float64], n: int) -> float:
    k, total, trace = len(C), C.sum(), np.trace(C)
    C2 = C @ C
    spread = total * (np.trace(C2) + trace**2) - 2 * trace * C2.sum()
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * spread / n))


def _item(C: NDArray[np.float64], i: int, name: str) -> ItemStatistics:
    rest = np.delete(np.arange(len(C)), i)
    inner = C[np.ix_(rest, rest)]
    return ItemStatistics(name, _alpha(inner), float(C[i, rest].sum() / np.sqrt(C[i, i] * inner.sum())))
