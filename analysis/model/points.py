"""Adjusted scores: department effects on the scale of the ratings, with covariances."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.model.contrasts import Fit
from analysis.model.rater_level import RaterLevel
from analysis.model.sandwich import Strata, middles

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """Adjusted scores and covariances.

    adjusted: (D,) θ̂_d + mean rater effect, the mean had everybody rated every department; covariance: (D, D)
    of adjusted, with the error of the level; contrast_covariance: (D, D) of theta; influence,
    level_influence: (U, D) of every unit on theta and on adjusted, with covariances influenceᵀ influence;
    None where units are many.
    """

    adjusted: Floats
    covariance: Floats
    contrast_covariance: Floats
    influence: Floats | None
    level_influence: Floats | None


def widened(at: Points, factor: float) -> Points:
    """Copy of `at` with all standard errors multiplied by ``factor``."""
    return replace(
        at,
        covariance=factor**2 * at.covariance,
        contrast_covariance=factor**2 * at.contrast_covariance,
        influence=None if at.influence is None else factor * at.influence,
        level_influence=None if at.level_influence is None else factor * at.level_influence,
    )


def points(fit: Fit, strata: Strata | None = None, *, keep: bool = False) -> Points:
    """Adjusted scores with jackknife covariance; each component has its own level.

    keep: keep influences also where units are many.
    """
    level = RaterLevel(fit)
    ((middle, root),) = middles(fit, ("jackknife",), level, strata, keep=keep)
    return _points(fit, level, middle, root)


def points_and_plain(fit: Fit, strata: Strata | None = None) -> tuple[Points, Floats]:
    """`points`, and the covariance (D, D) of theta without small-sample adjustment (CR0), for comparison with
    other software."""
    D, P = fit.theta.size, fit.inverse.shape[0]
    level = RaterLevel(fit)
    (middle, root), (plain, _root) = middles(fit, ("jackknife", "CR0"), level, strata)
    return _points(fit, level, middle, root), (fit.inverse @ plain[:P, :P] @ fit.inverse)[:D, :D]


def _points(fit: Fit, level: RaterLevel, middle: Floats, root: Floats | None) -> Points:
    D, P, C = fit.theta.size, fit.inverse.shape[0], fit.n_components
    spread = np.zeros((P + C, P + C))
    spread[:P, :P] = fit.inverse
    spread[P:, P:] = np.eye(C)
    gradient = np.zeros((D, P + C))
    gradient[:, :D] = np.eye(D)
    gradient[:, :P] -= level.share[fit.component]
    if P > D and fit.source.item_weights is not None:
        gradient[:, D:P] += fit.source.item_weights
    gradient[np.arange(D), P + fit.component] = 1
    joint, onto = spread @ middle @ spread, gradient @ spread
    return Points(
        adjusted=fit.theta + level.mean[fit.component],
        covariance=gradient @ joint @ gradient.T,
        contrast_covariance=joint[:D, :D],
        influence=None if root is None else root @ spread[:, :D],
        level_influence=None if root is None else root @ onto.T,
    )
