"""The latent guard against a general-purpose optimiser and against leaving raters out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from analysis import Ratings
from analysis.cells import cells_of
from analysis.latent import bradley_terry, latent

ONE = np.zeros(5, dtype=np.intp)


def scores(seed: int, R: int = 30) -> np.ndarray:
    g = np.random.default_rng(seed)
    y = np.clip(np.round(3 + 0.3 * np.arange(5) + g.normal(size=(R, 1)) + g.normal(size=(R, 5))), 1, 5)
    return np.where(g.random(y.shape) < 0.8, y, np.nan)


def wins_of(y: np.ndarray) -> np.ndarray:
    W = np.zeros((5, 5))
    for row in y:
        for j in range(5):
            for k in range(5):
                if row[j] > row[k]:
                    W[j, k] += row[j] - row[k]
    return W


def test_bradley_terry_agrees_with_an_optimiser():
    # R: BradleyTerry2::BTm on the same win matrix maximises this likelihood
    W = wins_of(scores(1))

    def loss(free: np.ndarray) -> float:
        theta = np.append(free, 0)
        return float((W * np.logaddexp(0, theta[None, :] - theta[:, None])).sum())

    best = np.append(minimize(loss, np.zeros(4), tol=1e-14).x, 0)
    theta, _ = bradley_terry(W, ONE)
    np.testing.assert_allclose(theta, best - best.mean(), atol=1e-5)
    found = latent(cells_of(Ratings.from_array(scores(1))), ONE)
    np.testing.assert_allclose(found.wins, W)
    np.testing.assert_allclose(found.theta, theta)
    assert not found.separated


def test_two_departments_are_the_log_odds():
    # Two departments: θ_1 - θ_2 = log(W_12 / W_21)
    theta, information = bradley_terry(np.array([[0.0, 12.0], [5.0, 0.0]]), ONE[:2])
    assert np.isclose(theta[0] - theta[1], np.log(12 / 5))
    c = np.array([1, -1])
    assert np.isclose(c @ information @ c, 1 / 12 + 1 / 5)


def test_covariance_is_near_the_jackknife():
    # One Newton step per rater left out, against the whole fit repeated without the rater.
    y = scores(2, R=150)
    whole = latent(cells_of(Ratings.from_array(y)), ONE)
    left = np.array([bradley_terry(wins_of(np.delete(y, r, axis=0)), ONE)[0] for r in range(150)])
    deviation = left - whole.theta
    np.testing.assert_allclose(whole.covariance, 149 / 150 * deviation.T @ deviation, rtol=0.05, atol=5e-4)


def test_a_monotone_scale_does_not_move_who_wins_on_two_levels():
    # With two levels any relabelling is linear: logits and their t values must not change.
    y = np.where(scores(3) > 3, 1.0, np.where(np.isnan(scores(3)), np.nan, 0.0))
    a, b = (latent(cells_of(Ratings.from_array(z)), ONE) for z in (y, 20 + 80 * y))
    np.testing.assert_allclose(a.theta, b.theta, atol=1e-9)
    np.testing.assert_allclose(a.covariance, b.covariance, atol=1e-9)


def test_a_tie_of_means_that_rounding_tells_apart_is_no_win():
    """The attack: the last department never beats another, but one rater's mean of it is 1e-16 higher, being
    the same three answers in another order. Taken for a win, its logit runs away and the fit breaks off."""
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    raters, departments, items, points = [], [], [], []
    for rater in range(12):
        for place, department in enumerate("甲乙丙"):
            answers = (0.1, 0.2, 0.3) if department == "丙" else (0.3, 0.2, 0.1)
            better = rater > 0 and department != "丙"
            raters += [str(rater)] * 3
            departments += [department] * 3
            items += list("xyz")
            points += [answer + better * (1 + (rater + place) % 2) for answer in answers]
    ratings = Ratings.from_columns(raters, departments, points, item=items)
    cells = cells_of(ratings)
    means = [(total / n).tolist() for total, n in zip(cells.total, cells.n, strict=True)][:3]
    assert len(set(means)) == 2
    found = latent(cells, ONE[:3])
    assert found.wins[2].tolist() == [0, 0, 0]
    assert found.separated
    assert np.isfinite(found.theta).all()
    assert np.isfinite(found.covariance).all()


def test_the_unit_of_weights_does_not_matter_where_somebody_always_lost():
    """Attack: weights that sum to the roster and weights of mean 1 gave different verdicts."""
    y = scores(1)
    y[:, 0] = np.where(np.isnan(y[:, 0]), np.nan, 0.0)
    rater, department = np.nonzero(~np.isnan(y))
    weight = np.random.default_rng(4).uniform(1, 2, len(y))[rater]

    def fitted(unit: float) -> np.ndarray:
        ratings = Ratings.from_columns(rater, department, y[rater, department], weight=unit * weight)
        found = latent(cells_of(ratings), ONE)
        assert found.separated
        return found.theta

    assert fitted(50.0) == pytest.approx(fitted(1.0), abs=1e-8)
