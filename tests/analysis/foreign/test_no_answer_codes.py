"""Codes for no answer that survey tools write as numbers are asked about, however many there are: -9 or -99
on a scale from -2 to 2, 8 and 9 on one from 1 to 4, 0 beside 60 to 100
(docs/formats-foreign.md, source 25)."""

import random

import numpy as np
import pytest
from shapes import DEPARTMENTS, text
from test_tools import asked

from analysis import read_ratings, understand_ratings
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
