"""Several electorates as one index, against hand-worked values, brute force and simulation."""

import json

import numpy as np
import pytest
from nightly import at_most_5_percent, rounds

from analysis import Ratings, composite
from analysis.errors import InputError

D = 5
NAMES = [f"部门{j + 1}" for j in range(D)]
WEIGHTS = {"企业": 60, "代表委员": 30, "指标": 10}


def scores(seed, raters=60, theta=(0, 0, 0, 0, 0)):
    rng = np.random.default_rng(seed)
    return 70 + rng.normal(0, 10, (raters, 1)) + np.array(theta) + rng.normal(0, 12, (raters, len(theta)))


def ratings(X, names=None):
    return Ratings.from_array(X, department_names=names or NAMES[: X.shape[1]])


def spread(X):
    return np.cov(X - X.mean(axis=1, keepdims=True), rowvar=False) / len(X)


def pair_se(V):
    v = np.diagonal(V)
    return np.sqrt(np.maximum(v[:, None] + v - 2 * V, 0))


POINTS = dict(zip(NAMES, [90.0, 80, 85, 70, 95], strict=True))


def test_complete_electorates_add_up_by_hand():
    X, Y = scores(1), scores(2, raters=40)
    found = composite({"企业": ratings(X), "代表委员": ratings(Y), "指标": POINTS}, WEIGHTS, independent=True)
    expected = 0.6 * X.mean(axis=0) + 0.3 * Y.mean(axis=0) + 0.1 * np.array(list(POINTS.values()))
    got = {d.name: d for d in found.ranking.departments}
    assert [got[n].adjusted for n in NAMES] == pytest.approx(expected)
    se = pair_se(0.36 * spread(X) + 0.09 * spread(Y))
    for pair in found.ranking.pairs:
        a, b = NAMES.index(pair.a), NAMES.index(pair.b)
        assert pair.se == pytest.approx(se[a, b])
        assert pair.difference == pytest.approx(expected[a] - expected[b])
    assert [(e.name, e.weight, e.n_raters) for e in found.electorates] == [
        ("企业", pytest.approx(0.6), 60),
        ("代表委员", pytest.approx(0.3), 40),
        ("指标", pytest.approx(0.1), None),
    ]
    own = 0.36 * np.var(X, axis=0, ddof=1) / 60 + 0.09 * np.var(Y, axis=0, ddof=1) / 40
    assert [got[n].se for n in NAMES] == pytest.approx(np.sqrt(own))
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_an_electorate_moved_is_the_composite_with_it_less_the_one_without_it():
    X, Y = scores(1), scores(2, raters=40)
    found = composite({"企业": ratings(X), "代表委员": ratings(Y), "指标": POINTS}, WEIGHTS, independent=True)
    parts = {"企业": X.mean(axis=0), "代表委员": Y.mean(axis=0), "指标": np.array(list(POINTS.values()))}
    w = {name: value / 100 for name, value in WEIGHTS.items()}
    centred = {name: x - x.mean() for name, x in parts.items()}
    whole = sum(w[n] * centred[n] for n in w)
    rows = {(m.electorate, m.department): m for m in found.moves}
    for s in w:
        rest = sum(w[n] * centred[n] for n in w if n != s) / (1 - w[s])
        for j, name in enumerate(NAMES):
            assert rows[s, name].shift == pytest.approx(whole[j] - rest[j])
            assert rows[s, name].contribution == pytest.approx(w[s] * centred[s][j])
            assert rows[s, name].rank == 1 + int((whole > whole[j] + 1e-9).sum())
            assert rows[s, name].rank_without == 1 + int((rest > rest[j] + 1e-9).sum())
    V = 0.36 * np.diagonal(spread(X)) + (0.6 * 0.3 / 0.4) ** 2 * np.diagonal(spread(Y))
    assert [rows["企业", n].se for n in NAMES] == pytest.approx(np.sqrt(V))


def test_electorates_that_may_share_raters_add_standard_errors():
    X = scores(1)
    parts = {"企业": ratings(X), "代表委员": ratings(X)}
    shared = composite(parts, {"企业": 2, "代表委员": 1})
    se = pair_se(spread(X))
    for pair in shared.ranking.pairs:
        assert pair.se == pytest.approx(se[NAMES.index(pair.a), NAMES.index(pair.b)])
    assert "不论有多少人相同" in shared.summary()
    labelled = composite(parts, {"企业": 2, "代表委员": 1}, independent={"企业": 1, "代表委员": 1})
    assert labelled.to_dict() == shared.to_dict()
    assert composite(parts, {"企业": 2, "代表委员": 1}, independent=True).independent


