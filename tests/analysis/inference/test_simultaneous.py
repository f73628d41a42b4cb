"""Max-t, stepdown, rank sets and tiers against multcomp, multcompView, p.adjust and csranks' definition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from references import reference
from scipy.stats import studentized_range, t

from analysis.inference.multiplicity import p_adjust
from analysis.inference.ranksets import rank_sets
from analysis.inference.simultaneous import critical, draw, each, p_values, pairs, t_scale, z_scale
from analysis.inference.tiers import letter, tiers

ONE = np.zeros(6, dtype=np.intp)


def glht():
    given = reference("maxt_glht_insteval6")
    return given["input"], given["expected"]


def test_max_t_agrees_with_multcomp():
    # R: glht(parm(theta, V, df = 0), linfct = contrMat(., "Tukey")); summary(test = adjusted("single-step"))
    given, expected = glht()
    theta, V = np.array(given["theta"]), np.array(given["V"])
    found = pairs(theta, V, np.inf, ONE, level=0.95, draws=200_000, seed=1)
    assert found.critical == pytest.approx(expected["critical_value"], abs=0.01)
    for pair in expected["pairs"]:
        b, a = (given["names"].index(name) for name in pair["contrast"].split(" - "))
        assert found.se[a, b] == pytest.approx(pair["se"], rel=1e-8)
        assert found.p[a, b] == pytest.approx(pair["p_single_step"], abs=0.003)


def test_stepdown_agrees_with_a_free_stepdown_where_it_matters():
    # R: summary(test = adjusted("free")), stepdown without logical constraints
    given, expected = glht()
    theta, V = np.array(given["theta"]), np.array(given["V"])
    single = pairs(theta, V, np.inf, ONE, level=0.95, draws=50_000, seed=1)
    down = pairs(theta, V, np.inf, ONE, level=0.95, draws=50_000, seed=1, stepdown=True)
    assert (down.p <= single.p).all()
    assert (down.above | ~single.above).all()
    for pair in expected["pairs"]:
        b, a = (given["names"].index(name) for name in pair["contrast"].split(" - "))
        assert (down.p[a, b] <= 0.05) == bool(down.above[a, b] or down.above[b, a])
        if pair["p_single_step"] < 0.05:
            assert down.above[a, b] != down.above[b, a]


def test_equal_variances_give_tukeys_studentized_range():
    # R: qtukey(0.95, 5, Inf) / sqrt(2)
    found = pairs(np.zeros(5), np.eye(5), np.inf, ONE[:5], level=0.95, draws=400_000, seed=3)
    assert found.critical == pytest.approx(studentized_range.ppf(0.95, 5, 1e6) / np.sqrt(2), abs=0.01)


def test_stepdown_of_ordered_pairs_by_definition():
    # csranks (Mogstad et al. 2024, algorithm 3.2) written out over all ordered pairs with its own draws
    g = np.random.default_rng(4)
    x, sd = np.array([0.0, 0.9, 1.1, 2.7, 3.0, 6.0]), np.array([0.3, 0.3, 0.35, 0.3, 0.6, 0.8])
    Z = g.normal(size=(200_000, 6)) * sd
    s = np.sqrt(sd[:, None] ** 2 + sd[None, :] ** 2)
    family = set(itertools.permutations(range(6), 2))
    while True:
        inside = list(family)
        top = np.max([(Z[:, j] - Z[:, k]) / s[j, k] for j, k in inside], axis=0)
        out = {(j, k) for j, k in inside if (x[j] - x[k]) / s[j, k] > np.quantile(top, 0.95)}
        if not out:
            break
        family -= out
    expected = np.array([[(j, k) not in family and j != k for k in range(6)] for j in range(6)])
    found = pairs(x, np.diag(sd**2), np.inf, ONE, level=0.95, draws=100_000, seed=5, stepdown=True)
    assert (found.above == expected).all()
    single = pairs(x, np.diag(sd**2), np.inf, ONE, level=0.95, draws=100_000, seed=5)
    assert single.above.sum() < found.above.sum()


def test_p_is_at_most_alpha_exactly_when_the_statistic_passes():
    maxima = np.random.default_rng(0).gumbel(size=999).astype(np.float32)
    c = critical(maxima, 0.95)
    z = np.concatenate([maxima, np.nextafter(maxima, np.float32(np.inf))]).astype(float)
    assert ((p_values(z, maxima) <= 0.05 + 1e-12) == (z > c)).all()


def test_t_and_normal_scales_are_inverse():
    for nu in (1.0, 3.5, 40.0, np.inf):
        for c in (0.5, 2.5, 4.0):
            assert z_scale(t_scale(c, nu), nu) == pytest.approx(c, rel=1e-9)
    assert t_scale(1.959963984540054, 7.0) == pytest.approx(t.ppf(0.975, 7), rel=1e-12)


def test_draws_have_the_covariance_and_follow_their_rows():
    V = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 0.5]])
    Z = draw(V, 200_000, 1)
    np.testing.assert_allclose(np.cov(Z), V, atol=0.02)
    order = [2, 0, 1]
    np.testing.assert_allclose(draw(V[np.ix_(order, order)], 1_000, 1), draw(V, 1_000, 1)[order], atol=1e-5)


def test_single_statements_have_simultaneous_width():
    # Independent statements: c is the normal quantile of (1 + 0.95^(1/4)) / 2
    found = each(np.zeros(4), np.diag([1.0, 4.0, 9.0, 0.25]), np.inf, level=0.95, draws=300_000, seed=2)
    assert found.critical == pytest.approx(2.4909, abs=0.01)
    np.testing.assert_allclose(found.bound / found.critical, [1, 2, 3, 0.5], rtol=1e-9)


def test_tiers_agree_with_piepho():
    # R: multcompView::multcompLetters(logical); Piepho (2004), example 3
    given = reference("cld_piepho_ex3")
    names = given["input"]["names"]
    different = np.zeros((8, 8), dtype=bool)
    for a, b in given["input"]["significant_pairs"]:
        i, j = names.index(a), names.index(b)
        different[i, j] = different[j, i] = True
    expected = {frozenset(np.flatnonzero(c).tolist()) for c in np.array(given["expected"]["letter_matrix"]).T}
    found = tiers(different)
    assert {frozenset(np.flatnonzero(c).tolist()) for c in found.member.T} == expected
    assert found.letters[0][0] == "a"


@pytest.mark.parametrize("limit", [500, 3])
def test_sharing_a_letter_means_not_different(monkeypatch, limit):
    monkeypatch.setattr("analysis.inference.tiers._MOST_LETTERS", limit)
    for seed in range(20):
        g = np.random.default_rng(seed)
        different = np.triu(g.random((12, 12)) < 0.3, 1)
        different |= different.T
        found = tiers(different)
        shares = found.member @ found.member.T
        assert (shares == ~different).all()
        assert found.complete or limit == 3


def test_letters_go_on_after_z():
    assert [letter(i) for i in (0, 25, 26, 51, 52, 104)] == ["a", "z", "A", "Z", ".a", "..a"]


def test_rank_sets_count_what_is_declared():
    above = np.zeros((4, 4), dtype=bool)
    above[0, 2] = above[0, 3] = above[1, 3] = True
    assert rank_sets(above).tolist() == [[1, 2], [1, 3], [2, 4], [3, 4]]


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"])
def test_p_adjust(method):
    # R: p.adjust(p, method)
    given = reference("p_adjust_bh1995")
    np.testing.assert_allclose(
        p_adjust(given["input"]["p"], method), given["expected"][method], rtol=0, atol=1e-12
    )
    shuffled = np.random.default_rng(0).permutation(15)
    np.testing.assert_allclose(
        p_adjust(np.array(given["input"]["p"])[shuffled], method),
        np.array(given["expected"][method])[shuffled],
        atol=1e-12,
    )
