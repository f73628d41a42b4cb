"""Degrees of freedom of a sum of two estimates: size in the far tails by numerical integration."""

from functools import cache

import numpy as np
import pytest
from references import summed_df
from scipy.special import gammaincinv, ndtr, stdtrit

from analysis.inference.sums import summed_freedom

SHARES = (0.005, 0.05, 1 / 7, 0.3, 0.5, 0.7, 6 / 7, 0.95, 0.995)
"""True share of the first part in the variance."""


@cache
def nodes(nu, k):
    """Quantiles of χ²/ν and their weights, dense in both tails."""
    angle = (np.arange(k) + 0.5) / k * np.pi / 2
    weight = np.sin(2 * angle) / np.sin(2 * angle).sum()
    return 2 * gammaincinv(nu / 2, np.sin(angle) ** 2) / nu, weight


def variance_estimates(first, one, two, same=False):
    """Grid of estimates of two parts with true variances first, 1 − first, and its weights; same: both
    estimates move together."""
    k = 20_000 if same else 200
    (a, weight), (b, _) = nodes(one, k), nodes(two, k)
    a, b = first * a, (1 - first) * b
    if same:
        return a, b, weight
    return np.repeat(a, k), np.tile(b, k), np.outer(weight, weight).ravel()


def size(first, one, two, tail, freedom, same=False):
    """Probability that a sum with true value 0 lies beyond its critical value, over `tail`."""
    a, b, weight = variance_estimates(first, one, two, same)
    c = -stdtrit(freedom(a, b), tail / 2)
    return float((2 * ndtr(-c * np.sqrt(a + b)) * weight).sum() / tail)


@pytest.mark.parametrize("same", [False, True], ids=["apart", "moving together"])
@pytest.mark.parametrize(("one", "two"), [(199, 5), (59, 5), (59, 9), (199, 11), (29, 29), (11, 3)])
@pytest.mark.parametrize("tail", [0.05, 0.04 / 15, 0.04 / 435])
def test_a_sum_of_two_is_declared_no_more_often_than_stated(one, two, tail, same):
    def freedom(a, b):
        return summed_freedom([a, b], [np.full_like(a, one), np.full_like(b, two)], tail)

    assert max(size(first, one, two, tail, freedom, same) for first in SHARES) <= 1 + 1e-3


def test_welch_is_not_to_be_used_in_the_tails():
    def welch(a, b):
        return (a + b) ** 2 / (a**2 / 199 + b**2 / 5)

    assert max(size(first, 199, 5, 0.04 / 15, welch) for first in SHARES) > 2


def test_the_table_of_quantiles_is_fine_enough():
    a, b = np.array([1.0, 1, 6, 1]), np.array([1.0, 6, 1, 0])
    for one, two, tail in ((199, 5, 0.002), (59, 9, 1e-5), (4.5, 1, 0.05), (300, 30, 0.04)):
        found = summed_freedom([a, b], [np.full(4, one), np.full(4, two)], tail)
        np.testing.assert_allclose(found, summed_df([a, b], [one, two], tail), rtol=1e-4)


def test_equal_degrees_of_freedom_stay_and_parts_without_variance_do_not_count():
    v = np.array([1.0, 2, 0])
    nu = np.array([17.3, 17.3, np.inf])
    assert summed_freedom([v, 3 * v], [nu, nu], 0.001) == pytest.approx([17.3, 17.3, np.inf])
    assert summed_freedom([v[:2], 0 * v[:2]], [nu[:2], np.ones(2)], 0.001) == pytest.approx([17.3, 17.3])
    assert summed_freedom([v[:2]], [np.full(2, np.inf)], 0.001).tolist() == [np.inf, np.inf]
