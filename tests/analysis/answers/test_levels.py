"""Ratings from levels, a byte an answer, against those from an array of their points."""

import numpy as np
import pytest

from analysis.answers.levels import ratings_from_levels
from analysis.answers.ratings import Ratings
from analysis.errors import InputError

POINTS = np.full(256, np.nan)
POINTS[1:6] = 100, 80, 60, 40, 20
NAMES = [f"部门{d}" for d in range(5)]
ITEMS = ["态度", "效率", "质量"]


def _levels(share: float) -> np.ndarray:
    """Levels (40, 5, 3): a share of the answers, some of them "don't know", none by the first rater."""
    g = np.random.default_rng(1)
    levels = g.choice(np.array([1, 2, 3, 4, 5, 255], dtype=np.uint8), (40, 5, 3))
    levels[g.random((40, 5, 3)) >= share] = 0
    levels[0] = 0
    return levels


def _both(levels, departments, items, weight=None, weights=None):
    names, of_items = [NAMES[d] for d in departments], [ITEMS[k] for k in items]
    about = {"department_names": names, "item_names": of_items, "weight": weight, "item_weights": weights}
    array = POINTS[levels][:, departments][:, :, items]
    return (
        Ratings.from_array(array, **about),
        ratings_from_levels(levels, POINTS, departments=departments, items=items, **about),
    )


@pytest.mark.parametrize("departments", [[0, 1, 2, 3, 4], [4, 1], [2]])
@pytest.mark.parametrize("items", [[0, 1, 2], [2], [2, 0]])
def test_the_same_ratings_as_from_points(departments, items):
    weights = {ITEMS[k]: 1.0 + k for k in items} if len(items) > 1 else None
    for weight in (None, np.linspace(1, 3, 40)):
        plain, own = _both(_levels(0.4), departments, items, weight, weights)
        assert own == plain
        assert [own.rater.dtype, own.score.dtype] == [plain.rater.dtype, plain.score.dtype]


def test_departments_items_and_raters_without_a_rating_are_left_out():
    levels = _levels(0.5)
    levels[:, 3], levels[:, :, 1] = 255, 0
    plain, own = _both(levels, [1, 3, 4], [0, 1, 2])
    assert own == plain
    assert own.department_names == ("部门1", "部门4")
    assert "0" not in own.rater_names
    assert own.item_names == ("态度", "质量")


def test_what_nobody_rated_is_refused_in_the_same_words():
    nothing = [(np.zeros((n, 2, 1), dtype=np.uint8), None) for n in (3, 0)]
    for levels, weights in (*nothing, (_levels(0.5), {"别的": 1.0})):
        about = {"department_names": NAMES[:2], "item_names": ITEMS[:1], "item_weights": weights}
        with pytest.raises(InputError) as plain:
            Ratings.from_array(POINTS[levels[:, :2, :1]], **about)
        with pytest.raises(InputError) as own:
            ratings_from_levels(levels, POINTS, departments=[0, 1], items=[0], **about)
        told = [(each.value.zh, each.value.en, each.value.column) for each in (plain, own)]
        assert told[0] == told[1]
