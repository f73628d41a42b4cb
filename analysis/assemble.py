"""From estimates and covariances to statements: pairs, rank sets, tiers, intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import notes as say
from analysis.latent import Latent
from analysis.ranksets import rank_sets, ranks
from analysis.results import DepartmentResult, GlobalTest, Pairs, Ranking, VsAverage
from analysis.simultaneous import Family, PairFamily, draw, each, pairs
from analysis.tiers import letter, tiers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that is known of D departments before anything is declared (see DepartmentResult)."""

    names: tuple[str, ...]
    n: tuple[int | None, ...]
    mean: Floats
    adjusted: Floats
    covariance: Floats
    theta: Floats
    contrast_covariance: Floats
    se_cr0: Floats
    pair_df: Floats
    average_df: Floats
    component: Ints
    latent: Latent | None


@dataclass(frozen=True, eq=False)
class Declared:
    """above: (D, D) j declared above k; p: (D, D) larger p of both scales; average: (D,) +1, 0, -1."""

    additive: PairFamily
    latent: PairFamily | None
    above: Bools
    p: Floats
    average: Ints
    average_family: Family
    level_family: Family
    latent_average: Family | None


def declare(evidence: Evidence, *, level: float, draws: int, seed: int, stepdown: bool) -> Declared:
    """What both scales declare: pairs, and departments against the average of their component.

    Each family (pairs, average, adjusted scores) is simultaneous by itself. A department is declared above
    the average only if some department is declared below it, so that the second family adds no statement
    where the first has none.
    """
    df = evidence.average_df
    own = each(evidence.adjusted, evidence.covariance, df, level=level, draws=draws, seed=seed)
    additive, average = _families(
        evidence, evidence.theta, evidence.contrast_covariance, level, draws, seed, stepdown
    )
    above, p, side = additive.above, additive.p, np.sign(evidence.theta) * average.rejected
    guard = latent_average = None
    if evidence.latent is not None:
        at = evidence.latent.theta
        guard, latent_average = _families(
            evidence, at, evidence.latent.covariance, level, draws, seed, stepdown
        )
        above = above & guard.above
        p = np.where(_agree(evidence.theta, at), np.maximum(p, guard.p), 1.0)
        side = np.where(np.sign(at) == np.sign(side), side * latent_average.rejected, 0)
    side = np.where(side > 0, side * above.any(axis=1), side * above.any(axis=0)).astype(np.intp)
    return Declared(additive, guard, above, p, side, average, own, latent_average)


def _families(
    evidence: Evidence, theta: Floats, V: Floats, level: float, draws: int, seed: int, stepdown: bool
) -> tuple[PairFamily, Family]:
    """All pairs, and each against the average, from the same draws."""
    drawn = draw(V, draws, seed)
    every = pairs(
        theta,
        V,
        evidence.pair_df,
        evidence.component,
        level=level,
        draws=draws,
        seed=seed,
        stepdown=stepdown,
        drawn=drawn,
    )
    df = evidence.average_df
    return every, each(theta, V, df, level=level, draws=draws, seed=seed, drawn=drawn)


def _agree(first: Floats, second: Floats) -> Bools:
    """(D, D) whether both scales order a pair alike."""
    return np.asarray(np.sign(first[:, None] - first[None, :]) == np.sign(second[:, None] - second[None, :]))


def assemble(
    evidence: Evidence, test: GlobalTest, *, level: float, draws: int, seed: int, stepdown: bool
) -> Ranking:
    """The ranking, without counts of raters and with the notes that concern presentation only."""
    order = _ranked_order(evidence)
    said = declare(evidence, level=level, draws=draws, seed=seed, stepdown=stepdown)
    letters, complete = _letters(said.above, evidence.component, order)
    departments = _departments(evidence, said, letters)
    names = tuple(evidence.names[j] for j in order)
    c = {
        "pairs": said.additive.critical,
        "average": said.average_family.critical,
        "adjusted": said.level_family.critical,
    }
    if said.latent is not None and said.latent_average is not None:
        c |= {"latent": said.latent.critical, "latent_average": said.latent_average.critical}
    return Ranking(
        n_raters=None,
        n_ratings=None,
        level=level,
        threshold=1,
        draws=draws,
        seed=seed,
        global_test=test,
        departments=tuple(departments[j] for j in order),
        pairs=_pair_table(evidence, said, order, names),
        notes=() if complete else (say.covered_tiers(),),
        n_components=int(evidence.component.max()) + 1,
        stepdown=stepdown,
        latent_guard=evidence.latent is not None,
        critical_values=c,
    )


