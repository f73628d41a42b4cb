"""Distribution of the range of independent Normal variables (studentised range with infinite df).

Source: Tukey (1953); Miller (1981), Simultaneous Statistical Inference, §2.1.
"""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from analysis.errors import InputError


def range_probability(q: float, k: int) -> float:
    """P(range of k independent standard Normals ≤ q) = k ∫ φ(z) (Φ(z) − Φ(z − q))^(k−1) dz."""
    nodes, weights = _quadrature()
    z = 9 * nodes
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float(9 * k * (weights * density * (special.ndtr(z) - special.ndtr(z - q)) ** (k - 1)).sum())


@cache
def _quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(200)
    return nodes, weights


@lru_cache(maxsize=256)
def range_quantile(level: float, k: int) -> float:
    """Quantile q with range_probability(q, k) = level. Raises InputError unless 0 < level < 1 and k ≥ 2."""
    if not 0 < level < 1 or k < 2:
        raise InputError(
            "置信度须在 0 与 1 之间，部门至少两个。",
            "The level must lie between 0 and 1, with at least two departments.",
        )
    return float(optimize.brentq(lambda q: range_probability(q, k) - level, 1e-9, 17.0, xtol=1e-12))
