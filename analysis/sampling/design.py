"""Design-based estimation of means and totals: strata, clusters, finite populations, calibrated weights.

Taylor linearisation with the ultimate-cluster variance (Särndal, Swensson & Wretman 1992, ch. 5); after
calibration the residuals from the margins carry the variance (Deville & Särndal 1992). Agrees with R's
`survey` (svymean, svytotal, svyby, postStratify, rake).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.answers.labels import factorise
from analysis.errors import InputError
from analysis.explain import Result, level_text, number, pick
from analysis.sampling.weights import is_missing
from analysis.values.arguments import checked, instance, optional, refusal
from analysis.values.arrays import as_floats, booleans, vector

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """Sampling design of n respondents.

    weights: (n,) inverse selection probabilities, or calibrated weights; strata, clusters: n labels, clusters
    nested in strata; population: (n,) number of clusters (respondents without clusters) in the respondent's
    stratum, for the finite population correction; margins: label sequences the weights were calibrated to
    (one for cells, several for raking); base: (n,) weights before calibration.

    >>> from analysis import Design, design_total
    >>> design = Design([10, 10, 30, 30], strata=["town", "town", "village", "village"])
    >>> design_total([1, 1, 0, 1], design).estimate
    50.0
    """

    weights: ArrayLike
    strata: Sequence[Any] | None = None
    clusters: Sequence[Any] | None = None
    population: ArrayLike | None = None
    margins: Sequence[Sequence[Any]] = field(default_factory=tuple)
    base: ArrayLike | None = None


@dataclass(frozen=True)
class DesignEstimate(Result):
    """An estimate with its design-based standard error."""

    estimate: float
    se: float
    df: int
    """Clusters (or respondents) minus strata."""
    level: float = 0.95

    @property
    def ci(self) -> tuple[float, float]:
        """Confidence interval by Student's t at `level`."""
        half = float(special.stdtrit(max(self.df, 1), (1 + self.level) / 2)) * self.se
        return self.estimate - half, self.estimate + half

    def summary(self, language: str = "zh") -> str:
        """Estimate and interval, one sentence in `language` ("zh" or "en")."""
        level, (low, high) = level_text(self.level), map(number, self.ci)
        return pick(
            language,
            f"加权估计 {number(self.estimate)}，{level} 区间 {low} 至 {high}（按抽样设计计算）。",
            f"Weighted estimate {number(self.estimate)}, {level} interval {low} to {high} (design-based).",
        )


