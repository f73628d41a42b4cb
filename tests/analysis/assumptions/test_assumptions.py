"""Additivity and standardisation: the size of both tests, what they find, and both against arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from nightly import at_most_5_percent, rounds
from simulated_groups import rated

from analysis import InputError, Ratings, additivity_test, compare_groups, fit, premises, rank, standardise
from analysis.compare import group_samples
from analysis.compare.group_samples import Fits
from analysis.compare.samples import sample_of
from analysis.model.cells import cells_of

FAST = {"threshold": 5, "draws": 2_000}


def test_one_fact_is_the_comparison_of_its_groups():
    y, group = rated(effect=np.array([25.0, 0, 0, 0, 0, 0]), R=200)
    ratings = Ratings.from_array(y)
    found = additivity_test(ratings, {"来源": group.tolist()})
    alone = compare_groups(ratings, group.tolist())
    assert found.p == alone.p_equal
    assert found.rejected
    assert found.departments == {"来源": tuple(d.department for d in alone.significant)}
    (note,) = found.notes()
    assert note.code == "not_additive"
    assert "按来源分，看法不同的有1" in note.zh.replace(" ", "")
    assert "by 来源: 1" in note.en
    assert found.summary() == note.zh


def test_several_facts_share_the_error_rate():
    y, group = rated(seed=3, R=160)
    other = np.where(np.arange(160) % 4 < 2, "大", "小")
    ratings = Ratings.from_array(y)
    found = additivity_test(ratings, {"来源": group.tolist(), "规模": other.tolist()})
    assert found.p == pytest.approx(min(1, 2 * min(t.p for t in found.tests)))
    assert [t.comparison.level for t in found.tests] == [0.975, 0.975]
    assert not found.rejected
    assert found.notes() == ()
    assert "没有发现" in found.summary()


def test_a_fact_that_cannot_be_compared_is_named():
    y, group = rated(R=60)
    few = ["大"] * 57 + ["小"] * 3
    found = additivity_test(Ratings.from_array(y), {"来源": group.tolist(), "规模": few}, **FAST)
    assert found.not_tested == ("规模",)
    assert "规模" in found.summary()
    with pytest.raises(InputError, match="规模") as error:
        additivity_test(Ratings.from_array(y), {"规模": few})
    assert error.value.column == "facts"
    with pytest.raises(InputError):
        additivity_test(Ratings.from_array(y), {})


def test_additivity_and_standardisation_have_their_size():
    """Nothing depends on the kind, but one kind is more lenient, answers half as often and rates others."""
    wrong, seeds = np.zeros(2), rounds(120, 10)
    for seed in seeds:
        y, group = rated(R=150, seed=seed, lenient=(0, 10, 0), select=True)
        kind = np.where(group == "外来", "外来", "本地")
        ratings = Ratings.from_array(y)
        wrong += [
            additivity_test(ratings, {"来源": kind.tolist()}, **FAST).rejected,
            bool(standardise(ratings, kind.tolist(), {"本地": 1, "外来": 1}, **FAST).moved),
        ]
    assert (wrong <= at_most_5_percent(len(seeds))).all()


def test_standardised_scores_are_the_weighted_mean_of_the_kinds():
    y, group = rated(R=200, effect=np.array([30.0, 0, 0, 0, 0, -30]), seed=5)
    group = np.where((group == "本地") & (np.arange(200) < 160), "本地", "外来")
    ratings = Ratings.from_array(y)
    found = standardise(ratings, group.tolist(), {"本地": 30, "外来": 90, "不在答卷里": 7})
    assert found.shares == {"本地": 0.25, "外来": 0.75}
    assert found.answered == pytest.approx({"本地": 0.4, "外来": 0.6})
    theta = {g: fit(cells_of(ratings.take(group == g))).theta for g in ("本地", "外来")}
    expected = 0.25 * theta["本地"] + 0.75 * theta["外来"]
    plain = fit(cells_of(ratings)).theta
    for j, shift in enumerate(found.shifts):
        assert shift.standardised == pytest.approx(expected[j])
        assert shift.plain == pytest.approx(plain[j])
        assert shift.difference == pytest.approx(expected[j] - plain[j])
    by_name = {d.name: d.average_difference for d in found.ranking.departments}
    assert by_name == pytest.approx({s.department: s.standardised for s in found.shifts})
    assert {s.department for s in found.moved} >= {"1"}
    told = found.moved[0]
    shift, low, high = (f"{v:+.1f}".replace("-", "−") for v in (told.difference, *told.ci))
    assert f"{told.department} {shift}（{low} 至 {high}）" in found.summary()
    assert "which kind of rater" in found.summary("en")
    assert found.ranking.notes[0].code == "standardised"
    assert found.to_dict()["ranking"]["version"] == 1


def test_shift_error_is_the_jackknife_of_the_difference():
    """Both rankings refitted without each cluster of two raters."""
    y, group = rated(R=60, D=4, m=3, seed=6)
    group = np.where(np.arange(60) < 40, "甲", "乙")
    owner = np.arange(60) // 2
    weights = {"甲": 0.5, "乙": 0.5}

    def difference(keep):
        part = Ratings.from_array(y[keep])
        std = sum(w * fit(cells_of(part.take(group[keep] == g))).theta for g, w in weights.items())
        return std - fit(cells_of(part)).theta

    left = np.array([difference(owner != c) for c in range(30)])
    deviation = left - difference(owner >= 0)
    expected = np.sqrt(29 / 30 * (deviation**2).sum(axis=0))
    found = standardise(Ratings.from_array(y, cluster=owner), group.tolist(), **FAST)
    assert [s.se for s in found.shifts] == pytest.approx(expected.tolist())


def test_a_cluster_in_two_kinds_makes_their_errors_add_up():
    y, group = rated(R=120, seed=7)
    apart, across = (
        standardise(Ratings.from_array(y, cluster=c), group.tolist(), **FAST).ranking.departments[0].se
        for c in (np.arange(120), np.arange(120) // 2)
    )
    assert across > 1.2 * apart


def test_a_kind_that_the_roster_lacks_is_named():
    y, group = rated(R=60)
    for roster in ({"本地": 10}, {"本地": 10, "外来": 0}):
        with pytest.raises(InputError, match="外来") as error:
            standardise(Ratings.from_array(y), group.tolist(), roster, **FAST)
        assert error.value.column == "roster"


def test_plain_and_standardised_agree_where_one_fits_all():
    y, group = rated(R=150, seed=8)
    found = standardise(Ratings.from_array(y), group.tolist())
    ranked = {d.name: d.average_difference for d in rank(Ratings.from_array(y)).departments}
    assert {s.department: s.plain for s in found.shifts} == pytest.approx(ranked)
    assert not found.moved
    assert "没有超出偶然的变化" in found.summary()


def test_premises_are_said_in_both_languages():
    assert len(premises()) == len(premises("en")) == 5
    assert any("怨气" in text for text in premises())
    assert any("没有碰上" in text for text in premises())
    assert any("one owner" in text for text in premises("en"))


def test_kinds_that_two_questions_ask_about_are_fitted_once(monkeypatch):
    y, group = rated(effect=np.array([12.0, 0, 0, 0, 0, 0]), R=200)
    ratings, roster, kinds = Ratings.from_array(y), {"本地": 30, "外来": 90}, group.tolist()
    alone = compare_groups(ratings, kinds, **FAST), standardise(ratings, kinds, roster, **FAST)
    fitted = []
    monkeypatch.setattr(
        group_samples, "sample_of", lambda part, **given: fitted.append(part) or sample_of(part, **given)
    )
    fits = Fits(ratings, FAST["threshold"])
    together = (
        compare_groups(ratings, kinds, fits=fits, **FAST),
        standardise(ratings, kinds, roster, fits=fits, **FAST),
    )
    assert together == alone
    assert [part.n_raters for part in fitted] == [*np.unique(group, return_counts=True)[1].tolist(), 200]
    # Other kinds of the same raters are fitted anew, all raters together are not.
    other = np.roll(group, 1).tolist()
    again = standardise(ratings, other, roster, fits=fits, **FAST)
    assert again == standardise(ratings, other, roster, **FAST)
    assert sum(part.n_raters == 200 for part in fitted) == 2
    with pytest.raises(InputError, match="fits"):
        compare_groups(Ratings.from_array(y), kinds, fits=fits, **FAST)
