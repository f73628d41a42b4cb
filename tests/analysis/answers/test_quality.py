"""Careless-response indices against hand-worked and literally written second implementations."""

import json

import numpy as np
import pytest
from scipy import spatial, stats

from analysis.answers import careless
from analysis.answers.covariances import pairwise_covariance
from analysis.answers.quality import Cutoffs, questionnaire, rating_quality, response_quality, screened
from analysis.answers.ratings import Ratings
from analysis.compare.sensitivity import ranking_sensitivity, sensitivity
from analysis.errors import InputError
from analysis.ranking.rank import rank

_ = np.nan


def answers_of(n=200, departments=6, items=4, seed=5):
    rng = np.random.default_rng(seed)
    latent = rng.normal(0, 1, (n, 1, 1)) * 0.5 + rng.normal(0, 1, (1, departments, 1))
    latent = latent + rng.normal(0, 0.7, (n, departments, 1)) + rng.normal(0, 0.5, (n, departments, items))
    points = 20 * np.clip(np.round(latent + 3.5), 1, 5)
    return points.reshape(n, -1), np.repeat(np.arange(departments), items)


def test_longstring_counts_the_longest_run_of_equal_answers():
    rows = [[1, 1, 2, 2, 2, 1], [5, 5, 5, 5, 5, 5], [1, 2, 3, 4, 5, 4], [3, _, 3, 3, 2, _], [_] * 6]
    assert careless.longstring(rows).tolist() == [3, 6, 1, 3, 0]


def test_longstring_agrees_with_run_length_encoding():
    X, _scales = answers_of()
    expected = []
    for row in X:
        breaks = np.flatnonzero(np.diff(row)) + 1
        expected.append(max(len(run) for run in np.split(row, breaks)))
    assert careless.longstring(X).tolist() == expected


def test_variability_is_the_sample_standard_deviation():
    assert careless.intra_individual_variability([[2, 4, 4, 4, 5, 5, 7, 9], [1, _, _, _, _, _, _, _]])[0] == (
        pytest.approx(np.sqrt(32 / 7))
    )
    assert np.isnan(careless.intra_individual_variability([[1, _]])[0])


def test_even_odd_is_minus_the_corrected_within_person_correlation():
    X, scales = answers_of()
    ours = careless.even_odd(X, scales)
    for row, value in zip(X[:50], ours[:50], strict=True):
        blocks = row.reshape(6, 4)
        r = np.corrcoef(blocks[:, 1::2].mean(axis=1), blocks[:, 0::2].mean(axis=1))[0, 1]
        assert value == pytest.approx(-max(2 * r / (1 + r), -1), abs=1e-9)


def test_even_odd_stands_gaps_and_says_nothing_without_variation():
    X = np.array([[1, 1, _, _, 3, 3, 5, 4], [2, 2, 2, 2, 2, 2, 2, 2], [1, 1, _, _, _, _, _, _]], dtype=float)
    values = careless.even_odd(X, [0, 0, 1, 1, 2, 2, 3, 3])
    r = np.corrcoef([1, 3, 4], [1, 3, 5])[0, 1]
    assert values[0] == pytest.approx(-2 * r / (1 + r))
    assert np.isnan(values[1:]).all()


def test_opposite_halves_are_capped_at_plus_one():
    assert careless.even_odd([[1, 5, 3, 3, 5, 1.0]], [0, 0, 1, 1, 2, 2])[0] == pytest.approx(1)


def test_mahalanobis_is_scipys_distance_and_has_chi_square_tails():
    X, _scales = answers_of()
    D2, p = careless.mahalanobis(X)
    inverse = np.linalg.inv(np.cov(X, rowvar=False))
    expected = [spatial.distance.mahalanobis(row, X.mean(axis=0), inverse) ** 2 for row in X]
    assert pytest.approx(np.array(expected)) == D2
    assert p == pytest.approx(stats.chi2.sf(expected, X.shape[1]))


