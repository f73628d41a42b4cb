"""A difference on which all raters agree has no standard error, and may still be chance."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import Ranking, Ratings, cells_of, rank
from analysis.inference import exchanged
from analysis.inference.agreeable import agreeable

Floats = NDArray[np.float64]


def of_ones_own(R: int, D: int, seed: int) -> Floats:
    """Two neighbouring levels, which each rater chooses; departments are exchangeable."""
    g = np.random.default_rng(seed)
    return np.asarray(20.0 * (g.integers(1, 5, (R, 1)) + (g.random((R, D)) < 0.5)))


def ranked(y: Floats, **options: Any) -> Ranking:
    return rank(Ratings.from_array(y), threshold=1, draws=500, screen=False, scale=(20, 100), **options)


def counted(y: Floats) -> int:
    """Differences of one size, by brute force."""
    against = [
        [a - b for a, b in zip(y[:, j], y[:, k], strict=True)] for j, k in combinations(range(y.shape[1]), 2)
    ]
    against += [[row[j] - row.mean() for row in y] for j in range(y.shape[1]) if y.shape[1] > 2]
    return sum(np.allclose(np.abs(d), abs(d[0])) and abs(d[0]) > 1e-6 for d in against)


@pytest.mark.parametrize("seed", range(6))
def test_what_might_be_agreed_is_counted(seed: int) -> None:
    y = of_ones_own(2, 8, seed)
    assert agreeable(cells_of(Ratings.from_array(y))) == counted(y)
    y[0, 0] = np.nan  # incomplete: everything is counted
    assert agreeable(cells_of(Ratings.from_array(y))) == 8 * 9 // 2


def test_p_is_that_of_the_sign_test_over_all_that_might_be_agreed() -> None:
    """By brute force: turn the signs of six raters in all ways, and ask how often one statement that might be
    agreed is, each by itself (Bonferroni)."""
    y = np.tile([100.0, 80, 20], (6, 1))
    signs = np.array(list(product((-1, 1), repeat=6)))
    alone = (np.abs(signs.sum(axis=1)) == 6).mean()
    m = counted(y)
    assert m == 6  # three pairs and three averages
    found = ranked(y).pairs
    assert found.p_additive == pytest.approx(np.full(3, m * alone / 0.8))
    assert not found.significant.any()
    assert (found.lower <= 0).all()
    assert ranked(np.tile([100.0, 80, 20], (9, 1))).pairs.significant.all()


def test_few_raters_who_happen_to_agree_declare_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack: rounds in which some pair is agreed; without the sign test most of them declare it (where
    marks are not exchanged, which guards such designs as well)."""
    monkeypatch.setattr(exchanged, "applies", lambda _cells: False)
    attacks = [y for y in (of_ones_own(6, 20, seed) for seed in range(120)) if _agreed(y)]
    assert len(attacks) >= 10
    said = [bool(ranked(y, latent_guard=False).pairs.significant.any()) for y in attacks]
    assert sum(said) == 0
    with patch("analysis.ranking.rank.agreeable", lambda _: 0):
        said = [bool(ranked(y, latent_guard=False).pairs.significant.any()) for y in attacks]
    assert sum(said) >= 0.6 * len(attacks)


def _agreed(y: Floats) -> bool:
    gaps = y[:, :, None] - y[:, None, :]
    return bool(((np.ptp(gaps, axis=0) == 0) & (gaps[0] != 0)).any())


def test_pairs_that_are_agreed_by_few_are_said() -> None:
    few, many = ranked(np.tile([100.0, 80, 60], (6, 1))), ranked(np.tile([100.0, 80, 60], (20, 1)))
    (note,) = [n for n in few.notes if n.code == "agreed_by_few"]
    assert note.en.startswith("Pairs on which every rater gave the same difference: 3.")
    assert "agreed_by_few" not in [n.code for n in many.notes]


def test_an_interval_that_only_just_leaves_0_out_is_said() -> None:
    """Twenty raters who all see 20 points: that somebody might see it the other way round is within 48 points
    (Clopper and Pearson), but a sign test has no doubt."""
    ranking = ranked(np.tile([100.0, 80, 60, 40, 20], (20, 1)))
    nearest = np.minimum(np.abs(ranking.pairs.lower), np.abs(ranking.pairs.upper))
    (note,) = [n for n in ranking.notes if n.code == "ends_at_zero"]
    assert str(int((nearest < 1e-6).sum())) in note.zh
    assert int((nearest < 1e-6).sum()) == 4
    assert "ends_at_zero" not in [n.code for n in ranked(np.tile([100.0, 20], (20, 1))).notes]
