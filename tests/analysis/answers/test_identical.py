"""Identical ballots: counted right, found when coached, silent when chance or a ceiling makes them."""

import numpy as np
from numpy.typing import NDArray

from analysis import Ratings
from analysis.answers.identical import Identical, identical_ballots

Floats = NDArray[np.float64]
GENEROUS = (-4.5, -3.4, -2.2, -0.9)


def complete(seed: int, raters: int, departments: int, spread: float = 1.0) -> Floats:
    g = np.random.default_rng(seed)
    latent = g.normal(0, 1.5, (raters, 1)) + spread * np.linspace(-0.5, 0.5, departments)
    latent = latent + g.logistic(size=(raters, departments))
    return np.asarray(20.0 * (1 + np.searchsorted(GENEROUS, latent)))


def test_counts_against_a_plain_loop() -> None:
    scores = complete(1, 80, 4)
    scores[::7, 0] = np.nan
    seen: dict[tuple[float, ...], int] = {}
    for row in scores:
        if not np.isnan(row).any() and len(set(row)) > 1:
            seen[tuple(row)] = seen.get(tuple(row), 0) + 1
    groups = sorted((n for n in seen.values() if n > 1), reverse=True)
    found = identical_ballots(Ratings.from_array(scores))
    assert found.groups == tuple(groups)
    assert found.found == sum(groups)
    assert found.n == sum(seen.values())


def test_all_top_marks_are_not_an_agreement() -> None:
    scores = complete(3, 100, 6)
    scores[:40] = 100
    assert not identical_ballots(Ratings.from_array(scores)).excessive


def test_ceiling_rounds_do_not_raise_alarms() -> None:
    alarms = sum(
        identical_ballots(Ratings.from_array(complete(seed, 80, 5, 2.0))).excessive for seed in range(12)
    )
    assert alarms <= 1


def test_coached_ballots_are_found_with_several_items() -> None:
    g = np.random.default_rng(8)
    cube = 20.0 * np.clip(np.round(3.5 + g.normal(0, 0.7, (100, 8, 1)) + g.normal(0, 0.7, (100, 8, 4))), 1, 5)
    cube[:, 5:] = np.where(g.random((100, 3, 1)) < 0.5, np.nan, cube[:, 5:])
    before = identical_ballots(Ratings.from_array(cube))
    assert before.found == 0
    cube[:12] = np.nan
    cube[:12, :5] = 20
    cube[:12, 2] = 100
    found = identical_ballots(Ratings.from_array(cube))
    assert found.groups == (12,)
    assert found.excessive
    assert "12" in found.summary("zh")
    assert "12" in found.summary("en")
    hidden = found.summary("zh", hide=13)
    assert "12" not in hidden
    assert "超出了偶然" in hidden


def test_many_ballots_are_left_out() -> None:
    found = identical_ballots(Ratings.from_array(np.tile([20.0, 40, 60, 80], (20_000, 1))))
    assert found.p_value is None
    assert not found.excessive


def test_one_ballot_is_counted_in_the_singular() -> None:
    assert Identical(1, 0, (), None, 1.0).summary("en").startswith("Of 1 ballot 0 have")
    assert Identical(3, 1, (1,), None, 1.0).summary("en").startswith("Of 3 ballots 1 has")
