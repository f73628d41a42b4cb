"""Cell and raking weights: margins met, gaps and impossible margins handled, the price shown."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.sampling.raking import rake_weights
from analysis.sampling.weights import cell_weights, effective_n, trim

SIZES = ["大"] * 10 + ["中"] * 20 + ["小"] * 70
ROSTER = {"大": 50, "中": 150, "小": 1800}


def share_of(weights, labels, label):
    inside = np.array([x == label for x in labels])
    return weights[inside].sum() / weights.sum()


def test_cells_get_their_share_of_the_roster():
    weights = cell_weights(SIZES, ROSTER)
    assert share_of(weights.values, SIZES, "小") == pytest.approx(0.9)
    assert weights.values.mean() == pytest.approx(1)
    # By hand: weights .25, .375, 9/7; (Σw)²/Σw² = 100² / (.625 + 2.8125 + 115.714…)
    assert weights.effective_n == pytest.approx(10000 / (0.625 + 2.8125 + 70 * (9 / 7) ** 2))
    assert weights.design_effect == pytest.approx(100 / weights.effective_n)


def test_whoever_did_not_say_keeps_the_mean_weight_and_is_mentioned():
    weights = cell_weights([*SIZES, None, "", float("nan")], ROSTER)
    assert weights.values[-3:] == pytest.approx(1)
    assert share_of(weights.values[:-3], SIZES, "大") == pytest.approx(0.025)
    assert weights.notes[0].code == "stratum_missing"
    assert "没有填写" in weights.summary()
    assert "did not state" in weights.summary("en")
    json.dumps(weights.to_dict(), allow_nan=False)


def test_kish_of_equal_and_of_one_dominating_weight():
    assert effective_n(np.ones(40)) == pytest.approx(40)
    assert effective_n([1000, 1e-9, 1e-9]) == pytest.approx(1)


@given(st.lists(st.floats(0.01, 100), min_size=3, max_size=40), st.floats(1.2, 6))
def test_trimming_keeps_the_mean_the_order_and_the_limit(weights, limit):
    w = np.array(weights)
    out, cut = trim(w, limit)
    assert out.mean() == pytest.approx(w.mean())
    assert out.max() <= limit * w.mean() * (1 + 1e-9)
    assert (np.diff(out[np.argsort(w, kind="stable")]) >= -1e-9 * w.mean()).all()
    assert (cut == 0) == bool((w <= limit * w.mean() * (1 + 1e-12)).all())


def strata_of(n=300, seed=3):
    rng = np.random.default_rng(seed)
    return {
        "size": rng.choice(["大", "中", "小"], n, p=[0.2, 0.3, 0.5]).tolist(),
        "origin": rng.choice(["本地", "外来"], n).tolist(),
    }


MARGINS = {"size": {"大": 1, "中": 3, "小": 16}, "origin": {"本地": 700, "外来": 300}}


def test_raking_meets_every_margin():
    strata = strata_of()
    weights = rake_weights(strata, MARGINS, limit=None).values
    assert share_of(weights, strata["size"], "大") == pytest.approx(0.05, abs=1e-9)
    assert share_of(weights, strata["origin"], "外来") == pytest.approx(0.3, abs=1e-9)


def test_raked_weights_are_products_of_one_factor_a_category():
    """The raking solution is the only one of the form a_i b_j (Deming & Stephan): odds ratios stay 1."""
    strata = strata_of()
    weights = rake_weights(strata, MARGINS, limit=None).values
    cell = {(s, o): w for s, o, w in zip(strata["size"], strata["origin"], weights, strict=True)}
    odds = cell["大", "本地"] * cell["小", "外来"] / (cell["大", "外来"] * cell["小", "本地"])
    assert odds == pytest.approx(1)


def test_raking_stands_gaps_in_one_stratum():
    strata = strata_of()
    strata["size"][:30] = [None] * 30
    weights = rake_weights(strata, MARGINS, limit=None)
    said = np.array([x is not None for x in strata["size"]])
    labels = [x for x in strata["size"] if x is not None]
    assert share_of(weights.values[said], labels, "小") == pytest.approx(0.8, abs=1e-9)
    assert share_of(weights.values, strata["origin"], "本地") == pytest.approx(0.7, abs=1e-9)
    assert weights.notes[0].code == "stratum_missing"


def test_trimmed_raking_says_how_far_the_margins_are_off():
    strata = strata_of()
    tight = rake_weights(strata, MARGINS, limit=1.3)
    assert tight.trimmed > 0
    assert tight.values.max() <= 1.3 + 1e-9
    assert [note.code for note in tight.notes] == ["trimmed_margins"]


def test_margins_that_contradict_the_responses_are_refused_in_words():
    strata = {"size": ["大", "大", "小", "小"], "origin": ["本地", "本地", "外来", "外来"]}
    margins = {"size": {"大": 5, "小": 5}, "origin": {"本地": 9, "外来": 1}}
    with pytest.raises(InputError, match="合并小类"):
        rake_weights(strata, margins, rounds=50)


@pytest.mark.parametrize(
    ("cells", "roster", "word"),
    [
        (["大", "微"], {"大": 3}, "微 不在"),
        (["大", "大"], {"大": 3, "小": 4}, "小 只在名录"),
        (["大", "小"], {"大": 3, "小": 0}, "小 只在答卷"),
        (["大"], {"大": -1}, "非负数"),
        ([], {"大": 1}, "没有答卷"),
    ],
)
def test_roster_counts_that_do_not_fit_are_refused_with_the_name(cells, roster, word):
    with pytest.raises(InputError, match=word):
        cell_weights(cells, roster)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: trim([1, 2, 3], 1.0),
        lambda: cell_weights(["大"], {"大": 1}, base=[-1]),
        lambda: rake_weights({}, {"size": {"大": 1}}),
        lambda: rake_weights({"size": ["大"]}, {}),
        lambda: rake_weights({"a": ["x"], "b": ["y", "y"]}, {"a": {"x": 1}, "b": {"y": 1}}),
    ],
)
def test_impossible_requests_are_refused(attempt):
    with pytest.raises(InputError):
        attempt()
