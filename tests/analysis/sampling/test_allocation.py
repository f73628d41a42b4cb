"""Allocation of a sample to strata, against textbook numbers and by properties."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.sampling.allocation import METHODS, allocate


def test_proportional_allocation_as_in_cochran() -> None:
    # Cochran, Sampling Techniques (3rd ed.), §5.5: n_h = n·N_h/N.
    assert allocate([500, 300, 200], 100) == [50, 30, 20]


def test_equal_allocation_gives_what_a_small_stratum_lacks_to_the_others() -> None:
    assert allocate([500, 300, 10], 100, "equal") == [45, 45, 10]


def test_power_allocation_with_q_one_half() -> None:
    # Square roots 30, 20, 10 of 900, 400, 100: shares 1/2, 1/3, 1/6.
    assert allocate([900, 400, 100], 60, "power") == [30, 20, 10]


def test_power_zero_is_equal_and_one_is_proportional() -> None:
    sizes = [800, 150, 50]
    assert allocate(sizes, 90, "power", power=0) == allocate(sizes, 90, "equal")
    assert allocate(sizes, 90, "power", power=1) == allocate(sizes, 90)


def test_largest_remainders_make_whole_numbers() -> None:
    # Quotas 3.25, 1.75, 1.0 of 6 from 13:7:4.
    assert allocate([13, 7, 4], 6) == [3, 2, 1]


def test_the_minimum_is_kept_and_taken_from_the_rest() -> None:
    assert allocate([980, 10, 10], 100, minimum=5) == [90, 5, 5]
    assert allocate([980, 10, 3], 100, minimum=5) == [92, 5, 3]


@pytest.mark.parametrize(
    ("sizes", "total", "options"),
    [
        ([], 1, {}),
        ([5, 0], 2, {}),
        ([5, 5], 11, {}),
        ([5, 5], 0, {}),
        ([50, 50], 10, {"minimum": 6}),
        ([5, 5], 2, {"minimum": -1}),
        ([5, 5], 2, {"method": "neyman"}),
        ([5, 5], 2, {"power": 2}),
    ],
)
def test_what_cannot_be_allocated_is_refused(sizes, total, options) -> None:
    with pytest.raises(InputError):
        allocate(sizes, total, **options)


@given(st.data())
def test_bounds_and_total_always_hold(data) -> None:
    sizes = data.draw(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
    minimum = data.draw(st.integers(0, 20))
    least = max(1, sum(min(size, minimum) for size in sizes))
    total = data.draw(st.integers(least, sum(sizes)))
    for method in METHODS:
        drawn = allocate(sizes, total, method, minimum=minimum)
        assert sum(drawn) == total
        assert all(min(minimum, size) <= n <= size for n, size in zip(drawn, sizes, strict=True))
        # A larger stratum never gives fewer, but for the one unit that rounding may shift.
        ordered = [n for _, n in sorted(zip(sizes, drawn, strict=True))]
        assert all(a <= b + 1 for a, b in pairwise(ordered))
