"""Codes for no answer that survey tools write as numbers are asked about, however many there are: -9 or -99
on a scale from -2 to 2, 8 and 9 on one from 1 to 4, 0 beside 60 to 100
(docs/formats-foreign.md, source 25). So are marks far outside all others, by their row, and zeros beside
marks from 1 to 5."""

import random

import numpy as np
import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, cells, text
from test_tools import asked

from analysis import InputError, read_ratings, understand_ratings
from analysis.foreign.hints import Ambiguous

RATERS = 40
FIVE, SIGNED, TEN = range(1, 6), range(-2, 3), range(11)


def marks(scale, codes=(), share=0.15, seed=3):
    """Marks by rater and department, in place of some of which codes stand."""
    draw = random.Random(seed)
    return [
        [draw.choice(codes) if codes and draw.random() < share else draw.choice(scale) for _ in DEPARTMENTS]
        for _ in range(RATERS)
    ]


def wide(tmp_path, rows):
    return text(tmp_path / "a.csv", [["企业", *DEPARTMENTS], *([f"厂{n}", *r] for n, r in enumerate(rows))])


def long(tmp_path, rows):
    each = [[f"厂{n}", d, v] for n, row in enumerate(rows) for d, v in zip(DEPARTMENTS, row, strict=True)]
    return text(tmp_path / "a.csv", [["评议人", "部门", "得分"], *each])


CASES = [
    *((SIGNED, codes) for codes in ([-9], [-99], [-8, -9], [8], [9], [88, 99], [-77, -88, -99])),
    *((FIVE, codes) for codes in ([8], [8, 9], [7, 9], [-9], [-77, -88, -99], [66], [97, 98, 99])),
    *((range(1, 5), codes) for codes in ([8], [9], [8, 9], [77, 88])),
    *((range(1, 8), codes) for codes in ([9], [0], [99])),
    *((TEN, codes) for codes in ([-1], [99], [11], [-9], [77, 88, 99])),
    *((range(60, 101), codes) for codes in ([0], [9], [-1], [127])),
    *((range(20, 101, 20), codes) for codes in ([99], [98, 99], [9])),
]


@pytest.mark.parametrize("shape", [wide, long])
@pytest.mark.parametrize(("scale", "codes"), CASES)
def test_codes_for_no_answer_are_asked_about_and_can_be_left_out(tmp_path, scale, codes, shape):
    given = marks(scale, codes)
    path = shape(tmp_path, given)
    asked(path, *(f"--missing {code}" for code in codes))
    want = sorted(v for row in given for v in row if v not in codes)
    assert sorted(read_ratings(path, missing=codes).score) == want


def test_numbers_that_look_like_codes_can_count(tmp_path):
    path = wide(tmp_path, marks(SIGNED, [-9]))
    assert read_ratings(path, missing=["none"]).score.min() == -9


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_few_and_many_codes_are_asked_about(tmp_path, share):
    asked(wide(tmp_path, marks(SIGNED, [-9], share)), "-9")


def test_a_second_code_is_asked_about_after_the_first(tmp_path):
    path = wide(tmp_path, marks(SIGNED, [-9, 9]))
    with pytest.raises(Ambiguous, match="-9、9"):
        read_ratings(path)
    with pytest.raises(Ambiguous, match="--missing 9"):
        read_ratings(path, missing=[-9])
    assert set(read_ratings(path, missing=[-9, 9]).score) == set(SIGNED)


def test_a_code_of_one_item_beside_items_of_ten_is_asked_about(tmp_path):
    rows = [["企业", "部门", "服务态度", "办事效率"]]
    draw = random.Random(1)
    for n in range(RATERS):
        rows += [[f"厂{n}", d, draw.choice(TEN), draw.choice([1, 2, 3, 4, 9])] for d in DEPARTMENTS]
    asked(text(tmp_path / "a.csv", rows), "办事效率", "--missing 9")


SCALES = [
    *(range(1, n) for n in (3, 4, 5, 6, 7, 8, 10, 11)),
    *(range(n) for n in (2, 4, 5, 11, 101)),
    *(range(-n, n + 1) for n in (1, 2, 3, 5, 10)),
    *(
        [1, 2, 3, 10],
        [1, 5, 6, 7, 8],
        [1, 3, 5, 7, 9],
        range(0, 101, 20),
        range(50, 101, 5),
        [60, 70, 80, 90],
    ),
    *(np.arange(1, 5.5, 0.5), [80, 85, 88, 90, 95, 98, 99, 100], [1, 2, 4, 5], [20, 60, 100], range(30, 111)),
]


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: f"{min(scale)} to {max(scale)}")
def test_marks_of_usual_scales_are_not_asked_about(tmp_path, scale):
    rows = marks(list(scale))
    if set(scale) == {1, 2, 3, 10}:  # few marks of a scale up to 10, with a single highest one
        rows = [[min(value, 3) for value in row] for row in rows]
        rows[3][0] = 6
    understood = understand_ratings(wide(tmp_path, rows))
    assert understood.n_ratings == RATERS * len(DEPARTMENTS)


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
