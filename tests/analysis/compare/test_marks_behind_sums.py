"""Raters who all agree: intervals of sums and changes have a width; what is declared needs enough raters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis import Ratings, combine_rounds, compare_groups, compare_rounds, composite


def top(g, raters, best=0.95):
    return Ratings.from_array(np.where(g.random((raters, 5)) < best, 100.0, 0.0))


def test_scores_of_combined_rounds_and_composites_near_the_top():
    """The interval of a department that all gave 100 was 100 to 100: wrong in 4 rounds of 5."""
    missed = np.zeros(2)
    for seed in range(15):
        g = np.random.default_rng(seed)
        year = combine_rounds([top(g, 15), top(g, 12)], independent=True, threshold=5).ranking(draws=1000)
        parts = {"firms": top(g, 15), "figures": {str(j): 95.0 for j in range(1, 6)}}
        index = composite(parts, {"firms": 7, "figures": 3}, draws=1000, threshold=5).ranking
        missed += [any(not d.ci[0] <= 95 <= d.ci[1] for d in r.departments) for r in (year, index)]
        assert all(d.ci[1] - d.ci[0] > 1 for r in (year, index) for d in r.departments)
    assert (missed <= 2).all()


def test_a_department_of_one_mark_has_clopper_and_pearsons_bound():
    g = np.random.default_rng(0)
    one, two = (g.choice([20.0, 60, 100], (R, 4)) for R in (14, 12))
    one[:, 0] = two[:, 0] = 100
    rounds = [Ratings.from_array(y) for y in (one, two)]
    year = combine_rounds(rounds, independent=True).ranking(draws=2000)
    tail = stats.norm.sf(year.critical_values["adjusted"])
    seen = stats.beta.ppf(tail, 12, 1)  # all of twelve
    assert year["1"].ci == pytest.approx((20 + 80 * seen, 100), abs=0.01)


def agreeing(R, turned):
    return Ratings.from_array(np.tile([3.0, 2, 1] if turned else [1.0, 2, 3], (R, 1)))


def test_changes_on_which_all_agree():
    found = compare_rounds(agreeing(12, False), agreeing(12, True), draws=1000)
    change = {c.department: c for c in found.changes}
    assert [change[d].direction for d in "123"] == ["up", "same", "down"]
    assert 0 < change["1"].ci[0] < 1.9 < 2.1 < change["1"].ci[1]
    assert change["2"].ci[0] < 0 < change["2"].ci[1]
    few = compare_rounds(agreeing(5, False), agreeing(5, True), draws=1000, threshold=5)
    assert all(c.direction == "same" and c.p_adjusted > 0.05 for c in few.changes)  # 3 · 2⁻⁴


def test_groups_in_which_all_agree():
    y = np.vstack([np.tile([1.0, 2, 3], (12, 1)), np.tile([3.0, 2, 1], (12, 1))])
    found = compare_groups(Ratings.from_array(y), ["a"] * 12 + ["b"] * 12, draws=1000)
    assert [d.department for d in found.significant] == ["1", "3"]
    assert all(d.ci[1] - d.ci[0] > 0.5 for d in found.differences)
    assert "-0.0" not in found.summary()
