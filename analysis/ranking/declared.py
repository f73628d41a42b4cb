"""What a ranking declares: differences that both scales declare, if the omnibus test rejects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.inference.joint import DIFFERENCES, Family, cautious, family
from analysis.inference.null_scores import Scores
from analysis.inference.statements import Estimates
from analysis.model.latent import Latent
from analysis.ranking.scaled import Sample

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
_NOISE = 1e-12


@dataclass(frozen=True, eq=False)
class Evidence:
    """Estimates of D departments before anything is declared (fields as in DepartmentResult).

    influence, level_influence, share: as in `analysis.inference.joint.Estimates`, for sign flips; fragile:
    Normal draws must agree with the flips; scores: of the ordinal scale (`analysis.inference.null_scores`);
    exchange: function from a seed and a bound (None: of no interest) to the p-value of the omnibus test
    (`analysis.inference.exchanged`), None where it does not apply; points: (D,) points without error that are
    part of theta, None for none.
    """

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
    influence: Floats | None = None
    level_influence: Floats | None = None
    share: Floats | None = None
    fragile: bool = False
    scores: Scores | None = None
    sample: Sample | None = None
    agreeable: int | None = None
    exchange: Callable[[int, float | None], float] | None = None
    points: Floats | None = None

    @property
    def given(self) -> Floats:
        """Part of theta that is known without ratings, (D,), mean 0."""
        known = np.zeros_like(self.theta) if self.points is None else self.points - self.points.mean()
        return np.where(np.abs(known) <= _NOISE * np.abs(known).max(initial=0), 0.0, known)

    def additive(self) -> Estimates:
        """Estimates in points, as input of joint inference."""
        return Estimates(
            self.theta,
            self.contrast_covariance,
            self.component,
            self.pair_df,
            self.average_df,
            self.covariance,
            self.influence,
            self.level_influence,
            self.share,
            agreeable=self.agreeable,
        )

    def ordinal(self, at: Latent) -> Estimates:
        """Estimates of the same differences in logits, as input of joint inference."""
        flipped = at.influence is not None and self.share is not None
        return Estimates(
            at.theta,
            at.covariance,
            self.component,
            self.pair_df,
            self.average_df,
            influence=at.influence if flipped else None,
            share=self.share if flipped else None,
            scores=self.scores,
        )


@dataclass(frozen=True, eq=False)
class Declared:
    """Statements that both scales declare: above (D, D), j above k; average (D,), +1 above, -1 below, else 0.

    p: (D, D) and average_p: (D,), the larger p-value of both scales; held: the omnibus test keeps anything
    from being declared, though both scales would.
    """

    additive: Family
    latent: Family | None
    above: Bools
    p: Floats
    average_p: Floats
    average: Ints
    held: bool = False

    @property
    def least(self) -> float:
        """Smallest p of all differences: that of "departments differ"."""
        return float(min(self.p.min(initial=1.0), self.average_p.min(initial=1.0)))


def declare(
    evidence: Evidence,
    *,
    together: bool = True,
    levels: bool = True,
    only_decide: bool = False,
    **options: Any,
) -> Declared:
    """Declare pairs, and departments against the average of their component, where both scales agree and the
    omnibus test rejects.

    Each scale is one family; options: level, draws, seed and stepdown of `joint.family`; only_decide: the
    p-value of the omnibus test is of no interest, but for whether it rejects.
    """
    said = _on_both_scales(evidence, together=together, levels=levels, **options)
    declared = said.above.any() or said.average.any()
    if evidence.exchange is None or not together or not declared:
        return said
    bound = DIFFERENCES * (1 - options["level"])
    p = evidence.exchange(options["seed"], bound if only_decide else None)
    return _gated(said, evidence, min(p / DIFFERENCES, 1.0), rejected=p <= bound)


def _gated(said: Declared, evidence: Evidence, p: float, *, rejected: bool) -> Declared:
    """What is declared after the omnibus test with p-value `p`: only what is known without ratings unless it
    rejects."""
    theta, given = evidence.theta, evidence.given
    gap = np.sign(given[:, None] - given)
    pair_known = (gap != 0) & (gap == np.sign(theta[:, None] - theta))
    known = (given != 0) & (np.sign(given) == np.sign(theta))
    above, average = said.above & (pair_known | rejected), said.average * (known | rejected)
    return replace(
        said,
        above=above,
        average=average,
        p=np.where(pair_known, said.p, np.maximum(said.p, p)),
        average_p=np.where(known, said.average_p, np.maximum(said.average_p, p)),
        held=bool((above != said.above).any() or (average != said.average).any()),
    )


def _on_both_scales(evidence: Evidence, *, together: bool, levels: bool, **options: Any) -> Declared:
    make = cautious if evidence.fragile and evidence.influence is not None else family
    found = make(evidence.additive(), together=together, levels=levels, **options)
    if evidence.latent is None:
        return Declared(found, None, found.above, found.p, found.average_p, found.average)
    guard = make(evidence.ordinal(evidence.latent), **options)
    of_pairs, of_averages = _ordinal_signs(evidence, evidence.latent)
    pair_agree = np.sign(evidence.theta[:, None] - evidence.theta) == of_pairs
    agree = np.sign(evidence.theta) == of_averages
    return Declared(
        additive=found,
        latent=guard,
        above=found.above & guard.above,
        p=np.where(pair_agree, np.maximum(found.p, guard.p), 1.0),
        average_p=np.where(agree, np.maximum(found.average_p, guard.average_p), 1.0),
        average=np.where(found.average == guard.average, found.average, 0),
    )


def _ordinal_signs(evidence: Evidence, at: Latent) -> tuple[Floats, Floats]:
    """Signs of the differences on the ordinal scale: (D, D) of pairs and (D,) against the average."""
    if evidence.scores is not None:
        return evidence.scores.signs(evidence.component)
    return np.sign(at.theta[:, None] - at.theta), np.sign(at.theta)