def test_mahalanobis_uses_the_answered_questions_alone():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    X[0, 2] = np.nan
    D2, p = careless.mahalanobis(X)
    d = X[0, :2] - np.nanmean(X, axis=0)[:2]
    expected = d @ np.linalg.solve(pairwise_covariance(X)[:2, :2], d)
    assert D2[0] == pytest.approx(expected)
    assert p[0] == pytest.approx(np.exp(-expected / 2))


def test_person_total_leaves_the_person_out():
    X, _scales = answers_of(30)
    ours = careless.person_total(X)
    for i in range(30):
        rest = np.delete(X, i, axis=0).mean(axis=0)
        assert ours[i] == pytest.approx(np.corrcoef(X[i], rest)[0, 1])


def test_respondents_some_at_a_time_are_judged_as_all_together(monkeypatch):
    X, scales = answers_of(30)
    X[np.random.default_rng(2).random(X.shape) < 0.2] = np.nan

    def indices():
        return (
            careless.longstring(X),
            careless.intra_individual_variability(X),
            careless.even_odd(X, scales),
            careless.person_total(X),
        )

    together = indices()
    monkeypatch.setattr(careless, "_AT_ONCE", 7)
    for one, other in zip(indices(), together, strict=True):
        np.testing.assert_array_equal(one, other)
    for i in range(30):
        others = np.delete(X, i, axis=0)
        both = ~np.isnan(X[i])
        rest = np.nanmean(others, axis=0)
        assert together[3][i] == pytest.approx(np.corrcoef(X[i][both], rest[both])[0, 1], abs=1e-12)


def test_planted_carelessness_is_flagged_and_honest_answers_mostly_are_not():
    X, scales = answers_of(400)
    rng = np.random.default_rng(9)
    X[:20] = 80.0
    X[20:40] = 20 * rng.integers(1, 6, (20, X.shape[1]))
    quality = response_quality(X, scales)
    assert quality.flagged[:20].all()
    assert quality.flagged[20:40].mean() >= 0.7
    assert quality.flagged[40:].mean() <= 0.03
    assert len(quality.longstring) == 400
    assert "420" not in quality.summary()
    assert "400" in quality.summary("en")
    json.dumps(quality.to_dict(), allow_nan=False)


def test_a_short_ballot_of_equal_answers_is_not_a_straight_line():
    X, scales = answers_of(50)
    X[0] = np.nan
    X[0, :8] = 100
    assert not response_quality(X, scales).flags["straight"][0]
    assert response_quality(X, scales, cutoffs=Cutoffs(longstring_least=5)).flags["straight"][0]


def test_an_index_without_a_basis_is_named_not_guessed():
    X = np.c_[answers_of(30)[0][:, :3], np.full(30, 80.0)]
    quality = response_quality(X)
    assert quality.skipped == ("even_odd", "mahalanobis")
    assert "mahalanobis" in quality.summary()


def test_sensitivity_reports_the_difference_and_the_turned_pairs():
    X = np.array([[80.0, 60], [80, 60], [20, 100], [20, 100], [20, 100]])
    result = sensitivity(
        ("甲局", "乙局"), lambda keep: X[keep].mean(axis=0), [False, False, True, True, True]
    )
    assert result.full == pytest.approx([44, 84])
    assert result.without == pytest.approx([80, 60])
    assert result.order_changes == 1
    assert "甲局" in result.summary()
    assert "36.00" in result.summary("en")


def test_sensitivity_refuses_to_compare_with_nobody():
    with pytest.raises(InputError, match="所有答卷"):
        sensitivity(("甲局",), lambda keep: [0.0], [True, True])


def test_even_odd_refuses_a_single_scale_and_unlabelled_columns():
    with pytest.raises(InputError, match="两个"):
        careless.even_odd(np.ones((3, 4)), [0, 0, 0, 0])
    with pytest.raises(InputError, match="每一列"):
        careless.even_odd(np.ones((3, 4)), [0, 0, 1])


