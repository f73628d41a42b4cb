"""Test that groups of raters (or the raters of two rounds) treat all departments alike: raters are exchanged
between the groups.

If groups do not differ, any division of the raters into groups of these sizes was equally likely. The
largest studentised contrast of the family is computed for the groups as they are and for random divisions,
each time with a refit of every group (Chung & Romano 2013, on permutation tests of studentised statistics);
whole raters are exchanged, with all that they rated, and whole clusters of them. Where answers to items are
missing, each group's fitted item effects are taken off first. t and sign flips assume symmetric errors, which
marks near the top of the scale do not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.compare.contrast_family import ContrastFamily
from analysis.compare.exchanges import gated
from analysis.compare.samples import Sample
from analysis.inference.permutations import largest, permutation_p
from analysis.model.blocks import blocks
from analysis.model.clusters import add
from analysis.model.contrasts import information, moments, without_items

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST = 20_000_000
"""Largest number of raters × departments² for which raters are exchanged; errors of more average out."""
_ROUNDING = 1e-9
_AT_ONCE, _MOST_AT_ONCE = 1_000_000, 64
"""Most entries of information matrices, and most divisions, worked on at a time."""
UNLIKE = 1 / 3
"""Marks are used differently if, up to some mark, the shares of two groups differ by at least that much."""
UNLIKE_MARKS: Final = (
    "相比的两方打分习惯很不一样，误判的机会会高些（模拟中有 8% 的轮次，而不是 5%）。",
    (
        "The sides compared use quite different marks, so that something false is declared more often "
        "(in 8 % of simulated rounds instead of 5 %)."
    ),
)
"""Beside what is declared where `doubtful`; Chinese and English."""


def applies(samples: Sequence[Sample]) -> bool:
    """Whether raters are exchanged: they are few enough, and no owner has raters in several samples."""
    departments = len({name for s in samples for name in s.names})
    few = sum(s.fit.cells.n_raters for s in samples) * departments**2 <= MOST
    return few and all(s.unit is None for s in samples)


def gate(
    found: ContrastFamily, samples: Sequence[Sample], contrasts: Sequence[Floats], level: float, seed: int
) -> tuple[ContrastFamily, bool]:
    """Family of which nothing is declared unless the test by exchanged raters rejects, and whether that test
    kept something from being declared."""
    if not found.significant.any() or not applies(samples):
        return found, False
    return gated(found, relabel_p(samples, contrasts, seed), level)


def doubtful(found: ContrastFamily, samples: Sequence[Sample], scores: Iterable[Floats]) -> bool:
    """Whether something was declared by exchanging raters of two groups that use quite different marks: by
    the largest distance between their distribution functions (Kolmogorov's).

    scores: all marks of each group, asked for where they matter.
    """
    if not found.significant.any() or not applies(samples):
        return False
    given = list(scores)
    marks = np.unique(np.concatenate(given))
    below = [np.searchsorted(np.sort(own), marks, side="right") / own.size for own in given]
    return float(np.ptp(below, axis=0).max()) >= UNLIKE - _ROUNDING


def relabel_p(samples: Sequence[Sample], contrasts: Sequence[Floats], seed: int) -> float:
    """p-value of the largest studentised of M contrasts, (M, D_s) per sample, by random divisions of the
    raters into groups; 0 if none of these reached it. Only where `applies`."""
    groups = _Groups(samples, contrasts)
    observed = float(groups.largest(groups.label[None])[0]) * (1 - _ROUNDING)
    drawn = groups.drawn(np.random.default_rng(seed))
    return permutation_p(
        lambda number: np.array(list(islice(drawn, number))), observed, groups.cost, at_once=1, bound=None
    )


class _Groups:
    """Information and scores of every independent unit, on all departments that some group compares; label:
    (U,) codes of the groups."""

    def __init__(self, samples: Sequence[Sample], contrasts: Sequence[Floats]) -> None:
        names = list(dict.fromkeys(name for s in samples for name in s.names))
        place = {name: j for j, name in enumerate(names)}
        D = len(names)
        parts = [_of_units(s, np.array([place[name] for name in s.names]), D) for s in samples]
        self._A, self._b = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        self.label = np.repeat(np.arange(len(samples)), [len(b) for _A, b in parts])
        self._L = [np.zeros((len(own), D)) for own in contrasts]
        for whole, sample, own in zip(self._L, samples, contrasts, strict=True):
            whole[:, [place[name] for name in sample.names]] = own
        self._df = _freedom(samples, contrasts)
        self.cost = self._A.size * 3 + self._b.size * self._df.size + 200_000

    def drawn(self, g: np.random.Generator) -> Iterator[float]:
        """Yield the largest |u| of one random division after another."""
        number = int(np.clip(_AT_ONCE // self._A.size, 1, _MOST_AT_ONCE))
        while True:
            yield from self.largest(np.stack([g.permutation(self.label) for _ in range(number)]))

    def largest(self, labels: Ints) -> Floats:
        """Largest |u| (Normal scale) of the contrasts for each division into groups, (B,); labels: (B, U), in
        each of which every group has the same number of units."""
        estimate, variance = (np.zeros((len(labels), self._df.size)) for _ in range(2))
        units, start = np.argsort(labels, axis=1, kind="stable"), 0
        for group, L in enumerate(self._L):
            stop = start + int((labels[0] == group).sum())
            A, b = self._A[units[:, start:stop]], self._b[units[:, start:stop]]
            start = stop
            inverse = _inverse(A.sum(axis=1))
            theta = inverse @ b.sum(axis=1)[:, :, None]
            residual = b - (A @ theta[:, None])[..., 0]
            variance += ((residual @ (inverse @ L.T)) ** 2).sum(axis=1)
            estimate += theta[..., 0] @ L.T
        least = 1e-9 * float(np.abs(self._b).max(initial=0)) + 1e-300
        return largest(np.abs(estimate), np.sqrt(variance), least, self._df)


def _freedom(samples: Sequence[Sample], contrasts: Sequence[Floats]) -> Floats:
    """Degrees of freedom (M,) by Welch (1947) for units of equal variance: the same for every division, and
    so that contrasts of small groups do not outweigh the others."""
    units = np.array([max(s.fit.cells.n_units, 2) for s in samples], dtype=float)
    part = np.stack([(L**2).sum(axis=1) for L in contrasts], axis=1) / units
    return np.asarray(part.sum(axis=1) ** 2 / np.maximum((part**2 / (units - 1)).sum(axis=1), 1e-300))


def _of_units(sample: Sample, columns: Ints, D: int) -> tuple[Floats, Floats]:
    """Information (U, D, D) and scores (U, D) of every unit of a sample; columns: where its departments
    are."""
    cells = without_items(sample.fit).cells
    A, b = np.zeros((cells.n_units, D, D)), np.zeros((cells.n_units, D))
    for block in blocks(cells, lambda m: m * m):
        part = moments(block, cells.n_departments)
        unit, index = cells.unit[block.rater], columns[part.index]
        add(A, unit, index, information(block, part))
        add(b, unit, index, part.deviation(block.weight))
    return A, b


def _inverse(A: Floats) -> Floats:
    """Generalised inverses of information matrices (B, D, D); departments that nobody compares are left
    at 0."""
    D = A.shape[-1]
    scale = np.maximum(np.trace(A, axis1=1, axis2=2) / D, 1e-300)
    return np.asarray(np.linalg.inv(A + scale[:, None, None] * (1 / D + 1e-10 * np.eye(D))))
