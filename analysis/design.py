"""Design-based means and totals: strata, clusters, finite populations, and weights fitted to margins.

Taylor linearisation with the ultimate-cluster variance (Särndal, Swensson & Wretman 1992, ch. 5); after
calibration the residuals from the margins carry the variance (Deville & Särndal 1992).
Agrees with R's `survey` (svymean, svytotal, svyby, postStratify, rake).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.errors import InputError
from analysis.explain import Result, number, pick
from analysis.labels import factorise
from analysis.weights import is_missing

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """How n respondents were drawn.

    weights: (n,) inverse selection probabilities, or calibrated weights; strata, clusters: n labels, clusters
    nested in strata; population: (n,) number of clusters (respondents without clusters) in the respondent's
    stratum, for the finite population correction; margins: label sequences the weights were calibrated to
    (one for cells, several for raking); base: (n,) weights before calibration.
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
        """Student interval at `level`."""
        half = float(special.stdtrit(max(self.df, 1), (1 + self.level) / 2)) * self.se
        return self.estimate - half, self.estimate + half

    def summary(self, language: str = "zh") -> str:
        """Estimate and interval, in one sentence."""
        low, high = (number(bound) for bound in self.ci)
        return pick(
            language,
            f"加权估计 {number(self.estimate)}，{self.level:.0%} 区间 {low} 至 {high}（按抽样设计计算）。",
            f"Weighted estimate {number(self.estimate)}, {self.level:.0%} interval {low} to {high} "
            "(design-based).",
        )


def design_mean(y: ArrayLike, design: Design, *, domain: ArrayLike | None = None) -> DesignEstimate:
    """Weighted mean of y (n,), of the respondents in `domain` (n,) boolean if given.

    A domain keeps the whole sample in the variance, as survey::svyby does. Raises InputError for an
    empty domain.
    """
    values, w = _columns(y, design)
    inside = np.ones(len(w), dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
    total = float(w[inside].sum())
    if total <= 0:
        raise InputError("这一部分没有答卷。", "There are no responses in this domain.")
    mean = float((w * values)[inside].sum() / total)
    return _estimate(mean, np.where(inside, values - mean, 0.0) / total, w, design)


def design_total(y: ArrayLike, design: Design) -> DesignEstimate:
    """Weighted total of y (n,)."""
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
    d = w if design.base is None else np.asarray(design.base, dtype=float)
    X = np.concatenate([_indicators(margin) for margin in design.margins], axis=1)
    coefficients = np.linalg.lstsq(X * np.sqrt(d)[:, None], influence * np.sqrt(d), rcond=None)[0]
    return np.asarray(influence - X @ coefficients)


def _indicators(margin: Sequence[Any]) -> Vector:
    """(n, categories) 0/1; a respondent who did not say was not calibrated and has a row of zeros."""
    said = np.array([not is_missing(label) for label in margin])
    codes, names = factorise([label for label in margin if not is_missing(label)], "margins")
    indicators = np.zeros((len(said), len(names)))
    indicators[np.flatnonzero(said), codes] = 1.0
    return indicators


def _cluster_variance(z: Vector, design: Design) -> tuple[float, int]:
    """Σ_h (1 − f_h) n_h/(n_h − 1) Σ (z_hc − z̄_h)² over clusters c, and clusters − strata."""
    n = len(z)
    strata = np.zeros(n, np.int32) if design.strata is None else factorise(design.strata, "strata")[0]
    units = np.arange(n) if design.clusters is None else factorise(design.clusters, "clusters")[0]
    pairs, cluster = np.unique(np.stack([strata, units], axis=1), axis=0, return_inverse=True)
    h = pairs[:, 0]
    sums = np.bincount(cluster, z, minlength=len(pairs))
    n_h = np.bincount(h).astype(float)
    if (n_h < 2).any():
        raise InputError(
            "有的分层只有一个抽样单位，算不出误差；请与相近的分层合并。",
            "A stratum has a single sampling unit, so it has no standard error; merge it with a similar one.",
        )
    spread = np.bincount(h, (sums - (np.bincount(h, sums) / n_h)[h]) ** 2)
    return float((_correction(strata, n_h, design) * n_h / (n_h - 1) * spread).sum()), len(pairs) - len(n_h)


def _correction(strata: NDArray[Any], n_h: Vector, design: Design) -> Vector:
    if design.population is None:
        return np.ones(len(n_h))
    sizes = np.asarray(design.population, dtype=float)
    N_h = np.zeros(len(n_h))
    N_h[strata] = sizes
    if sizes.shape != strata.shape or (N_h[strata] != sizes).any() or (N_h < n_h).any():
        raise InputError(
            "名录总数须在同一分层内相同，且不少于该层的抽样单位数。",
            "The population must be the same within a stratum, and no smaller than its sampling units.",
        )
    return np.asarray(1 - n_h / N_h)


def _columns(y: ArrayLike, design: Design) -> tuple[Vector, Vector]:
    values, w = np.asarray(y, dtype=float), np.asarray(design.weights, dtype=float)
    if values.ndim != 1 or values.shape != w.shape or not np.isfinite(values).all() or not (w > 0).all():
        raise InputError(
            "每份答卷须有一个分数和一个正的权重。", "Each response needs a score and a positive weight."
        )
    return values, w
