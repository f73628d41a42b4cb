"""Coarse distributions: an attacker who tries every distribution finds no small count."""

import itertools

import numpy as np
import pytest

from analysis.disclosure.coarsening import Coarse, coarsen

POINTS = (100.0, 80.0, 60.0, 40.0, 20.0)


def possible(counts, points, satisfied, threshold, coarse):
    """Every distribution that agrees with what is told, by trying all there are: (W, L)."""
    n, L = sum(counts), len(points)
    total = sum(c * p for c, p in zip(counts, points, strict=True))
    every = np.array([w for w in itertools.product(range(n + 1), repeat=L - 1) if sum(w) <= n])
    every = np.column_stack([every, n - every.sum(axis=1)])
    fits = np.isclose(every @ np.array(points), total)
    for first, last, count in coarse.classes:
        fits &= every[:, first : last + 1].sum(axis=1) == count
    inside = every[:, :satisfied].sum(axis=1)
    actual = sum(counts[:satisfied])
    if coarse.satisfied is not None:
        fits &= inside == coarse.satisfied
    elif n - actual < threshold:
        fits &= n - inside < threshold
    elif actual < threshold:
        fits &= inside < threshold
    return every[fits]


def small_counts_found(counts, points, satisfied, threshold, coarse) -> list[int]:
    """Levels, then both sides of satisfaction, whose small count has one value only."""
    worlds = possible(counts, points, satisfied, threshold, coarse)
    sides = [worlds[:, :satisfied].sum(axis=1), worlds[:, satisfied:].sum(axis=1)]
    columns = [*worlds.T, *sides]
    actual = [*counts, sum(counts[:satisfied]), sum(counts[satisfied:])]
    return [
        i
        for i, (values, a) in enumerate(zip(columns, actual, strict=True))
        if a < threshold and np.ptp(values) == 0
    ]


@pytest.mark.parametrize(
    ("points", "satisfied"), [(POINTS, 3), ((100.0, 60.0, 20.0), 2), ((100.0, 75.0, 60.0, 20.0), 2)]
)
def test_no_small_count_is_told_or_follows(points, satisfied) -> None:
    chance = np.random.default_rng(len(points))
    told = 0
    for _ in range(60):
        shares = chance.dirichlet(np.ones(len(points)) * 0.7)
        counts = tuple(chance.multinomial(chance.integers(4, 26), shares).tolist())
        coarse = coarsen(counts, points, satisfied=satisfied, threshold=4)
        if coarse is None:
            continue
        told += 1
        assert all(count >= 4 for *_, count in coarse.classes)
        assert small_counts_found(counts, points, satisfied, 4, coarse) == []
    assert told > 10


def test_merging_two_levels_alone_hides_nothing() -> None:
    """The attack that the counterexamples stop: n, mean and the sum of two levels give both counts."""
    counts = (30, 20, 15, 7, 4)
    naive = Coarse(((0, 0, 30), (1, 1, 20), (2, 2, 15), (3, 4, 11)), 65, (11, 11))
    assert small_counts_found((8, 5, 4, 2, 1), POINTS, 3, 3, naive_of((8, 5, 4, 2, 1))) == [3, 4]
    found = coarsen(counts, POINTS, satisfied=3)
    assert found is not None
    assert found.classes != naive.classes
    assert found.satisfied == 65


def naive_of(counts) -> Coarse:
    single = tuple((i, i, counts[i]) for i in range(3))
    return Coarse((*single, (3, 4, counts[3] + counts[4])), sum(counts[:3]), (3, 3))


def test_large_counts_are_told_level_by_level() -> None:
    found = coarsen((200, 100, 50, 30, 12), POINTS, satisfied=3)
    assert found == Coarse(
        ((0, 0, 200), (1, 1, 100), (2, 2, 50), (3, 3, 30), (4, 4, 12)), satisfied=350, below=(42, 42)
    )


def test_a_mean_that_one_answer_explains_is_not_told() -> None:
    """99 of 20 answers on steps of 20 points can only be nineteen times 100 and once 80."""
    assert coarsen((19, 1, 0, 0, 0), POINTS, satisfied=3) is None
