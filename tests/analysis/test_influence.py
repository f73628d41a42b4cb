"""How many ballots carry a statement: against deleting raters one by one, and all subsets."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import Ratings, cells_of, fit, rank
from analysis.errors import InputError
from analysis.influence import carried
from analysis.onestep import rater_influence

Floats = NDArray[np.float64]


def marks(g: np.random.Generator, raters: int, effects: list[float], missing: float = 0.0) -> Floats:
    """(R, D) marks of 20 to 100."""
    latent = g.normal(0, 1, (raters, 1)) + np.array(effects) + g.normal(0, 1, (raters, len(effects)))
    scores = 20.0 * np.clip(np.round(latent + 3), 1, 5)
    scores[g.random(scores.shape) < missing] = np.nan
    return np.asarray(scores)


def test_influence_is_the_estimate_less_that_without_the_rater() -> None:
    ratings = Ratings.from_array(marks(np.random.default_rng(1), 14, [0, 0.5, 1, 0], missing=0.2))
    theta = fit(cells_of(ratings)).theta
    found = rater_influence(fit(cells_of(ratings)))
    for r in range(ratings.n_raters):
        without = fit(cells_of(ratings.take(np.arange(ratings.n_raters) != r))).theta
        np.testing.assert_allclose(found[r], theta - without, atol=1e-10)


@pytest.mark.filterwarnings("ignore:invalid value")  # of the two or three raters that some subsets leave
@pytest.mark.parametrize("seed", [10, 15])
def test_fewest_against_all_subsets(seed: int) -> None:
    """No fewer than the fewest of all subsets, and enough as said."""
    ratings = Ratings.from_array(marks(np.random.default_rng(seed), 10, [0, 0, 1.6]))
    ranking = rank(ratings, threshold=2, draws=1000)
    found = carried(ratings, ranking, refits=1000)
    pairs = [s for s in found.statements if s.kind == "pair" and s.verified]
    assert pairs
    for statement in pairs:
        assert statement.removed is not None
        smaller = range(1, min(statement.removed, 4))
        fewest = next((k for k in smaller if _any_undone(ratings, k, statement.a, statement.b)), 4)
        assert statement.removed <= 2 * fewest


def _any_undone(ratings: Ratings, k: int, a: str, b: str) -> bool:
    return any(_undone(ratings, set(out), a, b) for out in combinations(range(ratings.n_raters), k))


def _undone(ratings: Ratings, out: set[int], a: str, b: str) -> bool:
    keep = [r for r in range(ratings.n_raters) if r not in out]
    try:
        again = rank(ratings.take(keep), threshold=2, draws=1000)
    except InputError:
        return True
    return all(not (p.significant and {p.a, p.b} == {a, b}) for p in again.pairs)


FRAGILE = 4


def colluding(seed: int) -> tuple[Floats, NDArray[np.intp]]:
    """100 ballots on 8 of 20 equal departments, 12 of them: the fourth gets 100, all others 20."""
    g = np.random.default_rng(seed)
    rated = np.argsort(g.random((100, 20)), axis=1)[:, :8]
    scores = np.full((100, 20), np.nan)
    np.put_along_axis(scores, rated, 20.0 * g.integers(4, 6, rated.shape), axis=1)
    firms = g.choice(100, 12, replace=False)
    for firm in firms:
        scores[firm, rated[firm]] = 20
        scores[firm, 3] = 100
    return scores, firms


def test_colluders_are_the_ballots_that_carry_the_statement() -> None:
    declared = 0
    for seed in (2, 3, 4):
        scores, firms = colluding(seed)
        ratings = Ratings.from_array(scores)
        influence = rater_influence(fit(cells_of(ratings)))
        assert set(np.argsort(-influence[:, 3])[:12].tolist()) == set(firms.tolist())
        ranking = rank(ratings)
        found = carried(ratings, ranking)
        above = found.of("4", "above")
        declared += above is not None
        for statement in [s for s in found.statements if s.a == "4" and s.falsified_verified]:
            assert statement.removed is not None
            assert 1 <= statement.removed <= 12
            assert statement.falsified is not None
            assert statement.falsified <= statement.removed
    assert declared >= 2


def test_fragile_statement_is_noted_and_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, _ = colluding(FRAGILE)
    ratings = Ratings.from_array(scores)
    ranking = rank(ratings)
    found = carried(ratings, ranking, refits=7)
    assert found.refits <= 7
    assert found.least == 3
    fragile = [s for s in found.statements if s.removed is not None and s.removed < 3]
    assert found.fragile == tuple(fragile)
    assert fragile
    assert "易变" in found.summary("zh")
    assert "fragile" in found.summary("en")
    monkeypatch.setattr("analysis.influence.MOST_WORK", 10)
    skipped = carried(ratings, ranking)
    assert not skipped.statements
    assert skipped.refits == 0
    assert skipped.omitted == len(found.statements)
    assert "没有检查" in skipped.summary("zh")


def test_nothing_declared_nothing_carried() -> None:
    scores = marks(np.random.default_rng(5), 30, [0, 0, 0])
    ratings = Ratings.from_array(scores)
    found = carried(ratings, rank(ratings))
    assert found.statements == ()
