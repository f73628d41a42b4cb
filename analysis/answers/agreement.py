"""How far raters agree about departments: intraclass correlations and Kendall's W.

Sources: Shrout & Fleiss (1979) and McGraw & Wong (1996) for the ICC, Searle (1971) for its unbalanced
one-way form, Kendall & Babington Smith (1939) for W with ties.
Ordinal agreement with gaps is in `analysis.answers.krippendorff`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.answers.covariances import answers
from analysis.answers.labels import labelled
from analysis.errors import InputError
from analysis.explain import Result, number, p_text, pick, share
from analysis.values.arguments import both, checked, proportion
from analysis.values.arrays import resolved, vector


@dataclass(frozen=True)
class IntraclassCorrelation(Result):
    """Result of `intraclass_correlation`: ICC(1) of one rating (`single`) and ICC(1, k) of a department's
    mean (`average`), one-way random effects; departments may have different numbers of ratings."""

    n_targets: int
    n_ratings: int
    mean_raters: float
    """n₀, the effective number of ratings per department (Searle 1971)."""
    single: float
    average: float
    ci: tuple[float, float]
    """Confidence interval of `single` at `level`; exact if all departments have equally many ratings."""
    level: float

    def summary(self, language: str = "zh") -> str:
        """Both coefficients in words, one paragraph in `language` ("zh" or "en")."""
        low, high = (number(bound) for bound in self.ci)
        return pick(
            language,
            f"一份评分的高低有 {share(self.single)} 来自部门之间的差异（ICC(1)，{low} 至 {high}）；"
            f"平均约 {number(self.mean_raters, 1)} 份后，均值的信度（ICC(1,k)）为 {number(self.average)}。",
            f"Departments explain {share(self.single)} of a single rating (ICC(1), {low} to {high}); "
            f"a mean of about {number(self.mean_raters, 1)} ratings has reliability {number(self.average)} "
            "(ICC(1,k)).",
        )


@dataclass(frozen=True)
class TwoWayCorrelations(Result):
    """Six ICCs of Shrout & Fleiss for a complete table of n departments by k raters
    (`two_way_correlations`)."""

    icc1: float
    icc2: float
    """Absolute agreement, raters random: ICC(2,1)."""
    icc3: float
    """Consistency, rater leniency removed: ICC(3,1)."""
    icc1k: float
    icc2k: float
    icc3k: float

    def summary(self, language: str = "zh") -> str:
        """ICC(2,1) and ICC(3,1) in words: agreement of single raters with and without their leniency."""
        return pick(
            language,
            f"单个评议人的一致性：连同宽严 {number(self.icc2)}，除去宽严 {number(self.icc3)}。",
            f"Agreement of single raters: {number(self.icc2)} with leniency, {number(self.icc3)} without.",
        )


@dataclass(frozen=True)
class KendallW(Result):
    """Result of `kendall_w`: Kendall's W of m complete rankings of n departments, corrected for ties."""

    w: float
    statistic: float
    """χ² = m (n − 1) W, Friedman's statistic."""
    df: int
    p_value: float

    def summary(self, language: str = "zh") -> str:
        """W as a percentage and its p-value, one sentence in `language` ("zh" or "en")."""
        return pick(
            language,
            f"评议人排序的一致程度（Kendall W）为 {share(self.w)}，p {p_text(self.p_value)}。",
            f"Concordance of the raters' rankings (Kendall's W): {share(self.w)}, p {p_text(self.p_value)}.",
        )


@checked(target=labelled, score=both(vector(), resolved), level=proportion)
def intraclass_correlation(
    target: ArrayLike, score: ArrayLike, *, level: float = 0.95
) -> IntraclassCorrelation:
    """One-way intraclass correlations, ICC(1) and ICC(1, k), of ratings given as two columns.

    target: (N,) labels of what was rated; score: (N,). Raises InputError for fewer than two targets or when
    no target has two ratings.

    >>> from analysis import intraclass_correlation
    >>> intraclass_correlation(["A", "A", "B", "B"], [1, 1, 5, 5]).single
    1.0
    """
    code, y = np.asarray(target), np.asarray(score)
    if y.shape != code.shape:
        raise InputError(
            "评分须与部门一一对应。", "Each rating needs a department and a score.", column="score"
        )
    n = np.bincount(code).astype(float)
    a, N = len(n), len(y)
    if a < 2 or a == N:
        raise InputError(
            "至少需要两个部门，且有部门得到两份评分。",
            "At least two departments are needed, and two ratings of one of them.",
            column="target",
        )
    means = np.bincount(code, y) / n
    between = float((n * (means - y.mean()) ** 2).sum() / (a - 1))
    within = float(((y - means[code]) ** 2).sum() / (N - a))
    if between == 0 and within == 0:
        raise InputError("所有评分都相同。", "All ratings are the same.", column="score")
    n0 = float((N - (n**2).sum() / N) / (a - 1))
    return IntraclassCorrelation(
        n_targets=a,
        n_ratings=N,
        mean_raters=n0,
        single=_ratio(between - within, between + (n0 - 1) * within),
        average=_ratio(between - within, between),
        ci=_interval(between, within, a - 1, N - a, n0, level),
        level=level,
    )


