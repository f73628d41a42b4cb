"""Joint inference of a ranking: adjusted p-values and intervals of everything it states, at one error rate.

Differences (all pairs within components, and every department against the average of its component) are one
family with one critical value, that of the largest |Z|/s over all of them; it gets 4/5 of the error rate 1 −
level. Adjusted scores are a second family and get the rest: together at most 1 − level under any dependence,
and statements on differences do not depend on how lenient raters are. The p-value of a difference is divided
by 4/5, so that p <= 1 − level exactly when it is declared. Draws are sign flips of whole units where these
are few (`analysis.model.signflips`), Normal elsewhere (`analysis.inference.simultaneous`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.inference.maxima import pair_maxima
from analysis.inference.simultaneous import Draws, critical, draw, p_values, t_scale, z_scale
from analysis.inference.statements import Estimates, Rows
from analysis.model.signflips import Flips, statements, to_normal, to_t

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

DIFFERENCES = 0.8
"""Share of the error rate for pairs and averages; the rest is for the intervals of the adjusted scores."""
_NORMAL, _FLIPPED = 40_000_000, 200_000_000


@dataclass(frozen=True, eq=False)
class Family:
    """Adjusted p-values, decisions and half-widths of intervals (bound) of all statements of a ranking.

    By pair: p, se, bound (D, D), symmetric; above (D, D): j declared above k; agreed (D, D): all units see
    one and the same difference, which chance may have made; pair_z: critical value on the Normal scale.
    Against the average: average_p, average_bound, average (−1, 0, 1), each (D,). Adjusted scores:
    level_bound, level_se, level_z (critical value on the Normal scale), each (D,).
    """

    critical: dict[str, float]
    p: Floats
    se: Floats
    bound: Floats
    above: Bools
    agreed: Bools
    average_p: Floats
    average_bound: Floats
    average: Ints
    level_bound: Floats
    level_se: Floats
    level_z: Floats
    pair_z: float


def enough(at: Estimates) -> int:
    """Number of draws by default: 10⁶ where departments are few (Monte Carlo error of p = 0.05: 0.0002), down
    to 10⁴ (0.002)."""
    cost = statements(at.theta.size) * (1 if at.influence is None else at.influence.shape[0])
    budget = _NORMAL if at.influence is None else _FLIPPED
    return int(np.clip(budget // cost, 10_000, 1_000_000)) // 1000 * 1000


def family(
    at: Estimates,
    *,
    level: float,
    draws: int,
    seed: int,
    stepdown: bool = False,
    together: bool = True,
    levels: bool = True,
) -> Family:
    """Joint inference for pairs, departments against the average, and adjusted scores.

    together=False: three families, each at ``level`` by itself, as other software has them. levels=False:
    bounds of adjusted scores are not needed and NaN.
    """
    rows = Rows(at)
    reference = _Flipped(rows, draws, seed) if at.influence is not None else _Normal(rows, draws, seed)
    of_pairs, of_averages = reference.differences(None)
    part = _parts(together and at.level_covariance is not None)
    if together:
        of_pairs = of_averages = np.maximum(of_pairs, of_averages)
    inner, of_level = (1 - share * (1 - level) for share in part)
    c, c_average = critical(of_pairs, inner), critical(of_averages, inner)
    c_level = critical(reference.levels(), of_level) if levels else np.nan
    least = np.split(rows.agreed_p(), [rows.j.size])
    z, p = _tested(reference.normal(rows.pair_t, rows.pair_df), of_pairs, least[0], inner)
    z_mean, average_p = _tested(reference.normal(rows.average_t, at.average_df), of_averages, least[1], inner)
    fallen = z > c
    if stepdown:
        p, fallen = _step_down(reference, z, p, fallen, [of_averages] if together else [], inner)
    return Family(
        critical={"pairs": c, "average": c_average, "adjusted": c_level},
        p=rows.square(np.minimum(p / part[0], 1), 1.0),
        se=rows.se,
        bound=reference.scale(c, at.pair_df) * rows.se,
        above=_above(rows, fallen),
        agreed=rows.square(np.where(np.isinf(rows.pair_t), at.agreeable or 0, 0.0), 0.0) > 0,
        average_p=np.minimum(average_p / part[0], 1),
        average_bound=reference.scale(c_average, at.average_df) * rows.average_se,
        average=(np.sign(rows.average_t) * (z_mean > c_average)).astype(np.intp),
        level_bound=reference.scale(c_level, at.average_df) * rows.level_se,
        level_se=rows.level_se,
        level_z=_level_z(rows, c_level, of_level),
        pair_z=_alone(rows.errors, rows.least, max(c, c_average), inner, at.agreeable or 0),
    )


def _tested(z: Floats, maxima: Draws, least: Floats, level: float) -> tuple[Floats, Floats]:
    """Statistics and p-values, with p at least that of the sign test (`least`); statistics it does not reject
    become 0."""
    return np.where(least > 1 - level, 0.0, z), np.maximum(p_values(z, maxima), least)


def _parts(shared: bool) -> tuple[float, float]:
    """Shares of the error rate for differences and for adjusted scores."""
    return (DIFFERENCES, 1 - DIFFERENCES) if shared else (1.0, 1.0)


def _level_z(rows: Rows, c: float, level: float) -> Floats:
    return np.where(rows.level_se <= rows.least, _alone(rows.level_se, rows.least, c, level), c)


def _above(rows: Rows, fallen: Bools) -> Bools:
    """Matrix (D, D): True where j is declared above k, from the pairs rejected (`fallen`)."""
    above = np.zeros((rows.at.theta.size,) * 2, dtype=bool)
    for sign, first, second in ((1, rows.j, rows.k), (-1, rows.k, rows.j)):
        hit = fallen & (np.sign(rows.pair_t) == sign)
        above[first[hit], second[hit]] = True
    return above


def _alone(se: Floats, least: float, c: float, level: float, might: int = 0) -> float:
    """Critical value for statements with standard error 0, which the draws ignore: c, or Šidák's (1967) if
    larger; might: how many there might have been."""
    sure = max(might, int((se <= least).sum()))
    return max(c, float(ndtri((1 + level ** (1 / max(1, sure))) / 2)))


def cautious(at: Estimates, **options: Any) -> Family:
    """Joint inference that holds under both references, sign flips and Normal draws: the larger p, the wider
    interval.

    For samples where flips are unreliable (`analysis.inference.doubt.fragile`).
    """
    one, two = family(at, **options), family(replace(at, influence=None), **options)
    return Family(
        critical=one.critical,
        p=np.maximum(one.p, two.p),
        se=one.se,
        bound=np.maximum(one.bound, two.bound),
        above=one.above & two.above,
        agreed=one.agreed,
        average_p=np.maximum(one.average_p, two.average_p),
        average_bound=np.maximum(one.average_bound, two.average_bound),
        average=np.where(one.average == two.average, one.average, 0),
        level_bound=np.maximum(one.level_bound, two.level_bound),
        level_se=one.level_se,
        level_z=np.maximum(one.level_z, two.level_z),
        pair_z=max(one.pair_z, two.pair_z),
    )


def _step_down(
    reference: _Normal | _Flipped, z: Floats, p: Floats, fallen: Bools, others: list[Draws], level: float
) -> tuple[Floats, Bools]:
    """Stepdown on ordered pairs (Romano & Wolf 2005; Mogstad et al. 2024): test again without rejected
    hypotheses.

    A rejected pair (j above k) stays in the family only as the opposite direction. p-values are made
    monotone: never less than that of a larger statistic.
    """
    p, new = p.copy(), fallen
    while new.any() and not fallen.all():
        maxima = np.maximum.reduce([reference.differences(fallen)[0], *others])
        p[~fallen] = p_values(z[~fallen], maxima)
        new = (z > critical(maxima, level)) & ~fallen
        fallen = fallen | new
    order = np.argsort(-z, kind="stable")
    p[order] = np.maximum.accumulate(p[order])
    return p, fallen


class _Normal:
    """Reference by Normal draws; a t-statistic with ν degrees of freedom is compared as Φ⁻¹(T_ν(t))."""

    def __init__(self, rows: Rows, draws: int, seed: int) -> None:
        self._rows, self._draws, self._seed = rows, draws, seed
        self._theta = draw(rows.at.covariance, draws, seed)
        self._order = np.argsort(-rows.at.theta, kind="stable")

    def differences(self, fallen: Bools | None) -> tuple[Draws, Draws]:
        """Largest |Z|/s of each draw, over pairs and over averages; fallen: pairs rejected before
        (stepdown)."""
        rows, at = self._rows, self._rows.at
        together = at.component[:, None] == at.component[None, :]
        inverse = np.where(together, rows.inverse(rows.se), 0.0)
        gone = None
        if fallen is not None:
            gone = np.zeros((at.theta.size,) * 2, dtype=bool)
            gone[rows.j[fallen], rows.k[fallen]] = True
            gone = gone[np.ix_(self._order, self._order)]
        square = np.ix_(self._order, self._order)
        top = pair_maxima(self._theta[self._order], inverse[square], gone)
        return top, self._largest(self._theta, rows.average_se)

    def levels(self) -> Draws:
        """Largest |Z|/s of each draw, over adjusted scores."""
        if self._rows.at.level_covariance is None:
            return np.zeros(self._draws, dtype=np.float32)
        return self._largest(
            draw(self._rows.at.level_covariance, self._draws, self._seed), self._rows.level_se
        )

    def _largest(self, Z: Draws, se: Floats) -> Draws:
        result = np.zeros(Z.shape[1], dtype=np.float32)
        for row, s in zip(Z, self._rows.inverse(se).astype(np.float32), strict=True):
            np.maximum(result, np.abs(row * s), out=result)
        return result

    @staticmethod
    def normal(t: Floats, df: Floats) -> Floats:
        return np.where(np.isinf(t), np.inf, z_scale(np.where(np.isinf(t), 0.0, t), df))

    @staticmethod
    def scale(c: float, df: Floats) -> Floats:
        return t_scale(c, df)


class _Flipped:
    """Reference by sign flips of whole units."""

    def __init__(self, rows: Rows, draws: int, seed: int) -> None:
        at, q = rows.at, rows.share
        if at.influence is None or q is None:
            raise ValueError("sign flips need the influence of every unit")
        self._draws, self._pairs = draws, rows.j.size
        mark = np.arctan(np.concatenate([rows.pair_t, rows.average_t]))
        self._differences = Flips(
            (rows.influences(at.influence),),
            (q,),
            np.concatenate([rows.pair_df, at.average_df]),
            mark,
            draws,
            seed,
        )
        self._levels = None
        if at.level_influence is not None:
            levels = at.level_influence * rows.inverse(rows.level_se)
            turn = mark[self._pairs :]
            self._levels = Flips((levels,), (q[:, self._pairs :],), at.average_df, turn, draws, seed)

    def differences(self, fallen: Bools | None) -> tuple[Draws, Draws]:
        """Largest statistic of each flip, over pairs and over averages; fallen: pairs rejected before
        (stepdown)."""
        M = self._differences.df.size
        one_sided = None
        if fallen is not None:
            one_sided = np.zeros(M, dtype=np.int8)
            one_sided[: fallen.size][fallen] = -1
        first, second = self._differences.maxima([slice(0, self._pairs), slice(self._pairs, M)], one_sided)
        return first, second

    def levels(self) -> Draws:
        """Largest statistic of each flip, over adjusted scores."""
        if self._levels is None:
            return np.zeros(self._draws, dtype=np.float32)
        return self._levels.maxima([slice(None)])[0]

    @staticmethod
    def normal(t: Floats, df: Floats) -> Floats:
        return to_normal(t, df)

    @staticmethod
    def scale(c: float, df: Floats) -> Floats:
        return to_t(c, df)
