"""Groups of raters that differ in nothing: exchanging raters keeps noise near the top from being declared."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from nightly import NIGHTLY, rounds

from analysis import Ratings, compare_groups
from analysis.compare import relabelled
from analysis.compare.group_samples import Fits, group_labels, group_samples, members
from analysis.compare.groups import _pairs

SIZES = ["small"] * 12 + ["large"] * 60


def relabel_p(y, labels, seed=1):
    ratings = Ratings.from_array(y)
    samples = group_samples(Fits(ratings, 1), members(group_labels(ratings, labels)), False)
    _, contrasts, _ = _pairs(samples)
    return relabelled.relabel_p(list(samples.values()), contrasts, seed)


def largest(y, first):
    """Largest |t| in a complete table: of a department's centred mean in one group less that in the other."""
    parts = []
    for mask in (first, ~first):
        own = y[mask] - y[mask].mean(axis=1, keepdims=True)
        error = (own - own.mean(axis=0)) ** 2
        parts.append((own.mean(axis=0), error.sum(axis=0) / mask.sum() ** 2))
    (one, v), (two, w) = parts
    return float((np.abs(one - two) / np.sqrt(v + w)).max())


def test_against_every_division():
    """Of one pair of groups all contrasts have the same degrees of freedom: they do not matter."""
    y = np.random.default_rng(5).exponential(size=(11, 3)) * [1, 2, 3]
    first = np.arange(11) < 5
    seen = largest(y, first)
    reached = [largest(y, np.isin(np.arange(11), who)) for who in itertools.combinations(range(11), 5)]
    expected = np.mean(np.array(reached) >= seen * (1 - 1e-9))
    assert relabel_p(y, ["a"] * 5 + ["b"] * 6) == pytest.approx(expected, abs=0.05)


def near_the_top(seed):
    return np.random.default_rng(seed).choice([0.0, 50, 100], (72, 6), p=[0.1, 0.1, 0.8])


def test_marks_near_the_top_show_no_unequal_treatment_where_there_is_none(monkeypatch):
    """Without the test one round in six declares some."""
    options = {"threshold": 1, "draws": 1000}
    made = [Ratings.from_array(near_the_top(seed)) for seed in rounds(50, 20)]
    held = [compare_groups(ratings, SIZES, **options) for ratings in made]
    assert sum(bool(found.significant) for found in held) <= (6 if NIGHTLY else 3)  # 5 % would be 2.5 (1)
    monkeypatch.setattr(relabelled, "applies", lambda _samples: False)
    loose = [compare_groups(ratings, SIZES, **options) for ratings in made]
    assert sum(bool(found.significant) for found in loose) > sum(bool(found.significant) for found in held)
    for kept, free in zip(held, loose, strict=True):
        stopped = bool(free.significant) and not kept.significant
        assert ("exchanged" in [note.code for note in kept.notes]) == stopped
        if stopped:
            assert kept.p_equal > 0.05
            assert all(d.ci[0] <= 0 <= d.ci[1] for d in kept.differences)


def test_unequal_treatment_is_declared_as_before(monkeypatch):
    y = 70 + 15 * np.random.default_rng(1).normal(size=(80, 5))
    y[:40, 0] += 25
    labels = ["a"] * 40 + ["b"] * 40
    found = compare_groups(Ratings.from_array(y), labels, draws=1000)
    monkeypatch.setattr(relabelled, "applies", lambda _samples: False)
    before = compare_groups(Ratings.from_array(y), labels, draws=1000)
    assert [d.department for d in found.significant] == [d.department for d in before.significant] != []


def samples_of(ratings, labels):
    return list(group_samples(Fits(ratings, 1), members(labels), False).values())


def test_owners_are_exchanged_whole_unless_they_have_raters_in_both_groups():
    """An owner whose two raters answer alike counts as one rater who answers so."""
    y = np.random.default_rng(2).normal(size=(11, 3))
    twice = Ratings.from_array(np.repeat(y, 2, axis=0), cluster=np.repeat(range(11), 2).tolist())
    labels = ["a"] * 5 + ["b"] * 6
    samples = samples_of(twice, np.repeat(labels, 2).tolist())
    _, contrasts, _ = _pairs(dict(zip("ab", samples, strict=True)))
    assert relabelled.applies(samples)
    assert relabelled.relabel_p(samples, contrasts, 1) == pytest.approx(relabel_p(y, labels), abs=0.01)
    assert not relabelled.applies(samples_of(twice, ["a", "b"] * 11))


def test_item_effects_do_not_keep_raters_from_being_exchanged():
    """Gaps in an item on which all marks are higher: as if that item were as hard as the others."""
    g = np.random.default_rng(3)
    cube = g.exponential(size=(14, 3, 2))
    cube[g.random(cube.shape) < 0.15] = np.nan
    labels = ["a"] * 6 + ["b"] * 8
    harder = np.array([0.0, 40.0])
    assert relabel_p(cube + harder, labels) == pytest.approx(relabel_p(cube, labels), abs=1e-9)
