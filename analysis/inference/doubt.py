"""Whether the distances between levels can matter: where they cannot, the ordinal scale is not asked.

A ceiling shrinks the differences that lenient raters make. That moves no comparison of departments that the
same raters rated, nor of departments whose raters use the scale alike: equal ones are then rated alike.
It moves departments whose raters make smaller differences than others do, compared through others. Whether
raters of some departments do so is tested at a liberal level. The test looks at differences within raters
only, as everything else that is said of departments. With few raters it is also asked where residuals are
unequal in size, since means of few skewed errors lean. Items with gaps call the guard always, and so does a
department at an end of the scale throughout, whose distance from the others nobody knows. Of two samples that
are compared, one may also make smaller differences than the other (`slope_p`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, ndtr

from analysis.model.cells import Cells
from analysis.model.contrasts import Fit

Floats = NDArray[np.float64]

FEWEST_UNITS, FEW_UNITS, UNEQUAL = 10, 100, 0.1
LEAN = 1.2
"""What is added to standard errors, times √n, in full where all four of these reach their second number, and
not at all where one is at its first: independent units, p of equal dispersion, largest standard deviation of
a department over the median one, mean skewness over its standard error (fewer than ten units always count
as skewed, more the less so)."""
FEW, DISPERSION, STRONG, SKEWED, FEWEST = (100, 50), (0.2, 0.1), (1.75, 2.0), (0.6, 0.8), (15, 9)
LIBERAL = 0.4
"""From this p of the test upwards the guard is not asked."""
_AT_ONCE = 1 << 20
"""Units × departments held at a time."""


def doubtful(fit: Fit) -> bool:
    """Whether a difference in points should be declared by the ordinal scale as well."""
    cells = fit.cells
    if cells.item_n is not None:
        return True
    y = cells.total / cells.n
    for end in (y.max(), y.min()):
        if (np.bincount(cells.department, np.abs(y - end)) <= 1e-9 * max(abs(end), 1)).any():
            return True
    return uneven(fit) or spread_p(fit) < LIBERAL


def slope_p(one: Floats, V: Floats, two: Floats, W: Floats) -> float:
    """p of the score test that two samples spread the same departments alike, from (D,) contrasts and their
    covariances; 1 where nothing varies.

    With m the mean of both and d their difference, mᵀd has mean (tr V − tr W)/2 where both estimate the same.
    """
    m, d, C = (one + two) / 2, one - two, (V - W) / 2
    variance = float(m @ (V + W) @ m + (C * C).sum())
    if variance <= 0:
        return 1.0
    return float(2 * ndtr(-abs(float(m @ d) - float(np.trace(C))) / np.sqrt(variance)))


def fragile(fit: Fit) -> bool:
    """Whether sign flips alone are not to be relied on: units of which there are too few patterns of signs,
    or few units of unequal dispersion."""
    return fit.cells.n_units < FEWEST_UNITS or uneven(fit)


def uneven(fit: Fit) -> bool:
    """Few units whose residuals are of unequal size by department."""
    return fit.cells.n_units <= FEW_UNITS and dispersion_p(fit) < UNEQUAL


def dispersion_p(fit: Fit) -> float:
    """p of Levene's (1960) test that residuals within raters are as large for every department.

    Means of few skewed errors of unequal size lean; who was scored above whom does not.
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
    """Factor of standard errors where few units are strongly uneven and their residuals lean to one side.

    The mean of n skewed values leans by 1/√n of their skewness, and neither t nor flips know it. In rounds of
    5 to 60 exponential errors of sd 1:10 a factor of 1 + 0.8/√n to 1 + 1.3/√n was needed (statistics.md); it
    comes and goes without a step.
    """
    cells = fit.cells
    if cells.n_units >= FEW[0] or dispersion_p(fit) >= DISPERSION[0]:
        return 1.0
    n, second, third = _moments(fit)
    used = second > 1e-18 * second.max()
    skewness = abs(float((third[used] / second[used] ** 1.5).sum() / np.sqrt((6 / n[used]).sum())))
    ratio = float(np.sqrt(second.max() / max(float(np.median(second)), 1e-300)))
    leans = max(_ramp(skewness, SKEWED), _ramp(cells.n_units, FEWEST))
    part = leans * _ramp(ratio, STRONG) * _ramp(dispersion_p(fit), DISPERSION) * _ramp(cells.n_units, FEW)
    units = float(n.mean()) * cells.n_units / cells.n_raters
    return 1 + part * LEAN / float(np.sqrt(units))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    """0 up to the first end, 1 from the second on."""
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))


def _moments(fit: Fit) -> tuple[Floats, Floats, Floats]:
    """(D,) raters, and second and third central moments of the residuals within raters, by department."""
    cells, D = fit.cells, fit.cells.n_departments
    y = cells.total / cells.n - fit.theta[cells.department]
    size = np.bincount(cells.rater, cells.n, cells.n_raters)[cells.rater]
    e = y - np.bincount(cells.rater, cells.n * y, cells.n_raters)[cells.rater] / size
    n = np.bincount(cells.department, minlength=D).astype(np.float64)
    e = e - (np.bincount(cells.department, e, D) / n)[cells.department]
    return n, np.bincount(cells.department, e**2, D) / n, np.bincount(cells.department, e**3, D) / n


def spread_p(fit: Fit) -> float:
    """p of the test that raters of every department spread the departments alike; 1 in complete designs.

    With g_r = w_r Σ_j n (e_rj) θ̂_j, the score of rater r's slope on θ̂, s_d = Σ g_r over raters of d less
    their share of all; Q = Σ s_d² / v_d by units, against the chi-squared with its mean and variance.
    """
    cells, R, D = fit.cells, fit.cells.n_raters, fit.cells.n_departments
    theta = fit.theta[cells.department]
    size = np.where(cells.size > 0, np.bincount(cells.rater, cells.n, R), 1.0)
    y = cells.total / cells.n
    y = y - (np.bincount(cells.rater, cells.n * y, R) / size)[cells.rater]
    expected = theta - (np.bincount(cells.rater, cells.n * theta, R) / size)[cells.rater]
    g = cells.weight * np.bincount(cells.rater, cells.n * (y - expected) * expected, R)
    information = cells.weight * np.bincount(cells.rater, cells.n * expected**2, R)
    total = float(information.sum())
    if total <= 0:
        return 1.0
    # What a common slope takes away.
    common = np.bincount(cells.department, information[cells.rater], D) / total
    s, V = _by_units(cells, g - information * g.sum() / total, common)
    scale = np.sqrt(np.diagonal(V))
    used = scale > 1e-9 * max(float(scale.max()), 1e-300)
    raters = np.bincount(cells.department, (g != 0)[cells.rater], D)
    away = np.maximum(np.where(raters > 0, 1 - common, 0), np.where(raters < (g != 0).sum(), common, 0))
    if not used.any() or float(away.max(initial=0)) < 1e-9:
        return 1.0
    C = V[np.ix_(used, used)] / np.outer(scale[used], scale[used])
    Q, spread = float(((s[used] / scale[used]) ** 2).sum()), float((C**2).sum())
    return float(chdtrc(used.sum() ** 2 / spread, Q * used.sum() / spread))


def _by_units(cells: Cells, h: Floats, common: Floats) -> tuple[Floats, Floats]:
    """Sum (D,) and sum of squares (D, D) over units of Σ_r h_r (x_r − common), x_r being 1 where r rated."""
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
