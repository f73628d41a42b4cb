"""Groups of raters: hand-worked differences, size under ceilings, power, and what is refused."""

import json

import numpy as np
import pytest
from nightly import at_most_5_percent, rounds
from references import summed_df
from simulated_groups import rated

from analysis import Ratings
from analysis.compare.groups import compare_groups
from analysis.compare.samples import guarded_where_doubtful, sample_of
from analysis.errors import InputError
from analysis.model.freedom import contrast_freedom, freedom


def test_complete_tables_give_differences_of_centred_means():
    """Everybody rates everything: θ̂ is the column mean and the variance that of two samples of raters."""
    X, group = rated(40, 5, 5, effect=[10, 0, 0, 0, 0])
    result = compare_groups(Ratings.from_array(X), group)
    a, b = (X[group == g] - X[group == g].mean(axis=1, keepdims=True) for g in ("本地", "外来"))
    gap = a.mean(axis=0) - b.mean(axis=0)
    se = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    assert [d.difference for d in result.differences] == pytest.approx(gap - gap.mean())
    assert [d.se for d in result.differences] == pytest.approx(se)
    parts = [x.var(axis=0, ddof=1) / len(x) for x in (a, b)]
    expected = summed_df(parts, [len(a) - 1, len(b) - 1], 0.05 / 5)
    assert [d.df for d in result.differences] == pytest.approx(expected, rel=1e-4)


def test_contrast_degrees_of_freedom_agree_with_the_pairs_of_the_ranking():
    X, _group = rated()
    sample = sample_of(Ratings.from_array(X), threshold=5, guard=False)
    D = len(sample.names)
    j, k = np.triu_indices(D, 1)
    contrasts = np.eye(D)[j] - np.eye(D)[k]
    assert contrast_freedom(sample.fit, contrasts) == pytest.approx(freedom(sample.fit).pairs[j, k])


def test_a_real_difference_is_found_and_named():
    X, group = rated(300, 6, 4, effect=[18, 0, 0, 0, 0, 0], lenient=(0, 8), ceiling=-15)
    result = compare_groups(Ratings.from_array(X), group)
    found = {d.department: d for d in result.significant}
    assert found["1"].ci[0] < 15 < found["1"].ci[1]  # 18 − 18/6; the others' truth is −3
    assert all(d.difference < 0 for name, d in found.items() if name != "1")
    assert result.p_equal < 0.05
    assert "相对高" in result.summary()
    assert "宽严分不开" in result.summary()
    assert "leniency" in result.summary("en")
    json.dumps(result.to_dict(), allow_nan=False)


def test_leniency_alone_is_no_difference():
    X, group = rated(200, 6, 6)
    raised = X + np.where(group == "外来", 30.0, 0.0)[:, None]
    plain = compare_groups(Ratings.from_array(X), group)
    lenient = compare_groups(Ratings.from_array(raised), group)
    assert [d.difference for d in lenient.differences] == pytest.approx(
        [d.difference for d in plain.differences]
    )
    assert [d.p_adjusted for d in lenient.differences] == [d.p_adjusted for d in plain.differences]


def test_swapping_the_groups_turns_the_signs():
    X, group = rated(200, 6, 4, effect=[15, 0, 0, 0, 0, 0])
    order = np.r_[1:200, 0]
    forward = compare_groups(Ratings.from_array(X), group)
    backward = compare_groups(Ratings.from_array(X[order]), group[order])
    assert backward.differences[0].first == forward.differences[0].second
    turned = {d.department: -d.difference for d in backward.differences}
    assert {d.department: d.difference for d in forward.differences} == pytest.approx(turned)


@pytest.mark.parametrize("guard", [False, True])
def test_size_with_ceiling_unequal_leniency_and_selection(guard):
    """61 % top marks: the additive scale alone is wrong in 22 % of rounds, both scales in at most 5 %."""
    wrong, seeds = 0, rounds(150, 15)
    for seed in seeds:
        X, group = rated(300, 8, 5, seed, lenient=(0, 12), ceiling=20, select=True)
        result = compare_groups(
            Ratings.from_array(X), group, threshold=5, draws=1000, seed=seed, latent_guard=guard
        )
        wrong += bool(result.significant)
    if guard:
        assert wrong <= at_most_5_percent(len(seeds))
    else:
        assert wrong / len(seeds) > 0.12