def test_who_was_asked_does_not_rank():
    """Lenient raters rate the second department: plain means, weighted, would put it first."""
    rng = np.random.default_rng(5)
    X = scores(1, raters=400, theta=(8, 0, 0, 0, 0))
    lenient = rng.random(400) < 0.5
    X[lenient] += 25
    X[~lenient, 1] = np.nan
    X[lenient, 0] = np.where(rng.random(lenient.sum()) < 0.8, np.nan, X[lenient, 0])
    assert np.nanmean(X, axis=0).argmax() == 1
    found = composite({"企业": ratings(X), "代表委员": ratings(X)}, {"企业": 1, "代表委员": 1})
    assert found.ranking.departments[0].name == "部门1"


def test_an_electorate_with_an_opinion_of_its_own_is_named():
    parts = {
        "企业": ratings(scores(1, 300)),
        "代表委员": ratings(scores(2, 300, (0, 0, 15, 0, 0))),
    }
    found = composite(parts, {"企业": 70, "代表委员": 30}, independent=True)
    (move,) = [m for m in found.moved("代表委员") if m.department == "部门3"]
    assert move.direction == "up"
    assert "“代表委员”使这些部门" in found.summary()
    shift, low, high = (f"{v:+.1f}".replace("-", "−") for v in (move.shift, *move.ci))
    assert f"部门3 {shift} 分（{low} 至 {high}，" in found.summary()
    assert f"部门3 {shift} points ({low} to {high}; " in found.summary("en")
    assert "shifts these departments beyond chance" in found.summary("en")
    assert "按给定估计值" not in found.summary()


def test_departments_that_a_part_lacks_are_listed_with_that_part():
    X, Y = scores(1), scores(2)[:, :4]
    few = X.copy()
    few[8:, 0] = np.nan
    found = composite({"企业": ratings(few), "代表委员": ratings(Y)}, {"企业": 1, "代表委员": 1})
    assert {d.name for d in found.ranking.departments} == {"部门2", "部门3", "部门4"}
    reasons = {e.name: e.zh for e in found.ranking.insufficient}
    assert "“企业”" in reasons["部门1"]
    assert "“代表委员”" in reasons["部门5"]


@pytest.mark.parametrize("independent", [True, False])
def test_nothing_false_is_said_where_nothing_differs(independent):
    wrong, seeds = 0, rounds(60, 30)
    for seed in seeds:
        X = scores([seed, 1], 40)
        Y = scores([seed, 2], 40) if independent else X + np.random.default_rng(seed).normal(0, 4, X.shape)
        parts = {"企业": ratings(X), "代表委员": ratings(Y)}
        found = composite(parts, {"企业": 6, "代表委员": 4}, independent=independent, draws=2000, seed=seed)
        said = found.ranking.pairs.significant.any() or found.moved("企业") or found.moved("代表委员")
        wrong += bool(said)
    assert wrong <= at_most_5_percent(len(seeds))


def test_scales_that_are_far_apart_are_remarked():
    parts = {"企业": ratings(scores(1)), "代表委员": ratings(scores(2) / 20)}
    codes = [note.code for note in composite(parts, {"企业": 1, "代表委员": 1}).ranking.notes]
    assert "composite_scales" in codes


@pytest.mark.parametrize(
    ("parts", "weights", "word"),
    [
        ({"企业": None}, {"企业": 1}, "两个部分"),
        ({"企业": None, "指标": POINTS}, {"企业": 1}, "指标"),
        ({"企业": None, "指标": POINTS}, {"企业": 1, "指标": 0}, "正数"),
        ({"企业": None, "指标": POINTS}, {"企业": 1, "指标": "x"}, "正数"),
        ({"甲": POINTS, "乙": POINTS}, {"甲": 1, "乙": 1}, "评议人群体"),
        ({"企业": None, "指标": {"部门1": float("nan")}}, {"企业": 1, "指标": 1}, "每个部门一个数"),
        ({"企业": None, "指标": {"部门1": 3.0}}, {"企业": 1, "指标": 1}, "两个部门"),
        ({"企业": None, "指标": 3}, {"企业": 1, "指标": 1}, "每个部门一个数"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts, weights, word):
    X = ratings(scores(1))
    with pytest.raises(InputError, match=word):
        composite({name: X if part is None else part for name, part in parts.items()}, weights)
