"""The ranking as a whole: what it says, what it refuses to say, and what must not change it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import rounds

from analysis import InputError, NothingToRankError, Ratings, rank, rank_estimates


def table(seed: int, R: int = 40, D: int = 5, spread: float = 0.5, share: float = 0.7) -> np.ndarray:
    """(R, D) five-level scores with gaps."""
    g = np.random.default_rng(seed)
    y = 3 + g.normal(size=(R, 1)) + spread * np.arange(D) + g.normal(size=(R, D))
    return np.where(g.random((R, D)) < share, np.clip(np.round(y), 1, 5), np.nan)


def by_name(ranking):
    return {result.name: result for result in ranking.departments}


def test_insteval_says_what_its_parts_say(insteval_ratings):
    ranking = rank(insteval_ratings)
    assert (ranking.n_raters, ranking.n_ratings) == (2972, 73421)
    assert len(ranking.departments) == 14
    assert len(ranking.pairs) == 91
    assert [d.rank for d in ranking.departments] == list(range(1, 15))
    tiers = {d.name: set(d.tier) for d in ranking.departments}
    for pair in ranking.pairs:
        assert pair.significant == (pair.p_adjusted <= 0.05)
        assert pair.significant == (not tiers[pair.a] & tiers[pair.b])
        assert pair.p_adjusted >= max(pair.p_additive, pair.p_latent) - 1e-15
    for d in ranking.departments:
        below = sum(p.significant for p in ranking.pairs if p.a == d.name)
        above = sum(p.significant for p in ranking.pairs if p.b == d.name)
        assert d.rank_set == (1 + above, 14 - below)
        assert d.rank_set[0] <= d.rank <= d.rank_set[1]
        assert d.ci[0] < d.adjusted < d.ci[1]


def test_json_is_version_1_and_plain(insteval_ratings):
    ranking = rank(insteval_ratings)
    value = json.loads(json.dumps(ranking.to_dict(), allow_nan=False))
    assert value["version"] == 1
    assert {"n_raters", "n_ratings", "level", "global_test", "departments", "pairs", "notes"} <= value.keys()
    assert {"statistic", "df1", "df2", "p_value"} <= value["global_test"].keys()
    names = {"name", "n", "mean", "adjusted", "se", "ci", "rank", "rank_set", "tier", "vs_average"}
    assert names <= value["departments"][0].keys()
    assert {"a", "b", "difference", "se", "p_adjusted"} <= value["pairs"][0].keys()
    assert value["departments"][0]["adjusted"] == ranking.departments[0].adjusted
    assert value["notes"][0].startswith("有 80 个评议人")
    assert ranking.to_dict("en")["notes"][0].startswith("80 raters")


def test_the_same_seed_gives_the_same_ranking():
    ratings = Ratings.from_array(table(1))
    assert rank(ratings, seed=5).to_dict() == rank(ratings, seed=5).to_dict()


def assert_same(found, expected, names=None):
    """Equal in all that must not depend on how the same ratings are written down."""
    before, after = by_name(expected), by_name(found)
    for name, d in before.items():
        other = after[name if names is None else names[int(name)]]
        assert (other.rank, other.rank_set, other.tier, other.vs_average, other.n) == (
            d.rank,
            d.rank_set,
            d.tier,
            d.vs_average,
            d.n,
        )
        assert other.average_difference == pytest.approx(d.average_difference, abs=1e-9)
        assert other.average_ci == pytest.approx(d.average_ci, abs=1e-5)
    assert found.global_test.statistic == pytest.approx(expected.global_test.statistic)


@settings(max_examples=len(rounds(15, 5)), deadline=None)
@given(seed=st.integers(0, 10_000), data=st.randoms(use_true_random=False))
def test_how_ratings_are_written_down_does_not_matter(seed, data):
    scores = table(seed)
    g = np.random.default_rng(data.randint(0, 2**32))
    rater, department = np.nonzero(~np.isnan(scores))
    y = scores[rater, department]
    weight = g.uniform(1, 2, 40)

    def ranked(rater, department, y, weight):
        return rank(Ratings.from_columns(rater, department, y, weight=weight), threshold=5, draws=2_000)

    before = ranked(rater, department, y, weight[rater])
    order = g.permutation(y.size)
    assert_same(ranked(rater[order], department[order], y[order], weight[rater][order]), before)
    assert_same(ranked(g.permutation(40)[rater], department, y, weight[rater]), before)
    lenient = g.integers(-3, 4, 40)[rater]
    assert_same(ranked(rater, department, y + lenient, weight[rater]), before)
    names = ["城管局", "a", "公安局", "b", "c"]
    assert_same(ranked(rater, np.array(names)[department], y, weight[rater]), before, names)
    doubled = ranked(rater, department, y, 2 * weight[rater])
    assert doubled.global_test.p_value == pytest.approx(before.global_test.p_value)
    assert_same(doubled, before)


@settings(max_examples=len(rounds(15, 5)), deadline=None)
@given(seed=st.integers(0, 10_000))
def test_reversing_the_scale_reverses_the_ranking(seed):
    scores = table(seed)
    up = by_name(rank(Ratings.from_array(scores), threshold=5, draws=2_000))
    down = by_name(rank(Ratings.from_array(6 - scores), threshold=5, draws=2_000))
    D = len(up)
    opposite = {"above": "below", "below": "above", "same": "same"}
    for name, d in up.items():
        other = down[name]
        assert other.rank_set == (D + 1 - d.rank_set[1], D + 1 - d.rank_set[0])
        assert other.vs_average == opposite[d.vs_average]
        assert other.adjusted == pytest.approx(6 - d.adjusted)


def test_a_lenient_crowd_does_not_lift_its_departments():
    # Attack: friends of two departments give everything full marks but rate little else.
    g = np.random.default_rng(3)
    scores = np.full((300, 6), np.nan)
    scores[:150] = np.clip(np.round(g.normal(3, 0.7, (150, 6))), 1, 5)
    scores[150:, :3] = np.clip(np.round(g.normal(4.6, 0.5, (150, 3))), 1, 5)
    raw = np.nanmean(scores, axis=0)
    assert raw[:3].min() > raw[3:].max() + 0.5
    ranking = rank(Ratings.from_array(scores))
    assert not any(pair.significant for pair in ranking.pairs)


def test_the_latent_guard_can_only_take_back():
    scores = table(4, R=200, spread=0.2)
    guarded = rank(Ratings.from_array(scores))
    bare = rank(Ratings.from_array(scores), latent_guard=False)
    found = {(p.a, p.b) for p in guarded.pairs if p.significant}
    assert found <= {(p.a, p.b) for p in bare.pairs if p.significant}
    assert "no_latent_guard" in [note.code for note in bare.notes]


def test_below_the_threshold_takes_no_part():
    scores = table(5, R=40, D=6, share=1.0)
    scores[9:, 2] = np.nan
    ranking = rank(Ratings.from_array(scores))
    assert [entry.name for entry in ranking.insufficient] == ["3"]
    assert ranking.insufficient[0].n == 9
    assert ranking.insufficient[0].code == "threshold"
    without = rank(Ratings.from_array(np.delete(scores, 2, axis=1)))
    assert [d.adjusted for d in ranking.departments] == [d.adjusted for d in without.departments]
    assert "没有参加排名：3。" in ranking.summary()
    assert "insufficient" in [note.code for note in ranking.notes]


def test_enough_raters_of_whom_one_decides_are_too_few():
    g = np.random.default_rng(6)
    scores = np.full((40, 4), np.nan)
    scores[:20, :2] = g.normal(size=(20, 2))
    scores[20:, 2:] = g.normal(size=(20, 2))
    weight = np.ones(40)
    weight[20] = 100
    heavy = rank(Ratings.from_array(scores, weight=weight))
    assert [(entry.name, entry.code) for entry in heavy.insufficient] == [("3", "df"), ("4", "df")]
    assert [d.rank for d in heavy.departments] == [1, 2]


def test_a_unanimous_difference_is_a_difference():
    ranking = rank(Ratings.from_array(np.tile([5.0, 3.0, 3.0], (20, 1))))
    assert {d.name: d.rank_set for d in ranking.departments} == {"1": (1, 1), "2": (2, 3), "3": (2, 3)}
    json.dumps(ranking.to_dict(), allow_nan=False)


def test_raters_of_one_department_do_not_count_as_comparisons():
    scores = np.full((40, 3), np.nan)
    scores[:20, :2] = np.random.default_rng(7).normal(3, 1, (20, 2))
    scores[20:, 2] = 5
    ranking = rank(Ratings.from_array(scores))
    assert [(entry.name, entry.code) for entry in ranking.insufficient] == [("3", "isolated")]


def test_disconnected_departments_are_ranked_apart():
    scores = np.full((60, 5), np.nan)
    g = np.random.default_rng(8)
    scores[:30, :2] = g.normal([4, 3], 0.3, (30, 2))
    scores[30:, 2:] = g.normal([1, 2, 3], 0.3, (30, 3))
    ranking = rank(Ratings.from_array(scores))
    assert ranking.n_components == 2
    assert {d.name: d.rank for d in ranking.departments} == {"1": 1, "2": 2, "5": 1, "4": 2, "3": 3}
    assert by_name(ranking)["5"].rank_set == (1, 1)
    assert by_name(ranking)["1"].rank_set == (1, 1)
    assert len(ranking.pairs) == 1 + 3
    assert not set(by_name(ranking)["1"].tier) & set(by_name(ranking)["5"].tier)
    assert "disconnected" in [note.code for note in ranking.notes]
    assert "第一" not in ranking.summary()


def test_what_failed_is_noted():
    g = np.random.default_rng(9)
    scores = np.where(g.random((12, 4)) < 0.7, 5.0, 4.0)
    codes = [note.code for note in rank(Ratings.from_array(scores)).notes]
    assert "ceiling" in codes
    few = np.where(g.random((11, 6)) < 0.5, g.normal(size=(11, 6)), np.nan)
    few[:, :2] = g.normal(size=(11, 2))
    assert "low_df" in [note.code for note in rank(Ratings.from_array(few), threshold=2).notes]


def test_summary_claims_first_place_only_when_certain():
    clear = np.random.default_rng(10).normal([5, 3, 3], 0.3, (50, 3))
    assert "确定排第一：1。" in rank(Ratings.from_array(clear)).summary()
    assert "Certainly first: 1." in rank(Ratings.from_array(clear)).summary("en")
    unclear = np.random.default_rng(11).normal(3, 1, (50, 3))
    assert "第一" not in rank(Ratings.from_array(unclear)).summary()


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (np.full((20, 1), 3.0), "只有一个部门"),
        (np.where(np.eye(3)[np.arange(30) % 3] > 0, 3.0, np.nan), "没有评议人同时评过两个部门"),
        (np.ones((9, 3)), "公布门槛"),
    ],
)
def test_nothing_to_rank_is_refused_in_words(scores, words):
    with pytest.raises(NothingToRankError, match=words):
        rank(Ratings.from_array(scores))


@pytest.mark.parametrize("options", [{"level": 1.2}, {"threshold": 0}, {"draws": 50}])
def test_options_out_of_range(options):
    with pytest.raises(InputError) as error:
        rank(Ratings.from_array(table(1)), **options)
    assert error.value.column == next(iter(options))


def test_all_alike_declares_nothing():
    ranking = rank(Ratings.from_array(np.full((20, 3), 4.0)))
    assert {d.rank_set for d in ranking.departments} == {(1, 3)}
    assert {d.vs_average for d in ranking.departments} == {"same"}
    assert ranking.global_test.p_value == 1
    json.dumps(ranking.to_dict(), allow_nan=False)


def test_always_better_is_found_though_the_latent_estimate_is_infinite():
    scores = np.random.default_rng(12).integers(1, 4, (60, 4)).astype(float)
    scores[:, 0] = 5
    ranking = rank(Ratings.from_array(scores))
    assert by_name(ranking)["1"].rank_set == (1, 1)
    assert "separated" in [note.code for note in ranking.notes]


def test_pisa_rank_sets_by_an_independent_bootstrap(pisa):
    # R: csranks(x, diag(se^2), coverage = 0.95, cstype = "two-sided", stepdown = FALSE, simul = TRUE)
    names, x, se = pisa
    Z = np.random.default_rng(13).normal(size=(20_000, x.size)) * se
    s = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    top = np.zeros(20_000)
    for j in range(x.size):
        for k in range(j):
            np.maximum(top, np.abs(Z[:, j] - Z[:, k]) / s[j, k], out=top)
    c = np.quantile(top, 0.95)
    t = (x[:, None] - x[None, :]) / s
    near = np.abs(np.abs(t) - c) < 0.03
    ranking = rank_estimates(names, x, se, draws=50_000, stepdown=False)
    assert ranking.critical_values["pairs"] == pytest.approx(c, abs=0.03)
    for d in ranking.departments:
        j = names.index(d.name)
        assert abs(d.rank_set[0] - 1 - (t[:, j] > c).sum()) <= near[:, j].sum()
        assert abs(x.size - d.rank_set[1] - (t[j] > c).sum()) <= near[j].sum()
    assert ranking.departments[0].name == "Japan"
    assert ranking.departments[0].n is None
    json.dumps(ranking.to_dict(), allow_nan=False)
    down = by_name(rank_estimates(names, x, se, draws=50_000, stepdown=True))
    for d in ranking.departments:
        assert down[d.name].rank_set[0] >= d.rank_set[0]
        assert down[d.name].rank_set[1] <= d.rank_set[1]


def test_estimates_with_covariance_and_homogeneity():
    # Cochran's Q of independent estimates, computed by its own formula
    x, se = np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.7, 0.6])
    w = 1 / se**2
    q = (w * (x - (w * x).sum() / w.sum()) ** 2).sum()
    for given_as in (se, np.diag(se**2)):
        test = rank_estimates(["a", "b", "c"], x, given_as).global_test
        assert test.statistic == pytest.approx(q, rel=1e-10)
        assert test.df1 == 2


@pytest.mark.parametrize(
    ("names", "x", "se", "words"),
    [
        (["a"], [1], [1], "至少要有两个"),
        (["a", "a"], [1, 2], [1, 1], "第 2 行"),
        (["a", "b"], [1, 2], [1, 0], "第 2 行的标准误"),
        (["a", "b"], [1, "x"], [1, 1], "第 2 行的 estimates 不是数字"),
        (["a", "b"], [1, 2], [1, np.nan], "第 2 行的 covariance_or_se"),
        (["a", "b"], [1, 2, 3], [1, 1, 1], "应当相同"),
        (["a", "b"], [1, 2], [[1, 2], [2, 1]], "半正定"),
        (["a", "b"], [1, 2], [1, 1, 1], "对称协方差"),
    ],
)
def test_bad_estimates_are_refused_in_words(names, x, se, words):
    with pytest.raises(InputError, match=words):
        rank_estimates(names, x, se)


def test_json_of_very_many_pairs_is_that_of_the_dictionary(monkeypatch):
    g = np.random.default_rng(8)
    scores = np.where(g.random((60, 12)) < 0.5, g.normal(size=(60, 12)), np.nan)
    names = ['甲"', "乙\\", *(str(i) for i in range(10))]
    ranking = rank(Ratings.from_array(scores, department_names=names), threshold=2, latent_guard=False)
    plain = ranking.to_json("en", groups=[{"name": "组"}])
    monkeypatch.setattr("analysis.ranking.json.INDENTED_PAIRS", 5)
    monkeypatch.setattr("analysis.ranking.json._ROWS_AT_ONCE", 7)
    by_column = ranking.to_json("en", groups=[{"name": "组"}])
    assert by_column != plain
    assert json.loads(by_column) == json.loads(plain)
    assert json.loads(plain) == ranking.to_dict("en") | {"groups": [{"name": "组"}]}


def test_departments_with_the_same_ballots_share_their_rank():
    """Attack: rounding in the solution made ranks 1, 2 and 3 of three equal columns."""
    rng = np.random.default_rng(4)
    for raters in (40, 60, 97):
        y = 20.0 * rng.integers(1, 6, (raters, 5))
        y[rng.random(y.shape) < 0.15] = np.nan
        y[:, 1] = y[:, 2] = y[:, 0]
        found = rank(Ratings.from_array(y, department_names=list("abcde")))
        assert len({d.rank for d in found.departments if d.name in "abc"}) == 1