def two_way_correlations(scores: ArrayLike) -> TwoWayCorrelations:
    """Six two-way ICCs (Shrout & Fleiss 1979, table 4) of scores (n departments, k raters) without gaps.

    >>> from analysis import two_way_correlations
    >>> found = two_way_correlations([[9, 7], [6, 4], [8, 6], [7, 5]])
    >>> found.icc1, found.icc3
    (0.25, 1.0)
    """
    X = _complete(scores)
    if X.min() == X.max():
        raise InputError("所有评分都相同。", "All scores are the same.", column="scores")
    n, k = X.shape
    rows, columns, grand = X.mean(axis=1), X.mean(axis=0), X.mean()
    bms = k * ((rows - grand) ** 2).sum() / (n - 1)
    jms = n * ((columns - grand) ** 2).sum() / (k - 1)
    wms = ((X - rows[:, None]) ** 2).sum() / (n * (k - 1))
    ems = ((X - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    return TwoWayCorrelations(
        icc1=_ratio(bms - wms, bms + (k - 1) * wms),
        icc2=_ratio(bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n),
        icc3=_ratio(bms - ems, bms + (k - 1) * ems),
        icc1k=_ratio(bms - wms, bms),
        icc2k=_ratio(bms - ems, bms + (jms - ems) / n),
        icc3k=_ratio(bms - ems, bms),
    )


def kendall_w(scores: ArrayLike) -> KendallW:
    """Kendall's W of scores (m raters, n departments) without gaps; each rater's scores are ranked, ties by
    midranks.

    >>> from analysis import kendall_w
    >>> kendall_w([[3, 2, 1], [9, 5, 4]]).w
    1.0
    """
    X = _complete(scores)
    m, n = X.shape
    ranks = np.apply_along_axis(_midranks, 1, X)
    spread = float(((ranks - (n + 1) / 2) ** 2).sum()) / m
    if spread == 0:
        raise InputError(
            "每位评议人对各部门打分都相同，无从比较。",
            "Every rater scored all departments alike.",
            column="scores",
        )
    w = float(((ranks.mean(axis=0) - (n + 1) / 2) ** 2).sum() / spread)
    statistic = m * (n - 1) * w
    return KendallW(w=w, statistic=statistic, df=n - 1, p_value=float(special.chdtrc(n - 1, statistic)))


def _complete(scores: ArrayLike) -> NDArray[np.float64]:
    X = answers(scores)
    if min(X.shape) < 2 or np.isnan(X).any():
        raise InputError(
            "这里需要没有空格、至少 2×2 的表；有空格时请用 Krippendorff α 或 ICC(1)。",
            "A table of at least 2×2 without gaps is needed; with gaps use Krippendorff's alpha or ICC(1).",
            column="scores",
        )
    return X


def _midranks(row: NDArray[np.float64]) -> NDArray[np.float64]:
    _, code, count = np.unique(row, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[code]


def _interval(
    between: float, within: float, df1: int, df2: int, n0: float, level: float
) -> tuple[float, float]:
    if within == 0:
        return 1.0, 1.0
    F, tail = between / within, (1 - level) / 2
    low = F / special.fdtri(df1, df2, 1 - tail)
    high = F / special.fdtri(df1, df2, tail)
    return float((low - 1) / (low + n0 - 1)), float((high - 1) / (high + n0 - 1))


def _ratio(top: float, bottom: float) -> float:
    """`top / bottom`, or 0 for `bottom` = 0 (all departments have the same mean: no sign of agreement)."""
    return float(top / bottom) if bottom else 0.0
