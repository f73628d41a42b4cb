"""Grades from joint intervals, and scores corrected for having been picked."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import InputError, Ratings, carried, combine_rounds, composite, rank, rank_estimates
from analysis.meeting.grading import grades, satisfied
from analysis.meeting.shrinkage import Shrunken, shrunken


def test_words_follow_both_ends_of_the_interval() -> None:
    ranking = rank_estimates(list("abcdefg"), [95, 85, 86, 75, 65, 80, 60], [1.0] * 7)
    cis = {
        "a": (91, 99),  # certainly 优秀
        "b": (80, 89),  # the line itself belongs to the better grade
        "c": (82, 93),
        "d": (60, 78),
        "e": (50, 95),
        "f": (72, 88),
        "g": (float("nan"), float("nan")),
    }
    departments = tuple(replace(d, ci=cis[d.name]) for d in ranking.departments)
    found = grades(replace(ranking, departments=departments))
    said = {g.name: found.words(g) for g in found.grades}
    assert said == {
        "a": "确定优秀",
        "b": "确定良好",
        "c": "至少良好",
        "d": "至多一般",
        "e": "不能确定",
        "f": "一般至良好",
        "g": "不能确定",
    }
    assert found.words(found.grades[0], "en") == "certainly excellent"
    assert "优秀：a" in found.summary()
    assert "优秀 90 分及以上，良好 80 分及以上，一般 70 分及以上，较差不到 70 分" in found.summary()
    assert "excellent from 90, good from 80, fair from 70, poor below" in found.summary("en")


@pytest.mark.parametrize("lines", [[80, 90], [90, 90], [], [float("nan"), 1]])
def test_lines_must_fall(lines: list[float]) -> None:
    with pytest.raises(InputError):
        grades(rank_estimates(list("ab"), [1, 2], [1, 1]), lines)


def test_rounding_decides_on_no_line() -> None:
    """Sums of differences come to 79.99999999999999 where all give 80 (seed 43, 18 raters of 6)."""
    ranking = rank_estimates(["a", "b"], [75, 85], [1, 1])
    ends = {"a": (71.0, 79.99999999999999), "b": (79.99999999999999, 89.0)}
    departments = tuple(replace(d, ci=ends[d.name]) for d in ranking.departments)
    said = {g.name: (g.best, g.worst) for g in grades(replace(ranking, departments=departments)).grades}
    assert said == {"a": (1, 2), "b": (1, 1)}


def test_one_mark_throughout_is_no_grade() -> None:
    """Twenty raters who all give 80 do not show that others would: without a scale there is no width."""
    ratings = Ratings.from_array(np.full((20, 3), 80.0), department_names=list("abc"))
    figures = {"a": 70.0, "b": 71.0, "c": 72.0}
    index = composite({"firms": ratings, "figures": figures}, {"firms": 1, "figures": 1}, draws=1000).ranking
    for ranking in (rank(ratings, draws=200), index, combine_rounds([ratings, ratings]).ranking(draws=1000)):
        assert {grade.verdict for grade in grades(ranking, (90, 70)).grades} == {"unknown"}
        assert {"one_mark", "no_width"} & {note.code for note in ranking.notes}
    assert not carried(ratings, rank(ratings, draws=200), line=70).statements


def test_satisfaction_rates_are_means_of_satisfied() -> None:
    ratings = Ratings.from_array([[100, 80], [60, 80], [80, 20]])
    np.testing.assert_array_equal(satisfied(ratings, 80).score, [100, 100, 0, 100, 100, 0])


def test_first_and_last_are_unbiased_after_correction() -> None:
    """Known truth drawn anew each time: the raw first is too high by the luck of being picked."""
    g = np.random.default_rng(4)
    names, raw, corrected = [str(i) for i in range(20)], [], []
    for _ in range(120):
        truth = g.normal(80, 2, 20)
        ranking = rank_estimates(names, truth + g.normal(0, 2, 20), [2.0] * 20, draws=200)
        found = shrunken(ranking)
        assert found.names == tuple(d.name for d in ranking.departments)
        first, last = int(found.names[0]), int(found.names[-1])
        raw += [found.adjusted[0] - truth[first], truth[last] - found.adjusted[-1]]
        corrected += [found.corrected[0] - truth[first], truth[last] - found.corrected[-1]]
    assert np.mean(raw) > 1.2
    assert abs(np.mean(corrected)) < 3 * np.std(corrected) / np.sqrt(len(corrected)) + 0.1


def test_correction_against_the_textbook() -> None:
    """Equal independent errors: the factor 1 - (D - 1)/D · D s² / Σ(x - x̄)² · … of moments, by hand."""
    x = np.array([10.0, 6, 5, 3, 1])
    ranking = rank_estimates(list("abcde"), x, [1.0] * 5)
    observed = x.var(ddof=1)
    factor = (observed - 1) / observed
    np.testing.assert_allclose(shrunken(ranking).corrected, x.mean() + factor * (x - x.mean()), rtol=1e-9)


def test_no_evidence_of_spread_takes_all_to_the_average() -> None:
    ranking = rank_estimates(list("abc"), [1.0, 0.9, 0.8], [5.0] * 3)
    np.testing.assert_allclose(shrunken(ranking).corrected, 0.9)


def test_nothing_is_said_of_luck_where_none_is_taken_off() -> None:
    """All raters alike: no error, so that no luck can be told; half a sentence was said here."""
    same = rank(Ratings.from_array(np.tile([100.0, 80, 60, 40, 20], (20, 1))), draws=1000)
    assert shrunken(same).summary("zh") == shrunken(same).summary("en") == ""


def test_luck_that_is_taken_off_one_end_alone_is_said_of_it() -> None:
    found = Shrunken(tuple("abc"), np.array([90.0, 80, 70]), np.array([90.0, 80, 72]), np.array([5.0]))
    assert found.summary("zh").endswith("扣除这一层，末位的得分估计是 72.0 分（现为 70.0 分）。")
    assert found.summary("en").endswith(
        "With that taken off, the last score would be about 72.0 (it is 70.0)."
    )


def test_several_sets_of_departments_say_why_there_is_no_figure() -> None:
    found = Shrunken(tuple("abc"), np.array([90.0, 80, 70]), np.array([88.0, 80, 72]), np.array([5.0, 1.0]))
    assert "互不相连" in found.summary("zh")
    assert "sets" in found.summary("en")


def test_a_bound_keeps_its_sign_in_the_sentence() -> None:
    found = Shrunken(
        tuple("abc"),
        np.array([96.0, 80, 70]),
        np.array([95.5, 80, 72]),
        np.array([5.0]),
        bounds=("", "", "at_most"),
        adjusted_bounds=("at_least", "", ""),
    )
    assert "第一位的得分估计是 95.5 分（现为 ≥96.0 分）" in found.summary("zh")
    assert "末位的得分估计是 ≤72.0 分（现为 70.0 分）" in found.summary("zh")
