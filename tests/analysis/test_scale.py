"""What the scale of the marks allows to be said: no score beyond it, no ceiling below it."""

import numpy as np
import pytest

from analysis import InputError, Ratings, for_meeting, rank, rank_estimates
from analysis.assemble import assemble
from analysis.ranking import _evidence_of_estimates


def near_the_top() -> Ratings:
    """16 raters × 5 departments; the first has 100 of all but one, few rate it, who mark leniently."""
    g = np.random.default_rng(4)
    marks = 20.0 * np.clip(np.round(3.5 + g.normal(0, 0.8, (16, 1)) + g.normal(0, 1, (16, 5))), 1, 5)
    marks[:, 0] = 100
    marks[0, 0] = 80
    marks[12:, 0] = np.nan
    return Ratings.from_array(marks)


def test_scores_and_intervals_stay_within_the_scale() -> None:
    loose, cut = rank(near_the_top(), draws=1000), rank(near_the_top(), draws=1000, scale=(20, 100))
    assert max(d.ci[1] for d in loose.departments) > 100  # the attack: without the scale it is left
    for d, other in zip(cut.departments, loose.departments, strict=True):
        assert 20 <= d.ci[0] <= d.adjusted <= d.ci[1] <= 100
        assert d.ci == pytest.approx(np.clip(other.ci, 20, 100))
        assert (d.rank_set, d.vs_average) == (other.rank_set, other.vs_average)
        assert (d.average_ci[0] > 0) == (d.vs_average == "above")
    assert (cut.pairs.significant == loose.pairs.significant).all()
    assert [note.code for note in cut.notes].count("scale_cut") == 1
    assert "scale_cut" not in [note.code for note in loose.notes]
    assert "scale_cut" not in [n.code for n in rank(near_the_top(), draws=1000, scale=(-500, 900)).notes]


def test_marks_beyond_the_scale_are_refused() -> None:
    with pytest.raises(InputError, match="超出"):
        rank(near_the_top(), scale=(20, 90))
    with pytest.raises(InputError):
        rank(near_the_top(), scale=(100, 20))


def test_who_is_above_the_average_is_not_last_and_who_is_below_not_first() -> None:
    g = np.random.default_rng(8)
    met = 0
    for _ in range(300):
        evidence = _evidence_of_estimates(
            tuple("ABCD"), g.normal(0, 1.4, 4), np.eye(4) * g.uniform(0.1, 1, 4), np.full((4, 4), np.inf)
        )
        found = assemble(evidence, None, level=0.95, draws=1000, seed=1, stepdown=False)
        above = found.pairs
        for i, d in enumerate(found.departments):
            worst = 4 - int((above.significant & (above.a == i) & (above.difference > 0)).sum())
            met += d.vs_average == "above" and worst == 4
            assert not (d.vs_average == "above" and d.rank_set[1] == 4)
            assert not (d.vs_average == "below" and d.rank_set[0] == 1)
    assert met > 0  # pairs alone would have left the last rank open


def test_rank_sets_of_three_families_follow_from_pairs_alone() -> None:
    """csranks' sets, whose error is that of the pairs: averages are another family there."""
    found = rank_estimates(["A", "B"], [1.0, 0.0], [0.4, 0.4])
    assert found.departments[0].rank_set == (1, 2)


@pytest.mark.parametrize("mark", [80.0, 100.0])
def test_marks_all_the_same_are_told_in_one_sentence(mark: float) -> None:
    ratings = Ratings.from_array(np.full((24, 3), mark))
    for scale in (None, (20.0, 100.0)):
        ranking = rank(ratings, draws=1000, scale=scale)
        assert [note.code for note in ranking.notes] == ["one_mark"]
        assert f"{mark:g}" in ranking.notes[0].zh
        codes = [note.code for note in for_meeting(ranking, ratings, first=0, last=0).notes()]
        assert "luck" not in codes


def test_top_marks_are_those_of_the_scale() -> None:
    g = np.random.default_rng(2)
    marks = np.where(g.random((40, 4)) < 0.7, 80.0, 40.0)
    assert "ceiling" not in [n.code for n in rank(Ratings.from_array(marks), scale=(20, 100)).notes]
    (note,) = [n for n in rank(Ratings.from_array(marks)).notes if n.code == "ceiling"]
    assert "80 分" in note.zh
    assert "最高分" not in note.zh
    marks[marks == 80] = 100
    (note,) = [n for n in rank(Ratings.from_array(marks), scale=(20, 100)).notes if n.code == "ceiling"]
    assert "是最高分" in note.zh


def test_carelessness_may_be_left_to_the_whole_round() -> None:
    """Firms that give the two or three departments of a group one level are no careless firms for that."""
    g = np.random.default_rng(3)
    marks = 20.0 * g.integers(1, 6, (40, 12))
    marks[:10] = 80
    ratings = Ratings.from_array(marks)
    codes = [{n.code for n in rank(ratings, draws=1000, screen=screen).notes} for screen in (True, False)]
    assert codes[0] - codes[1] == {"careless"}
