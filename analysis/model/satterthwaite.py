"""Satterthwaite degrees of freedom of a cluster-robust standard error (Bell & McCaffrey 2002).

For comparison with R's clubSandwich (Pustejovsky & Tipton 2018); the ranking itself uses
`analysis.model.freedom`. Under independent errors with variance 1/w the squared standard error of cᵀθ̂ is a
quadratic form with matrix B_gh = δ_gh a_g - t_gᵀ A⁺ t_h, t_g = f(A_g A⁺) A_g A⁺ c, a_g = cᵀ A⁺ f(A_g A⁺)² A_g
A⁺ c; ν = tr(B)² / tr(B²). Units g are raters, or clusters of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.model.blocks import blocks
from analysis.model.clusters import alone, summed_information
from analysis.model.contrasts import Fit, information, moments, scatter
from analysis.model.sandwich import KINDS, Kind, adjust
from analysis.values.arguments import checked, choice, instance, refusal
from analysis.values.arrays import vector

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@checked(fit=instance("model.contrasts.Fit"), contrast=vector(2), kind=choice(*KINDS))
def satterthwaite_df(fit: Fit, contrast: ArrayLike, kind: Kind = "CR2") -> float:
    """Satterthwaite degrees of freedom of a contrast (D,), which must sum to 0 within components.

    >>> from analysis import Ratings, cells_of, fit, satterthwaite_df
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> round(satterthwaite_df(fit(cells_of(ratings)), [1, -1, 0]), 6)
    11.0
    """
    P, D = fit.inverse.shape[0], fit.cells.n_departments
    _check_contrast(np.asarray(contrast), fit)
    c = np.zeros(P)
    c[:D] = np.asarray(contrast)
    direction = fit.inverse @ c
    outer = np.zeros((P, P))
    trace = squares = mixed = 0.0
    for index, A_g in _unit_information(fit):
        hat = fit.inverse[index[:, :, None], index[:, None, :]]
        own = direction[index]
        t = adjust(A_g, hat, np.einsum("gij,gj->gi", A_g, own), kind)
        a = (own * adjust(A_g, hat, t, kind)).sum(axis=1)
        bent = np.einsum("gi,gij,gj->g", t, hat, t)
        trace += float((a - bent).sum())
        squares += float((a**2).sum())
        mixed += float((a * bent).sum())
        outer += scatter(index, t[:, :, None] * t[:, None, :], P)
    product = fit.inverse @ outer
    below = squares - 2 * mixed + float((product * product.T).sum())
    if not below > 1e-12 * squares:
        raise refusal(
            "fit", "这个差别只有一个评议人，没有自由度。", "one rater alone stands behind the contrast."
        )
    return trace**2 / below


def _unit_information(fit: Fit) -> Iterator[tuple[Ints, Floats]]:
    """Yield, for independent units (raters, or clusters of them) in blocks, the parameters (G, p) that they
    involve and their information (G, p, p)."""
    P = fit.inverse.shape[0]
    single, _ = alone(fit.cells)
    for block in blocks(single, lambda m: 2 * (m + fit.cells.n_items) ** 2):
        part = moments(block, fit.cells.n_departments)
        yield part.index, information(block, part)
    for units, A in summed_information(fit.cells, P):
        yield np.broadcast_to(np.arange(P), (units.size, P)), A


def _check_contrast(contrast: Floats, fit: Fit) -> None:
    D, size = fit.cells.n_departments, float(np.abs(contrast).max())
    if contrast.size != D or not size:
        raise refusal("contrast", f"应有 {D} 个数，不全为零。", f"needs {D} numbers, not all 0.")
    if (np.abs(np.bincount(fit.component, contrast)) > 1e-9 * size).any():
        raise refusal("contrast", "在每个连通的组内之和须为零。", "must sum to 0 within every component.")
