"""A ranking within its scale: no mean of marks lies beyond the worst or the best mark.

What is estimated for a department that few rated well, or for all of few raters, may leave the scale. The
truth does not, so that cutting takes nothing true from an interval, and no sign from a difference.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis import notes as say
from analysis.results import DepartmentResult, Interval, Ranking


def within_scale(ranking: Ranking, low: float, high: float) -> Ranking:
    """Scores, differences and intervals cut to what marks from low to high allow; a note says if any was."""
    sizes = np.bincount([d.component for d in ranking.departments])
    departments = tuple(_department(d, low, high, int(sizes[d.component])) for d in ranking.departments)
    pairs, most = ranking.pairs, high - low
    cut = replace(
        pairs,
        difference=np.clip(pairs.difference, -most, most),
        lower=np.clip(pairs.lower, -most, most),
        upper=np.clip(pairs.upper, -most, most),
    )
    moved = departments != ranking.departments or any(
        not np.array_equal(getattr(cut, name), getattr(pairs, name)) for name in ("lower", "upper")
    )
    notes = (*ranking.notes, say.scale_cut(low, high)) if moved else ranking.notes
    return replace(ranking, departments=departments, pairs=cut, notes=notes)


def _department(of: DepartmentResult, low: float, high: float, together: int) -> DepartmentResult:
    """together: departments of its component, itself among them, from whose average it differs."""
    most = (high - low) * (together - 1) / together
    return replace(
        of,
        adjusted=min(max(of.adjusted, low), high),
        ci=_cut(of.ci, low, high),
        average_difference=min(max(of.average_difference, -most), most),
        average_ci=_cut(of.average_ci, -most, most),
    )


def _cut(interval: Interval, low: float, high: float) -> Interval:
    return min(max(interval[0], low), high), min(max(interval[1], low), high)
