"""Rank sets: which ranks a department may have, jointly for all departments.

Mogstad, Romano, Shaikh & Wilhelm (2024), Inference for ranks, Review of Economic Studies 91:476-518.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.values.arguments import checked, refusal
from analysis.values.arrays import booleans


def _asymmetric(name: str, value: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = booleans(2, square=True)(name, value)
    if (found & found.T).any():
        raise refusal(name, "有一对互相高于对方。", "two are declared above each other.")
    return found


@checked(above=_asymmetric)
def rank_sets(above: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Best and worst rank of each department, (D, 2): 1 + number declared above it, D − number declared below
    it.

    above: (D, D), True where j is declared above k. The sets hold jointly at the level at which ``above``
    contains no false statement.

    >>> import numpy as np
    >>> from analysis import rank_sets
    >>> rank_sets(np.array([[0, 1, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)).tolist()
    [[1, 1], [2, 3], [2, 3]]
    """
    best = 1 + above.sum(axis=0)
    worst = above.shape[0] - above.sum(axis=1)
    return np.stack([best, worst], axis=1).astype(np.intp)


def ranks(estimate: NDArray[np.float64], noise: float = 0.0) -> NDArray[np.intp]:
    """Rank of each estimate, (D,), the largest first; equal estimates share the better rank.

    noise: estimates this close count as equal (rounding: departments with the same ballots tie).
    """
    return np.asarray(1 + (estimate[None, :] > estimate[:, None] + noise).sum(axis=1), dtype=np.intp)
