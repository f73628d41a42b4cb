"""Subtraction between figures and between editions: who stands behind A but not behind B.

A figure whose respondents contain another's, with fewer than the threshold besides, gives those few away:
the sum behind one minus the sum behind the other is theirs alone. So do combinations of several figures
whenever the few lie in the span of what was published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InputError
from analysis.explain import Result, listed, pick


@dataclass(frozen=True)
class Exposure(Result):
    """Fewer than the threshold, laid open by these figures together."""

    figures: tuple[str, ...]
    n: int

    def text(self, language: str = "zh") -> str:
        """Which figures give how many away."""
        return pick(
            language,
            f"把{listed(self.figures, 'zh')}相减，可得到仅 {self.n} 份答卷的数字",
            f"combining {listed(self.figures, 'en')} gives a figure of only {self.n} responses",
        )


@dataclass(frozen=True)
class Subtraction(Result):
    """Result of looking for exposures; empty is safe."""

    exposures: tuple[Exposure, ...]
    threshold: int

    @property
    def safe(self) -> bool:
        """Whether nothing was found."""
        return not self.exposures

    def summary(self, language: str = "zh") -> str:
        """Safe, or what to do about it."""
        if self.safe:
            return pick(
                language,
                f"各项数字相减，得不到少于 {self.threshold} 份答卷的结果。",
                f"No subtraction of figures leaves fewer than {self.threshold} responses.",
            )
        found = "；".join(e.text("zh") for e in self.exposures)
        found_en = "; ".join(e.text("en") for e in self.exposures)
        return pick(
            language,
            f"不能这样发布：{found}。请等新增答卷满 {self.threshold} 份，或沿用前一版。",
            f"Do not release: {found_en}. Wait for {self.threshold} new responses, or keep the old edition.",
        )


def compare_editions(
    before: Mapping[str, int], after: Mapping[str, int], *, threshold: int = 10
) -> Subtraction:
    """Figures of two editions of one round, label → respondents behind it.

    Ballots only ever join or leave a figure, so a difference of 1 to threshold − 1 lays those few open. A
    figure that the later edition drops is compared with nothing.
    """
    exposures = [
        Exposure((label, label), abs(n - before[label]))
        for label, n in after.items()
        if label in before and 0 < abs(n - before[label]) < threshold
    ]
    return Subtraction(tuple(exposures), threshold)


def compare_figures(labels: Sequence[str], members: ArrayLike, *, threshold: int = 10) -> Subtraction:
    """Figures with their respondents known: all of one release, or of several editions together.

    members: (F, R) boolean, respondent r stands behind figure f. Finds every small difference of two
    nested figures, and every small set of respondents with the same membership whose sum is a linear
    combination of published sums. Figures that are small themselves are found too. Raises InputError for
    a shape that does not fit the labels.
    """
    M = np.asarray(members, dtype=bool)
    if M.ndim != 2 or len(M) != len(labels):
        raise InputError("每个数字须有一行答卷名单。", "Each figure needs its row of respondents.")
    found = {(e.figures, e.n): e for e in (*_nested(labels, M, threshold), *_spanned(labels, M, threshold))}
    return Subtraction(tuple(found.values()), threshold)


def _nested(labels: Sequence[str], M: NDArray[np.bool_], threshold: int) -> list[Exposure]:
    size = M.sum(axis=1)
    common = (M.astype(np.float32) @ M.T.astype(np.float32)).round().astype(int)
    extra = size[:, None] - common
    exposures = [
        Exposure((labels[i],), int(size[i])) for i in np.flatnonzero((size > 0) & (size < threshold)).tolist()
    ]
    larger, smaller = np.nonzero((extra > 0) & (extra < threshold) & (common == size) & (size > 0))
    return exposures + [
        Exposure((labels[i], labels[j]), int(extra[i, j]))
        for i, j in zip(larger.tolist(), smaller.tolist(), strict=True)
    ]


def _spanned(labels: Sequence[str], M: NDArray[np.bool_], threshold: int) -> list[Exposure]:
    patterns, count = np.unique(M, axis=1, return_counts=True)
    basis = patterns.astype(float)
    exposures = []
    for atom in np.flatnonzero((count < threshold) & patterns.any(axis=0)):
        wanted = np.zeros(len(count))
        wanted[atom] = 1.0
        combination = np.linalg.lstsq(basis.T, wanted, rcond=None)[0]
        if np.abs(basis.T @ combination - wanted).max() < 1e-8:
            used = tuple(labels[i] for i in np.flatnonzero(np.abs(combination) > 1e-8).tolist())
            exposures.append(Exposure(used, int(count[atom])))
    return exposures
