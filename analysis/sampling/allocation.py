"""Allocation of a sample to strata: proportional, equal or power allocation, in whole numbers.

Proportional: n_h ∝ N_h (Bowley 1926). Equal: the same in each. Power: n_h ∝ N_h^q, between the two, for
figures of every stratum as well as of the whole (Bankier 1988, *The American Statistician* 42, with equal
coefficients of variation). No stratum gives more than it has; what it cannot give goes to the others.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError

Method = Literal["proportional", "equal", "power"]
METHODS: tuple[Method, ...] = ("proportional", "equal", "power")


def allocate(
    sizes: Sequence[int], total: int, method: Method = "proportional", *, minimum: int = 0, power: float = 0.5
) -> list[int]:
    """Sample sizes n_h of strata with N_h = `sizes` units, in their order, summing to `total`.

    minimum: least number from each stratum, or all of a smaller one; power: q of the power allocation. Raises
    InputError when the total exceeds the population or does not suffice for the minima.
    """
    N = np.asarray(sizes, dtype=float)
    _check(N, total, method, minimum, power)
    floor = np.minimum(N, minimum)
    if floor.sum() > total:
        raise InputError(
            f"每层至少 {minimum} 家共要 {int(floor.sum())} 家，多于样本的 {total} 家；"
            "请增加样本或降低每层下限。",
            f"A minimum of {minimum} a stratum takes {int(floor.sum())}, more than the sample of {total}.",
        )
    share = {"proportional": N, "equal": np.ones_like(N), "power": N**power}[method]
    return _whole(_bounded(share, floor, N, total), floor, N, total)


def _check(N: NDArray[np.float64], total: int, method: str, minimum: int, power: float) -> None:
    if not len(N) or (N < 1).any():
        raise InputError("每一层至少要有一家企业。", "Every stratum needs at least one unit.")
    if method not in METHODS:
        raise InputError(f"没有这种分配方法：{method}。", f"No such allocation: {method}.")
    if not 1 <= total <= N.sum():
        raise InputError(
            f"样本应在 1 到 {int(N.sum())} 家之间，现在是 {total} 家。",
            f"The sample must be 1 to {int(N.sum())}, not {total}.",
        )
    if minimum < 0 or not 0 <= power <= 1:
        raise InputError("每层下限不能为负，幂次在 0 与 1 之间。", "Minimum ≥ 0 and power between 0 and 1.")


def _bounded(
    share: NDArray[np.float64], floor: NDArray[np.float64], N: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    """Real-valued allocation n = clip(λ·share, floor, N) with Σn = total; λ by bisection."""
    low, high = 0.0, float((N / share).max())
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * share, floor, N).sum() < total:
            low = middle
        else:
            high = middle
    return np.clip(high * share, floor, N)


def _whole(
    n: NDArray[np.float64], floor: NDArray[np.float64], N: NDArray[np.float64], total: int
) -> list[int]:
    """Allocation `n` rounded by largest remainders (Hamilton) to whole numbers with the sum `total`, each
    from `floor` to the stratum's size `N`."""
    whole = np.maximum(np.floor(n + 1e-9), floor)
    remainder = np.where(whole < N, n - whole, -np.inf)
    short = total - int(whole.sum())
    for place in np.argsort(-remainder, kind="stable")[:short]:
        whole[place] += 1
    return [int(count) for count in whole]
