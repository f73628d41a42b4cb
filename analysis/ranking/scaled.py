"""Use of the ends of the scale: cutting a ranking to it, and intervals of bounded means.

Estimates for a department that few rated well, or for all of few raters, may leave the scale. The truth does
not, so cutting removes nothing true from an interval, and changes no sign of a difference.

Marks at one end say little of how far others would go: if all of twelve raters give the best mark, the
standard error is 0, though one rater in three might think otherwise. Towards either end the interval of a
score therefore reaches at least the bound that holds as if one more rater had given that end: Gaffke's (2005)
bound of the mean of a bounded variable (Learned-Miller & Thomas 2020) by its first two moments; that of
Clopper and Pearson where all agree. Differences on which all raters agree are bounded likewise, as if one
more rater had seen the largest possible one. If the scale is unknown, this is done only for departments with
a single mark, and the lowest and highest mark given are taken as its ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, log_ndtr, ndtr

from analysis.inference.joint import Family
from analysis.inference.statements import Estimates
from analysis.model.cells import Cells
from analysis.model.parts import Parts
from analysis.model.sandwich import Strata
from analysis.ranking import notes as notes_of
from analysis.ranking.rated import Rated
from analysis.ranking.results import DepartmentResult, Interval, Ranking

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ROUNDING = 1e-5
"""Half-widths below this part of the scale are 0 up to rounding: all raters agree on the difference."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Sample behind the scores. n: (D,) independent raters; marks: lowest and highest mark given.

    unsampled: share of the variance due to those not asked, 1 if the roster is unknown, 0 if all of it
    answered; alike: (D,) departments with a single mark; shift: (D,) points that scores have besides marks.
    """

    n: Floats
    unsampled: float
    alike: Bools
    marks: Interval
    shift: Floats | float = 0.0


def sample_of(rated: Rated, cells: Cells | Parts, kept: Bools) -> Sample:
    """`Sample` of the departments kept: raters counted in independent units, and share of the roster not
    asked.

    cells: of the departments kept; kept: (D,) mask of all departments rated.
    """
    n: Floats = cells.raters_per_department() * np.float64(cells.n_units / cells.n_raters)
    return Sample(n, _unsampled(rated.strata), rated.alike[kept], rated.marks)


def _unsampled(strata: Strata | None) -> float:
    if strata is None or (strata.fraction[strata.counts > 0] <= 0).any():
        return 1.0
    size, fraction = (values[strata.counts > 0] for values in (strata.counts, strata.fraction))
    part = size / fraction**2
    return float((part * (1 - fraction)).sum() / part.sum())


def level_interval(
    estimate: Floats, found: Family, sample: Sample | None, scale: Interval | None
) -> tuple[Floats, Floats]:
    """Ends of the intervals of the scores, (D,) each, with bounds for bounded marks; not yet cut to the
    scale."""
    bound = found.level_bound
    low, high = _ends(sample, scale)
    if sample is None or sample.unsampled <= 0 or low == high:
        return estimate - bound, estimate + bound
    inside = np.clip(estimate - sample.shift, low, high)
    ends = []
    for end, other in ((low, high), (high, low)):
        away = np.sqrt(sample.unsampled) * np.abs(inside - _gaffke(inside, found, sample, end, other))
        ends.append(np.where(sample.alike | (scale is not None), np.maximum(bound, away), bound))
    return estimate - ends[0], estimate + ends[1]


def _ends(sample: Sample | None, scale: Interval | None) -> Interval:
    """Ends of the scale, or lowest and highest mark given if unknown; equal where nothing can be bounded."""
    return (0.0, 0.0) if sample is None else scale or sample.marks


def agreed(found: Family, at: Estimates, sample: Sample | None, scale: Interval | None) -> Family:
    """Family with wider intervals for the differences on which all raters agree (standard error 0): at least
    Clopper and Pearson's (1934) bound.

    These are pairs of departments that each got a single mark, and differences (also from the average) whose
    half-width is 0. The number of raters behind one is taken as its degrees of freedom + 1. Other
    half-widths stay, and so does which differences are declared. scale: its ends in points, None if unknown.
    """
    low, high = _ends(sample, scale)
    if sample is None or low == high:
        return found
    most, both = high - low, sample.alike[:, None] & sample.alike
    log_tail, unsampled = float(log_ndtr(-found.pair_z)), sample.unsampled

    def bounded(difference: Floats, bound: Floats, df: Floats, alike: Bools | bool) -> Floats:
        away = (most + np.abs(difference)) * -np.expm1(log_tail / (df + 1)) * np.sqrt(unsampled)
        return np.where(alike | (bound <= _ROUNDING * most), np.maximum(bound, away), bound)

    return replace(
        found,
        bound=bounded(at.theta[:, None] - at.theta, found.bound, at.pair_df, both),
        average_bound=bounded(at.theta, found.average_bound, at.average_df, alike=False),
    )


def _gaffke(mean: Floats, found: Family, sample: Sample, end: float, other: float) -> Floats:
    """Gaffke's bounds (D,) of the mean towards one end of the scale.

    Quantile of the Beta distribution with the first two moments of the mean of the marks and that end,
    weighted uniformly on the simplex.
    """
    n, most = sample.n, abs(other - end)
    x, variance = np.abs(mean - end) / most, n * (found.level_se / most) ** 2 / sample.unsampled
    centre = n * x / (n + 1)
    spread = (n * (variance + (x - centre) ** 2) + centre**2) / (n + 1) / (n + 2)
    room = centre * (1 - centre)
    size = room / np.clip(spread, 1e-9, np.maximum(room / 2, 1e-9)) - 1
    certain = room <= 1e-9
    size = np.where(certain, 1.0, size)
    inner = np.where(certain, 0.5, centre)
    tail = betaincinv(inner * size, (1 - inner) * size, ndtr(-found.level_z))
    return np.asarray(end + (other - end) * np.where(certain, centre, tail))


def within_scale(ranking: Ranking, low: float, high: float) -> Ranking:
    """Ranking with scores, differences and intervals cut to marks from low to high; a note says if any was
    cut."""
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
    notes = (*ranking.notes, notes_of.scale_cut(low, high)) if moved else ranking.notes
    return replace(ranking, departments=departments, pairs=cut, notes=notes)


def _department(of: DepartmentResult, low: float, high: float, together: int) -> DepartmentResult:
    """Department's result cut to the scale; together: number of departments in its component."""
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