@checked(y=vector(), design=instance("sampling.design.Design"), domain=optional(booleans(1)))
def design_mean(y: ArrayLike, design: Design, *, domain: ArrayLike | None = None) -> DesignEstimate:
    """Weighted mean of y (n,), with design-based error; domain: (n,) mask of the respondents to average.

    A domain keeps the whole sample in the variance, as survey::svyby does. Raises InputError for an empty
    domain.

    >>> from analysis import Design, design_mean
    >>> round(design_mean([1, 0, 1, 1], Design([2, 2, 1, 1])).estimate, 4)
    0.6667
    """
    values, w = _columns(y, design)
    inside = np.ones(len(w), dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
    if inside.shape != w.shape:
        raise refusal("domain", f"应有 {len(w)} 个。", f"needs {len(w)} values, one per response.")
    total = float(w[inside].sum())
    if total <= 0:
        raise refusal("domain", "这一部分没有答卷。", "There are no responses in this domain.")
    mean = float((w * values)[inside].sum() / total)
    return _estimate(mean, np.where(inside, values - mean, 0.0) / total, w, design)


@checked(y=vector(), design=instance("sampling.design.Design"))
def design_total(y: ArrayLike, design: Design) -> DesignEstimate:
    """Weighted total of y (n,), with design-based error.

    >>> from analysis import Design, design_total
    >>> design_total([1, 0, 1, 1], Design([2, 2, 1, 1])).estimate
    4.0
    """
    values, w = _columns(y, design)
    return _estimate(float((w * values).sum()), values, w, design)


def _estimate(value: float, influence: Vector, w: Vector, design: Design) -> DesignEstimate:
    z = w * _residual(influence, w, design)
    variance, df = _cluster_variance(z, design)
    return DesignEstimate(value, float(np.sqrt(variance)), df)


def _residual(influence: Vector, w: Vector, design: Design) -> Vector:
    """Influence values minus their projection on the calibration margins, weighted by the base weights."""
    if not design.margins:
        return influence
    d = w if design.base is None else _weights(design.base, len(w))
    X = np.concatenate([_indicators(margin, len(w)) for margin in design.margins], axis=1)
    coefficients = np.linalg.lstsq(X * np.sqrt(d)[:, None], influence * np.sqrt(d), rcond=None)[0]
    return np.asarray(influence - X @ coefficients)


def _indicators(margin: Sequence[Any], n: int) -> Vector:
    """Indicator matrix (n, categories) of a margin; a row of zeros for a respondent without label (not
    calibrated)."""
    labels = list(margin)
    if len(labels) != n:
        raise refusal("design", f"margins 应有 {n} 个标签。", f"margins need {n} labels, one per response.")
    said = np.array([not is_missing(label) for label in labels])
    codes, names = factorise([label for label in labels if not is_missing(label)], "design")
    indicators = np.zeros((len(said), len(names)))
    indicators[np.flatnonzero(said), codes] = 1.0
    return indicators


def _cluster_variance(z: Vector, design: Design) -> tuple[float, int]:
    """Variance Σ_h (1 − f_h) n_h/(n_h − 1) Σ (z_hc − z̄_h)² over clusters c, and its df, clusters −
    strata."""
    n = len(z)
    strata = np.zeros(n, np.int32) if design.strata is None else factorise(design.strata, "design")[0]
    units = np.arange(n) if design.clusters is None else factorise(design.clusters, "design")[0]
    if strata.size != n or units.size != n:
        raise refusal("design", f"分层与群应各有 {n} 个标签。", f"strata and clusters need {n} labels each.")
    pairs, cluster = np.unique(np.stack([strata, units], axis=1), axis=0, return_inverse=True)
    h = pairs[:, 0]
    sums = np.bincount(cluster, z, minlength=len(pairs))
    n_h = np.bincount(h).astype(float)
    if (n_h < 2).any():
        raise InputError(
            "有的分层只有一个抽样单位，算不出误差；请与相近的分层合并。",
            "A stratum has a single sampling unit, so it has no standard error; merge it with a similar one.",
            column="design",
        )
    spread = np.bincount(h, (sums - (np.bincount(h, sums) / n_h)[h]) ** 2)
    return float((_correction(strata, n_h, design) * n_h / (n_h - 1) * spread).sum()), len(pairs) - len(n_h)


def _correction(strata: NDArray[Any], n_h: Vector, design: Design) -> Vector:
    if design.population is None:
        return np.ones(len(n_h))
    sizes = as_floats("design", design.population)
    if sizes.shape != strata.shape:
        raise refusal(
            "design", f"population 应有 {strata.size} 个数。", f"population needs {strata.size} numbers."
        )
    N_h = np.zeros(len(n_h))
    N_h[strata] = sizes
    if (N_h[strata] != sizes).any() or (N_h < n_h).any():
        raise InputError(
            "名录总数须在同一分层内相同，且不少于该层的抽样单位数。",
            "The population must be the same within a stratum, and no smaller than its sampling units.",
            column="design",
        )
    return np.asarray(1 - n_h / N_h)


def _columns(y: ArrayLike, design: Design) -> tuple[Vector, Vector]:
    values = np.asarray(y, dtype=float)
    return values, _weights(design.weights, values.size)


def _weights(given: ArrayLike, n: int) -> Vector:
    w: Vector = vector()("design", given)
    if (w < 1e-12).any() or (w > 1e12).any():
        raise refusal("design", "每份答卷须有一个正的权重。", "each response needs a positive weight.")
    if w.size != n:
        raise refusal(
            "design", f"权重有 {w.size} 个，答卷有 {n} 份。", f"{w.size} weights for {n} responses."
        )
    return w
