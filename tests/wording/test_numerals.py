"""One way to write a number: a true minus sign, and no sign before zero."""

import pytest

from analysis import explain
from analysis.ranking import notes
from survey.wording import numbers

CASES = [(-0.04, "0.0"), (0.04, "0.0"), (-0.0, "0.0"), (-0.06, "−0.1"), (7.16, "+7.2"), (-20.34, "−20.3")]


@pytest.mark.parametrize(("value", "said"), CASES)
@pytest.mark.parametrize("write", [numbers.signed, explain.signed])
def test_differences(write, value: float, said: str) -> None:
    assert write(value) == said


@pytest.mark.parametrize(("value", "said"), [(-0.01, "0.0"), (-3.0, "−3.0"), (82.04, "82.0"), (None, "—")])
def test_points(value: float | None, said: str) -> None:
    assert numbers.points(value) == said


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((79.96, 85.2), "79.96—85.2"),  # graded below the line of 80
        ((75.0, 79.96), "75.0—79.96"),
        ((80.0, 90.0), "80.0—90.0"),
        ((80.04, 89.96), "80.04—89.96"),
        ((79.999999, 90.0000001), "<80—>90"),
    ],
)
def test_scores_beside_lines(bounds: tuple[float, float], said: str) -> None:
    assert numbers.interval(bounds, lines=(90, 80, 70)) == said


def test_ends_of_a_difference_do_not_reach_zero_by_rounding() -> None:
    assert numbers.signed_interval((0.04, 3.0)) == "+0.04 至 +3.0"
    assert numbers.signed_interval((-3.0, -1e-9)) == "−3.0 至 <0"
    assert numbers.signed_interval((-3.0, 0.0)) == "−3.0 至 0.0"
    assert numbers.size(-0.04) == "0.04"
    assert explain.with_interval("甲", 0.04, (0.01, 0.1), "zh") == "甲 +0.04（+0.01 至 +0.1）"


def test_p_values_are_rounded_up() -> None:
    """What does not reach 5 % is not written as 0.05."""
    assert explain.p_text(0.0501) == "= 0.051"
    assert explain.p_text(0.0499) == "= 0.050"
    assert not explain.significant(0.0501, 0.95)
    assert explain.significant(0.1, 0.9)  # 1 − 0.9 is a little less than 0.1


def test_part_is_neither_all_nor_none() -> None:
    assert [numbers.percent(x) for x in (0.9996, 1.0, 0.0, 0.0004)] == ["99.96%", "100.0%", "0.0%", "0.04%"]


@pytest.mark.parametrize("level", [0.95, 0.995, 0.9875])
def test_levels_are_not_rounded(level: float) -> None:
    assert numbers.confidence(level) == f"{100 * level:g}%"


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (notes.ceiling(0.503, 100, known=True, guarded=False), "50.3%"),  # more than half
        (notes.careless(0.0499), "4.99%"),
        (notes.low_df(9.96), "9.96"),  # under 10
        (notes.heavy_rater(0.9996), "99.96%"),
    ],
)
def test_notes_agree_with_their_thresholds(note, said: str) -> None:
    assert said in note.zh
    assert said.removesuffix("%") in note.en
