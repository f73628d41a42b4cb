"""Checks of the arguments of `rank_estimates`: distinct names, finite numbers, a covariance, positive df."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.labels import factorise
from analysis.errors import NothingToRankError
from analysis.values.arguments import limited_departments, refusal
from analysis.values.arrays import as_floats, resolved, symmetric, vector

Floats = NDArray[np.float64]
_LEAST_SE = 1e-40


def check_estimates(
    names: Sequence[Any], estimates: ArrayLike, covariance_or_se: ArrayLike, df: ArrayLike | None
) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    """Checked names (D,), estimates (D,), covariance (D, D) and degrees of freedom (D, D), inf where df is
    None."""
    theta = resolved("estimates", vector(0)("estimates", estimates))
    codes, labels = factorise(names, "names")
    if codes.size != theta.size:
        raise refusal(
            "names",
            f"名称有 {codes.size} 个，估计值有 {theta.size} 个，应当相同。",
            f"there are {codes.size} names but {theta.size} estimates.",
        )
    if len(labels) < codes.size:
        row = next(i for i, code in enumerate(codes.tolist()) if code in codes[:i])
        name = labels[codes[row]]
        raise refusal(
            "names",
            f"第 {row + 1} 行的名称“{name}”重复。",
            f"row {row + 1}: {name!r} is repeated.",
            row=row + 1,
            name=name,
        )
    if theta.size < 2:
        raise NothingToRankError(
            "至少要有两个单位才能排名。", "Ranking needs at least two units.", column="names"
        )
    limited_departments(theta.size, "names")
    V = _covariance(covariance_or_se, theta.size)
    return tuple(labels[code] for code in codes.tolist()), theta, V, _degrees(df, theta.size)


def _covariance(given: ArrayLike, D: int) -> Floats:
    name = "covariance_or_se"
    values = as_floats(name, given)
    if values.shape == (D,):
        if (values < _LEAST_SE).any():
            row = int(np.argmax(values < _LEAST_SE)) + 1
            raise refusal(
                name,
                f"第 {row} 行的标准误不是正数。",
                f"row {row}: the standard error is not positive.",
                row=row,
            )
        return np.diag(values**2)
    if values.shape != (D, D):
        raise refusal(
            name,
            f"应给出 {D} 个标准误，或 {D}×{D} 的对称协方差矩阵。",
            f"give {D} standard errors or a symmetric {D}×{D} covariance matrix.",
        )
    return symmetric(name, values)


def _degrees(given: ArrayLike | None, D: int) -> Floats:
    if given is None:
        return np.full((D, D), np.inf)
    values = as_floats("df", given, infinite=True)
    if values.shape not in ((), (D, D)):
        raise refusal("df", f"应是一个数或 {D}×{D} 的矩阵。", f"give one number or a {D}×{D} matrix.")
    off = np.broadcast_to(values, (D, D))[~np.eye(D, dtype=bool)]
    if (off < 1).any() or not np.allclose(values, values.T, rtol=1e-8):
        raise refusal("df", "自由度至少为 1，且须对称。", "must be at least 1, and symmetric.")
    return np.array(np.broadcast_to(np.minimum(values, values.T), (D, D)))
