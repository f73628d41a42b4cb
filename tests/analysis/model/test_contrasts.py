"""Estimates and covariances: against R, against a dense regression, against leaving raters out."""

from __future__ import annotations

import numpy as np
import pytest
from dense import Dense, random_ratings
from references import reference

from analysis import InputError, Ratings
from analysis.model import freedom as degrees
from analysis.model.cells import cells_of
from analysis.model.contrasts import Fit, fit
from analysis.model.freedom import freedom
from analysis.model.points import points
from analysis.model.sandwich import Strata, covariance
from analysis.model.satterthwaite import satterthwaite_df


def fitted(rater, department, y, **options) -> Fit:
    return fit(cells_of(Ratings.from_columns(rater, department, y, **options)))


def test_insteval_agrees_with_estimatr_and_plm(insteval_ratings):
    # R: lm_robust(y~dept, fixed_effects=~s, clusters=s, se_type="CR0"); plm + vcovHC(arellano)
    expected = reference("insteval_fe_cluster")["expected"]
    found = fit(cells_of(insteval_ratings))
    at = [insteval_ratings.department_names.index(name.removeprefix("dept")) for name in expected["names"]]
    base = insteval_ratings.department_names.index("1")
    theta = [expected["theta"][name] for name in expected["names"]]
    np.testing.assert_allclose(found.theta[at] - found.theta[base], theta, rtol=0, atol=1e-9)
    C = np.zeros((len(at), found.theta.size))
    C[np.arange(len(at)), at], C[:, base] = 1, -1
    np.testing.assert_allclose(C @ covariance(found, "CR0") @ C.T, expected["V_CR0"], rtol=1e-8)
    np.testing.assert_allclose(C @ covariance(found, "CR0") @ C.T, expected["V_plm_arellano_HC0"], rtol=1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2", "CR3"])
def test_all_sandwiches_agree_with_a_dense_regression(kind):
    # R: clubSandwich::vcovCR(lm(y ~ dept + rater), cluster = rater, type = kind), computed by its definition
    rater, department, y = random_ratings(1)
    found, dense = fitted(rater, department, y), Dense(rater, department, y, np.ones(y.size))
    V, W = covariance(found, kind), dense.covariance(kind)
    for j, k in [(0, 1), (2, 6), (5, 3)]:
        c = np.eye(7)[j] - np.eye(7)[k]
        full = dense.contrast(j, k)
        assert found.theta[j] - found.theta[k] == pytest.approx(full @ dense.beta, abs=1e-11)
        assert c @ V @ c == pytest.approx(full @ W @ full, rel=1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
def test_satterthwaite_agrees_with_its_definition(kind):
    # R: clubSandwich::coef_test(..., vcov = kind, test = "Satterthwaite")$df_Satt
    rater, department, y = random_ratings(2, R=60)
    found, dense = fitted(rater, department, y), Dense(rater, department, y, np.ones(y.size))
    for j, k in [(0, 1), (2, 6)]:
        c = np.eye(7)[j] - np.eye(7)[k]
        assert satterthwaite_df(found, c, kind) == pytest.approx(
            dense.freedom(dense.contrast(j, k), kind), rel=1e-7
        )


def test_the_jackknife_leaves_each_rater_out():
    rater, department, y = random_ratings(3, R=25, D=5)
    whole = fitted(rater, department, y)
    left = [fitted(rater[rater != r], department[rater != r], y[rater != r]).theta for r in range(25)]
    deviation = np.array(left) - whole.theta
    np.testing.assert_allclose(covariance(whole), 24 / 25 * deviation.T @ deviation, rtol=1e-8, atol=1e-14)


def test_the_level_too_is_jackknifed():
    rater, department, y = random_ratings(4, R=40, D=5)
    whole = points(fitted(rater, department, y))
    left = [
        points(fitted(rater[rater != r], department[rater != r], y[rater != r])).adjusted for r in range(40)
    ]
    deviation = np.array(left) - whole.adjusted
    expected = 39 / 40 * (deviation**2).sum(axis=0)
    np.testing.assert_allclose(np.diagonal(whole.covariance), expected, rtol=1e-8)


def test_weights_act_as_in_a_weighted_regression():
    rater, department, y = random_ratings(5)
    w = np.random.default_rng(5).uniform(0.5, 3, 60)
    found = fitted(rater, department, y, weight=w[rater])
    dense = Dense(rater, department, y, w[rater])
    c, full = np.eye(7)[1] - np.eye(7)[4], dense.contrast(1, 4)
    assert c @ found.theta == pytest.approx(full @ dense.beta, abs=1e-11)
    for kind in ("CR0", "CR2", "CR3"):
        assert c @ covariance(found, kind) @ c == pytest.approx(
            full @ dense.covariance(kind) @ full, rel=1e-8
        )


def test_items_are_contrasts_of_their_own_and_weights_are_shared():
    g = np.random.default_rng(6)
    rater, department, _ = random_ratings(6, R=30, D=5, repeats=False)
    rater, department = np.repeat(rater, 3), np.repeat(department, 3)
    item = np.tile(np.arange(3), rater.size // 3)
    y = g.normal(size=rater.size) + item + 0.5 * department
    keep = g.random(rater.size) > 0.25
    rater, department, item, y = rater[keep], department[keep], item[keep], y[keep]
    v = np.array([2.0, 1.0, 1.0])
    answered = np.bincount(rater * 5 + department, v[item], 150)
    w = v[item] / answered[rater * 5 + department]
    found = fitted(rater, department, y, item=item, item_weights={0: 2, 1: 1, 2: 1})
    dense = Dense(rater, department, y, w, item)
    c, full = np.eye(5)[0] - np.eye(5)[3], dense.contrast(0, 3)
    assert c @ found.theta == pytest.approx(full @ dense.beta, abs=1e-11)
    assert c @ covariance(found, "CR3") @ c == pytest.approx(full @ dense.covariance("CR3") @ full, rel=1e-8)


def test_complete_items_need_no_item_effects():
    cube = np.random.default_rng(7).normal(size=(20, 4, 3))
    cube[::3, 1] = np.nan
    found = fit(cells_of(Ratings.from_array(cube)))
    assert found.items.size == 0
    plain = fit(cells_of(Ratings.from_array(cube.mean(axis=2))))
    np.testing.assert_allclose(found.theta, plain.theta, atol=1e-12)
    np.testing.assert_allclose(covariance(found), covariance(plain), atol=1e-12)


def test_items_confounded_with_departments_are_refused():
    with pytest.raises(InputError, match="指标"):
        fitted([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [1, 2, 2, 3, 1, 4], item=[0, 1, 0, 1, 0, 1])


def test_strata_and_finite_population_by_definition():
    # middle = Σ_h (1 - f_h) n_h / (n_h - 1) Σ (u* - ū*)(u* - ū*)ᵀ, u* the CR3 influences
    rater, department, y = random_ratings(8, R=30, D=4)
    stratum = np.arange(30) % 3
    found, dense = fitted(rater, department, y), Dense(rater, department, y, np.ones(y.size))
    c, full = np.eye(4)[0] - np.eye(4)[2], dense.contrast(0, 2)
    influence = np.array(
        [
            full @ dense.M @ dense.X[rater == r].T @ dense.adjustment(rater == r, "CR3") @ dense.e[rater == r]
            for r in range(30)
        ]
    )
    expected = sum(
        (1 - f) * 10 / 9 * ((influence[stratum == h] - influence[stratum == h].mean()) ** 2).sum()
        for h, f in enumerate([0.5, 0.25, 0.1])
    )
    V = covariance(found, strata=Strata(stratum, np.array([0.5, 0.25, 0.1])))
    assert c @ V @ c == pytest.approx(expected, rel=1e-8)


def test_degrees_of_freedom_by_definition():
    rater, department, y = random_ratings(9, R=30, D=5)
    found = fitted(rater, department, y)
    q = np.zeros((30, 5, 5))
    for r in range(30):
        n = np.bincount(department[rater == r], minlength=5)
        P = found.inverse @ (np.diag(n) - np.outer(n, n) / n.sum()) @ found.inverse
        q[r] = np.diagonal(P)[:, None] + np.diagonal(P)[None, :] - 2 * P
    off = ~np.eye(5, dtype=bool)
    expected = (q.sum(axis=0)[off] ** 2 / (q**2).sum(axis=0)[off]) - 1
    np.testing.assert_allclose(freedom(found).pairs[off], np.maximum(expected, 1), rtol=1e-9)


def some_of_many(seed: int, R: int, D: int, linking: int | None = None) -> Fit:
    """R raters of three departments each; with `linking`, only so many have rated in both halves."""
    g = np.random.default_rng(seed)
    chosen = np.argsort(g.random((R, D)), axis=1)[:, :3]
    if linking is not None:
        side = g.integers(0, 2, R)[:, None] * (D // 2)
        chosen = np.argsort(g.random((R, D // 2)), axis=1)[:, :3] + side
        chosen[:linking] = [0, 1, D - 1]
    return fitted(np.repeat(np.arange(R), 3), chosen.ravel(), g.normal(size=3 * R))


@pytest.mark.parametrize("seed", range(3))
def test_degrees_of_freedom_of_very_many_raters_come_from_some(monkeypatch, seed):
    found = some_of_many(seed, 20_000, 6)
    expected = freedom(found)
    monkeypatch.setattr(degrees, "_MANY", 2_000)
    some = freedom(found)
    off = ~np.eye(6, dtype=bool)
    assert (some.pairs[off] != expected.pairs[off]).all()
    np.testing.assert_allclose(some.pairs[off], expected.pairs[off], rtol=0.1)
    np.testing.assert_allclose(some.average, expected.average, rtol=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_few_raters_who_link_two_sets_are_not_lost_among_many(monkeypatch, seed):
    """Attack: of twelve, one in ten hardly shows; taken for the rest, they would be thousands."""
    found = some_of_many(seed, 20_000, 8, linking=12)
    expected = freedom(found).pairs[2, 6]
    assert expected < 40
    monkeypatch.setattr(degrees, "_MANY", 2_000)
    assert freedom(found).pairs[2, 6] == pytest.approx(expected, rel=0.1)
    monkeypatch.setattr(degrees, "_CLOSE", 1e9)
    assert freedom(found).pairs[2, 6] != pytest.approx(expected, rel=0.1), "not without the check"


def test_the_adjusted_score_is_what_everybody_would_have_given():
    # Additive scores without noise: the adjusted score must be the full table's mean, whoever was asked.
    g = np.random.default_rng(10)
    full = g.normal(size=(200, 1)) + np.arange(6) * 0.4
    scores = np.where(g.random(full.shape) < 0.5, full, np.nan)
    scores[:, :2] = full[:, :2]
    found = points(fit(cells_of(Ratings.from_array(scores))))
    np.testing.assert_allclose(found.adjusted, full.mean(axis=0), atol=1e-10)


def test_a_rater_who_alone_links_two_sets_does_not_break_the_covariance():
    scores = np.full((21, 4), np.nan)
    scores[:10, :2] = np.random.default_rng(11).normal(size=(10, 2))
    scores[10:20, 2:] = np.random.default_rng(12).normal(size=(10, 2))
    scores[20, 1:3] = [1, 2]
    found = fit(cells_of(Ratings.from_array(scores)))
    assert np.isfinite(covariance(found)).all()
    assert freedom(found).pairs[0, 3] < 2
    assert freedom(found).pairs[0, 1] > 5


def test_large_inputs_take_the_same_path_in_parts(monkeypatch):
    g = np.random.default_rng(13)
    cube = g.integers(1, 6, (60, 5, 3)).astype(float)
    cube[g.random(cube.shape) < 0.3] = np.nan
    ratings = Ratings.from_array(cube)
    whole = cells_of(ratings)
    monkeypatch.setattr("analysis.model.cells._RATINGS_AT_ONCE", 50)
    shuffled = ratings.rows(g.permutation(ratings.n_ratings))
    for parts in (cells_of(ratings), cells_of(shuffled)):
        for name in ("rater", "department", "n", "total", "item_n", "item_total"):
            np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=1e-12, err_msg=name)
