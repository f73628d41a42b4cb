"""Doubt about distances between levels: tests that decide whether the ordinal (latent) scale must agree.

A ceiling shrinks the differences that lenient raters make. This biases no comparison between departments
rated by the same raters, nor between departments whose raters use the scale alike. It biases comparisons with
departments whose raters make smaller differences than others do. Whether raters of some departments do so is
tested at a liberal level (`spread_p`); like all inference on departments, the test uses differences within
raters only. With few raters the ordinal scale is also asked where residuals are unequal in size by
department, since means of few skewed errors are biased (`dispersion_p`). It is always asked for items with
gaps, and where a department got only the best or only the worst mark, since its distance from the others is
then unknown. When two samples are compared, one may also make smaller differences than the other (`slope_p`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, ndtr

from analysis.model.cells import Cells
from analysis.model.contrasts import Fit, summed_fit
from analysis.model.parts import summed

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FEWEST_UNITS, FEW_UNITS, UNEQUAL = 10, 100, 0.1
LEAN = 1.2
"""Standard errors are raised by the factor 1 + LEAN/√n (n units per department) in full where all four of the
following conditions are at their second number, not at all where one is at its first, in part between: FEW
independent units; DISPERSION, p of equal dispersion; STRONG, largest standard deviation of a department over
the median one; SKEWED, mean skewness over its standard error, or FEWEST units (so few count as skewed)."""
FEW, DISPERSION, STRONG, SKEWED, FEWEST = (100, 50), (0.2, 0.1), (1.75, 2.0), (0.6, 0.8), (15, 9)
LIBERAL = 0.4
"""If the p-values of the tests reach this, the ordinal scale need not agree."""
_AT_ONCE = 1 << 20
"""Units × departments processed at a time, to bound memory."""


def doubtful(fit: Fit) -> bool:
    """Whether distances between levels can matter, so that a difference must also be declared on the ordinal
    scale."""
    cells = fit.source
    if cells.n_items:
        return True
    ends = summed(cells, _ends, by=(np.maximum, np.minimum))
    for end, away in zip(ends, summed(cells, _away, ends), strict=True):
        if (away <= 1e-9 * max(abs(end), 1)).any():
            return True
    return uneven(fit) or spread_p(fit) < LIBERAL


def _ends(cells: Cells) -> tuple[float, float]:
    """Best and worst mean mark of a cell."""
    y = cells.total / cells.n
    return float(y.max(initial=-np.inf)), float(y.min(initial=np.inf))


def _away(cells: Cells, ends: tuple[float, float]) -> tuple[Floats, ...]:
    """Sum of the distances of each department's marks from each end, (D,)."""
    y, D = cells.total / cells.n, cells.n_departments
    return tuple(np.asarray(np.bincount(cells.department, np.abs(y - end), D), np.float64) for end in ends)


def slope_p(one: Floats, V: Floats, two: Floats, W: Floats) -> float:
    """p-value of the hypothesis that two samples spread the same departments equally wide (score test).

    one, two: (D,) centred estimates with covariances V, W; 1 where nothing varies. With m their mean and d
    their difference, mᵀd has mean (tr V − tr W)/2 under the hypothesis.
    """
    m, d, C = (one + two) / 2, one - two, (V - W) / 2
    variance = float(m @ (V + W) @ m + (C * C).sum())
    if variance <= 0:
        return 1.0
    return float(2 * ndtr(-abs(float(m @ d) - float(np.trace(C))) / np.sqrt(variance)))


def fragile(fit: Fit) -> bool:
    """Whether sign flips alone are unreliable: too few units, or few units with unequal dispersion."""
    return fit.source.n_units < FEWEST_UNITS or uneven(fit)


def uneven(fit: Fit) -> bool:
    """Whether units are few and their residuals differ in size by department (Levene's test)."""
    return fit.source.n_units <= FEW_UNITS and dispersion_p(fit) < UNEQUAL


def dispersion_p(fit: Fit) -> float:
    """p-value of Levene's (1960) test that residuals within raters are equally large for every department.

    Means of few skewed errors of unequal size are biased; who was scored above whom is not.
    """
    cells, D = fit.cells, fit.cells.n_departments
    y = cells.total / cells.n - fit.theta[cells.department]
    size = np.bincount(cells.rater, cells.n, cells.n_raters)[cells.rater]
    e = np.abs(y - np.bincount(cells.rater, cells.n * y, cells.n_raters)[cells.rater] / size)
    n = np.bincount(cells.department, minlength=D)
    mean = np.bincount(cells.department, e, D) / n
    rest, free = float(((e - mean[cells.department]) ** 2).sum()), e.size - D
    if free < 1 or rest <= 1e-18 * float((e**2).sum()):
        return 1.0
    between = float((n * (mean - e.mean()) ** 2).sum()) / (D - 1)
    return float(fdtrc(D - 1, free, between / (rest / free)))


