"""Max-t by Normal draws: adjusted p-values and intervals for a whole family of differences.

Z ~ N(0, V) is drawn ``draws`` times from a recorded seed; c is the ``level`` quantile of the largest |Z|/s of
the family (Hothorn, Bretz & Westfall 2008). A statistic t with ν degrees of freedom is compared on the Normal
scale, Φ⁻¹(T_ν(t)). p = (1 + #{max >= z}) / (1 + draws), so that p <= α exactly when z > c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.inference.maxima import pair_maxima

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
Ints = NDArray[np.intp]


def draw(covariance: Floats, draws: int, seed: int) -> Draws:
    """Draws (D, draws) from N(0, covariance); reordering the D rows only reorders the draws.

    Rows get their random numbers in the order of their variances, and the symmetric square root is unique.
    """
    order = np.argsort(
        np.round(np.diagonal(covariance) / max(float(np.trace(covariance)), 1e-300), 10), kind="stable"
    )
    value, vector = np.linalg.eigh(covariance[np.ix_(order, order)])
    value[value <= order.size * np.finfo(float).eps * value[-1]] = 0  # rounding of 0, whose root is not small
    root = (vector * np.sqrt(np.maximum(value, 0))) @ vector.T
    noise = np.random.default_rng(seed).standard_normal((draws, order.size), dtype=np.float32).T
    result = np.empty((order.size, draws), dtype=np.float32)
    result[order] = root.astype(np.float32) @ noise
    return result


def z_scale(t: Floats, df: Floats | float) -> Floats:
    """|t| with df degrees of freedom on the Normal scale: Φ⁻¹(T_ν(|t|)) ≥ 0."""
    t, nu = np.broadcast_arrays(np.abs(t), df)
    finite = np.isfinite(nu)
    tail = np.where(finite, stdtr(np.where(finite, nu, 1.0), -t), ndtr(-t))
    return np.asarray(-ndtri(tail))


def t_scale(c: float, df: Floats | float) -> Floats:
    """Critical value c of the Normal scale on the scale of t with df degrees of freedom: T_ν⁻¹(Φ(c))."""
    nu = np.asarray(df, dtype=float)
    finite = np.isfinite(nu)
    return np.asarray(np.where(finite, -stdtrit(np.where(finite, nu, 1.0), ndtr(-c)), c))


def critical(maxima: NDArray[np.floating], level: float) -> float:
    """Critical value c from the maxima of the draws: the order statistic with p ≤ 1 − level exactly when z >
    c."""
    allowed = int(np.floor((1 - level) * (maxima.size + 1) + 1e-9)) - 1
    if allowed < 0:
        return float("inf")
    return float(np.partition(maxima, maxima.size - 1 - allowed)[maxima.size - 1 - allowed])


def p_values(z: Floats, maxima: NDArray[np.floating]) -> Floats:
    """Adjusted p-values of statistics z from the maxima of the draws: (1 + #{max ≥ z}) / (1 + draws)."""
    ascending = np.sort(maxima)
    exceeding = maxima.size - np.searchsorted(ascending, z, side="left")
    return np.asarray((1 + exceeding) / (1 + maxima.size))


@dataclass(frozen=True, eq=False)
class Family:
    """Max-t results for one family of statements; arrays have the shape of its statistics.

    critical: critical value on the Normal scale; p: adjusted p-values; bound: half-widths of the intervals.
    """

    critical: float
    p: Floats
    rejected: NDArray[np.bool_]
    bound: Floats


def each(
    estimate: Floats,
    covariance: Floats,
    df: Floats | float,
    *,
    level: float,
    draws: int,
    seed: int,
    drawn: Draws | None = None,
) -> Family:
    """Max-t test of D hypotheses estimate_j = 0; intervals are estimate ± `bound`.

    drawn: result of `draw` for this covariance, if at hand.
    """
    se = np.sqrt(np.diagonal(covariance))
    certain = se <= _certain(estimate)
    inverse = np.divide(1.0, se, out=np.zeros_like(se), where=~certain)
    Z = draw(covariance, draws, seed) if drawn is None else drawn
    maxima = (np.abs(Z) * inverse.astype(np.float32)[:, None]).max(axis=0)
    z = np.where(certain & (estimate != 0), np.inf, z_scale(estimate * inverse, df))
    c = critical(maxima, level)
    return Family(c, p_values(z, maxima), z > c, t_scale(c, df) * se)


@dataclass(frozen=True, eq=False)
class PairFamily:
    """Result of `pairs`: all differences j − k within components. p, se, bound: (D, D) symmetric; above: (D,
    D)."""

    critical: float
    p: Floats
    se: Floats
    bound: Floats
    above: NDArray[np.bool_]


def pairs(
    estimate: Floats,
    covariance: Floats,
    df: Floats | float,
    component: Ints,
    *,
    level: float,
    draws: int,
    seed: int,
    stepdown: bool = False,
    drawn: Draws | None = None,
) -> PairFamily:
    """Max-t over all pairs, in a single step or with stepdown on ordered pairs.

    Stepdown (Romano & Wolf 2005; Mogstad et al. 2024, as csranks does by default): the hypotheses are "j not
    above k" for every ordered pair; rejected ones leave the family and the rest is tested again until none is
    rejected. p is that of the round in which a pair was rejected; intervals stay those of the single step.
    """
    order = np.argsort(-estimate, kind="stable")
    in_order = np.ix_(order, order)
    se = pair_errors(covariance)
    z, inverse = (square[in_order] for square in _standardised(estimate, se, df, component))
    Z = (draw(covariance, draws, seed) if drawn is None else drawn)[order]
    maxima = pair_maxima(Z, inverse)
    c, p = critical(maxima, level), p_values(z, maxima)
    fallen = np.triu(z > c, 1)
    if stepdown:
        fallen = _step_down(z, inverse, Z, fallen, p, level)
    back = np.argsort(order)
    unsort = np.ix_(back, back)
    return PairFamily(c, p[unsort], se, t_scale(c, df) * se, fallen[unsort])


def _standardised(estimate: Floats, se: Floats, df: Floats | float, component: Ints) -> tuple[Floats, Floats]:
    """Differences on the Normal scale and 1/se, both (D, D); 0 where a pair takes no part, z infinite where
    se is 0."""
    together = component[:, None] == component[None, :]
    certain = se <= _certain(estimate)
    difference = estimate[:, None] - estimate[None, :]
    inverse = np.divide(1.0, se, out=np.zeros_like(se), where=together & ~certain)
    z = z_scale(difference * inverse, df)
    z[together & certain & (np.abs(difference) > _certain(estimate))] = np.inf
    return z, inverse


def _step_down(
    z: Floats, inverse: Floats, Z: Draws, fallen: NDArray[np.bool_], p: Floats, level: float
) -> NDArray[np.bool_]:
    """Rejected ordered pairs (D, D) after stepdown from `fallen`, the rejections of the single step; `p` is
    changed in place to that of each pair's last round. inverse: 1/se."""
    new = fallen
    while new.any():
        maxima = pair_maxima(Z, inverse, fallen)
        open_still = ~(fallen | fallen.T)
        p[open_still] = p_values(z[open_still], maxima)
        new = np.triu(z > critical(maxima, level), 1) & ~fallen
        fallen = fallen | new
    return fallen


def pair_errors(covariance: Floats) -> Floats:
    """Standard errors of all differences, (D, D), from a covariance matrix."""
    v = np.diagonal(covariance)
    return np.asarray(np.sqrt(np.maximum(v[:, None] + v[None, :] - 2 * covariance, 0)))


def _certain(estimate: Floats) -> float:
    """Threshold under which a standard error is rounding: raters were unanimous, the difference is
    certain."""
    return 1e-10 * float(np.abs(estimate).max(initial=0)) + 1e-300