def _ranked_order(evidence: Evidence) -> list[int]:
    """Component by component, best first, equal scores by name."""
    keys = zip(evidence.component.tolist(), (-evidence.theta).tolist(), evidence.names, strict=True)
    return [j for j, _ in sorted(enumerate(keys), key=lambda pair: pair[1])]


def _letters(above: Bools, component: Ints, order: list[int]) -> tuple[list[str], bool]:
    """Tier letters of each department, going on from one component to the next."""
    names, complete, used = [""] * component.size, True, 0
    for part in range(int(component.max()) + 1):
        members = np.array([j for j in order if component[j] == part], dtype=np.intp)
        inside = above[np.ix_(members, members)]
        found = tiers(inside | inside.T)
        complete &= found.complete
        for j, row in zip(members.tolist(), found.member, strict=True):
            names[j] = "".join(letter(used + int(i)) for i in np.flatnonzero(row))
        used += found.member.shape[1]
    return names, complete


def _departments(evidence: Evidence, said: Declared, letters: list[str]) -> list[DepartmentResult]:
    rank, sets = _ranks_by_component(evidence, said.above)
    se = np.sqrt(np.diagonal(evidence.covariance))
    low, high = evidence.adjusted - said.level_family.bound, evidence.adjusted + said.level_family.bound
    below, over = evidence.theta - said.average_family.bound, evidence.theta + said.average_family.bound
    df = np.where(np.isfinite(evidence.pair_df), evidence.pair_df, 0).max(axis=1)
    words: dict[int, VsAverage] = {1: "above", 0: "same", -1: "below"}
    return [
        DepartmentResult(
            name=name,
            n=evidence.n[j],
            mean=float(evidence.mean[j]),
            adjusted=float(evidence.adjusted[j]),
            se=float(se[j]),
            ci=(float(low[j]), float(high[j])),
            rank=int(rank[j]),
            rank_set=(int(sets[j, 0]), int(sets[j, 1])),
            tier=letters[j],
            vs_average=words[int(said.average[j])],
            component=int(evidence.component[j]),
            average_difference=float(evidence.theta[j]),
            average_ci=(float(below[j]), float(over[j])),
            df=float(df[j]) if df[j] > 0 else float("inf"),
        )
        for j, name in enumerate(evidence.names)
    ]


def _ranks_by_component(evidence: Evidence, above: Bools) -> tuple[Ints, Ints]:
    rank = np.zeros(evidence.theta.size, dtype=np.intp)
    sets = np.zeros((evidence.theta.size, 2), dtype=np.intp)
    for part in range(int(evidence.component.max()) + 1):
        inside = np.flatnonzero(evidence.component == part)
        rank[inside] = ranks(evidence.theta[inside])
        sets[inside] = rank_sets(above[np.ix_(inside, inside)])
    return rank, sets


def _pair_table(evidence: Evidence, said: Declared, order: list[int], names: tuple[str, ...]) -> Pairs:
    at = np.array(order, dtype=np.intp)
    a, b = np.triu_indices(at.size, 1)
    same = evidence.component[at[a]] == evidence.component[at[b]]
    a, b = a[same], b[same]
    i, j = at[a], at[b]
    difference = evidence.theta[i] - evidence.theta[j]
    half = said.additive.bound[i, j]
    nothing = np.full(a.size, np.nan)
    return Pairs(
        names=names,
        a=a,
        b=b,
        difference=difference,
        se=said.additive.se[i, j],
        se_cr0=evidence.se_cr0[i, j],
        df=evidence.pair_df[i, j],
        p_adjusted=said.p[i, j],
        p_additive=said.additive.p[i, j],
        p_latent=nothing if said.latent is None else said.latent.p[i, j],
        lower=difference - half,
        upper=difference + half,
        significant=said.above[i, j],
    )