def raised(fit: Fit) -> float:
    """Factor, at least 1, by which standard errors are raised where units are few, uneven and skewed.

    The mean of n skewed values is biased by 1/√n of their skewness, which neither t nor sign flips account
    for. With 5 to 60 exponential errors of sd 1:10, factors of 1 + 0.8/√n to 1 + 1.3/√n were needed in
    simulated rounds (statistics.md). The factor changes continuously with each condition.
    """
    if fit.source.n_units >= FEW[0] or dispersion_p(fit) >= DISPERSION[0]:
        return 1.0
    cells = fit.cells
    n, second, third = _moments(fit)
    used = second > 1e-18 * second.max()
    skewness = abs(float((third[used] / second[used] ** 1.5).sum() / np.sqrt((6 / n[used]).sum())))
    ratio = float(np.sqrt(second.max() / max(float(np.median(second)), 1e-300)))
    leans = max(_ramp(skewness, SKEWED), _ramp(cells.n_units, FEWEST))
    part = leans * _ramp(ratio, STRONG) * _ramp(dispersion_p(fit), DISPERSION) * _ramp(cells.n_units, FEW)
    units = float(n.mean()) * cells.n_units / cells.n_raters
    return 1 + part * LEAN / float(np.sqrt(units))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    """Linear ramp: 0 up to the first end, 1 from the second on; ends may also fall."""
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))


def _moments(fit: Fit) -> tuple[Floats, Floats, Floats]:
    """Number of raters and second and third central moments of residuals within raters, per department, each
    (D,)."""
    cells, D = fit.cells, fit.cells.n_departments
    y = cells.total / cells.n - fit.theta[cells.department]
    size = np.bincount(cells.rater, cells.n, cells.n_raters)[cells.rater]
    e = y - np.bincount(cells.rater, cells.n * y, cells.n_raters)[cells.rater] / size
    n = np.bincount(cells.department, minlength=D).astype(np.float64)
    e = e - (np.bincount(cells.department, e, D) / n)[cells.department]
    return n, np.bincount(cells.department, e**2, D) / n, np.bincount(cells.department, e**3, D) / n


def spread_p(fit: Fit) -> float:
    """p-value of the hypothesis that raters of every department spread the departments equally wide; 1 in
    complete designs.

    With g_r = w_r Σ_j n (e_rj) θ̂_j, the score of rater r's slope on θ̂, s_d = Σ g_r over raters of d less
    their share of all; Q = Σ s_d² / v_d by units, against the chi-squared with its mean and variance.
    """
    total, slope, by_department, raters, moved = summed_fit(fit, _slopes)
    if total <= 0:
        return 1.0
    # Share of each department's raters in the estimate of a common slope, which is subtracted.
    common = by_department / total
    s, V = summed_fit(fit, _around_common, slope / total, common)
    scale = np.sqrt(np.diagonal(V))
    used = scale > 1e-9 * max(float(scale.max()), 1e-300)
    away = np.maximum(np.where(raters > 0, 1 - common, 0), np.where(raters < moved, common, 0))
    if not used.any() or float(away.max(initial=0)) < 1e-9:
        return 1.0
    C = V[np.ix_(used, used)] / np.outer(scale[used], scale[used])
    Q, spread = float(((s[used] / scale[used]) ** 2).sum()), float((C**2).sum())
    return float(chdtrc(used.sum() ** 2 / spread, Q * used.sum() / spread))


def _scores(fit: Fit) -> tuple[Floats, Floats]:
    """Score g_r and information of each rater's slope on θ̂, (R,) each."""
    cells, R = fit.cells, fit.cells.n_raters
    theta = fit.theta[cells.department]
    size = np.where(cells.size > 0, np.bincount(cells.rater, cells.n, R), 1.0)
    y = cells.total / cells.n
    y = y - (np.bincount(cells.rater, cells.n * y, R) / size)[cells.rater]
    expected = theta - (np.bincount(cells.rater, cells.n * theta, R) / size)[cells.rater]
    g = cells.weight * np.bincount(cells.rater, cells.n * (y - expected) * expected, R)
    return g, cells.weight * np.bincount(cells.rater, cells.n * expected**2, R)


def _slopes(fit: Fit) -> tuple[float, float, Floats, Ints, int]:
    """Sums of information and of scores; by department information and raters with a score, (D,) each; number
    of such raters."""
    cells, D = fit.cells, fit.cells.n_departments
    g, information = _scores(fit)
    by_department = np.asarray(np.bincount(cells.department, information[cells.rater], D), np.float64)
    raters = np.bincount(cells.department[(g != 0)[cells.rater]], minlength=D)
    return float(information.sum()), float(g.sum()), by_department, raters, int((g != 0).sum())


def _around_common(fit: Fit, slope: float, common: Floats) -> tuple[Floats, Floats]:
    g, information = _scores(fit)
    return _by_units(fit.cells, g - information * slope, common)


def _by_units(cells: Cells, h: Floats, common: Floats) -> tuple[Floats, Floats]:
    """Sum (D,) and sum of squares (D, D) over units of Σ_r h_r (x_r − common), x_r,d = 1 where rater r rated
    d."""
    D = cells.n_departments
    unit, department, value = cells.unit[cells.rater], cells.department, h[cells.rater]
    if cells.cluster is not None:
        order = np.argsort(unit, kind="stable")
        unit, department, value = unit[order], department[order], value[order]
    own, step = np.bincount(cells.unit, h, cells.n_units), max(1, _AT_ONCE // D)
    s, V = np.zeros(D), np.zeros((D, D))
    for low in range(0, cells.n_units, step):
        size = min(step, cells.n_units - low)
        part = slice(*np.searchsorted(unit, (low, low + size)))
        places = (unit[part] - low) * D + department[part]
        sums: Floats = np.bincount(places, value[part], size * D).astype(float, copy=False)
        z = sums.reshape(size, D) - own[low : low + size, None] * common
        s += z.sum(axis=0)
        V += z.T @ z
    return s, V
