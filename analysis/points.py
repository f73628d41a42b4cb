"""Adjusted scores: contrasts set on the scale of the ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.contrasts import Fit
from analysis.sandwich import Level, Strata, middles

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """adjusted: (D,) θ̂_d + mean rater effect, the mean had everybody rated every department.

    covariance: (D, D) of adjusted, level included; contrast_covariance: (D, D) of theta;
    cr0: (D, D) of theta without small-sample adjustment, for comparison with other software.
    """

    adjusted: Floats
    covariance: Floats
    contrast_covariance: Floats
    cr0: Floats


def points(fit: Fit, strata: Strata | None = None) -> Points:
    """Adjusted scores with jackknife covariance (each component has its own level)."""
    D, P = fit.cells.n_departments, fit.inverse.shape[0]
    level = Level(fit)
    plain, mid = middles(fit, ("CR0", "jackknife"), level, strata)
    spread = np.zeros((P + fit.n_components, P + fit.n_components))
    spread[:P, :P] = fit.inverse
    spread[P:, P:] = np.eye(fit.n_components)
    joint = spread @ mid @ spread
    gradient = np.zeros((D, P + fit.n_components))
    gradient[np.arange(D), np.arange(D)] = 1
    gradient[:, :P] -= level.share[fit.component]
    if P > D and fit.cells.item_weights is not None:
        gradient[:, D:P] += fit.cells.item_weights
    gradient[np.arange(D), P + fit.component] = 1
    return Points(
        adjusted=fit.theta + level.mean[fit.component],
        covariance=gradient @ joint @ gradient.T,
        contrast_covariance=joint[:D, :D],
        cr0=(fit.inverse @ plain[:P, :P] @ fit.inverse)[:D, :D],
    )
