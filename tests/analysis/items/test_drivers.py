"""Relative importance against published examples, brute force over orderings, and known truths."""

import itertools
import json

import numpy as np
import pytest

from analysis import Ratings
from analysis.errors import InputError
from analysis.items.drivers import importance, ordered
from analysis.items.performance import ImportancePerformance, importance_performance
from analysis.items.relative_weights import johnson, lmg

# R's `datasets::mtcars` (Henderson & Velleman 1981): mpg, cyl, disp, hp, gear.
MTCARS = np.array(
    [
        [21, 6, 160, 110, 4], [21, 6, 160, 110, 4], [22.8, 4, 108, 93, 4], [21.4, 6, 258, 110, 3],
        [18.7, 8, 360, 175, 3], [18.1, 6, 225, 105, 3], [14.3, 8, 360, 245, 3], [24.4, 4, 146.7, 62, 4],
        [22.8, 4, 140.8, 95, 4], [19.2, 6, 167.6, 123, 4], [17.8, 6, 167.6, 123, 4], [16.4, 8, 275.8, 180, 3],
        [17.3, 8, 275.8, 180, 3], [15.2, 8, 275.8, 180, 3], [10.4, 8, 472, 205, 3], [10.4, 8, 460, 215, 3],
        [14.7, 8, 440, 230, 3], [32.4, 4, 78.7, 66, 4], [30.4, 4, 75.7, 52, 4], [33.9, 4, 71.1, 65, 4],
        [21.5, 4, 120.1, 97, 3], [15.5, 8, 318, 150, 3], [15.2, 8, 304, 150, 3], [13.3, 8, 350, 245, 3],
        [19.2, 8, 400, 175, 3], [27.3, 4, 79, 66, 4], [26, 4, 120.3, 91, 5], [30.4, 4, 95.1, 113, 5],
        [15.8, 8, 351, 264, 5], [19.7, 6, 145, 175, 5], [15, 8, 301, 335, 5], [21.4, 4, 121, 109, 4],
    ]
)  # fmt: skip


def correlations(seed=0, p=5, n=60):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p + 1)) @ rng.normal(size=(p + 1, p + 1))
    R = np.corrcoef(X, rowvar=False)
    return R[:p, :p], R[:p, p]


def brute_force(R, r):
    """Average over all orderings of the increase in R²."""
    p = len(r)

    def explained(chosen):
        chosen = list(chosen)
        return (
            r[chosen] @ np.linalg.lstsq(R[np.ix_(chosen, chosen)], r[chosen], rcond=None)[0]
            if chosen
            else 0.0
        )

    gains = np.zeros(p)
    orders = list(itertools.permutations(range(p)))
    for order in orders:
        for k, item in enumerate(order):
            gains[item] += explained(order[: k + 1]) - explained(order[:k])
    return gains / len(orders)


def test_relative_weights_of_mtcars_are_those_rwa_prints():
    """rwa::rwa(mtcars, "mpg", c("cyl", "disp", "hp", "gear")), as its README prints."""
    R = np.corrcoef(MTCARS, rowvar=False)
    ours = johnson(R[1:, 1:], R[1:, 0])
    assert ours == pytest.approx([0.2284797, 0.2221469, 0.2321744, 0.0963886], abs=5e-7)
    assert ours.sum() == pytest.approx(0.7791896, abs=5e-7)


