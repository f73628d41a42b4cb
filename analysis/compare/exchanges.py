"""Exact test that no department differs in any of several samples, before anything is said of their sum.

Marks are exchanged within raters (`analysis.inference.exchanged`), among the departments that all samples
compare. Samples of different raters are permuted together. Of samples that may share raters, each is tested
by itself on the same statements, and the smallest p-value counts as many times as there are samples
(Bonferroni), whatever their raters have to do with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.compare.contrast_family import ContrastFamily
from analysis.compare.samples import Sample
from analysis.inference.exchanged import Exchange, applies, sum_p

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
_NOISE = 1e-12
Test = Callable[[tuple[Ints, Ints], Floats, int, float | None], float]
"""Function from pairs (j, k) of statements, degrees of freedom (of pairs, then of statements), a seed and a
bound (as in `permutation_p`) to a p-value."""


def exchange_test(
    samples: Sequence[Sample], names: Sequence[str], parts: Sequence[Floats], labels: Sequence[int]
) -> Test | None:
    """Test of the statements Σ parts[s] θ_s, parts[s] (M, D_s), about the departments `names`; None where
    marks cannot be exchanged. labels: a code per sample; samples of one code may share raters."""
    if not applies(*(s.fit.cells for s in samples)) or any(s.unit is not None for s in samples):
        return None

    def p_value(pairs: tuple[Ints, Ints], df: Floats, seed: int, bound: float | None) -> float:
        own = [Exchange(s.fit, np.isin(np.array(s.names, dtype=object), list(names))) for s in samples]
        if len(set(labels)) == len(samples):
            return sum_p(own, parts, pairs, df, seed, bound)
        S = len(samples)
        least = None if bound is None else bound / S
        each = (sum_p([e], [L], pairs, df, seed, least) for e, L in zip(own, parts, strict=True))
        return min(1.0, S * min(each))

    return p_value


def gate(
    found: ContrastFamily, test: Test, known: Floats, level: float, seed: int
) -> tuple[ContrastFamily, bool]:
    """Family after the test that no department differs, and whether that kept something from being declared;
    known: (M,) parts of the estimates without error."""
    none = np.zeros(0, dtype=np.intp)
    sure = (np.abs(known) > _NOISE * np.abs(known).max()) & (np.sign(known) == np.sign(found.estimate))
    return gated(found, test((none, none), found.df, seed, None), level, sure)


def gated(
    found: ContrastFamily, p: float, level: float, known: NDArray[np.bool_] | None = None
) -> tuple[ContrastFamily, bool]:
    """Family of which nothing is declared unless p, of the hypothesis that nothing differs, is at most 1 −
    level; and whether that kept something from being declared.

    known: (M,) statements that would be true even then; they stay as they are.
    """
    tested = np.ones_like(found.significant) if known is None else ~known
    larger = np.where(tested, np.maximum(found.p, p), found.p)
    if p <= 1 - level:
        return replace(found, p=larger), False
    lower = np.where(tested, np.minimum(found.lower, 0), found.lower)
    upper = np.where(tested, np.maximum(found.upper, 0), found.upper)
    kept = found.significant & ~tested
    held = bool((found.significant & tested).any())
    return replace(found, p=larger, significant=kept, lower=lower, upper=upper), held
