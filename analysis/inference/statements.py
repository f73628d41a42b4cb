"""Estimates of a ranking, and the statements tested from them as vectors with their t-statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.inference.null_scores import Scores
from analysis.inference.simultaneous import pair_errors
from analysis.model.signflips import normed

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Input of joint inference, for D departments in C components.

    theta: (D,) contrasts with covariance (D, D); level_covariance: (D, D) of the adjusted scores, None where
    these are not stated. pair_df: (D, D), average_df: (D,). influence: (U, D) of every independent unit on
    theta, level_influence: (U, D) on adjusted scores, share: (U, D, D) of the information, for sign flips,
    else None. scores: of the same statements, where they are tested by scores. agreeable: of how many
    statements all units might see one and the same difference (`Rows.agreed_p`); None where a standard error
    of 0 means that nothing is open.
    """

    theta: Floats
    covariance: Floats
    component: NDArray[np.intp]
    pair_df: Floats
    average_df: Floats
    level_covariance: Floats | None = None
    influence: Floats | None = None
    level_influence: Floats | None = None
    share: Floats | None = None
    scores: Scores | None = None
    agreeable: int | None = None


class Rows:
    """Statements as vectors: M pairs with j ranked before k, D averages, D levels; with se, df and t of
    each."""

    def __init__(self, at: Estimates) -> None:
        self.at = at
        D = at.theta.size
        place = np.empty(D, dtype=np.intp)
        place[np.argsort(-at.theta, kind="stable")] = np.arange(D)
        a, b = np.triu_indices(D, 1)
        same = at.component[a] == at.component[b]
        a, b = a[same], b[same]
        swap = place[a] > place[b]
        self.j, self.k = np.where(swap, b, a), np.where(swap, a, b)
        self.se = pair_errors(at.covariance)
        self.pair_df = at.pair_df[self.j, self.k]
        self.average_se = np.sqrt(np.maximum(np.diagonal(at.covariance), 0))
        self.errors = np.concatenate([self.se[self.j, self.k], self.average_se])
        levels = at.level_covariance
        own = np.zeros(D) if levels is None else np.diagonal(levels)
        self.level_se = np.sqrt(np.maximum(own, 0))
        self.least = _certain(at)
        self.turned = np.concatenate([np.where(swap, -1.0, 1.0), np.ones(D)])
        self.share = self._shares()
        self.pair_t, self.average_t = self._statistics()

    def _shares(self) -> Floats | None:
        """Share of every unit in the information on pairs and averages, (U, M + D); None without sign
        flips."""
        P = self.at.share
        if P is None:
            return None
        own = np.diagonal(P, axis1=1, axis2=2)
        q = own[:, self.j] + own[:, self.k] - 2 * P[:, self.j, self.k]
        return normed(np.concatenate([q, own], axis=1))

    def _statistics(self) -> tuple[Floats, Floats]:
        at = self.at
        if at.scores is None:
            difference = at.theta[self.j] - at.theta[self.k]
            return (
                self._standardised(difference, self.se[self.j, self.k]),
                self._standardised(at.theta, self.average_se),
            )
        share = np.zeros((1, self.turned.size)) if self.share is None else self.share
        t = self.turned * at.scores.standardised(share, np.concatenate([self.pair_df, at.average_df]))
        return t[: self.j.size], t[self.j.size :]

    def _standardised(self, estimate: Floats, se: Floats) -> Floats:
        """estimate / se, and ±inf where se is 0 but the estimate is not (all raters agree)."""
        t = np.divide(estimate, se, out=np.zeros_like(estimate), where=se > self.least)
        sure = (se <= self.least) & (np.abs(estimate) > self.least)
        return np.asarray(np.where(sure, np.copysign(np.inf, estimate), t))

    def agreed_p(self) -> Floats:
        """Lower bound of p for each statement, (M + D,): by the sign test where all units agree, 0 elsewhere.

        If two departments are equal, n units that all see a difference of the same size see it in one
        direction with probability 2^(1 − n); times the number of statements for which that could happen by
        chance (Tarone 1990). The standard error 0 of such statements says nothing.
        """
        t = np.concatenate([self.pair_t, self.average_t])
        if self.at.agreeable is None:
            return np.zeros_like(t)
        df = np.concatenate([self.pair_df, self.at.average_df])
        return np.where(np.isinf(t), np.minimum(self.at.agreeable * np.exp2(-df), 1.0), 0.0)

    def inverse(self, se: Floats) -> Floats:
        return np.asarray(np.divide(1.0, se, out=np.zeros_like(se), where=se > self.least))

    def influences(self, of_departments: Floats) -> Floats:
        """Influence of every unit on pairs and averages, (U, M + D), columns of length 1 (0 where a statement
        has no error)."""
        if self.at.scores is not None:
            root = np.sqrt(self.at.scores.variance)
            scale = np.divide(self.turned, root, out=np.zeros_like(root), where=root > 0)
            return np.asarray(self.at.scores.influence * scale)
        E = of_departments
        scale = self.inverse(self.errors)
        return np.asarray(np.concatenate([E[:, self.j] - E[:, self.k], E], axis=1) * scale)

    def square(self, values: Floats, diagonal: float) -> Floats:
        D = self.at.theta.size
        result = np.full((D, D), diagonal)
        result[self.j, self.k] = result[self.k, self.j] = values
        return result


def _certain(at: Estimates) -> float:
    """Threshold under which a standard error is rounding: raters were unanimous, the difference is
    certain."""
    spread = 0.0 if at.level_covariance is None else float(np.diagonal(at.level_covariance).max(initial=0))
    spread = max(spread, float(np.diagonal(at.covariance).max(initial=0)))
    return 1e-10 * float(np.abs(at.theta).max(initial=0)) + 1e-7 * float(np.sqrt(max(spread, 0))) + 1e-300
