"""Sign flips: reference distribution of the largest of many studentised statements, for few raters.

If errors are symmetric about 0, data with the signs of whole raters flipped were equally likely. With a_r the
influence of unit r on a statement, Σ a_r² = 1, and q_r its share of the information behind it (Σ q_r = 1), a
draw ε of signs gives z = Σ ε_r a_r, and a refit the standard error s² = Σ (ε_r a_r − q_r z)², hence t = z/s ·
√(ν/(ν + 1)): the wild bootstrap-t, with the same flips for all statements (Westfall & Young 1993; Liu 1988;
Davidson & Flachaire 2008). In a complete design s² = 1 − z²/R. Where a statement is a sum over samples, each
sample is refitted by itself: s² = Σ (ε_r a_r − Σ_s q_rs z_s)². Statements with unequal degrees of freedom are
made comparable on the Normal scale by Wallace's (1959) transform u = (8ν + 1)/(8ν + 3) · √(ν log(1 + t²/ν)),
whose inverse has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]

MOST_UNITS, MOST = 200, 1_000_000
"""Largest numbers of units, and of units × statements, for which signs are flipped."""
_CHUNK, _IN_CACHE = 1 << 22, 1 << 18
_LEAST = np.float32(1e-6)
"""Least s²: a flip under which all raters agree gives a large t, not an infinite one."""


def statements(D: int) -> int:
    """Number of statements about D departments: pairs, averages and levels."""
    return D * (D - 1) // 2 + 2 * D


def few(units: int, D: int) -> bool:
    """Whether signs are flipped for this many independent units and departments."""
    return units <= MOST_UNITS and units * statements(D) <= MOST


def to_normal(t: Floats, df: Floats | float) -> Floats:
    """Wallace's transform u ≥ 0 of |t| with df degrees of freedom to the Normal scale."""
    t, nu = np.broadcast_arrays(np.abs(np.asarray(t, dtype=float)), df)
    finite = np.isfinite(nu) & np.isfinite(t)
    v = np.where(finite, nu, 1.0)
    u = (8 * v + 1) / (8 * v + 3) * np.sqrt(v * np.log1p(np.where(finite, t, 0.0) ** 2 / v))
    return np.asarray(np.where(finite, u, t))


def to_t(u: float, df: Floats | float) -> Floats:
    """t with df degrees of freedom whose Wallace transform is u (inverse of `to_normal`)."""
    nu = np.asarray(df, dtype=float)
    v = np.where(np.isfinite(nu), nu, 1.0)
    t = np.sqrt(v * np.expm1(np.minimum((u * (8 * v + 3) / (8 * v + 1)) ** 2 / v, 200.0)))
    return np.asarray(np.where(np.isfinite(nu), t, u))


def normed(share: Floats) -> Floats:
    """Columns divided by their sums; columns of zeros stay."""
    total = share.sum(axis=0)
    return np.asarray(np.divide(share, total, out=np.zeros_like(share), where=total > 0))


@dataclass(frozen=True, eq=False)
class Flips:
    """Sign flips for M statements of U units.

    influence: (U, M) per sample, whose sum has columns of length 1 or 0; share: (U, M) q per sample; df:
    (M,); mark: (M,) finite numbers that tell statements apart (for an order of units independent of names).
    """

    influence: tuple[Floats, ...]
    share: tuple[Floats, ...]
    df: Floats
    mark: Floats
    draws: int
    seed: int

    def maxima(self, groups: list[slice], one_sided: NDArray[np.int8] | None = None) -> list[Draws]:
        """Largest statistic |u| (on the Normal scale) of each draw within each group of statements: (draws,)
        per group.

        one_sided: (M,) 0 for both signs; 1 or −1 where only u of that sign counts.
        """
        whole = np.sum(self.influence, axis=0)
        U, M = whole.shape
        order = _canonical(whole, self.mark)
        a = [np.ascontiguousarray(x[order].T, dtype=np.float32) for x in self.influence]
        q = [np.ascontiguousarray((-2 * x * whole)[order].T, dtype=np.float32) for x in self.share]
        squares = [[_column((x * y).sum(axis=0)) for y in self.share] for x in self.share]
        nu = _column(np.where(np.isfinite(self.df), self.df, 1e6))
        sides = None if one_sided is None else one_sided[:, None]
        random = np.random.default_rng(self.seed)
        step, inner = max(1, _CHUNK // max(M, U)), max(1, _IN_CACHE // max(M, U))
        found: list[list[Draws]] = [[] for _ in groups]
        for i in range(0, self.draws, step):
            signs = random.integers(0, 2, (min(step, self.draws - i), U), dtype=np.int8)
            for j in range(0, signs.shape[0], inner):
                z, s2 = _refitted(signs[j : j + inner], a, q, squares)
                t2 = np.asarray(z * z / np.maximum(s2, _LEAST, out=s2), dtype=np.float32)
                if sides is not None:
                    t2[sides * z < 0] = 0
                for group, rows in zip(groups, found, strict=True):
                    rows.append(_largest(t2[group], nu[group]))
        return [np.concatenate(rows) for rows in found]


def _refitted(
    signs: NDArray[np.int8], a: list[Draws], q: list[Draws], squares: list[list[Draws]]
) -> tuple[Draws, Draws]:
    """Statistics z = Σ εa and refitted variances s², both (M, draws), for signs
    ε (draws, U) coded 0 and 1.

    Per sample: a (M, U) influences; q (M, U) = −2 · share · influence of all samples; squares[i][j] (M, 1) =
    Σ share_i · share_j over units.
    """
    eps = (2 * signs - 1).astype(np.float32).T
    parts = [x @ eps for x in a]
    s2 = np.ones_like(parts[0])
    for own, crossed, row in zip(parts, q, squares, strict=True):
        term = crossed @ eps
        for other, square in zip(parts, row, strict=True):
            term += other * square
        term *= own
        s2 += term
    return sum(parts[1:], start=parts[0]), s2


def _column(values: Floats) -> Draws:
    """Values as a column (M, 1) in single precision."""
    return np.asarray(values, dtype=np.float32)[:, None]


def _largest(t2: Draws, nu: Draws) -> Draws:
    """Largest u per draw, (draws,), from t²(ν + 1)/ν (M, draws); if all ν are equal, that of the
    largest t."""
    if nu.size and (nu == nu[0]).all():
        t2, nu = t2.max(axis=0, keepdims=True), nu[:1]
    u2 = ((8 * nu + 1) / (8 * nu + 3)) ** 2 * nu * np.log1p(t2 / (nu + 1))
    return np.asarray(np.sqrt(u2.max(axis=0, initial=0)))


def _canonical(a: Floats, mark: Floats) -> NDArray[np.intp]:
    """Order of the units that depends on their influences only, not on how raters or departments were
    ordered.

    Only units with identical influences tie, and their order has no effect.
    """
    b = a / max(float(np.abs(a).max(initial=0)), 1e-300)
    return np.argsort(b @ mark + 0.7 * (b**3) @ mark + 0.4 * (b**2).sum(axis=1), kind="stable")
