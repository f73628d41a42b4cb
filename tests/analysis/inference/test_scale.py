"""What the scale of the marks allows to be said: no score beyond it, no ceiling below it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from nightly import NIGHTLY, rounds
from scipy.stats import beta, norm

from analysis import InputError, Ranking, Ratings, carried, for_meeting, rank, rank_estimates
from analysis.inference.joint import Family
from analysis.influence.refits import Refits, Statement
from analysis.ranking.assemble import assemble
from analysis.ranking.rank import _evidence_of_estimates
from analysis.ranking.scaled import Sample, level_interval
from bench.simulations.ranking import Scenario, simulate, wrong


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
        assert d.ci[0] <= max(other.ci[0], 20)
        assert d.ci[1] >= min(other.ci[1], 100)
        assert (d.rank_set, d.vs_average) == (other.rank_set, other.vs_average)
        assert (d.average_ci[0] > 0) == (d.vs_average == "above")
    assert (cut.pairs.significant == loose.pairs.significant).all()
    assert [note.code for note in cut.notes].count("scale_cut") == 1
    assert "scale_cut" not in [note.code for note in loose.notes]
    assert "scale_cut" not in [n.code for n in rank(near_the_top(), draws=1000, scale=(-500, 900)).notes]


def unanimous(raters: int = 12) -> Ratings:
    """All give the first department the best mark, the others differ."""
    g = np.random.default_rng(5)
    marks = 20.0 * np.clip(np.round(3 + g.normal(0, 1, (raters, 5))), 1, 5)
    marks[:, 0] = 100
    return Ratings.from_array(marks)


def test_the_best_mark_of_all_who_were_asked_is_no_certainty_about_the_rest() -> None:
    loose = next(d for d in rank(unanimous(), draws=4000).departments if d.name == "1")
    assert loose.se == pytest.approx(0)  # the attack: by it the interval would be 100 to 100
    found = rank(unanimous(), draws=4000, scale=(20, 100))
    low, high = next(d.ci for d in found.departments if d.name == "1")
    assert high == 100
    # Clopper & Pearson (1934), none of twelve gave less, at 1 % for one score and for five: the others
    # giving the worst mark.
    of_one, of_five = (100 - 80 * beta.ppf(1 - a / 2, 1, 12) for a in (0.01, 0.01 / 5))
    assert of_five - 0.1 <= low <= of_one + 0.1
    given = float(unanimous().score.min())
    of_one, of_five = (100 - (100 - given) * beta.ppf(1 - a / 2, 1, 12) for a in (0.01, 0.01 / 5))
    assert of_five - 0.1 <= loose.ci[0] <= of_one + 0.1
    assert loose.ci[1] == 100


def test_departments_that_vary_keep_their_intervals_when_another_is_unanimous() -> None:
    found = rank(unanimous(), draws=4000)
    widths = {d.name: (d.ci[1] - d.ci[0]) / d.se for d in found.departments if d.name != "1"}
    # One critical value of all scores, and eleven degrees of freedom each.
    assert list(widths.values()) == pytest.approx([widths["2"]] * 4)
    for d in found.departments:
        if d.name != "1":
            assert d.ci[0] + d.ci[1] == pytest.approx(2 * d.adjusted)
    assert all(pair.ci[1] - pair.ci[0] < 80 for pair in found.pairs if pair.se > 1e-6)


def of_best_marks(g: np.random.Generator) -> tuple[Ratings, np.ndarray]:
    """12 × 4, the best mark or the worst; 92 % give the first two the best, half the others."""
    share = np.array([0.92, 0.92, 0.5, 0.5])
    return Ratings.from_array(np.where(g.random((12, 4)) < share, 100.0, 20.0)), 20 + 80 * share


@pytest.mark.parametrize("scale", [None, (20.0, 100.0)])
def test_departments_of_one_mark_are_covered_by_themselves_and_between_them(
    scale: tuple[float, float] | None,
) -> None:
    """In a third of all rounds all give the first the best mark, in a seventh both; their truth is 93.6."""
    met, missed = np.zeros(2), np.zeros(2)
    for i in rounds(120, 40):
        ratings, truth = of_best_marks(np.random.default_rng([31, i]))
        found = rank(ratings, threshold=1, draws=1000, seed=i, scale=scale)
        alike = {d.name for d in found.departments if d.mean == 100}
        for d in found.departments:
            if d.name in alike:
                met[0] += 1
                missed[0] += not d.ci[0] <= truth[int(d.name) - 1] <= d.ci[1]
        for pair in found.pairs:
            if {pair.a, pair.b} <= alike:
                met[1] += 1
                missed[1] += pair.ci[0] > -1 or pair.ci[1] < 1
                assert not pair.significant
                # Clopper & Pearson, none of twelve saw a difference: of the six pairs and four averages.
                of_one, of_all = (80 * beta.ppf(1 - a / 2, 1, 12) for a in (0.04, 0.04 / 10))
                assert of_one - 0.1 <= pair.ci[1] <= of_all + 0.1
                assert pair.ci[0] == pytest.approx(-pair.ci[1])
    assert met.min() > (10 if NIGHTLY else 3)
    assert not missed.any()


def test_departments_with_the_same_marks_of_every_rater_may_still_differ() -> None:
    """Twins: nobody sees a difference, of twelve; others might."""
    g = np.random.default_rng(9)
    marks = 20.0 * g.integers(1, 6, (12, 4))
    marks[:, 1] = marks[:, 0]
    for scale in (None, (20.0, 100.0)):
        found = rank(Ratings.from_array(marks), draws=1000, scale=scale)
        (twins,) = [p for p in found.pairs if {p.a, p.b} == {"1", "2"}]
        assert twins.se < 1e-6
        assert -40 < twins.ci[0] < -10 < 10 < twins.ci[1] < 40
        assert not twins.significant


def test_a_difference_that_all_see_is_declared_but_not_to_the_point() -> None:
    """Twenty give one department 5, two others 3: at least the difference declared, at most the scale."""
    ratings = Ratings.from_array(np.tile([5.0, 3.0, 3.0], (20, 1)))
    for pair in rank(ratings, draws=1000, scale=(1, 5)).pairs:
        low, high = pair.ci
        assert pair.significant == (low > 0)
        assert low < pair.difference < high <= 4


def test_the_bound_of_a_score_is_that_of_gaffke() -> None:
    """Quantiles of many means of the marks and the end, with weights uniform on the simplex."""
    g = np.random.default_rng(6)
    for raters in (8, 12, 40):
        marks = 20.0 * np.clip(np.round(4.2 + g.normal(0, 1, raters)), 1, 5)
        n, mean, se, z = raters, marks.mean(), marks.std(ddof=1) / np.sqrt(raters), 2.6
        found = SimpleNamespace(level_bound=np.zeros(1), level_se=np.array([se]), level_z=np.array([z]))
        sample = Sample(np.array([float(n)]), 1.0, np.array([False]), (20.0, 100.0))
        low, high = level_interval(np.array([mean]), cast(Family, found), sample, (20, 100))
        weights = g.dirichlet(np.ones(n + 1), 200_000)
        exact = [np.quantile(weights @ [*marks, end], q) for end, q in ((20, norm.sf(z)), (100, norm.cdf(z)))]
        assert (low[0], high[0]) == pytest.approx(exact, abs=0.06 * (exact[1] - exact[0]))


def test_who_asked_nearly_the_whole_roster_knows_nearly_its_mean() -> None:
    most = replace(unanimous(), population=np.array([13]))
    half = replace(unanimous(), population=np.array([24]))
    ends = [
        next(d.ci[0] for d in rank(of, draws=2000, scale=(20, 100)).departments if d.name == "1")
        for of in (most, half, unanimous())
    ]
    # One of 13 was not asked, who could take 80 / 13 points from a mean of 100.
    assert 100 - 2 * 80 / 13 < ends[0] < 100
    assert ends[0] > ends[1] > ends[2]


def test_scores_of_few_raters_near_an_end_are_covered() -> None:
    """Twelve raters of six departments on five levels, the truth of every score known: an error in 7 of the
    first 72 rounds without the scale."""
    scenario, missed = Scenario("", 12, 6, 6, spread=4), np.zeros(2)
    for i in range(72) if NIGHTLY else range(36, 48):
        ratings = Ratings.from_array(simulate(scenario, np.random.default_rng([22, i])))
        for k, scale in enumerate((None, (20, 100))):
            found = rank(ratings, threshold=1, draws=1000, seed=i, latent_guard=False, scale=scale)
            missed[k] += wrong(found, scenario.points)[2]
    assert missed[0] >= (7 if NIGHTLY else 3)
    assert missed[1] <= (3 if NIGHTLY else 1)


def test_a_line_is_judged_by_the_interval_that_is_shown() -> None:
    ratings = unanimous()
    found = rank(ratings, draws=2000, scale=(20, 100))
    low = next(d.ci[0] for d in found.departments if d.name == "1")
    for line, said in ((low - 1, True), (low + 1, False)):
        kinds = {(s.kind, s.a) for s in carried(ratings, found, scale=(20, 100), line=line).statements}
        assert (("above_line", "1") in kinds) is said
        verdict = Refits(ratings, found, [Statement("above_line", 0)], 1, line=line)
        assert verdict.changed(ratings, np.array([True])).stands[0] == said
    assert Ranking.from_json(found.to_json()).scale == (20, 100)


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
        assert ("没有宽度" in ranking.notes[0].zh) == (scale is None)
        assert all((d.ci[0] == d.ci[1]) == (scale is None) for d in ranking.departments)
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
