"""Weighted sums of estimates from several rounds, with errors that hold whoever answered more than one round.

Ballots of two rounds cannot be joined, so nobody knows the covariance between rounds. It need not be known.
Let x_s be the errors of round s (covariance V_s), a_s any coefficients, and μ_s > 0 with Σ μ_s = 1 over the
rounds that may share raters. By Cauchy and Schwarz

    (Σ a_sᵀ x_s)² = (Σ √μ_s · a_sᵀ x_s / √μ_s)² ≤ Σ (a_sᵀ x_s)² / μ_s,

hence Var(Σ a_sᵀ x_s) ≤ Σ a_sᵀ (V_s / μ_s) a_s for every a: the covariance of all rounds stacked is at most
blockdiag(V_s / μ_s) in the Loewner order, whatever the dependence. Rounds are therefore inflated by 1/μ_s and
then treated as independent. Estimates are sums over raters, so the stacked errors are jointly normal to the
same approximation as in one round, and by Anderson's inequality (1955) a symmetric convex region, such as
that of a max-t over any set of contrasts, has at least the probability that the larger covariance gives it:
critical values drawn from the bound hold under any dependence. For stepdown, whose regions are one-sided,
this is not known.

μ_s ∝ w_s √tr V_s minimises the mean variance of a weighted sum. The standard error is then Σ w_s s_s, the
attained maximum (identical raters), where all rounds have the same design; elsewhere a little more, and never
less. Degrees of freedom, which hold for variance estimates that depend on each other as well, are those of
`analysis.inference.sums`.

Rounds declared to have no rater in common are sets of their own: μ = 1, variances add.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import category_labels
from analysis.compare.exchanges import Test, exchange_test
from analysis.compare.samples import Sample, centring
from analysis.errors import InputError
from analysis.inference.joint import DIFFERENCES
from analysis.inference.simultaneous import pair_errors
from analysis.inference.sums import summed_freedom
from analysis.model.latent import Latent
from analysis.ranking import notes as notes_of
from analysis.ranking import scaled
from analysis.ranking.assemble import assemble
from analysis.ranking.declared import Evidence
from analysis.ranking.results import Ranking

Floats = NDArray[np.float64]
Independent = bool | Sequence[Hashable]
"""False: any raters may be the same; True: all are different; or a label per round: rounds of different
labels have no rater in common."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Result of `pool`: weighted sum of the rounds' estimates for the D departments that all rounds compare.

    adjusted: (D,) points; theta: (D,) adjusted less its mean; covariance, contrast_covariance: (D, D) upper
    bounds of their covariances; pairs, averages: variance of each round's part, and its degrees of freedom,
    (D, D) of differences and (D,) of departments against the average; latent_theta, latent_covariance: the
    same sum on the ordinal scales, each stretched to points (`stretched`), or None without guard; test: that
    no department differs, None where it does not apply; fixed: (D,) points without error in the sum;
    sample: of the marks behind it.
    """

    names: tuple[str, ...]
    adjusted: Floats
    theta: Floats
    covariance: Floats
    contrast_covariance: Floats
    pairs: tuple[tuple[Floats, Floats], ...]
    averages: tuple[tuple[Floats, Floats], ...]
    latent_theta: Floats | None = None
    latent_covariance: Floats | None = None
    test: Test | None = None
    fixed: Floats | None = None
    sample: scaled.Sample | None = None

    def freedom(self, level: float) -> tuple[Floats, Floats]:
        """Degrees of freedom of differences (D, D), inf on the diagonal, and of departments against the
        average (D,), in the tails that statements at the joint confidence `level` reach."""
        D = len(self.names)
        tail = (1 - level) * min(DIFFERENCES / (D * (D + 1) / 2), (1 - DIFFERENCES) / D)
        pairs, averages = (
            summed_freedom([v for v, _ in parts], [nu for _, nu in parts], tail)
            for parts in (self.pairs, self.averages)
        )
        return pairs, averages

    def _exchange(self, pair_df: Floats, average_df: Floats) -> Callable[[int, float | None], float] | None:
        if self.test is None:
            return None
        j, k = np.triu_indices(len(self.names), 1)
        return partial(self.test, (j, k), np.concatenate([pair_df[j, k], average_df]))

    def ranking(self, *, level: float, draws: int, seed: int, stepdown: bool = False) -> Ranking:
        """Ranking by the pooled scores; a difference is declared only if both scales (where present) declare
        it."""
        D = len(self.names)
        pair_df, average_df = self.freedom(level)
        latent = None
        if self.latent_theta is not None and self.latent_covariance is not None:
            none = np.zeros((D, D))
            alike = np.zeros(D, dtype=np.intp)
            latent = Latent(self.latent_theta, self.latent_covariance, none, False, None, none, alike)
        evidence = Evidence(
            names=self.names,
            n=(None,) * D,
            mean=self.adjusted,
            adjusted=self.adjusted,
            covariance=self.covariance,
            theta=self.theta,
            contrast_covariance=self.contrast_covariance,
            se_cr0=np.full((D, D), np.nan),
            pair_df=pair_df,
            average_df=average_df,
            component=np.zeros(D, dtype=np.intp),
            latent=latent,
            agreeable=D * (D + 1) // 2,
            exchange=self._exchange(pair_df, average_df),
            points=self.fixed,
            sample=self.sample,
        )
        found = assemble(evidence, None, level=level, draws=draws, seed=seed, stepdown=stepdown)
        flat = [department.name for department, (low, high) in found.levels() if high - low == np.inf]
        return replace(found, notes=(*found.notes, notes_of.no_width(flat))) if flat else found


def sharing(name: str, value: Any) -> Any:
    """Check the argument `independent`: True, False, or a label per round."""
    return bool(value) if isinstance(value, bool | np.bool_) else category_labels(name, value)


def labels_of(independent: Independent, S: int) -> tuple[int, ...]:
    """Code of each round, (S,); rounds with the same code may share raters."""
    if isinstance(independent, bool | np.bool_):
        return tuple(range(S)) if independent else (0,) * S
    if isinstance(independent, str) or len(independent) != S:
        raise InputError(
            f"independent 须为 True、False，或给每一轮一个标签（{S} 个）。",
            f"independent must be True, False, or one label for each of the {S} rounds.",
            column="independent",
        )
    known = list(dict.fromkeys(independent))
    return tuple(known.index(label) for label in independent)


def shares(weights: Sequence[float] | None, S: int) -> tuple[float, ...]:
    """Weights of the S rounds scaled to sum 1; equal when None. InputError for fewer than two rounds."""
    if S < 2:
        raise InputError(
            "至少需要两轮才能合并。", "At least two rounds are needed to combine.", column="rounds"
        )
    w = np.ones(S) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (S,) or (w < 1e-12).any() or (w > 1e12).any():
        raise InputError(
            f"各轮权重须为 {S} 个正数。", f"Round weights must be {S} positive numbers.", column="weights"
        )
    return tuple(float(x) for x in w / w.sum())


def stretched(sample: Sample, names: Sequence[str]) -> Sample:
    """Sample with its latent scale multiplied by a factor that makes its errors as large as those in points.

    A round's weight then means the same on both scales. Tests within the round are unaffected.
    """
    L = centring(sample, [names])
    if sample.latent_theta is None or sample.latent_covariance is None:
        return sample
    own = float(np.trace(L @ sample.covariance @ L.T))
    ordinal = float(np.trace(L @ sample.latent_covariance @ L.T))
    if min(own, ordinal) <= 0:
        own = float(np.square(L @ sample.theta).sum())
        ordinal = float(np.square(L @ sample.latent_theta).sum())
    b = float(np.sqrt(own / ordinal)) if min(own, ordinal) > 0 else 1.0
    return replace(
        sample,
        latent_theta=b * sample.latent_theta,
        latent_covariance=b**2 * sample.latent_covariance,
        latent_influence=_scaled(sample.latent_influence, b),
    )


def inflated(
    samples: Sequence[Sample],
    blocks: Sequence[Sequence[str]],
    weights: Sequence[float],
    labels: Sequence[int],
) -> list[Sample]:
    """Samples with covariances V_s/μ_s, so that they may be treated as independent (the bound in this
    module's docstring).

    blocks: departments compared; weights: w_s of the rounds; labels: rounds of one label may share raters.
    """
    size = np.array(
        [
            w * np.sqrt(max(float(np.trace(L @ s.covariance @ L.T)), 0.0))
            for s, w in zip(samples, weights, strict=True)
            for L in [centring(s, blocks)]
        ]
    )
    total = np.bincount(labels, weights=size)[np.asarray(labels)]
    factor = np.divide(total, size, out=np.ones_like(size), where=size > 0)
    return [
        replace(
            s,
            covariance=f * s.covariance,
            level_covariance=f * s.level_covariance,
            influence=_scaled(s.influence, np.sqrt(f)),
            latent_covariance=_scaled(s.latent_covariance, f),
            latent_influence=_scaled(s.latent_influence, np.sqrt(f)),
        )
        for s, f in zip(samples, factor.tolist(), strict=True)
    ]


def _scaled(values: Floats | None, factor: float) -> Floats | None:
    return None if values is None else factor * values


def pool(
    samples: Sequence[Sample],
    names: Sequence[str],
    weights: Sequence[float],
    labels: Sequence[int],
    fixed: Floats | None = None,
) -> Pool:
    """Weighted sum Σ w_s θ̂_s over the departments `names`, from samples returned by `inflated`.

    labels: a code per sample, as of `labels_of`; fixed: (D,) weighted points without error (electorates that
    give only scores), added on both scales.
    """
    D = len(names)
    added = np.zeros(D) if fixed is None else fixed
    theta, level = added - added.mean(), float(added.mean())
    ordinal = theta.copy()
    V, own, W = np.zeros((D, D)), np.zeros((D, D)), np.zeros((D, D))
    pairs, averages = list[tuple[Floats, Floats]](), list[tuple[Floats, Floats]]()
    contrasts = [w * centring(s, [names]) for s, w in zip(samples, weights, strict=True)]
    for sample, w, L in zip(samples, weights, contrasts, strict=True):
        place = [sample.names.index(name) for name in names]
        square = np.ix_(place, place)
        part = L @ sample.covariance @ L.T
        V += part
        own += w**2 * sample.level_covariance[square]
        theta = theta + L @ sample.theta
        level += w * float(sample.adjusted[place].mean())
        nu = sample.selection.freedom
        pairs.append((pair_errors(part) ** 2, nu.pairs[square]))
        averages.append((np.diagonal(part), nu.average[place]))
        if sample.latent_theta is not None and sample.latent_covariance is not None:
            ordinal = ordinal + L @ sample.latent_theta
            W += L @ sample.latent_covariance @ L.T
    for total in (V, own, W):  # where everybody judged alike, rounding may leave less than none
        np.fill_diagonal(total, np.maximum(np.diagonal(total), 0))
    guarded = all(s.latent_theta is not None for s in samples)
    latent, of_latent = (ordinal, W) if guarded else (None, None)
    test, marks = exchange_test(samples, names, contrasts, labels), _marks(samples, names, weights, added)
    parts = tuple(pairs), tuple(averages)
    return Pool(tuple(names), theta + level, theta, own, V, *parts, latent, of_latent, test, fixed, marks)


def _marks(
    samples: Sequence[Sample], names: Sequence[str], weights: Sequence[float], added: Floats
) -> scaled.Sample:
    """Marks behind a sum, as if each of the fewest raters of a department had given the weighted sum of one
    mark of every round; a department of one mark in some round counts as one of a single mark."""
    n, alike = np.full(len(names), np.inf), np.zeros(len(names), dtype=bool)
    for s in samples:
        place, cells = [s.names.index(name) for name in names], s.selection.cells
        n = np.minimum(n, (cells.raters_per_department() * (cells.n_units / cells.n_raters))[place])
        alike |= False if s.alike is None else s.alike[place]
    low, high = (sum(w * s.marks[end] for s, w in zip(samples, weights, strict=True)) for end in (0, 1))
    return scaled.Sample(n, 1.0, alike, (low, high), added)
