"""What is commonly published instead: plain means, pairwise z tests, percentile-bootstrap ranks.

Each takes counts and score sums (R, D) and returns what it declares: above (D, D) and rank sets (D, 2).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.inference.ranksets import rank_sets

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Claim = tuple[Bools, NDArray[np.intp]]


def plain_means(count: Floats, total: Floats, _: np.random.Generator) -> Claim:
    """Every difference of means is taken at its word."""
    mean = total.sum(axis=0) / count.sum(axis=0)
    above = mean[:, None] > mean[None, :]
    return above, rank_sets(above)


def pairwise_z(count: Floats, total: Floats, _: np.random.Generator) -> Claim:
    """Two-sample z tests of raw means at 5 %, one pair at a time."""
    n = count.sum(axis=0)
    mean = total.sum(axis=0) / n
    score = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    variance = (count * (score - mean) ** 2).sum(axis=0) / (n - 1) / n
    z = (mean[:, None] - mean[None, :]) / np.sqrt(variance[:, None] + variance[None, :])
    above = z > ndtri(0.975)
    return above, rank_sets(above)


def bootstrap_ranks(count: Floats, total: Floats, generator: np.random.Generator) -> Claim:
    """95 % percentile intervals of the rank of the raw mean over 200 resamples of raters."""
    R = count.shape[0]
    weight = generator.multinomial(R, np.full(R, 1 / R), size=200).astype(float)
    mean = (weight @ total) / np.maximum(weight @ count, 1)
    rank = 1 + (mean[:, None, :] > mean[:, :, None]).sum(axis=2)
    low, high = np.percentile(rank, [2.5, 97.5], axis=0)
    sets = np.stack([np.floor(low), np.ceil(high)], axis=1).astype(np.intp)
    return sets[:, 1][:, None] < sets[:, 0][None, :], sets


RIVALS: dict[str, Callable[[Floats, Floats, np.random.Generator], Claim]] = {
    "plain means": plain_means,
    "pairwise z": pairwise_z,
    "bootstrap ranks": bootstrap_ranks,
}
