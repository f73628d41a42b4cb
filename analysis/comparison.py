"""Simultaneous statements about several independent samples of raters: groups of one round, or rounds.

Each sample is fitted by itself (statistics.md §1–2). A family of M contrasts is a matrix L_s (M, D) per
sample: estimate Σ L_s θ̂_s, variance Σ diag(L_s V_s L_sᵀ), draws Σ L_s Z_s. Degrees of freedom of each
sample's part follow from the raters behind it, (Σq)²/Σq² − 1 with q_r = L A⁺ A_r A⁺ Lᵀ, and of the sum
from Satterthwaite (1946). The same family on the latent scale guards against differences that only the
distances between levels make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.assemble import shown
from analysis.cells import cells_of
from analysis.contrasts import Fit
from analysis.errors import InputError
from analysis.freedom import contrast_freedom
from analysis.latent import latent
from analysis.points import points
from analysis.ratings import Ratings
from analysis.results import Insufficient
from analysis.sandwich import Strata
from analysis.selection import Selection, select
from analysis.simultaneous import critical, draw, p_values, t_scale, z_scale

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sample:
    """One sample's estimates for D departments that it can compare.

    names: (D,); component: (D,) codes; theta, covariance: additive scale, mean 0 in each component;
    adjusted: (D,) points, level_covariance theirs; latent_theta, latent_covariance: logits, or None without
    guard.
    """

    names: tuple[str, ...]
    component: NDArray[np.intp]
    fit: Fit
    theta: Floats
    covariance: Floats
    adjusted: Floats
    level_covariance: Floats
    n_raters: int
    n: dict[str, int]
    insufficient: tuple[Insufficient, ...]
    selection: Selection
    latent_theta: Floats | None = None
    latent_covariance: Floats | None = None


@dataclass(frozen=True, eq=False)
class ContrastFamily:
    """M simultaneous statements; arrays (M,). p and significant need both scales where there is a guard."""

    estimate: Floats
    se: Floats
    df: Floats
    lower: Floats
    upper: Floats
    p: Floats
    significant: Bools
    critical: float


def sample_of(ratings: Ratings, *, threshold: int, guard: bool) -> Sample:
    """Fit one sample. Raises NothingToRankError when it cannot compare two departments.

    No finite population correction: groups and rounds are compared for what enterprises think, not for a
    roster.
    """
    cells = cells_of(ratings)
    chosen = select(cells, ratings.department_names, threshold)
    strata = None
    if ratings.stratum is not None:
        strata = Strata(ratings.stratum.astype(np.intp), np.zeros(len(ratings.stratum_names)))
    at = points(chosen.fit, strata)
    names = tuple(name for name, kept in zip(ratings.department_names, chosen.kept, strict=True) if kept)
    counts = cells.raters_per_department().tolist()
    plain = Sample(
        names=names,
        component=chosen.fit.component,
        fit=chosen.fit,
        theta=chosen.fit.theta,
        covariance=at.contrast_covariance,
        adjusted=at.adjusted,
        level_covariance=at.covariance,
        n_raters=ratings.n_raters,
        n=dict(zip(ratings.department_names, counts, strict=True)),
        insufficient=chosen.insufficient,
        selection=chosen,
    )
    if not guard:
        return plain
    ordinal = latent(chosen.cells, chosen.fit.component, strata)
    return replace(plain, latent_theta=ordinal.theta, latent_covariance=ordinal.covariance)


def common_blocks(samples: Sequence[Sample]) -> list[list[str]]:
    """Departments that every sample can compare, in blocks connected in each; blocks of one are left out.

    In the order of the first sample. Raises InputError when there is no block.
    """
    places = [dict(zip(s.names, s.component.tolist(), strict=True)) for s in samples]
    found: dict[tuple[int, ...], list[str]] = {}
    for name in samples[0].names:
        if all(name in place for place in places):
            found.setdefault(tuple(place[name] for place in places), []).append(name)
    several = [names for names in found.values() if len(names) > 1]
    if not several:
        raise InputError(
            "没有两个部门在各组（轮）中都达到公布门槛并可以比较；请合并类别，或等评分更多时再比。",
            "No two departments reach the threshold and can be compared in every group or round; merge "
            "categories, or compare when there are more ratings.",
        )
    return several


def centring(sample: Sample, several: Sequence[Sequence[str]]) -> Floats:
    """(M, D) contrasts: each department of the blocks, in order, against the average of its block."""
    place = {name: i for i, name in enumerate(sample.names)}
    rows = []
    for names in several:
        columns = [place[name] for name in names]
        block = np.zeros((len(names), len(sample.names)))
        block[:, columns] = np.eye(len(names)) - 1 / len(names)
        rows.append(block)
    return np.concatenate(rows)


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
    """Max-t over M contrasts, contrasts[s] (M, D_s) being the part of sample s.

    labels: samples of one label may share raters (`pooling.inflated` made their covariances); offset: (M,)
    points without error that are added to the contrasts on both scales.
    """
    parts = [(s.theta, s.covariance) for s in samples]
    variances = [np.einsum("md,de,me->m", L, V, L) for L, (_, V) in zip(contrasts, parts, strict=True)]
    variance = np.sum(variances, axis=0)
    added = np.zeros(len(variance)) if offset is None else offset
    se, estimate = np.sqrt(variance), added + _combine(contrasts, [theta for theta, _ in parts])
    nus = [contrast_freedom(s.fit, L) for s, L in zip(samples, contrasts, strict=True)]
    df = joined_freedom(variances, nus, range(len(nus)) if labels is None else labels)
    z, maxima = _standardised(estimate, se, df, contrasts, [V for _, V in parts], draws, seed)
    c, p = critical(maxima, level), p_values(z, maxima)
    rejected = z > c
    bound = t_scale(c, df) * se
    ordinal = [(s.latent_theta, s.latent_covariance) for s in samples]
    if all(theta is not None for theta, _ in ordinal):
        p, rejected = _guarded(p, rejected, estimate, df, contrasts, samples, level, draws, seed, added)
    lower, upper = shown(estimate, bound, rejected)
    return ContrastFamily(estimate, se, df, lower, upper, p, rejected, c)


def _guarded(
    p: Floats,
    rejected: Bools,
    estimate: Floats,
    df: Floats,
    contrasts: Sequence[Floats],
    samples: Sequence[Sample],
    level: float,
    draws: int,
    seed: int,
    added: Floats,
) -> tuple[Floats, Bools]:
    thetas = [np.asarray(s.latent_theta) for s in samples]
    covariances = [np.asarray(s.latent_covariance) for s in samples]
    ordinal = added + _combine(contrasts, thetas)
    variance = np.sum(
        [np.einsum("md,de,me->m", L, V, L) for L, V in zip(contrasts, covariances, strict=True)], axis=0
    )
    z, maxima = _standardised(ordinal, np.sqrt(variance), df, contrasts, covariances, draws, seed)
    agree = np.sign(ordinal) == np.sign(estimate)
    both = np.where(agree, np.maximum(p, p_values(z, maxima)), 1.0)
    return both, rejected & agree & (z > critical(maxima, level))


def _combine(contrasts: Sequence[Floats], thetas: Sequence[Floats]) -> Floats:
    return np.asarray(np.sum([L @ theta for L, theta in zip(contrasts, thetas, strict=True)], axis=0))


def _standardised(
    estimate: Floats,
    se: Floats,
    df: Floats,
    contrasts: Sequence[Floats],
    covariances: Sequence[Floats],
    draws: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """z (M,) and the largest |Z|/s of each draw; a contrast without spread takes no part."""
    safe = np.where(se > 1e-12 * max(float(se.max()), 1e-300), se, np.inf)
    total = np.zeros((len(estimate), draws))
    for i, (L, V) in enumerate(zip(contrasts, covariances, strict=True)):
        used = L.any(axis=1)
        if V.any():
            total[used] += L[used] @ draw(V, draws, seed + i)
    maxima = (np.abs(total) / safe[:, None]).max(axis=0)
    return z_scale(estimate / safe, df), maxima


def joined_freedom(variances: Sequence[Floats], nus: Sequence[Floats], labels: Sequence[int]) -> Floats:
    """Degrees of freedom of Σ v_s: Satterthwaite's between labels, and within a label, where the variance
    estimates may depend on each other in any way, their standard deviations added."""
    top = np.sum(variances, axis=0) ** 2
    within = [np.zeros_like(top) for _ in range(max(labels) + 1)]
    for v, nu, label in zip(variances, nus, labels, strict=True):
        within[label] = within[label] + v / np.sqrt(nu)
    bottom = np.sum(np.square(within), axis=0)
    return np.asarray(np.maximum(np.divide(top, bottom, out=np.full_like(top, np.inf), where=bottom > 0), 1))


def left_out(samples: Mapping[str, Sample], several: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Departments rated in some sample that take no part in the comparison."""
    used = {name for names in several for name in names}
    every = dict.fromkeys(name for s in samples.values() for name, n in s.n.items() if n)
    return tuple(name for name in every if name not in used)