def test_lmg_of_mtcars_is_that_of_relaimpo():
    """relaimpo 2.2-7: calc.relimp(lm(mpg ~ cyl + disp + hp + gear, mtcars), type = "lmg")."""
    R = np.corrcoef(MTCARS, rowvar=False)
    expected = [0.2470520332352, 0.2434995947956, 0.2109128995443, 0.0777251114079]
    assert lmg(R[1:, 1:], R[1:, 0]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_lmg_is_the_average_over_orderings(seed):
    R, r = correlations(seed)
    assert lmg(R, r) == pytest.approx(brute_force(R, r))


@pytest.mark.parametrize("seed", range(4))
def test_both_add_up_to_r_squared(seed):
    R, r = correlations(seed)
    total = r @ np.linalg.solve(R, r)
    assert lmg(R, r).sum() == pytest.approx(total)
    assert johnson(R, r).sum() == pytest.approx(total)


def test_of_uncorrelated_items_each_explains_its_squared_correlation():
    r = np.array([0.5, 0.3, 0.1])
    assert lmg(np.eye(3), r) == pytest.approx(r**2)
    assert johnson(np.eye(3), r) == pytest.approx(r**2)


def test_two_items_have_a_closed_form():
    """LMG of two, written out; Johnson's weights are the same for two items (LeBreton et al. 2004)."""
    rho, r1, r2 = 0.6, 0.7, 0.5
    total = (r1**2 + r2**2 - 2 * rho * r1 * r2) / (1 - rho**2)
    expected = [(r1**2 + total - r2**2) / 2, (r2**2 + total - r1**2) / 2]
    R = np.array([[1, rho], [rho, 1]])
    assert lmg(R, np.array([r1, r2])) == pytest.approx(expected)
    assert johnson(R, np.array([r1, r2])) == pytest.approx(expected)


def test_stacked_matrices_are_computed_one_by_one():
    pairs = [correlations(seed) for seed in range(3)]
    R, r = np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs])
    for split in (lmg, johnson):
        assert split(R, r) == pytest.approx(np.stack([split(a, b) for a, b in pairs]))


ITEMS = ["服务态度", "办事效率", "廉洁自律", "总体评价"]


def answers(R=300, D=5, seed=1, weights=(0.6, 0.3, 0.0), lenient=20.0):
    rng = np.random.default_rng(seed)
    own = rng.normal(0, lenient, (R, 1, 1))
    items = 60 + own + rng.normal(0, 10, (R, D, 3))
    overall = (items - 60 - own) @ np.array(weights) + 60 + own[:, :, 0] + rng.normal(0, 4, (R, D))
    cube = np.concatenate([items, overall[:, :, None]], axis=2)
    cube[rng.random((R, D)) < 0.3] = np.nan
    return cube


def ratings_of(cube, **options):
    names = [f"部门{d + 1}" for d in range(cube.shape[1])]
    return Ratings.from_array(cube, department_names=names, item_names=ITEMS, **options)


def test_importance_recovers_the_truth_within_raters_despite_leniency():
    """Independent items with slopes .6, .3, 0: shares of R² are 36 : 9 : 0."""
    drivers = importance(ratings_of(answers()), "总体评价")
    shares = {d.item: d.importance for d in drivers.drivers}
    assert shares["服务态度"] == pytest.approx(0.8, abs=0.03)
    assert shares["廉洁自律"] == pytest.approx(0.0, abs=0.01)
    assert drivers.r_squared == pytest.approx(45 / (45 + 16), abs=0.03)
    assert [d.item for d in ordered(drivers)][:2] == ["服务态度", "办事效率"]


def test_without_removing_leniency_everything_would_seem_to_matter():
    """The attack: leniency alone correlates all items. Raw correlations give 廉洁自律 a large share."""
    cube = answers(lenient=20)
    flat = cube.reshape(-1, 4)
    R = np.corrcoef(flat[~np.isnan(flat).any(axis=1)], rowvar=False)
    naive = lmg(R[:3, :3], R[:3, 3])
    assert naive[2] / naive.sum() > 0.2
    within = importance(ratings_of(cube), "总体评价").drivers[2]
    assert within.importance < 0.01


def test_point_values_are_those_of_a_regression_with_rater_dummies():
    cube = answers(60)
    drivers = importance(ratings_of(cube), "总体评价", method="johnson")
    complete = ~np.isnan(cube).any(axis=2)
    rows, rater = cube[complete], np.nonzero(complete)[0]
    dummies = np.eye(60)[rater]
    residual = rows - dummies @ np.linalg.lstsq(dummies, rows, rcond=None)[0]
    R = np.corrcoef(residual, rowvar=False)
    assert [d.raw for d in drivers.drivers] == pytest.approx(johnson(R[:3, :3], R[:3, 3]))
    assert [d.correlation for d in drivers.drivers] == pytest.approx(R[3, :3])


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    covered = 0
    for seed in range(60):
        drivers = importance(ratings_of(answers(80, seed=seed)), "总体评价", draws=200)
        low, high = drivers.drivers[0].ci
        covered += low <= 0.8 <= high
    assert covered >= 60 * 0.95 - 3 * np.sqrt(60 * 0.95 * 0.05)


