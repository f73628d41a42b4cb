"""Degrees of freedom of a sum of estimates from several samples, each with a variance estimate of its own.

Welch's and Satterthwaite's degrees of freedom are too many in the far tail: where the small sample's variance
is underestimated, it also gets a small share and with it many degrees of freedom. With 200 and 6 raters they
reject 2.5 times as often as stated at p = 0.002 (`bench/simulations/sums.py`).

Banerjee (1961) takes as critical value c² = Σ s_i² t_i² / Σ s_i², t_i = T⁻¹ of the sample's own degrees of
freedom. Its size is at most p: given the variance estimates, P(|x| ≤ c s) = G(Σ λ_i t_i² s_i²/σ_i²), with λ_i
= σ_i² / Σ σ² and G the distribution function of χ²(1), which is concave; hence at least Σ λ_i G(t_i²
s_i²/σ_i²), and each term has mean 1 − p. Only means over single samples occur, so that the variance
estimates may depend on each other (the same raters in several rounds).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]

_INVERSE = np.linspace(0, 1, 4001)
"""1/ν at which quantiles of t are tabulated."""


def summed_freedom(variances: Sequence[Floats], nus: Sequence[Floats], tail: float) -> Floats:
    """Degrees of freedom ν ≥ 1 whose t-quantile is Banerjee's critical value of a sum, like each of
    `variances`.

    variances: of S parts, ν_s in `nus` their degrees of freedom (inf for none estimated); tail: two-sided
    probability at which a statement is made, the error rate over the number of statements. Inf where there is
    no variance.
    """
    table = np.empty_like(_INVERSE)
    table[0] = ndtri(tail / 2) ** 2
    table[1:] = stdtrit(1 / _INVERSE[1:], tail / 2) ** 2
    log = np.log(table)
    squares = np.zeros_like(variances[0])
    for v, nu in zip(variances, nus, strict=True):
        squares = squares + v * np.exp(np.interp(1 / np.maximum(nu, 1), _INVERSE, log))
    total = np.sum(variances, axis=0)
    used = total > 0
    critical = np.divide(squares, total, out=np.full_like(total, table[0]), where=used)
    inverse = np.interp(np.log(critical), log, _INVERSE)
    return np.asarray(np.divide(1.0, inverse, out=np.full_like(total, np.inf), where=inverse > 1e-12))
