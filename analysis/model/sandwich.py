"""Covariance of the estimates, clustered by rater: CR0 … CR3 and the delete-one-rater jackknife.

With u_r the score and A_r the information of rater r, u*_r = f(A_r A⁺) u_r: f = 1 (CR0), (1-x)^-1/2 (CR2),
(1-x)^-1 (CR3), as R's clubSandwich (Pustejovsky & Tipton 2018). "jackknife" is (G-1)/G · CR3, the exact
delete-one-rater or -cluster jackknife, with strata and finite population.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.model.blocks import Block, blocks
from analysis.model.cells import Cells
from analysis.model.clusters import add, alone, several, units_by_stratum
from analysis.model.contrasts import Fit, Moments, information, moments, outer_products, summed_fit
from analysis.model.parts import Parts
from analysis.model.rater_level import ClusterSums, RaterLevel
from analysis.model.signflips import few
from analysis.values.arguments import checked, choice, instance, optional, refusal
from analysis.values.arrays import codes, vector

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Kind = Literal["CR0", "CR1", "CR2", "CR3", "jackknife"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# With leverage above this a rater alone links two sets of departments, and its residual is 0.
_BRIDGE = 1 - 1e-9
_STRATA = optional(instance("model.sandwich.Strata"))


@dataclass(frozen=True, eq=False)
class Strata:
    """Strata of raters (or units) for the jackknife: code (R,); fraction (H,) of each sampled.
    >>> import numpy, analysis
    >>> analysis.Strata(numpy.array([0, 0, 1]), numpy.array([0.5, 0.1])).counts.tolist()
    [2, 1]
    """

    code: Ints
    fraction: Floats

    @property
    def counts(self) -> Ints:
        return np.bincount(self.code, minlength=self.fraction.size)

    def of_units(self, cells: Cells) -> Strata:
        """Strata of independent units instead of raters."""
        return self if cells.cluster is None else Strata(units_by_stratum(cells, self.code), self.fraction)


@checked(fit=instance("model.contrasts.Fit"), kind=choice(*KINDS), strata=_STRATA)
def covariance(fit: Fit, kind: Kind = "jackknife", strata: Strata | None = None) -> Floats:
    """Covariance (D, D) of fit.theta (each component centred), clustered by rater.

    >>> from analysis import Ratings, cells_of, covariance, fit
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> covariance(fit(cells_of(ratings))).shape
    (3, 3)
    """
    _check_strata(strata, fit.cells.n_raters)
    D, P = fit.cells.n_departments, fit.inverse.shape[0]
    ((total, _root),) = middles(fit, (kind,), RaterLevel(fit), strata)
    return np.asarray((fit.inverse @ total[:P, :P] @ fit.inverse)[:D, :D])


def _check_strata(strata: Strata | None, n_raters: int) -> None:
    if strata is None:
        return
    code, fraction = codes("strata", strata.code), vector(low=0, high=1)("strata", strata.fraction)
    if code.size != n_raters or int(code.max(initial=0)) >= fraction.size:
        raise refusal(
            "strata",
            f"code 应有 {n_raters} 个、小于 {fraction.size} 的编号。",
            f"code needs {n_raters} codes below {fraction.size}.",
        )


def middles(
    fit: Fit, kinds: tuple[Kind, ...], level: RaterLevel, strata: Strata | None = None, *, keep: bool = False
) -> list[tuple[Floats, Floats | None]]:
    """Middle of the sandwich per kind: Σ s sᵀ (P + C, P + C), s_r = (u*_r, influence of r on the level); and
    `OuterSum.root` of it.

    keep: have the root of the jackknife also where units are many.
    """
    if isinstance(fit.source, Parts):
        return [(total, None) for total in summed_fit(fit, _totals, kinds, level, fit.source.n_units)]
    sums = _outer_sums(fit, kinds, level, fit.cells.n_units, strata, keep=keep)
    return [(outer.result(), outer.root()) for outer in sums]


def _totals(fit: Fit, kinds: tuple[Kind, ...], level: RaterLevel, units: int) -> tuple[Floats, ...]:
    """Sums over the units of a part; units: their number in all parts."""
    return tuple(outer.result() for outer in _outer_sums(fit, kinds, level, units))


def _outer_sums(
    fit: Fit,
    kinds: tuple[Kind, ...],
    level: RaterLevel,
    units: int,
    strata: Strata | None = None,
    *,
    keep: bool = False,
) -> list[OuterSum]:
    n = fit.inverse.shape[0] + fit.n_components
    sums = [OuterSum(n, kind, fit.cells, units, strata, keep=keep) for kind in kinds]
    for unit, index, vectors in _unit_vectors(fit, kinds, level):
        for outer, s in zip(sums, vectors, strict=True):
            outer.add(unit, index, s)
    return sums


def influences(fit: Fit) -> Floats:
    """Influence of each unit (rater or cluster) on θ̂, (U, D): θ̂ minus θ̂ without it, exact."""
    P = fit.inverse.shape[0]
    moved = np.zeros((fit.cells.n_units, P + fit.n_components))
    for unit, index, (s,) in _unit_vectors(fit, ("jackknife",), RaterLevel(fit)):
        np.add.at(moved, (unit[:, None], index), s)
    return np.asarray(moved[:, :P] @ fit.inverse[:, : fit.cells.n_departments])


def _unit_vectors(
    fit: Fit, kinds: tuple[Kind, ...], level: RaterLevel
) -> Iterator[tuple[Ints, Ints, list[Floats]]]:
    """Yield units (G,), the columns (G, p) they involve and, for each kind, their vectors s (G, p)."""
    P, cells = fit.inverse.shape[0], fit.cells
    own, raters = alone(cells)
    unit = cells.unit[raters]
    for block, part, A_r, hat in _with_leverage(fit, own):
        u = part.deviation(block.weight) - np.einsum("gij,gj->gi", A_r, fit.coefficients[part.index])
        component = fit.component[block.department[:, 0]]
        index = np.concatenate([part.index, P + component[:, None]], axis=1)
        vectors = []
        for kind in kinds:
            adjusted = adjust(A_r, hat, u, kind)
            influence = level.influence(block, part, hat, adjusted)
            vectors.append(np.concatenate([adjusted, influence[:, None]], axis=1))
        yield unit[block.rater], index, vectors
    for units, whole in _clusters(fit, level):
        every = np.broadcast_to(np.arange(P + fit.n_components), (units.size, P + fit.n_components))
        vectors = []
        for kind in kinds:
            adjusted = adjust(whole.A, np.broadcast_to(fit.inverse, whole.A.shape), whole.u, kind)
            vectors.append(np.concatenate([adjusted, level.cluster_influence(whole, adjusted)], axis=1))
        yield units, every, vectors


def _clusters(fit: Fit, level: RaterLevel) -> Iterator[tuple[Ints, ClusterSums]]:
    """Yield clusters of several raters in batches: their unit codes (N,) and `ClusterSums`."""
    P, C, D = fit.inverse.shape[0], fit.n_components, fit.cells.n_departments
    for units, cells, place in several(fit.cells, P * (P + C)):
        N = units.size
        whole = ClusterSums(
            np.zeros((N, P, P)), np.zeros((N, P)), np.zeros((N, C)), np.zeros((N, C)), np.zeros((N, C, P))
        )
        for block in blocks(cells, lambda m: 2 * (m + fit.cells.n_items + 1) ** 2):
            part, at = moments(block, D), place[block.rater]
            A_r = information(block, part)
            add(whole.A, at, part.index, A_r)
            u = part.deviation(block.weight) - np.einsum("gij,gj->gi", A_r, fit.coefficients[part.index])
            add(whole.u, at, part.index, u)
            component = fit.component[block.department[:, :1]]
            add(whole.weight, at, component, block.weight[:, None])
            effect = part.rater_effects(fit.coefficients) - level.mean[component[:, 0]]
            add(whole.excess, at, component, (block.weight * effect)[:, None])
            share = (block.weight / part.size)[:, None] * part.counts
            add(whole.share.reshape(N, C * P), at, component * P + part.index, share)
        yield units, whole


def _with_leverage(fit: Fit, cells: Cells) -> Iterator[tuple[Block, Moments, Floats, Floats]]:
    """Yield blocks with moments, A_r, and the part of A⁺ on their parameters (both G, p, p)."""
    for block in blocks(cells, lambda m: 2 * (m + cells.n_items + 1) ** 2):
        part = moments(block, cells.n_departments)
        hat = fit.inverse[part.index[:, :, None], part.index[:, None, :]]
        yield block, part, information(block, part), hat


class OuterSum:
    """Sum Σ_u factor_u s_u s_uᵀ over units, collected block by block; centred within strata if given.

    units: number of units, of all parts where the cells are one of them.
    """

    def __init__(
        self, n: int, kind: Kind, cells: Cells, units: int, strata: Strata | None, *, keep: bool = False
    ) -> None:
        self._strata = strata.of_units(cells) if strata is not None and kind == "jackknife" else None
        self._factor = factors(kind, units, self._strata)
        self._code = np.zeros(cells.n_units, dtype=np.intp) if self._strata is None else self._strata.code
        self._total, self._sums = np.zeros((n, n)), np.zeros((self._factor.size, n))
        kept = kind == "jackknife" and (keep or few(units, cells.n_departments))
        self._vectors = np.zeros((cells.n_units, n)) if kept else None

    def add(self, unit: Ints, index: Ints, s: Floats) -> None:
        """Add the vectors s (G, p) of units (G,), on columns index (G, p)."""
        n, h = self._total.shape[0], self._code[unit][:, None]
        self._total += outer_products(index, s, self._factor[h] * s, n)
        if self._strata is not None:
            summed = np.bincount((h * n + index).ravel(), s.ravel(), minlength=self._sums.size)
            self._sums += summed.reshape(self._sums.shape)
        if self._vectors is not None:
            self._vectors[unit[:, None], index] = s

    def root(self) -> Floats | None:
        """Matrix (U, n), a row per unit, with rootᵀ root = `result`; None where units are many."""
        if self._vectors is None:
            return None
        middle = np.zeros_like(self._sums)
        if self._strata is not None:
            n = self._strata.counts[:, None]
            middle = np.where(n > 1, self._sums / np.maximum(n, 1), 0.0)
        return np.asarray((self._vectors - middle[self._code]) * np.sqrt(self._factor)[self._code, None])

    def result(self) -> Floats:
        """The sum, (n, n); a stratum with a single unit is not centred, since it would vanish."""
        if self._strata is None:
            return self._total
        n = self._strata.counts
        scale = np.where(n > 1, self._factor / np.maximum(n, 1), 0.0)
        return np.asarray(self._total - (self._sums * scale[:, None]).T @ self._sums)


def factors(kind: Kind, R: int, strata: Strata | None) -> Floats:
    """Factor of each stratum's sum of squares, (H,), for a kind of covariance; R: number of units."""
    if kind == "jackknife" and strata is not None:
        n = strata.counts
        return np.asarray((1 - strata.fraction) * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0))
    H = 1 if strata is None else strata.fraction.size
    return np.full(H, {"jackknife": (R - 1) / R, "CR1": R / max(R - 1, 1)}.get(kind, 1.0))