def sparse_ratings(seed=3):
    """Raters of 4 of 6 departments; the first 15 answer 100 throughout, the next 15 at random."""
    X, _scales = answers_of(200, seed=seed)
    rng = np.random.default_rng(seed)
    X[:15] = 100.0
    X[15:30] = 20 * rng.integers(1, 6, (15, X.shape[1]))
    cube = X.reshape(200, 6, 4)
    cube[np.argsort(np.argsort(rng.random((200, 6)), axis=1), axis=1) >= 4] = np.nan
    return Ratings.from_array(cube, department_names=list("ABCDEF")), cube


def test_questionnaire_is_the_table_the_ratings_came_from():
    ratings, cube = sparse_ratings()
    X, scales = questionnaire(ratings)
    order = [list("ABCDEF").index(name) for name in ratings.department_names]
    np.testing.assert_array_equal(X, cube[:, order].reshape(200, -1))
    assert scales.tolist() == np.repeat(np.arange(6), 4).tolist()


def test_several_answers_to_one_question_count_by_their_mean():
    rated = Ratings.from_columns(["a", "b", "a", "a", "b"], ["X", "X", "Y", "X", "Y"], [1, 5, 3, 4, 2.0])
    np.testing.assert_array_equal(questionnaire(rated)[0], [[2.5, 3], [5, 2]])


def test_raters_of_different_departments_are_judged_alike():
    ratings, cube = sparse_ratings()
    quality = rating_quality(ratings)
    assert quality.skipped == ()
    assert quality.flags["straight"][:15].all()
    assert quality.flags["straight"][15:].sum() == 0
    assert quality.flagged[30:].mean() <= 0.05
    means = np.nanmean(cube, axis=1)
    inverse = np.linalg.inv(np.cov(means, rowvar=False))
    assert quality.mahalanobis[40] == pytest.approx(
        spatial.distance.mahalanobis(means[40], means.mean(axis=0), inverse) ** 2
    )


def test_ranking_sensitivity_compares_the_ranking_with_that_of_the_others():
    ratings, cube = sparse_ratings()
    flagged = rating_quality(ratings).flagged
    result = ranking_sensitivity(ratings, flagged)
    assert set(result.names) == set("ABCDEF")
    assert result.without.sum() == pytest.approx(0, abs=1e-9)
    assert np.abs(result.difference).max() > 0
    rest = Ratings.from_array(cube[~flagged], department_names=list("ABCDEF"))
    nobody = ranking_sensitivity(rest, np.zeros(rest.n_raters, dtype=bool))
    assert dict(zip(nobody.names, nobody.full, strict=True)) == pytest.approx(
        dict(zip(result.names, result.without, strict=True))
    )
    assert "不受影响" in nobody.summary()
    json.dumps(result.to_dict(), allow_nan=False)


def crowd(careless: int, R: int = 60, D: int = 4, K: int = 5) -> Ratings:
    """Honest raters who tell departments apart, and some who give one mark throughout."""
    g = np.random.default_rng(5)
    y = (
        70
        + 6 * np.arange(D)[:, None]
        + 3 * np.arange(K)
        + g.normal(0, 3, (R, D, K))
        + g.normal(0, 5, (R, 1, 1))
    )
    y[:careless] = g.integers(60, 90, (careless, 1, 1))
    return Ratings.from_array(y)


def test_the_ranking_notes_the_share_of_careless_raters():
    notes = {note.code: note for note in rank(crowd(12)).notes}
    assert "20%" in notes["careless"].zh
    assert "20 %" in notes["careless"].en
    assert "careless" not in {note.code for note in rank(crowd(0)).notes}


def test_very_many_raters_are_screened_by_a_sample(monkeypatch):
    monkeypatch.setattr("analysis.answers.quality._MOST_ANSWERS", 0)
    monkeypatch.setattr("analysis.answers.quality._FEWEST_RATERS", 300)
    found = screened(crowd(120, R=600))
    assert found.n == 300
    assert found.flagged_share == pytest.approx(0.2, abs=0.06)
