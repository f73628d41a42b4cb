"""Ratings: labels of any kind in, clear refusals out."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import InputError, Ratings


def test_labels_of_any_kind():
    ratings = Ratings.from_columns(["x", "y", "x"], np.array([7, 7, 10**12]), [1, 2, 3])
    assert ratings.department_names == ("7", "1000000000000")
    assert ratings.department.tolist() == [0, 0, 1]
    assert ratings.rater.tolist() == [0, 1, 0]
    text = Ratings.from_columns(np.array(["x", "y"]), ("公安局", "法院"), [1, 2])
    assert text.department_names == ("公安局", "法院")


def test_an_array_keeps_names_and_order():
    cube = np.full((3, 2, 2), np.nan)
    cube[:, 1] = 4
    cube[2, 0] = 1
    ratings = Ratings.from_array(
        cube, department_names=["甲", "乙"], item_names=["快", "好"], item_weights={"好": 3, "快": 1}
    )
    assert ratings.department_names == ("甲", "乙")
    assert ratings.item_weights.tolist() == [0.25, 0.75]
    assert ratings.n_ratings == 8


def test_one_item_is_no_item():
    assert Ratings.from_columns([1, 2], [1, 1], [3, 4], item=["a", "a"]).item is None


@pytest.mark.parametrize(
    ("columns", "row", "column"),
    [
        ({"score": [1, "好", 3]}, 2, "score"),
        ({"score": [1, 2, np.nan]}, 3, "score"),
        ({"score": [np.inf, 2, 3]}, 1, "score"),
        ({"rater": ["a", None, "b"]}, 2, "rater"),
        ({"department": ["a", "b", " "]}, 3, "department"),
        ({"department": [1.0, float("nan"), 2.0]}, 2, "department"),
        ({"rater": ["a", "b"]}, None, "rater"),
        ({"score": []}, None, "score"),
        ({"weight": [1, 2, 1]}, 1, "weight"),
        ({"weight": [1, 1, 0]}, None, "weight"),
        ({"stratum": ["s", "t", "s"]}, 1, "stratum"),
        ({"item": ["a", "b", "c"], "item_weights": {"a": 1, "b": 2}}, None, "item_weights"),
        ({"item": ["a", "b", "c"], "item_weights": {"a": 1, "b": 2, "c": 0}}, None, "item_weights"),
        ({"population": 1}, None, "population"),
        ({"stratum": ["s", "s", "t"], "population": {"s": 1}}, None, "population"),
        ({"stratum": ["s", "s", "t"], "population": 5}, None, "population"),
    ],
)
def test_what_is_wrong_is_said_with_row_and_column(columns, row, column):
    given = {"rater": ["a", "a", "b"], "department": [1, 2, 1], "score": [1, 2, 3]} | columns
    with pytest.raises(InputError) as error:
        Ratings.from_columns(**given)
    assert error.value.row == row
    assert error.value.column == column
    assert error.value.zh in str(error.value)
    assert error.value.en in str(error.value)


def test_weights_by_mapping():
    ratings = Ratings.from_columns(["a", "b"], [1, 1], [3, 4], weight={"a": 2, "b": 3})
    assert ratings.weight.tolist() == [2, 3]


def test_taking_raters_and_departments():
    ratings = Ratings.from_columns(["a", "a", "b"], ["x", "y", "y"], [1, 2, 3])
    assert ratings.take([1]).rater_names == ("b",)
    assert ratings.take([1]).score.tolist() == [3]
    left = ratings.take_departments([0])
    assert left.department_names == ("x",)
    assert left.n_raters == 2
