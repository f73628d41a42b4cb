"""Sums over rounds and electorates in which nothing differs: exact test by marks exchanged within raters."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from analysis import Ratings, combine_rounds, compare_rounds, composite, rank
from analysis.compare import exchanges, relabelled
from analysis.compare.exchanges import exchange_test
from analysis.compare.samples import centring, sample_of
from analysis.model.contrasts import fit

NAMES = ("1", "2", "3")
DF = np.full(6, 7.0)


def top(g, raters, departments, p):
    return Ratings.from_array(np.where(g.random((raters, departments)) < p, 100.0, 0.0))


def something(ranking):
    return bool(ranking.pairs.significant.any()) or any(d.vs_average != "same" for d in ranking.departments)


def moments(y):
    """Means of a complete table and their covariance by the sums of squares over raters."""
    own = y - y.mean(axis=1, keepdims=True)
    theta = own.mean(axis=0)
    return theta, (own - theta).T @ (own - theta) / len(y) ** 2


def orders(y):
    for marks in itertools.product(*(itertools.permutations(row) for row in y)):
        yield moments(np.array(marks))


def largest(theta, V):
    own = np.diag(V)
    found = list(np.abs(theta) / np.sqrt(own))
    for j, k in itertools.combinations(range(3), 2):
        found.append(abs(theta[j] - theta[k]) / np.sqrt(own[j] + own[k] - 2 * V[j, k]))
    return max(found)


def test_sum_of_two_samples_against_every_permutation():
    g = np.random.default_rng(4)
    one, two = g.exponential(size=(3, 3)), g.exponential(size=(3, 3)) + np.array([0, 0.5, 1])
    w = (0.6, 0.4)
    parts = [list(orders(y)) for y in (one, two)]
    reached = [
        largest(w[0] * a + w[1] * b, w[0] ** 2 * V + w[1] ** 2 * W)
        for (a, V), (b, W) in itertools.product(*parts)
    ]
    expected = np.mean(np.array(reached) >= reached[0] * (1 - 1e-9))
    samples = [
        sample_of(Ratings.from_array(np.vstack([y, y + np.array([5, 1, 2])])), threshold=1, guard=False)
        for y in (one, two)
    ]
    # A sample needs more raters to be fitted; the test takes the first three of each.
    samples = [_first_three(s) for s in samples]
    L = [x * centring(s, [NAMES]) for x, s in zip(w, samples, strict=True)]
    test = exchange_test(samples, NAMES, L, (0, 1))
    assert test is not None
    assert test(np.triu_indices(3, 1), DF, 1, None) == pytest.approx(expected, abs=0.04)


def _first_three(sample):
    return replace(sample, fit=fit(sample.fit.cells.take(np.arange(3))))


def test_samples_that_may_share_raters_are_tested_one_by_one():
    samples = [
        sample_of(top(np.random.default_rng(seed), 12, 3, 0.5), threshold=1, guard=False) for seed in (1, 2)
    ]
    L = [centring(s, [NAMES]) / 2 for s in samples]
    alone = [exchange_test([s], NAMES, [x], (0,)) for s, x in zip(samples, L, strict=True)]
    p = [test(np.triu_indices(3, 1), DF, 1, None) for test in alone if test]
    both = exchange_test(samples, NAMES, L, (0, 0))
    assert both is not None
    assert both(np.triu_indices(3, 1), DF, 1, None) == pytest.approx(min(1, 2 * min(p)))


def test_departments_outside_the_sum_stay_where_they_are():
    """A department that only one round has is far below; the others, which are equal, are not declared."""
    g = np.random.default_rng(3)
    y = np.column_stack([np.where(g.random((60, 4)) < 0.95, 100.0, 0.0), np.zeros(60)])
    sample = sample_of(Ratings.from_array(y), threshold=1, guard=False)
    alone = sample_of(Ratings.from_array(y[:, :4]), threshold=1, guard=False)
    names = ("1", "2", "3", "4")
    found = [
        exchange_test([s], names, [centring(s, [names])], (0,))(
            np.triu_indices(4, 1), np.full(10, 50.0), 1, None
        )
        for s in (sample, alone)
    ]
    assert found[0] == pytest.approx(found[1], abs=0.05)


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_composite_near_the_top_declares_nothing_where_nothing_differs(seed, monkeypatch):
    firms, figures = top(np.random.default_rng(seed), 60, 6, 0.95), {str(j): 80.0 for j in range(1, 7)}

    def made():
        parts = {"firms": firms, "figures": figures}
        return composite(parts, {"firms": 7, "figures": 3}, draws=1000, threshold=5)

    found = made()
    assert not something(found.ranking)
    codes = [note.code for note in found.ranking.notes]
    assert {"exchanged", "composite_exchanged"} <= set(codes)
    assert "这么大，所以没有认定哪一方使得分变化" in found.summary("zh")
    assert all(m.direction == "same" and m.ci[0] <= 0 <= m.ci[1] for m in found.moves)
    monkeypatch.setattr(exchanges, "applies", lambda *_cells: False)
    loose = made()
    assert something(loose.ranking)
    assert "composite_exchanged" not in [note.code for note in loose.ranking.notes]
    assert any(m.direction != "same" for m in loose.moves)


def test_what_figures_from_outside_say_needs_no_raters():
    """Firms tell nobody apart; figures put the first department far above and are known without error."""
    firms = top(np.random.default_rng(0), 60, 6, 0.5)
    figures = {str(j): 20.0 + 70 * (j == 1) for j in range(1, 7)}
    found = composite(
        {"firms": firms, "figures": figures}, {"firms": 5, "figures": 5}, draws=1000, threshold=5
    )
    assert found.ranking["1"].rank_set == (1, 1)
    assert all(x.a == "1" for x in found.ranking.pairs if x.significant)


def test_combined_rounds_near_the_top(monkeypatch):
    g = np.random.default_rng(8)
    rounds = [top(g, 40, 6, 0.95), top(g, 30, 6, 0.95)]
    year = combine_rounds(rounds, independent=True, threshold=5)
    assert not something(year.ranking(draws=1000))
    monkeypatch.setattr(exchanges, "applies", lambda *_cells: False)
    assert something(combine_rounds(rounds, independent=True, threshold=5).ranking(draws=1000))


def test_change_near_the_top_between_a_large_and_a_small_round(monkeypatch):
    g = np.random.default_rng([8, 3])
    rounds = top(g, 60, 6, 0.9), top(g, 15, 6, 0.9)

    def compared():
        return compare_rounds(*rounds, independent=True, draws=1000, threshold=5)

    found = compared()
    assert found.held
    assert all(c.direction == "same" and c.ci[0] <= 0 <= c.ci[1] for c in found.changes)
    assert "任意调换" in found.summary("zh")
    monkeypatch.setattr(relabelled, "applies", lambda _samples: False)
    assert any(c.direction != "same" for c in compared().changes)


def test_raters_who_visit_departments_unequally_often():
    """Each visits one department once, one twice and one three times: 50 points of difference are found."""
    g = np.random.default_rng(2)
    rater, department, score = [], [], []
    for r in range(40):
        for name, visits in zip("ABC", g.permutation(3) + 1, strict=True):
            rater += [r] * visits
            department += [name] * visits
            score += g.normal(50 + 50 * (name == "A"), 10, visits).tolist()
    found = rank(Ratings.from_columns(rater, department, score), draws=1000)
    assert found["A"].rank_set == (1, 1)
