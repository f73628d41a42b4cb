"""The pruned kernel against all ordered pairs written out."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.inference.maxima import pair_maxima


def brute(Z: np.ndarray, inverse: np.ndarray, fallen: np.ndarray) -> np.ndarray:
    """max over ordered pairs (j above k) that have not fallen, at least 0, in double precision."""
    scale = np.where(fallen, 0, inverse)
    return np.array([np.max((z[:, None] - z) * scale, initial=0) for z in Z.T.astype(float)])


def case(D: int, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws of D units whose standard errors differ by a factor of e^spread and are correlated."""
    g = np.random.default_rng(seed)
    root = np.exp(spread * g.random(D))[:, None] * (np.eye(D) + 0.3 * g.normal(size=(D, D)) / np.sqrt(D))
    V = root @ root.T
    inverse = 1 / np.sqrt(np.diag(V)[:, None] + np.diag(V) - 2 * V + np.eye(D))
    np.fill_diagonal(inverse, 0)
    return (root @ g.normal(size=(D, 300))).astype(np.float32), inverse


@pytest.mark.parametrize("D", [2, 5, 64, 65, 81, 150])
@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_the_maximum_is_that_of_all_pairs(D, spread):
    Z, inverse = case(D, spread, D)
    none = np.zeros((D, D), bool)
    assert pair_maxima(Z, inverse) == pytest.approx(brute(Z, inverse, none), rel=1e-5)
    assert (pair_maxima(Z, inverse, none) == pair_maxima(Z, inverse)).all()


@pytest.mark.parametrize("D", [5, 70, 150])
@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_a_fallen_pair_stays_one_sided(D, share):
    Z, inverse = case(D, 1.0, D)
    fallen = np.triu(np.random.default_rng(D).random((D, D)) < share, 1)
    assert pair_maxima(Z, inverse, fallen) == pytest.approx(brute(Z, inverse, fallen), rel=1e-5)


def test_pairs_of_other_components_and_certain_pairs_take_no_part():
    D = 90
    Z, inverse = case(D, 1.0, 1)
    part = np.arange(D) % 3
    inverse[part[:, None] != part[None, :]] = 0
    inverse[:4] = inverse[:, :4] = 0
    found = pair_maxima(Z, inverse)
    assert found == pytest.approx(brute(Z, inverse, np.zeros((D, D), bool)), rel=1e-5)
    assert (pair_maxima(Z, np.zeros((D, D))) == 0).all()


def test_order_and_chunks_of_draws_change_nothing():
    Z, inverse = case(130, 2.0, 7)
    many = np.tile(Z, 40)
    shuffled = np.random.default_rng(0).permutation(130)
    found = pair_maxima(many, inverse)
    assert (found.reshape(40, -1) == pair_maxima(Z, inverse)).all()
    assert (pair_maxima(many[shuffled], inverse[np.ix_(shuffled, shuffled)]) == found).all()
