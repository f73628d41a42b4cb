"""The planner against published range quantiles and against simulated rounds."""

import json
import re

import numpy as np
import pytest
from scipy import stats

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.inference.studentized import range_probability, range_quantile
from analysis.sampling.planner import Assumptions, assumptions_from, invitations_needed, plan


@pytest.mark.parametrize(("k", "q"), [(2, 2.77), (3, 3.31), (5, 3.86), (10, 4.47), (20, 5.01), (30, 5.30)])
def test_range_quantiles_are_those_of_the_printed_tables(k, q):
    """Upper 5 % points of the studentized range, infinite degrees of freedom (Miller 1981, table II)."""
    assert round(range_quantile(0.95, k), 2) == q


def test_range_probability_agrees_with_scipy():
    assert range_probability(3.6, 12) == pytest.approx(stats.studentized_range.cdf(3.6, 12, 1e7), abs=1e-5)


def simulate(R, D, m, sd, rng, truth, exposure=None):
    """Own small fit: dense normal equations of the two-way layout with raters absorbed."""
    keys = rng.random((R, D)) if exposure is None else -np.log(exposure) - rng.gumbel(size=(R, D))
    n = (np.argsort(np.argsort(keys, axis=1), axis=1) < m).astype(float)
    y = truth + rng.normal(0, 20, (R, 1)) + rng.normal(0, sd, (R, D))
    mean = (n * y).sum(axis=1, keepdims=True) / m
    A = np.diag(n.sum(axis=0)) - n.T @ n / m
    return np.linalg.pinv(A) @ (n * (y - mean)).sum(axis=0)


def test_standard_error_of_a_difference_agrees_with_simulation():
    rng = np.random.default_rng(1)
    theta = np.array([simulate(200, 12, 5, 15, rng, np.zeros(12)) for _ in range(300)])
    simulated = np.sqrt(2 * theta.var() * 12 / 11)
    assert plan(200, 12, 5).se == pytest.approx(simulated, rel=0.05)


def test_uneven_exposure_agrees_with_simulation_and_with_the_balanced_formula():
    even = plan(200, 12, 5, exposure=np.ones(12))
    assert even.se == pytest.approx(plan(200, 12, 5).se, rel=0.02)
    assert even.df == pytest.approx(plan(200, 12, 5).df, rel=0.05)
    exposure = np.r_[np.full(10, 1.0), 0.15, 0.15]
    rng = np.random.default_rng(2)
    theta = np.array([simulate(200, 12, 5, 15, rng, np.zeros(12), exposure) for _ in range(300)])
    uneven = plan(200, 12, 5, exposure=exposure)
    assert uneven.se_worst == pytest.approx((theta[:, 10] - theta[:, 11]).std(), rel=0.1)
    assert uneven.se == pytest.approx((theta[:, 0] - theta[:, 1]).std(), rel=0.1)
    assert uneven.se_worst > 1.5 * uneven.se


def test_the_margin_is_exceeded_anywhere_in_five_percent_of_equal_rounds():
    rng = np.random.default_rng(3)
    expected = plan(150, 8, 4)
    ranges = [np.ptp(simulate(150, 8, 4, 15, rng, np.zeros(8))) for _ in range(1500)]
    assert np.mean(np.array(ranges) > expected.margin) == pytest.approx(0.05, abs=0.02)


def test_power_at_the_resolvable_difference_agrees_with_simulation():
    rng = np.random.default_rng(4)
    expected = plan(150, 8, 4)
    truth = np.r_[np.zeros(4), np.full(4, expected.resolvable)]
    gaps = np.array([np.subtract(*simulate(150, 8, 4, 15, rng, truth)[[7, 0]]) for _ in range(600)])
    assert np.mean(gaps > expected.margin) == pytest.approx(0.8, abs=0.05)


def test_share_of_resolved_pairs_agrees_with_simulation():
    rng = np.random.default_rng(5)
    expected = plan(400, 30, 8)
    found = []
    for _ in range(60):
        theta = simulate(400, 30, 8, 15, rng, rng.normal(0, 5, 30))
        gaps = np.abs(theta[:, None] - theta)[np.triu_indices(30, 1)]
        found.append(np.mean(gaps > expected.margin))
    assert np.mean(found) == pytest.approx(expected.pairs_resolved, abs=0.03)


def test_four_hundred_enterprises_cannot_order_thirty_departments_finely():
    modest = plan(400, 30, 8, Assumptions(response_rate=0.6))
    assert modest.raters == 240
    assert modest.verdict != "fine"
    assert modest.rank_set_width > 10
    assert "不能" in modest.summary()
    assert "no fine order" in modest.summary("en")
    json.dumps(modest.to_dict(), allow_nan=False)


def test_the_smallest_round_is_the_smallest():
    needed = invitations_needed(5.0, 30, 8, Assumptions(response_rate=0.5))
    assert needed.resolvable <= 5
    assert plan(needed.invited - 2, 30, 8, Assumptions(response_rate=0.5)).resolvable > 5


