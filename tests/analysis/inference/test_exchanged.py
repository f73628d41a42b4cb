"""The omnibus test by exchanged marks: exact against every permutation; what it keeps from being declared."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from analysis import Ratings, rank
from analysis.inference import exchanged
from analysis.inference.permutations import permutation_p
from analysis.model.cells import cells_of
from analysis.ranking.rated import strata_of
from analysis.ranking.selection import select

SEED = 20260101


def exchange_p(y, seed=SEED, **about):
    ratings = Ratings.from_array(y, **about)
    chosen = select(cells_of(ratings), ratings.department_names, 1, strata_of(ratings))
    return exchanged.exchange_p(chosen.fit, chosen.freedom.pairs, chosen.freedom.average, seed), chosen


def wallace(t, nu):
    return (8 * nu + 1) / (8 * nu + 3) * np.sqrt(nu * np.log1p(t**2 / nu))


def largest(y, pair_df, average_df, owner=None):
    """The statistic of a complete or incomplete table, by least squares with a dummy for every rater."""
    R, D = y.shape
    r, d = np.nonzero(np.isfinite(y))
    X = np.zeros((r.size, R + D))
    X[np.arange(r.size), r] = X[np.arange(r.size), R + d] = 1
    beta = np.linalg.lstsq(X, y[r, d], rcond=None)[0]
    e = y[r, d] - X @ beta
    bread = np.linalg.pinv(X.T @ X)
    scores = np.zeros((R, R + D))
    np.add.at(scores, r if owner is None else owner[r], X * e[:, None])
    V = (bread @ scores.T @ scores @ bread)[R:, R:]
    theta = beta[R:] - beta[R:].mean()
    centre = np.eye(D) - 1 / D
    V = centre @ V @ centre
    found = [wallace(abs(theta[j]) / np.sqrt(max(V[j, j], 1e-16)), average_df[j]) for j in range(D)]
    for j, k in itertools.combinations(range(D), 2):
        se = np.sqrt(max(V[j, j] + V[k, k] - 2 * V[j, k], 1e-16))
        found.append(wallace(abs(theta[j] - theta[k]) / se, pair_df[j, k]))
    return max(found)


@pytest.mark.parametrize(
    "y",
    [
        np.array([[1.0, 2, 4], [2, 3.5, 3], [0, 5, 6], [1, 4.5, 2], [7, 2, 8]]),
        np.array(
            [
                [1.0, 2, np.nan],
                [2, 3.5, 3],
                [np.nan, 5, 6],
                [1, np.nan, 2.5],
                [4, 1, 2],
                [3, 1, 5.5],
                [2, np.nan, 3],
            ]
        ),
    ],
)
def test_against_every_permutation(y):
    p, chosen = exchange_p(y)
    at = (chosen.freedom.pairs, chosen.freedom.average)
    seen = largest(y, *at)
    orders = [itertools.permutations(row[np.isfinite(row)]) for row in y]
    reached = total = 0
    for marks in itertools.product(*orders):
        other = y.copy()
        other[np.isfinite(y)] = np.concatenate(marks)
        reached += largest(other, *at) >= seen * (1 - 1e-5)
        total += 1
    assert p == pytest.approx(reached / total, abs=5 * np.sqrt(0.25 / 500))
    assert total in (6**5, 6**3 * 2**4)


def some_orders(raters, departments):
    orders = itertools.product(itertools.permutations(range(departments)), repeat=raters)
    return itertools.islice(orders, 0, None, 23)


def test_raters_of_one_owner_are_put_in_one_order():
    """Owners whose raters agree: as if independent, they would weigh twice."""
    g = np.random.default_rng(3)
    owner = np.repeat(range(6), 2)
    y = g.exponential(size=(6, 3))[owner] + 0.2 * g.exponential(size=(12, 3))
    p, chosen = exchange_p(y, cluster=owner.tolist())
    at = (chosen.freedom.pairs, chosen.freedom.average)
    seen = largest(y, *at, owner)
    other = (np.take_along_axis(y, np.array(order)[owner], axis=1) for order in some_orders(6, 3))
    reached = [largest(table, *at, owner) >= seen * (1 - 1e-5) for table in other]
    assert p == pytest.approx(np.mean(reached), abs=5 * np.sqrt(0.25 / 500))
    assert p > exchange_p(y)[0] + 0.1


def test_item_effects_are_taken_off_before_visits_with_gaps_are_exchanged():
    """By hand: effects from one regression with dummies of raters, departments and items."""
    cube = np.random.default_rng(4).exponential(size=(6, 3, 2)) + np.array([0.0, 5.0])
    cube[0, 0, 0] = cube[3, 1, 1] = cube[4, 2, 0] = np.nan
    p, chosen = exchange_p(cube)
    r, d, i = np.nonzero(np.isfinite(cube))
    X = np.concatenate([np.eye(6)[r], np.eye(3)[d], np.eye(2)[i]], axis=1)
    w = np.sqrt(1 / np.isfinite(cube).sum(axis=2)[r, d])  # a visit counts once, however many items it has
    beta = np.linalg.lstsq(X * w[:, None], cube[r, d, i] * w, rcond=None)[0]
    y = np.nanmean(cube - beta[9:], axis=2)
    at = (chosen.freedom.pairs, chosen.freedom.average)
    tables = (np.take_along_axis(y, np.array(order), axis=1) for order in some_orders(6, 3))
    reached = [largest(table, *at) >= largest(y, *at) * (1 - 1e-5) for table in tables]
    assert p == pytest.approx(np.mean(reached), abs=5 * np.sqrt(0.25 / 500))


def test_equal_departments_are_uniform_however_marks_are_distributed():
    g = np.random.default_rng(8)
    found = [exchange_p(g.exponential(size=(6, 4)), seed)[0] for seed in range(150)]
    assert stats.kstest(found, "uniform").pvalue > 0.001


def near_the_top(g, raters, departments, top):
    return g.choice([0.0, 50, 100], (raters, departments), p=[(1 - top) / 2, (1 - top) / 2, top])


def something(found):
    return found.pairs.significant.any() or any(d.vs_average != "same" for d in found.departments)


def declared(y):
    return rank(Ratings.from_array(y), scale=(0, 100), threshold=1, draws=2000)


def test_marks_near_the_top_declare_nothing_where_nothing_differs(monkeypatch):
    """Without the test a third of these rounds declare a department above or below the average."""
    rounds = [near_the_top(np.random.default_rng(n), 60, 6, 0.95) for n in range(60)]
    held = [declared(y) for y in rounds]
    assert sum(map(something, held)) <= 6  # 5 % would be 3; 7 or more happen once in 40 runs
    monkeypatch.setattr(exchanged, "applies", lambda _cells: False)
    loose = [declared(y) for y in rounds]
    assert sum(map(something, loose)) >= 12
    for kept, free in zip(held, loose, strict=True):
        codes = [note.code for note in kept.notes]
        assert ("exchanged" in codes) == (something(free) and not something(kept))


def test_one_round_in_which_one_department_was_called_above_the_average():
    y = np.random.default_rng(2).choice([0, 50, 100], (15, 5), p=[0.1, 0.1, 0.8]).astype(float)
    found = declared(y)
    assert not something(found)
    assert found.global_test.p_value > 0.05
    assert all(d.average_ci[0] <= 0 <= d.average_ci[1] for d in found.departments)
    assert all(d.rank_set == (1, 5) for d in found.departments)
    assert (found.pairs.lower <= 0).all()
    assert (found.pairs.upper >= 0).all()


def test_what_differs_is_declared_as_before(monkeypatch):
    g = np.random.default_rng(3)
    y = 60 + 10 * g.normal(size=(40, 6)) + 8 * np.arange(6)
    found = declared(np.clip(y, 0, 100))
    assert found.pairs.significant.sum() >= 10
    monkeypatch.setattr(exchanged, "applies", lambda _cells: False)
    assert declared(np.clip(y, 0, 100)).pairs.significant.tolist() == found.pairs.significant.tolist()


def with_gaps(seed):
    g = np.random.default_rng(seed)
    cube = g.choice([0.0, 50, 100], (40, 6, 2), p=[0.015, 0.015, 0.97])
    cube[g.random(cube.shape) < 0.1] = np.nan
    return Ratings.from_array(cube)


def with_owners(seed):
    g = np.random.default_rng(seed)
    own, alone = near_the_top(g, 30, 6, 0.95), near_the_top(g, 60, 6, 0.95)
    y = np.where(g.random(alone.shape) < 0.3, alone, np.repeat(own, 2, axis=0))
    return Ratings.from_array(y, cluster=np.repeat(range(30), 2).tolist())


@pytest.mark.parametrize("made", [with_gaps, with_owners])
def test_gaps_in_items_and_owners_near_the_top_declare_nothing_where_nothing_differs(made, monkeypatch):
    """Without the test a third of these rounds declare a department above or below the average."""
    options = {"scale": (0, 100), "threshold": 1, "draws": 1000, "screen": False}
    rounds = [made(seed) for seed in range(40)]
    assert sum(something(rank(ratings, **options)) for ratings in rounds) <= 5  # 5 % would be 2
    monkeypatch.setattr(exchanged, "applies", lambda _cells: False)
    assert sum(something(rank(ratings, **options)) for ratings in rounds) >= 9


def test_names_and_order_of_departments_and_raters_do_not_matter_much():
    y = np.random.default_rng(4).normal(size=(20, 4))
    p = exchange_p(y)[0]
    assert exchange_p(y[::-1, ::-1])[0] == pytest.approx(p, abs=0.05)
    assert exchange_p(y)[0] == p


def test_who_rated_one_department_has_nothing_to_exchange():
    alone = [[1, np.nan], [2, np.nan], [np.nan, 4], [np.nan, 5]]
    p, _ = exchange_p(np.array([*alone, *[[1, 2]] * 6]))
    assert p == pytest.approx(2 / 2**6, abs=0.02)  # six raters agree: 2 of their 2⁶ orders


def drawn(reach, bound):
    """Number of draws, and p-value, where draw n reaches the statistic if `reach(n)`."""
    done = [0]

    def statistics(number):
        first, done[0] = done[0], done[0] + number
        return np.array([float(reach(n)) for n in range(first, done[0])])

    return done, permutation_p(statistics, 0.5, 1.0, at_once=50, bound=bound)


def test_drawing_ends_when_the_side_of_the_bound_is_beyond_doubt():
    """Exact binomial tails: no draw of 370 reaches it by chance once in 3.5 million times if p is 0.04."""
    least = next(n for n in range(1, 999) if stats.binom.pmf(0, n, 0.04) < stats.norm.cdf(-5))
    assert least == 370
    assert drawn(lambda n: False, 0.04) == ([400], 0.0)
    assert drawn(lambda n: n % 2, 0.04) == ([200], 0.5)
    done, p = drawn(lambda n: n % 25 == 0, 0.04)  # at the bound itself nothing is beyond doubt
    assert done == [4999]
    assert p == pytest.approx(0.04, rel=0.01)
    g = np.random.default_rng(5)
    early = sum(drawn(lambda n: g.random() < 0.04, 0.04)[0][0] < 2_000 for _ in range(150))
    assert early == 0
