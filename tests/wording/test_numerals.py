"""One way to write a number: a true minus sign, and no sign before zero."""

import pytest

from analysis import explain
from survey.wording import numbers

CASES = [(-0.04, "0.0"), (0.04, "0.0"), (-0.0, "0.0"), (-0.06, "−0.1"), (7.16, "+7.2"), (-20.34, "−20.3")]


@pytest.mark.parametrize(("value", "said"), CASES)
@pytest.mark.parametrize("write", [numbers.signed, explain.signed])
def test_differences(write, value: float, said: str) -> None:
    assert write(value) == said


@pytest.mark.parametrize(("value", "said"), [(-0.01, "0.0"), (-3.0, "−3.0"), (82.04, "82.0"), (None, "—")])
def test_points(value: float | None, said: str) -> None:
    assert numbers.points(value) == said
