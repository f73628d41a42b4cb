"""`rank` and `rank_estimates`: ranking with joint confidence, from ratings or from given estimates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from analysis.answers.ratings import Ratings
from analysis.inference import exchanged
from analysis.inference.agreeable import agreeable
from analysis.inference.doubt import doubtful, fragile, raised
from analysis.inference.joint import enough
from analysis.inference.null_scores import null_scores
from analysis.inference.simultaneous import pair_errors
from analysis.model.freedom import unit_shares
from analysis.model.latent import latent
from analysis.model.parts import Parts
from analysis.model.points import points_and_plain, widened
from analysis.ranking.assemble import assemble
from analysis.ranking.declared import Evidence
from analysis.ranking.estimates import check_estimates
from analysis.ranking.rated import Rated, rated_of
from analysis.ranking.remarks import remarks
from analysis.ranking.results import GlobalTest, Ranking
from analysis.ranking.scaled import sample_of
from analysis.ranking.selection import Selection, select
from analysis.threads import blas_threads
from analysis.values.arguments import (
    MOST_DRAWS,
    checked,
    confidence,
    enough_draws,
    flag,
    function,
    optional,
    refusal,
    whole,
)
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import scale_ends

DEFAULT_SEED = 20260101
Floats = NDArray[np.float64]
Progress = Callable[[str, str], None]


def silent(_zh: str, _en: str) -> None:
    """Default of `progress`: report nothing."""


@checked(
    ratings=comparable,
    threshold=whole(1),
    latent_guard=flag,
    scale=optional(scale_ends),
    screen=flag,
    progress=function,
    level=confidence,
    draws=optional(whole(1, MOST_DRAWS)),
    seed=whole(0),
    stepdown=flag,
)
def rank(
    ratings: Ratings,
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int | None = None,
    seed: int = DEFAULT_SEED,
    stepdown: bool = False,
    latent_guard: bool = True,
    scale: tuple[float, float] | None = None,
    screen: bool = True,
    progress: Progress = silent,
) -> Ranking:
    """Rank departments by the additive within-rater model; higher scores are better.

    level: joint confidence; threshold: raters a department needs; stepdown: test pairs in rounds (sharper
    rank sets, intervals unchanged); latent_guard: declare a difference only if the ordinal model does too,
    wherever distances between levels can matter (`analysis.inference.doubt`); scale: worst and best mark
    there is, to which scores and intervals are cut; screen: whether to note careless raters; progress: called
    with the name of each stage, Chinese and English, as it begins. Raises InputError for options out of range
    and NothingToRankError when no two departments compare.

    >>> from analysis import Ratings, rank
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> ranking = rank(ratings, draws=1000)
    >>> [(d.name, d.rank_set) for d in ranking.departments]
    [('A', (1, 2)), ('B', (1, 2)), ('C', (3, 3))]
    """
    enough_draws(draws, level)
    with blas_threads(ratings.n_departments):
        return rank_rated(
            rated_of(ratings),
            level=level,
            threshold=threshold,
            draws=draws,
            seed=seed,
            stepdown=stepdown,
            latent_guard=latent_guard,
            scale=scale,
            screen=screen,
            progress=progress,
        )


def rank_rated(
    rated: Rated,
    *,
    level: float,
    threshold: int,
    seed: int,
    stepdown: bool,
    scale: tuple[float, float] | None,
    draws: int | None = None,
    latent_guard: bool = True,
    screen: bool = True,
    progress: Progress = silent,
) -> Ranking:
    """Same as `rank`, of ratings in memory or in parts."""
    _within(rated, scale)
    progress("拟合模型，计算自由度……", "Fitting the model, degrees of freedom …")
    chosen = select(rated.cells, rated.names, threshold, rated.strata)
    progress("计算方差，用次序模型复核……", "Covariances, and the ordinal model as a check …")
    evidence = evidence_of(rated, chosen, latent_guard)
    drawn = draws or enough(evidence.additive())
    progress(f"抽样 {drawn} 次，两两比较……", f"{drawn:,} draws over all pairs …")
    ranking = assemble(evidence, None, level=level, draws=drawn, seed=seed, stepdown=stepdown, scale=scale)
    said = remarks(rated, chosen, evidence.latent, latent_guard=latent_guard, scale=scale, screen=screen)
    return replace(
        ranking,
        n_raters=rated.n_raters,
        n_ratings=rated.n_ratings,
        threshold=threshold,
        latent_guard=latent_guard,
        insufficient=chosen.insufficient,
        notes=(*said, *ranking.notes),
    )


def _within(rated: Rated, scale: tuple[float, float] | None) -> None:
    if scale is None:
        return
    low, high = rated.marks
    if low < scale[0] or high > scale[1]:
        said = f"{scale[0]:g} – {scale[1]:g}"
        raise refusal(
            "scale",
            f"评分从 {low:g} 到 {high:g}，超出 {said}。",
            f"marks go beyond {said}: {low:g} to {high:g}.",
        )


def evidence_of(rated: Rated, chosen: Selection, latent_guard: bool) -> Evidence:
    """Estimates and covariances of the chosen departments, before anything is declared."""
    fitted, strata, cells = chosen.fit, rated.strata, chosen.fit.source
    at, plain = points_and_plain(fitted, strata)
    at = widened(at, raised(fitted))
    guard = latent(cells, fitted.component, strata) if latent_guard and doubtful(fitted) else None
    return Evidence(
        names=tuple(np.array(rated.names, dtype=object)[chosen.kept]),
        n=tuple(cells.raters_per_department().tolist()),
        mean=cells.mean_per_department(),
        adjusted=at.adjusted,
        covariance=at.covariance,
        theta=fitted.theta,
        contrast_covariance=at.contrast_covariance,
        se_cr0=pair_errors(plain),
        pair_df=chosen.freedom.pairs,
        average_df=chosen.freedom.average,
        component=fitted.component,
        latent=guard,
        influence=at.influence,
        level_influence=at.level_influence,
        fragile=fragile(fitted),
        share=None if at.influence is None else unit_shares(fitted, strata),
        scores=None if guard is None else null_scores(cells, guard, fitted.component, strata),
        sample=sample_of(rated, cells, chosen.kept),
        agreeable=agreeable(cells),
        exchange=_exchange(chosen),
    )


def _exchange(chosen: Selection) -> Callable[[int, float | None], float] | None:
    """Omnibus test of the chosen departments, as a function of seed and bound that remembers what it
    found."""
    if isinstance(chosen.fit.source, Parts) or not exchanged.applies(chosen.cells):
        return None
    freedom = chosen.freedom
    return cache(partial(exchanged.exchange_p, chosen.fit, freedom.pairs, freedom.average))


@checked(level=confidence, draws=optional(whole(1, MOST_DRAWS)), seed=whole(0), stepdown=flag, joint=flag)
def rank_estimates(
    names: Sequence[str],
    estimates: ArrayLike,
    covariance_or_se: ArrayLike,
    *,
    level: float = 0.95,
    draws: int | None = None,
    seed: int = DEFAULT_SEED,
    stepdown: bool = True,
    df: ArrayLike | None = None,
    joint: bool = False,
) -> Ranking:
    """Rank units by estimates (D,) with standard errors (D,) if independent, or covariance (D, D).

    Rank sets are two-sided and joint for all units: max-t over all differences (Mogstad et al. 2024).
    stepdown=True is the default, as in R's csranks; with False the rank sets agree with the intervals.
    df: degrees of freedom, one number or (D, D) by pair; normal when None. joint=False gives what csranks and
    glht give: pairs are one family, averages and scores two more, and the global test is the chi-squared test
    of homogeneity. joint=True makes one family of all that is stated, as in `rank`; the global test is then
    that of its largest difference.

    >>> from analysis import rank_estimates
    >>> ranking = rank_estimates(["A", "B", "C"], [90, 80, 79], [1, 1, 1])
    >>> [(d.name, d.rank_set) for d in ranking.departments]
    [('A', (1, 1)), ('B', (2, 3)), ('C', (2, 3))]
    """
    enough_draws(draws, level)
    labels, theta, V, nu = check_estimates(names, estimates, covariance_or_se, df)
    with blas_threads(theta.size):
        evidence = _evidence_of_estimates(labels, theta, V, nu)
        ranking = assemble(
            evidence,
            None if joint else _homogeneity(theta, V),
            level=level,
            draws=draws or enough(evidence.additive()),
            seed=seed,
            stepdown=stepdown,
            together=joint,
        )
    return replace(ranking, latent_guard=False)


def _evidence_of_estimates(names: tuple[str, ...], theta: Floats, covariance: Floats, df: Floats) -> Evidence:
    """`Evidence` made of given estimates: without raters and without ordinal scale."""
    D = theta.size
    centring = np.eye(D) - 1 / D
    return Evidence(
        names=names,
        n=(None,) * D,
        mean=theta,
        adjusted=theta,
        covariance=covariance,
        theta=theta - theta.mean(),
        contrast_covariance=centring @ covariance @ centring,
        se_cr0=np.full((D, D), np.nan),
        pair_df=df,
        average_df=df.min(axis=1),
        component=np.zeros(D, dtype=np.intp),
        latent=None,
    )


def _homogeneity(theta: Floats, V: Floats) -> GlobalTest:
    """Chi-squared test that all units are equal, with known covariance V."""
    D = theta.size
    contrast = np.eye(D)[1:] - np.eye(D)[:1]
    difference = contrast @ theta
    statistic = float(difference @ np.linalg.pinv(contrast @ V @ contrast.T, hermitian=True) @ difference)
    return GlobalTest(statistic, float(D - 1), None, float(chdtrc(D - 1, statistic)), "homogeneity")