def test_many_raters_are_resampled_in_sets_with_like_intervals(monkeypatch):
    ratings = ratings_of(answers(600))
    alone = importance(ratings, "总体评价")
    monkeypatch.setattr("analysis.items.drivers._MOST_CLUSTERS", 200)
    in_sets = importance(ratings, "总体评价")
    assert [d.importance for d in in_sets.drivers] == pytest.approx([d.importance for d in alone.drivers])
    widths = [
        np.subtract(*d.ci) / np.subtract(*e.ci)
        for d, e in zip(in_sets.drivers[:2], alone.drivers, strict=False)
    ]
    assert widths == pytest.approx([1, 1], abs=0.25)


def test_weights_repeat_raters():
    cube = answers(60)
    doubled = importance(ratings_of(np.concatenate([cube, cube[:30]])), "总体评价")
    weighted = importance(ratings_of(cube, weight=np.r_[np.full(30, 2.0), np.ones(30)]), "总体评价")
    assert [d.raw for d in weighted.drivers] == pytest.approx([d.raw for d in doubled.drivers])


def test_importance_performance_of_a_department_and_its_threshold():
    cube = answers()
    cube[9:, 4] = np.nan
    ratings = ratings_of(cube)
    drivers = importance(ratings, "总体评价")
    points = importance_performance(ratings, drivers, "部门1")
    assert points.performance == pytest.approx(np.nanmean(cube[:, 0, :3], axis=0))
    assert points.n.tolist() == [int((~np.isnan(cube[:, 0, 0])).sum())] * 3
    assert np.isnan(importance_performance(ratings, drivers, "部门5").performance).all()
    everywhere = importance_performance(ratings, drivers)
    assert everywhere.performance == pytest.approx(np.nanmean(cube.reshape(-1, 4)[:, :3], axis=0))
    json.dumps(points.to_dict(), allow_nan=False)
    with pytest.raises(InputError, match="部门9"):
        importance_performance(ratings, drivers, "部门9")


def test_summary_names_the_items_and_warns_of_causes():
    drivers = importance(ratings_of(answers()), "总体评价")
    assert drivers.summary().index("服务态度") < drivers.summary().index("廉洁自律")
    assert "不等于" in drivers.summary()
    assert "need not" in drivers.summary("en")
    json.dumps(drivers.to_dict(), allow_nan=False)


def test_what_cannot_be_analysed_is_refused_in_words():
    cube = answers()
    with pytest.raises(InputError, match="总分"):
        importance(ratings_of(cube), "总分")
    with pytest.raises(InputError, match="太少"):
        importance(ratings_of(cube[:6]), "总体评价")
    flat = cube.copy()
    flat[:, :, 1] = np.where(np.isnan(flat[:, :, 1]), np.nan, 80)
    with pytest.raises(InputError, match="办事效率"):
        importance(ratings_of(flat), "总体评价")
    copied = cube.copy()
    copied[:, :, 1] = copied[:, :, 0]
    with pytest.raises(InputError, match="重复"):
        importance(ratings_of(copied), "总体评价")
    with pytest.raises(InputError, match="Johnson"):
        lmg(np.eye(13), np.zeros(13))


def test_importance_performance_says_what_to_improve_first():
    weights = np.array([0.6, 0.3, 0.1])
    points = ImportancePerformance(
        "税务局",
        ("甲", "乙", "丙"),
        weights,
        weights,
        weights,
        np.array([70.0, 80.0, np.nan]),
        np.full(3, 20),
    )
    assert points.summary().startswith("税务局：对总体评价影响较大而得分偏低的指标（只比较点估计）：甲。")
    assert "样本不足、未计得分：丙" in points.summary()
    assert "(point estimates alone): 甲." in points.summary("en")
