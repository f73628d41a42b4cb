"""Alpha and omega against R's psych (tests/data/reference/reliability_psych.json says how they were made)."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.items.omega import mcdonald_omega, omega_from_covariance
from analysis.items.reliability import (
    alpha_from_covariance,
    cronbach_alpha,
    feldt_interval,
    rating_reliability,
)

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
EXPECTED = json.loads((REFERENCE / "reliability_psych.json").read_text("utf-8"))["expected"]
ATTITUDE = np.loadtxt(REFERENCE / "attitude.csv", delimiter=",", skiprows=1)


def test_alpha_of_attitude_agrees_with_psych_alpha():
    alpha = cronbach_alpha(ATTITUDE)
    assert alpha.raw == pytest.approx(EXPECTED["attitude"]["raw_alpha"], abs=1e-8)
    assert alpha.standardised == pytest.approx(EXPECTED["attitude"]["std_alpha"], abs=1e-8)
    assert (alpha.n, alpha.k) == (30, 7)


def test_omega_of_attitude_agrees_with_psych_omega():
    assert mcdonald_omega(ATTITUDE).total == pytest.approx(EXPECTED["attitude"]["omega_total"], abs=5e-4)


def test_feldt_interval_agrees_with_psych_for_agreeableness():
    complete = EXPECTED["agreeableness_complete"]
    assert feldt_interval(complete["raw_alpha"], complete["n"], 5) == pytest.approx(
        complete["feldt_ci"], abs=1e-8
    )


def test_omega_totals_of_agreeableness_follow_from_its_printed_loadings():
    """The model R = λλᵀ + ψ is fitted exactly, so both methods must return psych's loadings."""
    complete = EXPECTED["agreeableness_complete"]
    loadings = np.array(complete["loadings_minres"])
    R = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    for method in ("minres", "ml"):
        omega = omega_from_covariance(R, method=method)
        assert omega.loadings == pytest.approx(loadings, abs=1e-6)
        assert omega.model == pytest.approx(complete["omega_from_minres"], abs=1e-6)
        assert omega.uniquenesses == pytest.approx(complete["uniqueness_minres"], abs=1e-6)


def test_minres_beats_every_nearby_and_random_start():
    R = np.corrcoef(ATTITUDE, rowvar=False)
    off = ~np.eye(7, dtype=bool)

    def misfit(loadings):
        return ((R - np.outer(loadings, loadings))[off] ** 2).sum()

    ours = misfit(mcdonald_omega(ATTITUDE).loadings)
    rng = np.random.default_rng(1)
    for _ in range(5):
        other = optimize.minimize(misfit, rng.uniform(0.1, 0.9, 7), method="BFGS")
        assert ours <= other.fun + 1e-9


def test_maximum_likelihood_is_stationary_for_the_full_likelihood():
    """Second implementation: minimise log|Σ| + tr(Σ⁻¹R) over loadings and uniquenesses freely."""
    R = np.corrcoef(ATTITUDE, rowvar=False)

    def deviance(parameters):
        sigma = np.outer(parameters[:7], parameters[:7]) + np.diag(np.exp(parameters[7:]))
        return np.linalg.slogdet(sigma)[1] + np.trace(np.linalg.solve(sigma, R))

    free = optimize.minimize(deviance, np.r_[np.full(7, 0.6), np.full(7, -0.5)], method="BFGS")
    ours = mcdonald_omega(ATTITUDE, method="ml")
    assert ours.loadings == pytest.approx(free.x[:7], abs=2e-4)


def test_standard_error_agrees_with_the_simulated_spread_of_alpha():
    rng = np.random.default_rng(7)
    sigma = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    draws = rng.multivariate_normal(np.zeros(5), sigma, size=(2000, 120))
    alphas = [cronbach_alpha(draw).raw for draw in draws]
    assert np.std(alphas) == pytest.approx(alpha_from_covariance(sigma, 120).se, rel=0.06)


