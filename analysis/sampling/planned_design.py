"""Variances of differences in a planned round, where each rater will rate m of D departments."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError

Matrix = NDArray[np.float64]

_DRAWS = 4000


def variances_of(D: int, m: float, exposure: ArrayLike | None) -> tuple[Matrix, float]:
    """Variances of the differences of pairs of departments, in units of σ² / raters, and degrees of freedom
    per rater.

    Each rater rates m of D departments; exposure: (D,) relative chances of each to be rated, equal when None.
    Variances are (1,), one for all pairs, when exposure is None, else (D(D−1)/2,).
    """
    return _balanced(D, m) if exposure is None else _uneven(D, m, np.asarray(exposure, dtype=float))


def _balanced(D: int, m: float) -> tuple[Matrix, float]:
    """`variances_of` for equal chances, in closed form: one variance for all pairs, and (Σq)²/Σq² per
    rater."""
    both = m * (m - 1) / (D * (D - 1))
    one = 2 * m * (D - m) / (D * (D - 1))
    q, q2 = 2 * both + (1 - 1 / m) * one, 4 * both + (1 - 1 / m) ** 2 * one
    return np.array([2 * (D - 1) / (m - 1)]), q**2 / q2


def _uneven(D: int, m: float, exposure: Matrix) -> tuple[Matrix, float]:
    """`variances_of` for unequal chances, by simulating which departments raters rate (fixed seed)."""
    if exposure.shape != (D,) or not ((exposure >= 1e-9) & (exposure <= 1e9)).all():
        raise InputError(
            f"各部门的接触机会须为 {D} 个正数。",
            f"Exposure must be {D} positive numbers, one a department.",
            column="exposure",
        )
    rng = np.random.default_rng(20260101)
    size = np.floor(m + rng.random(_DRAWS))
    keys = np.log(exposure) + rng.gumbel(size=(_DRAWS, D))
    place = np.argsort(np.argsort(-keys, axis=1), axis=1)
    n = (place < np.clip(size, 2, D)[:, None]).astype(float)
    A = (np.diag(n.sum(axis=0)) - n.T @ (n / n.sum(axis=1)[:, None])) / _DRAWS
    P = np.linalg.pinv(A)
    j, k = np.triu_indices(D, 1)
    variances = P[j, j] + P[k, k] - 2 * P[j, k]
    worst = int(np.argmin(np.abs(variances - np.median(variances))))
    a = P[:, j[worst]] - P[:, k[worst]]
    q = n @ a**2 - (n @ a) ** 2 / n.sum(axis=1)
    return variances, float(q.mean() ** 2 / (q**2).mean())
