"""Bounds of discovery sampling against the enumeration of every sample, and against published numbers."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest

from analysis.sampling.discovery import calls_for, drawn_by_hash, most_false

SMALL = [(population, drawn) for population in range(1, 9) for drawn in range(population + 1)]


def chances(population: int, false: int, drawn: int) -> list[Fraction]:
    """P(X = 0), P(X = 1), … by looking at every sample."""
    samples = list(combinations(range(population), drawn))
    counts = [sum(each < false for each in sample) for sample in samples]
    return [Fraction(counts.count(found), len(samples)) for found in range(drawn + 1)]


@pytest.mark.parametrize(("population", "drawn"), SMALL)
@pytest.mark.parametrize("percent", [80, 95])
def test_the_bound_is_that_of_enumeration(population: int, drawn: int, percent: int) -> None:
    left = 1 - Fraction(percent, 100)
    for found in range(drawn + 1):
        # Not ruled out: whatever has what was found, or less, with more than the chance that is left.
        possible = [
            false
            for false in range(found, population - drawn + found + 1)
            if sum(chances(population, false, drawn)[: found + 1]) > left
        ]
        assert most_false(population, drawn, found, percent / 100) == max(possible, default=found)


@pytest.mark.parametrize(("population", "drawn"), [(p, d) for p, d in SMALL if d])
def test_it_is_wrong_in_at_most_one_of_twenty(population: int, drawn: int) -> None:
    for false in range(population + 1):
        wrong = sum(
            chance
            for found, chance in enumerate(chances(population, false, drawn))
            if chance and most_false(population, drawn, found) < false
        )
        assert wrong <= Fraction(1, 20)


def test_fifty_four_calls_of_three_hundred_find_fifteen() -> None:
    """The number of the design; by binomial coefficients."""
    assert 1 - Fraction(comb(285, 54), comb(300, 54)) > Fraction(95, 100)
    assert 1 - Fraction(comb(285, 53), comb(300, 53)) < Fraction(95, 100)
    assert calls_for(300, 15) == 54
    assert most_false(300, 54, 0) == 14


@pytest.mark.parametrize("population", [1, 7, 40, 300])
def test_calls_by_counting(population: int) -> None:
    for false in range(1, population + 1):
        missed = [comb(population - false, n) * 20 <= comb(population, n) for n in range(population + 1)]
        assert calls_for(population, false) == missed.index(True)


def test_everybody_called_leaves_nothing_open() -> None:
    assert [most_false(30, 30, found) for found in (0, 1, 30)] == [0, 1, 30]
    assert most_false(30, 0, 0) == 30
    assert calls_for(30, 0) == 30
    with pytest.raises(ValueError, match="3 of 2 of 30"):
        most_false(30, 2, 3)


def test_the_draw_is_by_the_stated_rule() -> None:
    """As in docs/formats.md, with sha256sum."""
    names = [f"9111000071093612{n:02}" for n in range(20)]
    ranked = sorted((hashlib.sha256(b"seed:" + name.encode()).hexdigest(), name) for name in names)
    assert drawn_by_hash("seed", reversed(names), 5) == [name for _, name in ranked[:5]]
    assert drawn_by_hash("other", names, 5) != drawn_by_hash("seed", names, 5)