def test_size_on_an_ordinary_scale_with_three_groups():
    wrong, seeds = 0, rounds(150, 50)
    for seed in seeds:
        X, group = rated(120, 8, 5, seed, lenient=(0, 6, -6), select=True)
        result = compare_groups(Ratings.from_array(X), group, threshold=5, draws=1000, seed=seed)
        wrong += bool(result.significant)
    assert wrong <= at_most_5_percent(len(seeds))


def test_three_groups_are_compared_by_pairs_or_against_the_rest():
    X, group = rated(300, 5, 5, lenient=(0, 0, 0), effect=[15, 0, 0, 0, 0])
    pairs = compare_groups(Ratings.from_array(X), group)
    rest = compare_groups(Ratings.from_array(X), group, against="rest")
    assert len(pairs.differences) == 15
    assert {(d.first, d.second) for d in rest.differences} == {(g, "rest") for g in ("本地", "外来", "合资")}
    by_name = {(d.department, d.first, d.second): d.difference for d in pairs.differences}
    average = (by_name["1", "本地", "外来"] + by_name["1", "本地", "合资"]) / 2
    assert rest.differences[0].difference == pytest.approx(average)
    assert "其他企业" in rest.summary()


def test_unknown_groups_take_no_part_and_are_counted():
    X, group = rated(200, 5, 5)
    labels = [None if i < 10 else g for i, g in enumerate(group)]
    result = compare_groups(Ratings.from_array(X), labels)
    without = compare_groups(Ratings.from_array(X[10:]), group[10:])
    assert [d.difference for d in result.differences] == pytest.approx(
        [d.difference for d in without.differences]
    )
    assert result.notes[0].code == "group_missing"
    assert "10 个评议人" in result.summary()


def test_a_department_few_of_one_group_rated_is_not_compared():
    X, group = rated(200, 5, 5)
    X[np.flatnonzero(group == "外来")[9:], 2] = np.nan
    result = compare_groups(Ratings.from_array(X), group)
    assert result.not_compared == ("3",)
    assert "3" not in {d.department for d in result.differences}


def test_disconnected_departments_are_centred_within_their_part():
    X, group = rated(200, 4, 4, effect=[0, 0, 40, 40])
    X[:100, 2:], X[100:, :2] = np.nan, np.nan
    result = compare_groups(Ratings.from_array(X), group)
    gaps = {d.department: d.difference for d in result.differences}
    assert gaps["1"] == pytest.approx(-gaps["2"])
    assert gaps["3"] == pytest.approx(-gaps["4"])


@pytest.mark.parametrize(
    ("labels", "word"),
    [
        (["本地"] * 60, "两类"),
        (["本地"] * 55 + ["外来"] * 5, "外来"),
        (["本地"] * 59, "一一对应"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused_by_name(labels, word):
    X, _group = rated(60)
    with pytest.raises(InputError, match=word):
        compare_groups(Ratings.from_array(X), labels)


def test_groups_may_come_by_rater_name():
    X, group = rated(100, 5, 5)
    ratings = Ratings.from_array(X)
    by_name = dict(zip(ratings.rater_names, group, strict=True))
    assert compare_groups(ratings, by_name) == compare_groups(ratings, group)


def test_the_ordinal_scale_is_asked_where_one_group_makes_smaller_differences():
    """A ceiling on one lenient group shrinks its differences; a group is as even as itself."""
    X, group = rated(600, 8, 8, 3, lenient=(0, 25), ceiling=10)
    first, second = (
        sample_of(Ratings.from_array(X[group == g]), threshold=5, guard=False) for g in ("本地", "外来")
    )
    assert guarded_where_doubtful([first, first])[0].latent_theta is None
    assert guarded_where_doubtful([first, second])[0].latent_theta is not None


def test_few_raters_of_many_departments_do_not_make_groups_differ():
    wrong = 0
    for seed in range(60):
        g = np.random.default_rng([30, seed])
        y = g.normal(size=(24, 1)) + g.normal(size=(24, 30))
        found = compare_groups(Ratings.from_array(y), ["本地", "外来"] * 12, draws=1_000)
        wrong += bool(found.significant)
    assert wrong <= at_most_5_percent(60)
