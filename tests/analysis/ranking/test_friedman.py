"""The omnibus test against Friedman, Skillings-Mack and Durbin, and against permutations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from references import long_table, reference
from scipy.stats import friedmanchisquare, rankdata

from analysis import Ratings
from analysis.model.blocks import blocks
from analysis.model.cells import cells_of
from analysis.ranking.friedman import _rank_scores, friedman, friedman_test


def test_of(rater, department, score, **options):
    return friedman(cells_of(Ratings.from_columns(rater, department, score, **options)))


test_of.__test__ = False  # type: ignore[attr-defined]


def test_friedman_with_heavy_ties():
    # R: friedman.test(wine); irr::kendall(correct = TRUE)
    table = long_table("friedman_wine")
    expected = reference("friedman_wine")["expected"]["friedman"]
    found = test_of(table["rater"], table["department"], table["score"])
    assert found.statistic == pytest.approx(expected["statistic"], abs=1e-8)
    assert found.df1 == expected["df"]
    assert found.p_value == pytest.approx(expected["p"], abs=1e-8)


def test_skillings_mack():
    # R: PMCMRplus::skillingsMackTest; Skillings & Mack (1981), table 1: T = 15.493
    table = long_table("skillings_mack_1981")
    expected = reference("skillings_mack_1981")["expected"]
    found = test_of(table["rater"], table["department"], table["score"])
    assert found.statistic == pytest.approx(expected["statistic"], abs=1e-6)
    assert found.df1 == expected["df"]
    assert found.p_value == pytest.approx(expected["p"], abs=1e-8)


def test_durbin():
    # Conover (1999), p. 391: seven ice creams, seven judges of three each; T1 = 12, 6 degrees of freedom
    person = np.repeat(np.arange(7), 3)
    variety = [1, 2, 4, 2, 3, 5, 3, 4, 6, 4, 5, 7, 1, 5, 6, 2, 6, 7, 1, 3, 7]
    preference = [2, 3, 1, 3, 1, 2, 2, 1, 3, 1, 2, 3, 3, 1, 2, 3, 1, 2, 3, 1, 2]
    found = test_of(person, variety, preference)
    assert found.statistic == pytest.approx(12.0, abs=1e-10)
    assert found.df1 == 6
    assert found.p_value == pytest.approx(0.06196880, abs=1e-8)


def test_complete_ratings_agree_with_scipy():
    scores = np.random.default_rng(1).integers(1, 6, (30, 5)).astype(float)
    assert friedman(cells_of(Ratings.from_array(scores))).statistic == pytest.approx(
        friedmanchisquare(*scores.T).statistic, rel=1e-10
    )


def test_incomplete_with_ties_has_its_permutation_size():
    g = np.random.default_rng(2)
    scores = g.integers(1, 4, (25, 6)).astype(float)
    scores[g.random(scores.shape) < 0.4] = np.nan
    statistics = []
    for _ in range(400):
        shuffled = scores.copy()
        for row in shuffled:
            given = ~np.isnan(row)
            row[given] = g.permutation(row[given])
        statistics.append(friedman(cells_of(Ratings.from_array(shuffled))).statistic)
    assert np.mean(statistics) == pytest.approx(5, abs=0.5)
    assert np.mean(np.array(statistics) > 11.07) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_nothing_to_tell_apart():
    found = friedman(cells_of(Ratings.from_array(np.full((12, 3), 4.0))))
    assert found.p_value == 1.0


def test_permutation_p_is_exact_for_a_design_small_enough_to_enumerate():
    # Three judges, three wines, no ties: all 6³ orders (up to one fixed) give the exact distribution
    orders = list(itertools.permutations([1.0, 2.0, 3.0]))
    observed = np.array([[1.0, 2, 3], [1, 3, 2], [1, 2, 3]])
    at = friedmanchisquare(*observed.T).statistic
    every = [
        friedmanchisquare(*np.array([a, b, c]).T).statistic for a in orders for b in orders for c in orders
    ]
    exact = np.mean(np.array(every) >= at - 1e-9)
    found = friedman_test(Ratings.from_array(observed), permutations=4000)
    assert found.statistic == pytest.approx(at)
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))


def test_permutation_p_with_ties_and_gaps_is_near_its_chi_square():
    g = np.random.default_rng(3)
    scores = g.integers(1, 4, (80, 5)) + np.arange(5) * 0.1
    scores = np.where(g.random(scores.shape) < 0.3, np.nan, np.round(scores))
    ratings = Ratings.from_array(scores)
    assert friedman_test(ratings, permutations=2000).p_value == pytest.approx(
        friedman_test(ratings).p_value, abs=0.03
    )


def test_the_test_explains_itself():
    different = friedman_test(Ratings.from_array(np.tile([1.0, 2.0, 3.0], (20, 1))))
    assert different.summary() == "各部门的评价不全相同（Friedman, χ² = 40.00, df = 2, p < 0.001）。"
    alike = friedman_test(Ratings.from_array(np.full((12, 3), 4.0)))
    assert alike.summary("en").startswith("No difference between departments was found")
    assert different.to_dict() == {
        "statistic": pytest.approx(40.0), "df1": 2.0, "df2": None,
        "p_value": pytest.approx(np.exp(-20)), "method": "Friedman",
    }  # fmt: skip


def scored(cube, **options):
    (block,) = blocks(cells_of(Ratings.from_array(cube, **options)), lambda m: 1)
    return [part[0] for part in _rank_scores(block)]


@pytest.mark.parametrize("gaps", [[], [(0, 0)], [(0, 0), (1, 0), (2, 2)], [(0, 0), (0, 1), (1, 2), (3, 1)]])
def test_covariance_over_items_is_that_of_all_orders_of_the_departments(gaps):
    """One rater, three items with ties: all 4! orders of the complete answers, the gaps staying."""
    cube = np.random.default_rng(4).integers(1, 5, (4, 3)).astype(float)
    weights = {"1": 0.5, "2": 0.3, "3": 0.2}
    scores, covariances = [], []
    for order in itertools.permutations(range(4)):
        moved = cube[list(order)]
        for place in gaps:
            moved[place] = np.nan
        score, covariance = scored(moved[None], item_weights=weights)
        scores.append(score)
        covariances.append(covariance)
    np.testing.assert_allclose(np.mean(scores, axis=0), 0, atol=1e-12)
    expected = np.cov(np.array(scores).T, bias=True)
    np.testing.assert_allclose(np.mean(covariances, axis=0), expected, atol=1e-12)
    if not gaps:
        np.testing.assert_allclose(covariances[5], expected, atol=1e-12)


def test_scores_over_items_are_sums_of_ranks_within_the_item():
    cube = np.random.default_rng(6).integers(1, 5, (5, 3)).astype(float)
    cube[0, 1] = cube[2, 1] = cube[4, 2] = np.nan
    score, _ = scored(cube[None])
    expected = np.zeros(5)
    for column in cube.T:
        there = ~np.isnan(column)
        m = there.sum()
        expected[there] += np.sqrt(12 / (m + 1)) * (rankdata(column[there]) - (m + 1) / 2) / 3
    np.testing.assert_allclose(score, expected)


def missing_items(seed, R=60, better=0.0):
    """Six departments, three items; the first three lack the easy one, further gaps at random."""
    g = np.random.default_rng(seed)
    logit = g.normal(0, 1, (R, 1, 1)) + g.normal(0, 0.7, (R, 6, 1)) + np.array([2.0, 0, -0.5])
    logit = logit + better * (np.arange(6) == 0)[:, None] + g.logistic(size=(R, 6, 3))
    cube = 20.0 * (1 + np.searchsorted([-2.5, -1, 0.5, 2], logit))
    cube[:, :3, 0] = np.nan
    cube[g.random(cube.shape) < 0.1] = np.nan
    return Ratings.from_array(cube)


def test_items_missing_by_department_have_their_size():
    """The attack: means over items rejected in every round."""
    p = np.array([friedman_test(missing_items(seed)).p_value for seed in range(300)])
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=2.5 * np.sqrt(0.05 * 0.95 / 300))
    assert p.mean() == pytest.approx(0.5, abs=0.06)
    assert friedman_test(missing_items(1, R=200, better=1.0)).p_value < 1e-4


def test_permutations_with_missing_items_exchange_like_with_like():
    g = np.random.default_rng(8)
    cube = g.integers(1, 6, (30, 4, 2)).astype(float)
    cube[:, 0, 0] = np.nan
    ratings = Ratings.from_array(cube)
    assert friedman_test(ratings, permutations=500).p_value == pytest.approx(
        friedman_test(ratings).p_value, abs=0.2
    )
    unlike = Ratings.from_array(cube[:, :2])
    assert friedman_test(unlike, permutations=50).p_value == 1.0
