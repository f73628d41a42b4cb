"""Scores by item: each item as if it were the only one."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import InputError, Ratings, item_scores, rank


def cube(seed: int = 1) -> np.ndarray:
    g = np.random.default_rng(seed)
    y = g.normal(80, 5, (60, 4, 3)) + g.normal(0, 8, (60, 1, 1)) + np.arange(4)[:, None]
    y[g.random((60, 4)) < 0.3] = np.nan
    return y


def test_each_column_is_the_ranking_of_that_item_alone():
    y = cube()
    found = item_scores(Ratings.from_array(y, item_names=["甲", "乙", "丙"]))
    for k in range(3):
        alone = {d.name: d for d in rank(Ratings.from_array(y[:, :, k])).departments}
        for d, name in enumerate(found.departments):
            assert found.adjusted[d, k] == pytest.approx(alone[name].adjusted, abs=1e-10)
            assert found.mean[d, k] == pytest.approx(alone[name].mean, abs=1e-10)
            assert found.n[d, k] == alone[name].n


def test_a_cell_under_the_threshold_is_empty_whatever_its_neighbours():
    y = cube(2)
    y[9:, 2, 1] = np.nan
    found = item_scores(Ratings.from_array(y))
    assert np.isnan(found.adjusted[2, 1])
    assert np.isnan(found.mean[2, 1])
    assert np.isfinite(found.adjusted[2, [0, 2]]).all()
    assert "1 格样本不足" in found.summary()
    assert "1 cells" in found.summary("en")
    assert found.to_dict()["adjusted"][2][1] is None


def test_an_item_nobody_can_compare_leaves_the_others():
    y = cube(3)
    y[:, 1:, 0] = np.nan
    found = item_scores(Ratings.from_array(y))
    assert np.isnan(found.adjusted[:, 0]).all()
    assert np.isfinite(found.adjusted[:, 1:]).all()


def test_ratings_without_items_are_refused():
    with pytest.raises(InputError, match="指标"):
        item_scores(Ratings.from_array(cube()[:, :, 0]))
