"""Simultaneous inference on contrasts between several samples: one family by max-t, on both scales.

M contrasts are a matrix L_s (M, D_s) per sample s with estimates θ̂_s and covariance V_s: estimate Σ L_s
θ̂_s, variance Σ diag(L_s V_s L_sᵀ), plus the covariance between samples where they share units. Degrees of
freedom of each sample's part follow from its units and strata (`analysis.model.freedom`), those of the sum
from `analysis.inference.sums`.

The reference distribution comes from sign flips of whole units where some sample has few units
(`analysis.model.signflips`), from Normal draws elsewhere; both must agree where flips alone are unreliable
(`analysis.inference.doubt.fragile`). Samples with the same label may share raters in an unknown way (their
covariances then come from `pooling.inflated`): besides flipping all units, each such sample is flipped alone,
which covers the case that another one repeats it.

The same family on the latent (ordinal) scale guards against differences that only the distances between
levels make.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from analysis.compare.samples import Sample
from analysis.inference.doubt import fragile
from analysis.inference.simultaneous import Draws, critical, draw, p_values, t_scale, z_scale
from analysis.inference.sums import summed_freedom
from analysis.model.freedom import contrast_freedom, contrast_shares
from analysis.model.signflips import MOST_UNITS, Flips, normed, to_normal, to_t
from analysis.ranking.assemble import shown

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

_ROUNDING = 1e-7
_MOST = 3_000_000
"""Largest units × statements × samples for which signs are flipped."""


@dataclass(frozen=True, eq=False)
class ContrastFamily:
    """Result of `family` for M contrasts, arrays (M,).

    If the samples have a latent scale, `p` is the larger of the two and `significant` needs both.
    """

    estimate: Floats
    se: Floats
    df: Floats
    lower: Floats
    upper: Floats
    p: Floats
    significant: Bools
    critical: float


@dataclass(frozen=True, eq=False)
class _Scale:
    """Estimates of S samples on one scale (additive or latent) and M contrasts of them.

    contrasts (M, D_s), theta (D_s,), covariance (D_s, D_s), influence (U_s, D_s) or None, each per sample;
    unit: (U_s,) codes per sample where samples share units, else None.
    """

    contrasts: Sequence[Floats]
    theta: Sequence[Floats]
    covariance: Sequence[Floats]
    influence: Sequence[Floats | None]
    unit: Sequence[Ints] | None

    def estimate(self) -> Floats:
        return np.asarray(np.sum([L @ x for L, x in zip(self.contrasts, self.theta, strict=True)], axis=0))

    def pieces(self) -> list[tuple[Floats, Floats]]:
        """Contrasts and covariance of each independent part: one per sample, or one for all if they share
        units."""
        if self.unit is None:
            return list(zip(self.contrasts, self.covariance, strict=True))
        first = np.cumsum([0] + [x.size for x in self.theta]).tolist()
        V = np.zeros((first[-1], first[-1]))
        every = _by_unit(self.influence, self.unit)
        for s, own in enumerate(self.covariance):
            for t in range(len(self.covariance)):
                block = own if s == t else every[s].T @ every[t]
                V[first[s] : first[s + 1], first[t] : first[t + 1]] = block
        return [(np.concatenate(self.contrasts, axis=1), V)]

    def variance(self) -> Floats:
        return np.asarray(np.sum([np.einsum("md,de,me->m", L, V, L) for L, V in self.pieces()], axis=0))

    def by_unit(self) -> list[Floats]:
        """Influence of each unit on the M contrasts, (U, M) per sample, rows by the units of all samples."""
        rows = [
            np.zeros((0, 0)) if E is None else E @ L.T
            for E, L in zip(self.influence, self.contrasts, strict=True)
        ]
        return _by_unit(rows, self.unit)


def _by_unit(rows: Sequence[Floats | None], unit: Sequence[Ints] | None) -> list[Floats]:
    """Rows (U_s, n) of each sample moved into a matrix (U, n) with a row for every unit of all samples."""
    known = [np.zeros((0, 0)) if x is None else x for x in rows]
    if unit is None:
        first = np.cumsum([0] + [len(x) for x in known])
        unit = [np.arange(a, a + len(x)) for a, x in zip(first[:-1], known, strict=True)]
    U = 1 + max(int(codes.max(initial=-1)) for codes in unit)
    placed = [np.zeros((U, x.shape[1])) for x in known]
    for codes, x, whole in zip(unit, known, placed, strict=True):
        whole[codes] = x
    return placed


def family(
    samples: Sequence[Sample],
    contrasts: Sequence[Floats],
    *,
    level: float,
    draws: int,
    seed: int,
    labels: Sequence[int] | None = None,
    offset: Floats | None = None,
) -> ContrastFamily:
    """Max-t inference on M contrasts of several samples; contrasts[s] (M, D_s) is the part of sample s.

    labels: a code per sample; samples of one code may share raters (covariances from `pooling.inflated`).
    offset: (M,) constants in points added to the contrasts on both scales.
    """
    codes = [s.unit for s in samples if s.unit is not None]
    unit = codes if len(codes) == len(samples) else None
    scale = _Scale(
        contrasts,
        [s.theta for s in samples],
        [s.covariance for s in samples],
        [s.influence for s in samples],
        unit,
    )
    added = np.zeros(len(contrasts[0])) if offset is None else offset
    estimate, se = added + scale.estimate(), np.sqrt(np.maximum(scale.variance(), 0))
    apart = list(range(len(samples))) if labels is None else list(labels)
    reference = _Reference(
        samples, contrasts, [0] * len(samples) if unit else apart, unit is None, draws, seed, level
    )
    found = reference.judge(scale, estimate)
    p, rejected = found.p, found.rejected
    if all(s.latent_theta is not None for s in samples):
        ordinal = _ordinal(samples, contrasts, unit)
        value = added + ordinal.estimate()
        guard = reference.judge(ordinal, value)
        agree = np.sign(value) == np.sign(estimate)
        p, rejected = np.where(agree, np.maximum(p, guard.p), 1.0), rejected & agree & guard.rejected
    certain, chance, unseen = _agreed(samples, contrasts, estimate, se, found.critical, level)
    p, rejected = np.where(certain, chance, p), np.where(certain, chance <= 1 - level, rejected)
    lower, upper = shown(estimate, np.where(certain, unseen, found.bound), rejected)
    return ContrastFamily(estimate, se, reference.df, lower, upper, p, rejected, found.critical)


def _agreed(
    samples: Sequence[Sample],
    contrasts: Sequence[Floats],
    estimate: Floats,
    se: Floats,
    critical: float,
    level: float,
) -> tuple[Bools, Floats, Floats]:
    """Contrasts (M,) on which all raters of every sample agree, whose standard error of 0 says nothing of
    chance; their p-value by the sign test, times M; and half-widths of their intervals.

    n units that see one contrast in one direction do so by chance with probability 2^(1 − n). Half-widths
    are Clopper and Pearson's (1934) towards the largest contrast that marks from the lowest to the highest
    given can make, added up over samples.
    """
    M, largest = len(se), max(max(map(abs, s.marks)) for s in samples)
    z = max(critical, float(ndtri((1 + level ** (1 / M)) / 2)))
    most, unseen, units = np.zeros(M), np.zeros(M), np.full(M, np.inf)
    for s, L in zip(samples, contrasts, strict=True):
        room = (s.marks[1] - s.marks[0]) * np.abs(L).sum(axis=1) / 2
        n = s.fit.cells.n_units
        most += room
        unseen += (room + np.abs(L @ s.theta)) * -np.expm1(float(log_ndtr(-z)) / n)
        units = np.where(L.any(axis=1), np.minimum(units, n), units)
    least = _ROUNDING * (most + 1e-3 * largest) + 1e-300
    chance = np.where(np.abs(estimate) > least, np.minimum(M * np.exp2(1 - units), 1.0), 1.0)
    return se <= least, chance, unseen


def _ordinal(samples: Sequence[Sample], contrasts: Sequence[Floats], unit: Sequence[Ints] | None) -> _Scale:
    return _Scale(
        contrasts,
        [np.asarray(s.latent_theta) for s in samples],
        [np.asarray(s.latent_covariance) for s in samples],
        [s.latent_influence for s in samples],
        unit,
    )


@dataclass(frozen=True, eq=False)
class _Judged:
    """Outcome for M contrasts on one scale: critical value, p-values, rejections, half-widths of
    intervals."""

    critical: float
    p: Floats
    rejected: Bools
    bound: Floats


_Maxima = tuple[Draws, Callable[[Floats, Floats], Floats], Callable[[float, Floats], Floats]]
"""Reference distribution of the maximum: its draws; function from t-statistics to the scale of the draws; and
function from a critical value on that scale back to t."""


class _Reference:
    """Reference distributions of the largest statistic (sign flips, Normal draws), used for both scales."""

    def __init__(
        self,
        samples: Sequence[Sample],
        contrasts: Sequence[Floats],
        labels: Sequence[int],
        repeated: bool,
        draws: int,
        seed: int,
        level: float,
    ) -> None:
        self._draws, self._seed, self._level = draws, seed, level
        parts = list(zip(samples, contrasts, strict=True))
        variances = [np.einsum("md,de,me->m", L, s.covariance, L) for s, L in parts]
        self._nus = [contrast_freedom(s.fit, L, s.strata) for s, L in parts]
        self.df = summed_freedom(variances, self._nus, (1 - level) / len(contrasts[0]))
        sizes = [s.fit.cells.n_units for s in samples]
        small = sum(sizes) * len(samples) * len(contrasts[0]) <= _MOST and min(sizes) <= MOST_UNITS
        self._shares = [contrast_shares(s.fit, L) for s, L in parts] if small else None
        self._fragile = any(fragile(s.fit) for s in samples)
        self._alone = [s for s, label in enumerate(labels) if repeated and list(labels).count(label) > 1]

    def judge(self, scale: _Scale, estimate: Floats) -> _Judged:
        """Judge every contrast by all references that apply; the least significant outcome counts.

        A contrast whose standard error is 0 takes no part.
        """
        se = np.sqrt(np.maximum(scale.variance(), 0))
        used = se > 1e-12 * max(float(se.max(initial=0)), 1e-300)
        t = np.divide(estimate, se, out=np.zeros_like(estimate), where=used)
        least = _Judged(0.0, np.zeros_like(t), np.ones(t.size, dtype=bool), np.zeros_like(t))
        for maxima, to_z, back in self._references(scale, t, np.where(used, se, np.inf)):
            c, z = critical(maxima, self._level), to_z(t, self.df)
            least = _Judged(
                max(c, least.critical),
                np.maximum(least.p, p_values(z, maxima)),
                least.rejected & (z > c),
                np.maximum(least.bound, back(c, self.df) * se),
            )
        return least

    def _references(self, scale: _Scale, t: Floats, se: Floats) -> list[_Maxima]:
        flipped = self._shares is not None and all(E is not None for E in scale.influence)
        normal: list[_Maxima] = []
        if self._fragile or not flipped:
            normal.append((self._normal(scale, se), z_scale, t_scale))
        if not flipped or self._shares is None:
            return normal
        a, q = scale.by_unit(), [normed(x) for x in _by_unit(self._shares, scale.unit)]
        sets = [(a, q, self.df)] + [([a[s]], [q[s]], self._nus[s]) for s in self._alone]
        return [(self._flipped(*given, t), to_normal, to_t) for given in sets] + normal

    def _flipped(self, a: Sequence[Floats], q: Sequence[Floats], df: Floats, t: Floats) -> Draws:
        length = np.sqrt((np.sum(a, axis=0) ** 2).sum(axis=0))
        scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 1e-9 * length.max(initial=0))
        flips = Flips(tuple(x * scale for x in a), tuple(q), df, np.arctan(t), self._draws, self._seed)
        return flips.maxima([slice(None)])[0]

    def _normal(self, scale: _Scale, se: Floats) -> Draws:
        total = np.zeros((se.size, self._draws))
        for i, (L, V) in enumerate(scale.pieces()):
            used = L.any(axis=1)
            if V.any():
                total[used] += L[used] @ draw(V, self._draws, self._seed + i)
        return np.asarray((np.abs(total) / se[:, None]).max(axis=0))