def adjust(A_r: Floats, hat: Floats, u: Floats, kind: Kind) -> Floats:
    """Adjusted scores u* = f(A_r A⁺) u, (G, p), from A_r and hat = A⁺ (G, p, p); 0 where leverage is 1."""
    if kind in ("CR0", "CR1"):
        return u
    leverage = np.einsum("gij,gji->g", A_r, hat)
    special = (leverage >= _BRIDGE) if kind != "CR2" else np.ones(u.shape[0], dtype=bool)
    result = np.empty_like(u)
    plain = ~special
    if plain.any():
        system = np.eye(u.shape[1]) - A_r[plain] @ hat[plain]
        result[plain] = np.linalg.solve(system, u[plain][:, :, None])[:, :, 0]
    if special.any():
        result[special] = _by_eigenvalues(A_r[special], hat[special], u[special], kind)
    return result


def _by_eigenvalues(A_r: Floats, hat: Floats, u: Floats, kind: Kind) -> Floats:
    """f(A_r A⁺) u by eigenvalues: L Q f(μ) Qᵀ L⁺ u, with L Lᵀ = A_r and Lᵀ A⁺ L = Q μ Qᵀ."""
    value, vector = np.linalg.eigh(A_r)
    keep = value > 1e-12 * value[:, -1:]
    root = np.sqrt(np.where(keep, value, 0))
    L = vector * root[:, None, :]
    z = np.divide(np.einsum("gij,gi->gj", vector, u), root, out=np.zeros_like(u), where=keep)
    mu, Q = np.linalg.eigh(L.transpose(0, 2, 1) @ hat @ L)
    power = -0.5 if kind == "CR2" else -1.0
    f = np.where(mu < _BRIDGE, np.power(1 - np.minimum(mu, _BRIDGE), power), 0)
    middle_part = np.einsum("gij,gj->gi", Q, f * np.einsum("gij,gi->gj", Q, z))
    return np.asarray(np.einsum("gij,gj->gi", L, middle_part))
