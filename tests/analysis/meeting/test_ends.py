"""First and last K: the joint sets by counting, the verified set against Hung & Fithian and simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from analysis import InputError, Ratings, rank, rank_estimates
from analysis.meeting.ends import End, extremes, set_p_value

Floats = NDArray[np.float64]


def pair_se(V: Floats) -> Floats:
    v = np.diagonal(V)
    return np.asarray(np.sqrt(np.maximum(v[:, None] + v - 2 * V, 0)))


def test_winner_alone_is_hung_and_fithian() -> None:
    """Equal independent errors: the two-sided p of the first against the second."""
    g = np.random.default_rng(3)
    for _ in range(20):
        x = np.sort(g.normal(size=6) * 2)[::-1]
        p = set_p_value(x, np.sqrt(2) * (1 - np.eye(6)), np.inf, np.array([0]))
        assert p == pytest.approx(2 * norm.sf((x[0] - x[1]) / np.sqrt(2)), rel=1e-9)


@pytest.mark.parametrize("truth", [[0, 0, -9, -9, -9, -9], [9, 0, 0, -9, -9, -9], [0, 0, 0, 0, 0, 0]])
def test_verified_set_is_wrong_at_most_in_five_per_cent(truth: list[float]) -> None:
    g = np.random.default_rng(11)
    A = g.normal(size=(6, 9))
    V = np.diag(g.uniform(0.3, 3, 6)) + 0.3 * A @ A.T / 6
    L, se, theta = np.linalg.cholesky(V), pair_se(V), np.array(truth, dtype=float)
    K = 1 + int(theta[0] > 0)
    wrong = 0
    for _ in range(1500):
        x = theta + L @ g.normal(size=6)
        chosen = np.argsort(-x)[:K]
        wrong += set_p_value(x, se, np.inf, chosen) < 0.05
    assert wrong / 1500 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1500)


@pytest.mark.parametrize("end", ["first", "last"])
def test_joint_sets_are_counted_from_declared_pairs(end: End) -> None:
    ranking = rank_estimates(list("abcdefg"), [9, 8.5, 5, 4.9, 4.8, 1, 0.9], [0.3] * 7, stepdown=False)
    found = extremes(ranking, end, 2)
    assert found is not None
    D = len(ranking.departments)
    for department in ranking.departments:
        best, worst = department.rank_set
        low, high = (best, worst) if end == "first" else (D + 1 - worst, D + 1 - best)
        expected = found.certain if high <= 2 else found.excluded if low > 2 else found.possible
        assert department.name in expected
    assert found.verified
    assert set(found.observed) == ({"a", "b"} if end == "first" else {"f", "g"})


def test_set_is_verified_where_the_joint_sets_leave_it_open() -> None:
    names, values = [str(i) for i in range(12)], [3.2, 3.1, 3.0, *np.linspace(0.1, -0.2, 9)]
    ranking = rank_estimates(names, values, [0.7] * 12, stepdown=False)
    found = extremes(ranking, "first", 3)
    assert found is not None
    assert found.possible
    assert found.verified
    assert "单独" in found.tested("zh")
    assert found.tested("zh").startswith("要让所有结论同时成立")  # how it relates to what stands above it
    assert "alone" in found.tested("en")


def test_ratings_are_tested_on_both_scales() -> None:
    g = np.random.default_rng(2)
    scores = 20.0 * np.clip(np.round(3 + np.array([1.5, 1.4, 0, 0, 0, -0.1]) + g.normal(size=(60, 6))), 1, 5)
    ratings = Ratings.from_array(scores, department_names=list("fbdace"))
    ranking = rank(ratings)
    without, found = extremes(ranking, "first", 2), extremes(ranking, "first", 2, ratings=ratings)
    assert without is not None
    assert found is not None
    assert without.p_value is None
    assert not without.verified
    assert found.verified
    assert set(found.observed) == {"f", "b"}
    assert found.p_value is not None
    alone = rank(ratings, latent_guard=False)
    additive = extremes(alone, "first", 2)
    assert additive is not None
    assert additive.p_value is not None
    assert found.p_value >= additive.p_value


def test_ties_components_and_counts_that_do_not_fit() -> None:
    ranking = rank_estimates(list("abcd"), [1, 1, 0, 0], [0.1] * 4)
    tied = extremes(ranking, "first", 1)
    assert tied is not None
    assert tied.p_value == 1
    assert extremes(ranking, "last", 4) is None
    with pytest.raises(InputError):
        extremes(ranking, "last", 0)


def test_both_ends_at_once_are_each_end_alone(monkeypatch):
    from analysis import Ratings, rank
    from analysis.meeting import ends

    rng = np.random.default_rng(5)
    scores = np.clip(np.round(4 - 0.5 * np.arange(5) + rng.normal(0, 1, (40, 5))), 1, 5)
    ratings = Ratings.from_array(scores, department_names=list("EDCBA"))
    ranking = rank(ratings, draws=1000)
    alone = (
        ends.extremes(ranking, "first", 2, ratings=ratings),
        ends.extremes(ranking, "last", 1, ratings=ratings),
    )
    fitted = []
    kept = ends.latent
    monkeypatch.setattr(ends, "latent", lambda *given: fitted.append(1) or kept(*given))
    assert ends.both_ends(ranking, 2, 1, ratings) == alone
    assert len(fitted) == 1
    assert ends.both_ends(ranking, 0, 0, ratings) == (None, None)
    assert ends.both_ends(ranking, 5, 9, ratings) == (None, None)
    assert len(fitted) == 1