def test_standard_error_of_parallel_items_has_a_closed_form():
    """van Zyl, Neudecker & Nel (2000): for compound symmetry, var = 2k(1 − α)²/((k − 1)n)."""
    alpha = alpha_from_covariance(np.full((4, 4), 0.5) + 0.5 * np.eye(4), 200)
    assert alpha.se == pytest.approx(np.sqrt(2 * 4 * (1 - alpha.raw) ** 2 / (3 * 200)))


def test_item_statistics_are_those_of_the_scores():
    alpha = cronbach_alpha(ATTITUDE, tuple("abcdefg"))
    for i, item in enumerate(alpha.items):
        rest = np.delete(ATTITUDE, i, axis=1)
        assert item.alpha_without == pytest.approx(cronbach_alpha(rest).raw)
        assert item.r_rest == pytest.approx(np.corrcoef(ATTITUDE[:, i], rest.sum(axis=1))[0, 1])
    assert [item.name for item in alpha.items] == list("abcdefg")


def test_gaps_are_left_out_by_row_or_pairwise():
    rng = np.random.default_rng(3)
    gaps = ATTITUDE.copy()
    gaps[rng.random(gaps.shape) < 0.08] = np.nan
    complete = gaps[~np.isnan(gaps).any(axis=1)]
    assert cronbach_alpha(gaps).raw == pytest.approx(cronbach_alpha(complete).raw)

    def shared(i, j):
        return gaps[~np.isnan(gaps[:, [i, j]]).any(axis=1)][:, [i, j]]

    pairwise = np.array([[np.cov(shared(i, j).T)[0, 1] for j in range(7)] for i in range(7)])
    for i in range(7):
        pairwise[i, i] = np.nanvar(gaps[:, i], ddof=1)
    expected = alpha_from_covariance(pairwise).raw
    assert cronbach_alpha(gaps, pairwise=True).raw == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        (np.ones((5, 1)), "两个指标"),
        (np.arange(4).reshape(2, 2), "不足 3 人"),
        (np.c_[np.arange(5), np.ones(5)], "第 2 个指标"),
        (np.ones(5), "二维"),
        (np.full((4, 2), np.inf), "无穷大"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_words(scores, word):
    with pytest.raises(InputError, match=word):
        cronbach_alpha(scores)


def test_maximum_likelihood_refuses_an_item_that_repeats_others():
    with pytest.raises(InputError, match="重复"):
        mcdonald_omega(np.c_[ATTITUDE[:, :3], ATTITUDE[:, :2].sum(axis=1)], method="ml")


def test_summaries_speak_both_languages_and_json_has_no_nan():
    alpha = alpha_from_covariance(np.cov(ATTITUDE, rowvar=False))
    assert "0.84" in alpha.summary()
    assert "0.84" in alpha.summary("en")
    json.dumps(alpha.to_dict(), allow_nan=False)
    assert "0.85" in mcdonald_omega(ATTITUDE).summary("en")
    with pytest.raises(InputError):
        alpha.summary("fr")


def test_reliability_of_ratings_takes_cells_as_rows_and_counts_raters():
    rng = np.random.default_rng(5)
    cube = rng.normal(size=(40, 3, 1)) + rng.normal(size=(40, 3, 4))
    cube[rng.random((40, 3)) < 0.3] = np.nan
    cube[0] = np.nan
    cube[1, 0, 2] = np.nan
    ratings = Ratings.from_array(cube, item_names=["a", "b", "c", "总体评价"])
    alpha, omega = rating_reliability(ratings, without=("总体评价",))
    rows = cube.reshape(-1, 4)[:, :3]
    assert alpha.raw == pytest.approx(cronbach_alpha(rows).raw)
    assert alpha.n == int((~np.isnan(cube[:, :, :3]).any(axis=2)).any(axis=1).sum())
    assert omega is not None
    assert omega.total == pytest.approx(mcdonald_omega(rows).total)
    assert rating_reliability(ratings, without=("c", "总体评价"))[1] is None


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_uncorrelated_items_measure_nothing_together(method):
    """A single loading leaves no residual either; the solution without any is meant."""
    assert omega_from_covariance(np.eye(4), method=method).total == pytest.approx(0, abs=1e-6)
