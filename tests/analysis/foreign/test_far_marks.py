"""Marks far outside all others are asked about by their row; so are zeros beside marks from 1 to 5."""

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, cells, text
from test_tools import asked

from analysis import InputError, read_ratings


def table(tmp_path, slip, shown=POINTS.get, long=False):
    """File with one mark, the first department's of the fifth rater, replaced by a slip."""
    rows = [["企业", *DEPARTMENTS]]
    rows += [[f"厂{n}", *cells(row, shown, pairs=SINGLE)] for n, row in enumerate(FLAT)]
    rows[5][1] = slip
    if long:
        rows = [
            ["评议人", "部门", "得分"],
            *(
                [row[0], d, v]
                for row in rows[1:]
                for d, v in zip(DEPARTMENTS, row[1:], strict=True)
                if v != ""
            ),
        ]
    return text(tmp_path / "r.csv", rows)


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("slip", [150, 200, 500, 850, 1000, -20, -80])
def test_one_mark_far_outside_is_asked_by_its_row(tmp_path, slip, long):
    path = table(tmp_path, slip, long=long)
    error = asked(path, f"{slip}", DEPARTMENTS[0], "第 " if long else "第 6 行")
    assert [value for _, value in error.choices] == [str(slip), "none"]


def test_marks_outside_a_given_scale_are_named(tmp_path):
    path = table(tmp_path, 850)
    with pytest.raises(InputError, match=r"第 6 行（行政审批局）是 850.*--scale"):
        read_ratings(path, scale=(0, 100))


def test_one_mark_of_two_digits_on_a_scale_of_five_is_asked_by_its_row(tmp_path):
    asked(table(tmp_path, 44, shown=lambda v: v), "44", "第 6 行")


def test_zero_beside_marks_from_one_to_five_is_asked(tmp_path):
    asked(table(tmp_path, 0, shown=lambda v: v), "1 到 5", "--missing 0")


@pytest.mark.parametrize("value", [5, 0, 105])
def test_marks_that_a_scale_of_hundred_may_hold_are_not_asked(tmp_path, value):
    read_ratings(table(tmp_path, value))
