"""Change between rounds and several rounds combined, against hand-worked values and simulation."""

import json

import numpy as np
import pytest
from simulated_groups import rated

from analysis import Ratings
from analysis.errors import InputError
from analysis.trends import combine_rounds, compare_rounds


def names(D):
    return [f"部门{j + 1}" for j in range(D)]


def ratings_of(X, labels=None):
    return Ratings.from_array(X, department_names=labels or names(X.shape[1]))


def test_change_of_complete_rounds_is_the_difference_of_centred_means():
    X, Y = rated(40, 5, 5, seed=1)[0], rated(50, 5, 5, seed=2)[0]
    result = compare_rounds(ratings_of(X), ratings_of(Y))
    x, y = X - X.mean(axis=1, keepdims=True), Y - Y.mean(axis=1, keepdims=True)
    assert [c.change for c in result.changes] == pytest.approx(y.mean(axis=0) - x.mean(axis=0))
    se = np.sqrt(x.var(axis=0, ddof=1) / 40 + y.var(axis=0, ddof=1) / 50)
    assert [c.se for c in result.changes] == pytest.approx(se)
    assert [c.before for c in result.changes] == pytest.approx(X.mean(axis=0))
    assert [c.after for c in result.changes] == pytest.approx(Y.mean(axis=0))


def test_departments_are_matched_by_name_whatever_their_order():
    X, Y = rated(80, 5, 4, seed=1)[0], rated(80, 5, 4, seed=2)[0]
    order = [3, 0, 4, 1, 2]
    plain = compare_rounds(ratings_of(X), ratings_of(Y))
    mixed = compare_rounds(ratings_of(X), ratings_of(Y[:, order], [names(5)[j] for j in order]))
    assert [c.change for c in mixed.changes] == pytest.approx([c.change for c in plain.changes])


def test_a_round_against_itself_shows_no_change():
    X = rated(80, 5, 4)[0]
    result = compare_rounds(ratings_of(X), ratings_of(X))
    assert [c.change for c in result.changes] == pytest.approx([0] * 5, abs=1e-9)
    assert {c.direction for c in result.changes} == {"same"}
    assert "没有部门相对上升" in result.summary()


def test_a_real_move_is_found_and_a_general_rise_is_not_one():
    X, Y = rated(300, 6, 4, seed=3, ceiling=-10)[0], rated(300, 6, 4, seed=3, ceiling=-10)[0]
    rng = np.random.default_rng(9)
    moved = np.clip(Y + 20, 20, 100)
    moved[:, 2] = np.clip(Y[:, 2] + 20 - 20 * (rng.random(300) < 0.9), 20, 100)
    result = compare_rounds(ratings_of(X), ratings_of(moved))
    assert [c.department for c in result.moved("down")] == ["部门3"]
    assert result.moved("up") == ()
    assert "部门3" in result.summary()
    assert "relatively down" in result.summary("en")
    json.dumps(result.to_dict(), allow_nan=False)


def test_false_moves_stay_within_five_percent_when_the_raters_change():
    wrong = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        theta = rng.normal(0, 5, 8)
        rounds = []
        for lenient, top in ((0, 12), (10, 12)):
            own = rng.normal(lenient, 12, (120, 1))
            y = 70 + top + own + theta + rng.normal(0, 15, (120, 8))
            rates = np.argsort(np.argsort(rng.random((120, 8)), axis=1), axis=1) < 5
            rounds.append(ratings_of(np.where(rates, 20 * np.clip(np.round(y / 20), 1, 5), np.nan)))
        result = compare_rounds(*rounds, draws=1000, seed=seed)
        wrong += any(c.direction != "same" for c in result.changes)
    assert wrong / 150 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)


def test_departments_of_one_round_only_are_listed_apart():
    X, Y = rated(80, 5, 4, seed=1)[0], rated(80, 5, 4, seed=2)[0]
    result = compare_rounds(ratings_of(X), ratings_of(Y, [*names(4), "新部门"]))
    assert result.not_compared == ("部门5", "新部门")
    assert "新部门" in result.summary()
    with pytest.raises(InputError, match="各组（轮）"):
        compare_rounds(ratings_of(X), ratings_of(Y, list("abcde")))


def test_combined_rounds_are_the_weighted_mean_with_the_summed_variance():
    X, Y = rated(60, 5, 5, seed=1)[0], rated(90, 5, 5, seed=2)[0]
    both = combine_rounds([ratings_of(X), ratings_of(Y)], weights=[1, 3])
    assert both.estimates == pytest.approx(0.25 * X.mean(axis=0) + 0.75 * Y.mean(axis=0))
    centred = [Z - Z.mean(axis=1, keepdims=True) for Z in (X, Y)]
    V = sum(w**2 * np.cov(c, rowvar=False) / len(c) for w, c in zip((0.25, 0.75), centred, strict=True))
    assert both.covariance == pytest.approx(V)
    parts = [
        w**2 * (c[:, 0] - c[:, 1]).var(ddof=1) / len(c) for w, c in zip((0.25, 0.75), centred, strict=True)
    ]
    assert both.df[0, 1] == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 59 + parts[1] ** 2 / 89))
    json.dumps(both.to_dict(), allow_nan=False)


def test_the_year_is_ranked_more_finely_than_a_quarter():
    rng = np.random.default_rng(4)
    theta = np.linspace(-6, 6, 8)
    quarters = [
        ratings_of(70 + rng.normal(0, 12, (80, 1)) + theta + rng.normal(0, 15, (80, 8))) for _ in range(4)
    ]
    year = combine_rounds(quarters)
    alone = combine_rounds(quarters[:2])
    assert year.ranking().departments[0].name == "部门8"
    assert year.ranking().pairs.significant.sum() > alone.ranking().pairs.significant.sum()
    assert "4 轮合并" in year.summary()
    assert "4 rounds" in year.summary("en")


@pytest.mark.parametrize(
    ("weights", "count", "word"), [(None, 1, "两轮"), ([1, -1], 2, "正数"), ([1], 2, "2 个正数")]
)
def test_rounds_that_cannot_be_combined_are_refused(weights, count, word):
    X = rated(60, 5, 5)[0]
    with pytest.raises(InputError, match=word):
        combine_rounds([ratings_of(X)] * count, weights=weights)
