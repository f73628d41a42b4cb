"""Assembly of a ranking: from estimates and covariances to pairs, rank sets, tiers and intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.inference.ranksets import rank_sets, ranks
from analysis.inference.tiers import letter, tiers
from analysis.ranking import notes as notes_of
from analysis.ranking.declared import Declared, Evidence, declare
from analysis.ranking.pairs import Pairs
from analysis.ranking.results import DepartmentResult, GlobalTest, Interval, Ranking, VsAverage
from analysis.ranking.scaled import agreed, level_interval, within_scale

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


_ROUNDING = 1e-12  # of a solution, relative to the scores


def shown(estimate: Floats, bound: Floats, declared: NDArray[Any]) -> tuple[Floats, Floats]:
    """Interval ends that agree with what is declared: 0 lies inside exactly where no difference is.

    If a difference is not declared though its interval excludes 0 (the ordinal scale did not agree), the
    interval is widened to 0; if stepdown declared it, the interval ends short of 0.
    """
    lower, upper = estimate - bound, estimate + bound
    little = 1e-9 * np.abs(estimate)
    lower = np.where(
        declared & (estimate > 0), np.maximum(lower, little), np.where(declared, lower, np.minimum(lower, 0))
    )
    upper = np.where(
        declared & (estimate < 0), np.minimum(upper, -little), np.where(declared, upper, np.maximum(upper, 0))
    )
    return lower, upper


def assemble(
    evidence: Evidence,
    test: GlobalTest | None,
    *,
    level: float,
    draws: int,
    seed: int,
    stepdown: bool,
    together: bool = True,
    scale: tuple[float, float] | None = None,
) -> Ranking:
    """Make the `Ranking`, without counts of raters and with the notes on presentation only.

    scale: worst and best mark, to which scores and intervals are cut; test: omnibus test, None for that of
    the joint family, which rejects exactly when it declares something.
    """
    order = _ranked_order(evidence)
    said = declare(evidence, level=level, draws=draws, seed=seed, stepdown=stepdown, together=together)
    said = replace(said, additive=agreed(said.additive, evidence.additive(), evidence.sample, scale))
    letters, complete = _letters(said.above, evidence.component, order)
    names = tuple(evidence.names[j] for j in order)
    departments = _departments(evidence, said, letters, scale, together=together)
    pairs, agreed_on = _pair_table(evidence, said, order, names), said.additive.agreed[np.ix_(order, order)]
    c = dict(said.additive.critical)
    if said.latent is not None:
        c |= {"latent": said.latent.critical["pairs"], "latent_average": said.latent.critical["average"]}
    ranking = Ranking(
        n_raters=None,
        n_ratings=None,
        level=level,
        threshold=1,
        draws=draws,
        seed=seed,
        global_test=test or _largest(evidence, said),
        departments=tuple(departments[j] for j in order),
        pairs=pairs,
        notes=notes_of.of_statements(pairs, agreed_on, complete=complete, held=said.held),
        n_components=int(evidence.component.max()) + 1,
        stepdown=stepdown,
        latent_guard=evidence.latent is not None,
        critical_values=c,
        scale=scale,
    )
    return ranking if scale is None else within_scale(ranking, *scale)


def _largest(evidence: Evidence, said: Declared) -> GlobalTest:
    """Omnibus test from the joint family: it rejects exactly when some difference is declared."""
    se = np.where(said.additive.se > 0, said.additive.se, np.inf)
    t = np.abs(evidence.theta[:, None] - evidence.theta) / se
    together = evidence.component[:, None] == evidence.component
    D, C = evidence.theta.size, int(evidence.component.max()) + 1
    return GlobalTest(float(t[together].max(initial=0)), float(D - C), None, said.least, "max-t")


def _ranked_order(evidence: Evidence) -> list[int]:
    """Department indices in ranked order: by component, best first, equal scores by name."""
    keys = zip(evidence.component.tolist(), (-evidence.theta).tolist(), evidence.names, strict=True)
    return [j for j, _ in sorted(enumerate(keys), key=lambda pair: pair[1])]


def _letters(above: Bools, component: Ints, order: list[int]) -> tuple[list[str], bool]:
    """Tier letters of each department, going on from component to component; whether all are there."""
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


def _departments(
    evidence: Evidence, said: Declared, letters: list[str], scale: Interval | None, *, together: bool
) -> list[DepartmentResult]:
    rank, sets = _ranks_by_component(evidence, said, together=together)
    se = np.sqrt(np.maximum(np.diagonal(evidence.covariance), 0))
    low, high = level_interval(evidence.adjusted, said.additive, evidence.sample, scale)
    below, over = shown(evidence.theta, said.additive.average_bound, said.average != 0)
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


def _ranks_by_component(evidence: Evidence, said: Declared, *, together: bool) -> tuple[Ints, Ints]:
    """Ranks (D,) and rank sets (D, 2) in components; `together`: one above the average is not last."""
    rank = np.zeros(evidence.theta.size, dtype=np.intp)
    sets = np.zeros((evidence.theta.size, 2), dtype=np.intp)
    for part in range(int(evidence.component.max()) + 1):
        inside = np.flatnonzero(evidence.component == part)
        noise = _ROUNDING * float(np.abs(evidence.adjusted[inside]).max())
        rank[inside] = ranks(evidence.theta[inside], noise)
        sets[inside] = rank_sets(said.above[np.ix_(inside, inside)])
        if together:
            over, under = inside[said.average[inside] > 0], inside[said.average[inside] < 0]
            sets[over, 1] = np.minimum(sets[over, 1], inside.size - 1)
            sets[under, 0] = np.maximum(sets[under, 0], 2)
    return rank, sets


def _pair_table(evidence: Evidence, said: Declared, order: list[int], names: tuple[str, ...]) -> Pairs:
    at = np.array(order, dtype=np.intp)
    a, b = np.triu_indices(at.size, 1)
    same = evidence.component[at[a]] == evidence.component[at[b]]
    a, b = a[same], b[same]
    i, j = at[a], at[b]
    difference = evidence.theta[i] - evidence.theta[j]
    lower, upper = shown(difference, said.additive.bound[i, j], said.above[i, j])
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
        lower=lower,
        upper=upper,
        significant=said.above[i, j],
    )
