"""A small version of bench/simulations/ranking.py: errors stay within 5 % plus two Monte Carlo errors."""

from __future__ import annotations

import numpy as np
import pytest

from bench.simulations.ranking import METHOD, SCENARIOS, play

ROUNDS = 40
LIMIT = 0.05 + 2 * np.sqrt(0.05 * 0.95 / ROUNDS)


@pytest.mark.parametrize("scenario", [SCENARIOS[1], SCENARIOS[4], SCENARIOS[5]], ids=lambda s: s.name)
def test_joint_error_stays_below_five_percent(scenario):
    tallies = play(scenario, ROUNDS, 2026, ["plain means"], draws=1_000)
    found = tallies[METHOD]
    assert found.rounds == ROUNDS
    assert found.error <= LIMIT
    assert 1 - found.coverage <= LIMIT
    assert found.false_anything / ROUNDS <= LIMIT
    assert tallies["plain means"].error > 0.9


def test_distinct_departments_are_told_apart():
    found = play(SCENARIOS[2], 10, 2026, [], draws=1_000)[METHOD]
    assert np.mean(found.power) > 0.4
