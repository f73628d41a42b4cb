"""Subtraction between figures whose respondents are known one by one.

If the respondents of figure A contain those of B and fewer than the threshold besides, the difference of the
two sums belongs to those few. The same holds for any linear combination of figures that leaves few.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.disclosure.editions import Exposure, Subtraction
from analysis.errors import InputError
from analysis.values.arguments import checked, several, text, whole
from analysis.values.arrays import booleans


@checked(labels=several(text), members=booleans(2), threshold=whole(1))
def compare_figures(labels: Sequence[str], members: ArrayLike, *, threshold: int = 10) -> Subtraction:
    """Exposures among figures whose respondents are known, of one release or of several editions together.

    members: (F, R) boolean, respondent r stands behind figure f. Finds figures that are small themselves,
    small differences of two nested figures, and small sets of respondents with the same membership whose sum
    is a linear combination of published sums. Raises InputError for a shape that does not fit the labels.

    >>> from analysis import compare_figures
    >>> members = [[True] * 20, [True] * 18 + [False] * 2]
    >>> compare_figures(["all", "town"], members, threshold=5).exposures[0].n
    2
    """
    M = np.asarray(members, dtype=bool)
    if M.ndim != 2 or len(M) != len(labels):
        raise InputError(
            "每个数字须有一行答卷名单。", "Each figure needs its row of respondents.", column="members"
        )
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