def test_two_departments_rated_by_everybody_are_a_paired_t_test():
    expected = plan(40, 2, 2)
    assert expected.se == pytest.approx(15 * np.sqrt(2 / 40))
    assert expected.df == pytest.approx(39)
    assert expected.critical == pytest.approx(stats.t.ppf(0.975, 39))


@pytest.mark.parametrize(
    ("attempt", "word"),
    [
        (lambda: plan(100, 10, 1), "只评一个"),
        (lambda: plan(100, 10, 11), "不超过 10"),
        (lambda: plan(100, 1, 1), "部门至少两个"),
        (lambda: plan(0, 10, 3), "邀请数"),
        (lambda: plan(10, 10, 3, Assumptions(response_rate=1.5)), "回收率"),
        (lambda: plan(10, 10, 3, Assumptions(sd_within=0)), "标准差"),
        (lambda: plan(10, 10, 3, exposure=[1, 2]), "接触机会"),
        (lambda: invitations_needed(0, 10, 3), "正数"),
        (lambda: invitations_needed(1e-3, 10, 3), "一千万"),
        (lambda: range_quantile(1.0, 5), "置信度"),
    ],
)
def test_impossible_plans_are_refused_in_words(attempt, word):
    with pytest.raises(InputError, match=word):
        attempt()


def test_assumptions_of_a_round_recover_its_truth():
    rng = np.random.default_rng(8)
    estimates = []
    for _ in range(40):
        y = 70 + rng.normal(0, 20, (60, 1)) + rng.normal(0, 6, 15) + rng.normal(0, 13, (60, 15))
        y[np.argsort(np.argsort(rng.random((60, 15)), axis=1), axis=1) >= 5] = np.nan
        found = assumptions_from(Ratings.from_array(y), response_rate=0.5)
        estimates.append((found.sd_within**2, found.spread**2))
    assert np.mean(estimates, axis=0) == pytest.approx([169, 36], rel=0.12)
    assert found.response_rate == 0.5


def test_assumptions_of_complete_tables_are_the_two_way_anova():
    y = np.random.default_rng(2).normal(70, 10, (8, 5))
    residual = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    found = assumptions_from(Ratings.from_array(y))
    assert found.sd_within**2 == pytest.approx((residual**2).sum() / (7 * 4))
    spread = y.mean(axis=0).var(ddof=1) - found.sd_within**2 / 8
    assert found.spread**2 == pytest.approx(max(spread, 0))
    with pytest.raises(InputError, match="标准差"):
        assumptions_from(Ratings.from_array([[80, 60]]))


SENTENCES = [
    (100, 10, 4.0, Assumptions()),
    (60, 2, 2.0, Assumptions(spread=20.0)),  # two departments
    (400, 30, 6.0, Assumptions(sd_within=10.0, spread=12.0, response_rate=0.5)),
    (40, 120, 3.0, Assumptions()),
    (80, 5, 5.0, Assumptions(spread=0.0)),  # all equal
    (9, 4, 1.5, Assumptions(sd_within=25.0)),
]


@pytest.mark.parametrize(("invited", "departments", "each", "assumed"), SENTENCES)
def test_every_number_of_the_plans_sentence(invited, departments, each, assumed):
    """The formulas of the module's text by scipy, the share of pairs by drawing true scores and errors."""
    found = plan(invited, departments, each, assumed)
    text = found.summary()
    values = [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", text)]
    answered = max(round(invited * assumed.response_rate), 1)
    se = assumed.sd_within * np.sqrt(2 * (departments - 1) / (answered * (each - 1)))
    normal = stats.studentized_range.ppf(0.95, departments, np.inf) / np.sqrt(2)
    critical = stats.t.ppf(stats.norm.cdf(normal), found.df)
    margin = critical * se
    resolvable = margin + stats.t.ppf(assumed.power, found.df) * se
    rng = np.random.default_rng(1)
    truth = rng.normal(0, np.sqrt(2) * assumed.spread, 400_000)
    told = float((np.abs(truth + rng.normal(0, se, truth.size)) > margin).mean())
    width = 1 + (departments - 1) * (1 - told)
    assert values[:4] == [invited, answered, each, departments]
    assert values[4] == pytest.approx(margin, abs=0.06, rel=0.004)
    assert values[5:7] == [departments * (departments - 1) // 2, 95]
    assert values[7] == pytest.approx(resolvable, abs=0.06, rel=0.004)
    assert values[8:10] == [100 * assumed.power, assumed.spread]
    assert values[10] == pytest.approx(100 * told, abs=0.4)
    assert values[11] == pytest.approx(width, abs=0.6)
    words = "较细" if told >= 0.75 else "几个档次" if told >= 0.25 else "少数部门"
    assert words in text


def test_the_number_of_enterprises_needed_is_the_least_that_suffices():
    for difference in (3.0, 5.0, 10.0):
        needed = invitations_needed(difference, 12, 4.0)
        assert needed.resolvable <= difference
        assert plan(needed.invited - 1, 12, 4.0).resolvable > difference
