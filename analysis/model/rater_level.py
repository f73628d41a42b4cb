"""Level of each component, the mean effect of its raters, and what leaving out a unit does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.model.blocks import Block, blocks
from analysis.model.contrasts import Fit, Moments, moments, summed_fit

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """Sums over the raters of N clusters: A (N, P, P), u (N, P); by component (N, C) weight and weighted
    excess of rater effects over their mean; share (N, C, P), w_r n_r / m_r."""

    A: Floats
    u: Floats
    weight: Floats
    excess: Floats
    share: Floats


class RaterLevel:
    """Level of each component: its mean rater effect, which turns contrasts into points."""

    def __init__(self, fit: Fit) -> None:
        self._coefficients, self._component = fit.coefficients, fit.component
        self.weight, mean, share = summed_fit(fit, _sums)
        self.mean, self.share = mean / self.weight, share / self.weight[:, None]
        self._inverse, self._bent = fit.inverse, self.share @ fit.inverse

    def influence(self, block: Block, part: Moments, hat: Floats, adjusted: Floats) -> Floats:
        """Influence of each rater on the level of its component, (G,), apart from that through θ̂.

        w_r [ȳ_r - n_rᵀθ̂₋ᵣ/m_r - (level - hᵀδ)] / (W - w_r) with δ = θ̂ - θ̂₋ᵣ = A⁺u*_r, h the mean of
        n_r/m_r.
        """
        component = self._component[block.department[:, 0]]
        rest = self.weight[component] - block.weight
        own = (part.counts * np.einsum("gij,gj->gi", hat, adjusted)).sum(axis=1) / part.size
        mean = (self._bent[component[:, None], part.index] * adjusted).sum(axis=1)
        effect = part.rater_effects(self._coefficients) - self.mean[component]
        excess = block.weight * (effect + own - mean)
        return np.asarray(np.divide(excess, rest, out=np.zeros_like(excess), where=rest > 0))

    def cluster_influence(self, whole: ClusterSums, adjusted: Floats) -> Floats:
        """Influence of each cluster on the levels, (N, C), as `influence`; adjusted: u*_c (N, P)."""
        delta = adjusted @ self._inverse
        rest = self.weight - whole.weight
        own = np.einsum("ncp,np->nc", whole.share, delta)
        excess = whole.excess + own - whole.weight * (adjusted @ self._bent.T)
        return np.asarray(np.divide(excess, rest, out=np.zeros_like(excess), where=rest > 0))


def _sums(fit: Fit) -> tuple[Floats, Floats, Floats]:
    """Sums over the raters of each component: weight (C,), weighted effects (C,), w_r n_r / m_r (C, P)."""
    cells, C, P = fit.cells, fit.n_components, fit.inverse.shape[0]
    weight, mean, share = np.zeros(C), np.zeros(C), np.zeros((C, P))
    for block in blocks(cells, lambda m: m + cells.n_items):
        part = moments(block, cells.n_departments)
        component = fit.component[block.department[:, 0]]
        weight += np.bincount(component, block.weight, minlength=C)
        mean += np.bincount(component, block.weight * part.rater_effects(fit.coefficients), minlength=C)
        of_each = (block.weight / part.size)[:, None] * part.counts
        flat = (component[:, None] * P + part.index).ravel()
        share += np.bincount(flat, of_each.ravel(), minlength=share.size).reshape(C, P)
    return weight, mean, share
