"""The latent guard against a general-purpose optimiser and against leaving raters out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize, minimize_scalar
from scipy.stats import ttest_1samp

from analysis import Ratings, rank
from analysis.inference.null_scores import null_scores
from analysis.inference.simultaneous import pair_errors
from analysis.model.cells import cells_of
from analysis.model.latent import bradley_terry, latent
from analysis.model.sandwich import Strata

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


@pytest.mark.parametrize("items", [1, 2])
def test_a_tie_of_means_that_rounding_tells_apart_is_no_win(items):
    """The attack: the last department never beats another, but one rater's mean of it is 1e-16 higher, being
    three visits with the same answers in another order. Taken for a win, its logit runs away."""
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    raters, departments, item, points = [], [], [], []
    for rater in range(12):
        for place, department in enumerate("甲乙丙"):
            answers = (0.1, 0.2, 0.3) if department == "丙" else (0.3, 0.2, 0.1)
            better = rater > 0 and department != "丙"
            for asked in range(items):
                raters += [str(rater)] * 3
                departments += [department] * 3
                item += [str(asked)] * 3
                points += [answer + better * (1 + (rater + place) % 2) for answer in answers]
    cells = cells_of(Ratings.from_columns(raters, departments, points, item=item))
    means = cells.total / cells.n if items == 1 else cells.item_score[:, 0]
    assert means.dtype == np.float64
    assert len(set(means[:3].tolist())) == 2
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


def itemwise(cube: np.ndarray, v: np.ndarray) -> np.ndarray:
    """W by the definition, answer by answer."""
    R, D, K = cube.shape
    W = np.zeros((D, D))
    for r in range(R):
        for j in range(D):
            for k in range(D):
                for i in range(K):
                    if cube[r, j, i] > cube[r, k, i]:
                        W[j, k] += v[i] * (cube[r, j, i] - cube[r, k, i])
    return W


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_wins_are_counted_within_the_item(gaps):
    g = np.random.default_rng(5)
    cube = g.integers(1, 6, (40, 5, 3)).astype(float)
    cube[g.random(cube.shape) < gaps] = np.nan
    v = np.array([0.5, 0.3, 0.2])
    ratings = Ratings.from_array(cube, item_weights={"1": 0.5, "2": 0.3, "3": 0.2})
    np.testing.assert_allclose(latent(cells_of(ratings), ONE).wins, itemwise(cube, v))


def easy_item_missing(seed: int, better: float = 0.0, R: int = 200) -> np.ndarray:
    """(R, 6, 3) five-level answers; item 1 is two logits easier, the first three departments lack it."""
    g = np.random.default_rng(seed)
    logit = g.normal(0, 1, (R, 1, 1)) + g.normal(0, 0.7, (R, 6, 1)) + np.array([2.0, 0, -0.5])
    logit = logit + better * (np.arange(6) == 0)[:, None] + g.logistic(size=(R, 6, 3))
    cube = 20.0 * (1 + np.searchsorted([-2.5, -1, 0.5, 2], logit))
    cube[:, :3, 0] = np.nan
    return cube


def test_a_department_that_lacks_the_easy_item_is_not_thought_worse():
    """The attack: means over items made the latent scale wrong in every round (12 standard errors)."""
    z = []
    for seed in range(40):
        found = latent(cells_of(Ratings.from_array(easy_item_missing(seed))), np.zeros(6, dtype=np.intp))
        c = np.array([1, 1, 1, -1, -1, -1]) / 3
        z.append(c @ found.theta / np.sqrt(c @ found.covariance @ c))
    assert abs(np.mean(z)) < 4 / np.sqrt(40)
    assert np.std(z) == pytest.approx(1, abs=0.4)


def test_a_better_department_that_lacks_the_easy_item_is_found():
    """The attack: one logit better, and declared better in 0.3 % of the comparisons."""
    found = rank(Ratings.from_array(easy_item_missing(7, better=1.0)), draws=2_000)
    assert found.departments[0].name == "1"
    assert all(pair.significant for pair in found.pairs if pair.a == "1")


def test_parts_that_nobody_compared_on_one_item_are_not_told_apart():
    """1 and 2 have the first item only, 3 and 4 the second; 5 and 6 tell how items differ."""
    g = np.random.default_rng(3)
    cube = np.full((80, 6, 2), np.nan)
    cube[:40, [0, 1], 0] = 20.0 * g.integers(1, 6, (40, 2))
    cube[:40, [2, 3], 1] = 20.0 * g.integers(1, 6, (40, 2))
    cube[40:, 4:] = 20.0 * g.integers(1, 6, (40, 2, 2))
    found = latent(cells_of(Ratings.from_array(cube)), np.array([0, 0, 0, 0, 1, 1]))
    error = pair_errors(found.covariance)
    assert error[0, 1] < 1
    assert error[2, 3] < 1
    assert (error[:2, 2:4] > 1_000).all()


def nearly_always_best(hostile: int) -> Ratings:
    """36 raters × 8 departments; the first gets 100 of all but ``hostile`` of them, the others 40 to 80."""
    g = np.random.default_rng(3)
    marks = 20 * np.clip(np.round(3.4 - np.arange(8) * 0.2 + g.normal(0, 0.9, (36, 8))), 1, 5)
    marks[:, 0] = 100
    marks[:hostile, 0] = 20
    return Ratings.from_array(np.where(g.random(marks.shape) < 0.85, marks, np.nan))


def test_one_hostile_ballot_does_not_undo_what_all_others_say(monkeypatch):
    kept = rank(nearly_always_best(1), draws=4_000).departments[0]
    assert (kept.name, kept.vs_average) == ("1", "above")
    assert kept.rank_set[1] <= 3
    # The attack: estimate over standard error breaks down where nearly all agree (Hauck & Donner 1977).
    monkeypatch.setattr("analysis.ranking.rank.null_scores", lambda *_: None)
    lost = rank(nearly_always_best(1), draws=4_000).departments[0]
    assert lost.rank_set[1] > kept.rank_set[1]


def test_scores_of_two_departments_are_the_t_test_of_differences():
    # With two departments cᵀA⁺u_r is proportional to the difference of rater r: Student's t.
    y = np.random.default_rng(4).integers(1, 6, (14, 2)).astype(float)
    cells = cells_of(Ratings.from_array(y))
    found = null_scores(cells, latent(cells, ONE[:2]), ONE[:2])
    t = found.standardised(np.full((14, 3), 1 / 14), np.full(3, 13.0))
    expected = ttest_1samp(y[:, 0] - y[:, 1], 0).statistic
    np.testing.assert_allclose(t, [expected, expected, -expected])
    assert found.signs(ONE[:2])[0][0, 1] == np.sign(expected)


def test_scores_are_those_of_the_likelihood_at_the_hypothesis():
    """cᵀA⁺U by numerical derivatives of the likelihood, θ_1 = θ_3 at its best value found by an optimiser."""
    y = scores(5)
    cells, W = cells_of(Ratings.from_array(y)), wins_of(y)
    at = latent(cells, ONE)
    found = null_scores(cells, at, ONE)

    def loss(theta: np.ndarray) -> float:
        return float((W * np.logaddexp(0, theta[None, :] - theta[:, None])).sum())

    def held(value: float) -> np.ndarray:
        return np.array([value, at.theta[1], value, at.theta[3], at.theta[4]])

    theta = held(float(minimize_scalar(lambda value: loss(held(value)), bounds=(-5, 5)).x))
    U = -approx_fprime(theta, loss, 1e-6)
    A = np.array(
        [approx_fprime(theta, lambda x, i=i: approx_fprime(x, loss, 1e-4)[i], 1e-4) for i in range(5)]
    )
    expected = np.array([1, 0, -1, 0, 0]) @ np.linalg.pinv((A + A.T) / 2, rcond=1e-3) @ U
    assert found.total[1] == pytest.approx(expected, rel=1e-2)
    assert found.variance[1] == pytest.approx((found.influence[:, 1] ** 2).sum())


def test_scores_of_clusters_add_those_of_their_raters():
    y, cluster = scores(6, R=24), np.arange(24) // 2
    alone, joined = (cells_of(Ratings.from_array(y, cluster=c)) for c in (None, cluster))
    one = null_scores(alone, latent(alone, ONE), ONE)
    two = null_scores(joined, latent(joined, ONE), ONE)
    np.testing.assert_allclose(two.influence, one.influence[::2] + one.influence[1::2], atol=1e-12)


def test_scores_within_strata_have_their_variance():
    y, code = scores(7, R=24), np.repeat([0, 1], 12)
    cells = cells_of(Ratings.from_array(y))
    at = latent(cells, ONE)
    plain, found = null_scores(cells, at, ONE), null_scores(cells, at, ONE, Strata(code, np.array([0.5, 0])))
    parts = [plain.influence[code == h] for h in (0, 1)]
    expected = 12 * (0.5 * parts[0].var(axis=0, ddof=1) + parts[1].var(axis=0, ddof=1))
    np.testing.assert_allclose(found.variance, expected)
    np.testing.assert_allclose(
        found.standardised(np.zeros((1, 15)), np.full(15, 9.0)), found.total / np.sqrt(expected)
    )
