"""Indices of careless responding, one value per respondent. Answering times are not used: none are recorded.

Each function takes answers (n, k) in the order of the questionnaire, NaN where unanswered, and returns (n,)
values, NaN where the index is undefined. Definitions follow Johnson (2005), Meade & Craig (2012) and Dunn et
al. (2018) and agree with R's `careless` on complete answers; `even_odd` has the sign of its version 1.2 (high
= careless).
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.answers.covariances import answers, pairwise_covariance
from analysis.answers.labels import labelled
from analysis.errors import InputError

Vector = NDArray[np.float64]
_AT_ONCE = 4096


def longstring(scores: ArrayLike) -> NDArray[np.int64]:
    """Longest run of identical answers of each respondent, (n,); unanswered questions do not break a run.

    >>> from analysis import longstring
    >>> longstring([[5, 5, 5, 4], [1, 2, 3, 4]]).tolist()
    [3, 1]
    """
    return _by_rows(_longest_runs, answers(scores))


def _longest_runs(X: Vector) -> NDArray[np.int64]:
    longest = np.zeros(len(X), dtype=np.int64)
    run = np.zeros(len(X), dtype=np.int64)
    last = np.full(len(X), np.nan)
    for column in X.T:
        given = ~np.isnan(column)
        run = np.where(given, np.where(column == last, run + 1, 1), run)
        last = np.where(given, column, last)
        longest = np.maximum(longest, run)
    return longest


def intra_individual_variability(scores: ArrayLike) -> Vector:
    """Standard deviation (divisor n − 1) of each respondent's own answers, (n,): IRV (Dunn et al. 2018).

    >>> from analysis import intra_individual_variability
    >>> intra_individual_variability([[4, 4, 4], [1, 2, 3]]).tolist()
    [0.0, 1.0]
    """
    return _by_rows(_deviations, answers(scores))


def _deviations(X: Vector) -> Vector:
    count, _, centred = _centred(X)
    variance = np.divide((centred**2).sum(axis=1), count - 1, out=np.full(len(X), np.nan), where=count > 1)
    return np.asarray(np.sqrt(variance))


def even_odd(scores: ArrayLike, scales: ArrayLike) -> Vector:
    """Even–odd inconsistency of each respondent, (n,): minus the Spearman–Brown corrected correlation between
    the two half-scale means.

    scales: (k,) label of the scale (here: the department) of each column; within a scale its 1st, 3rd, …
    column is one half and its 2nd, 4th, … the other. −1 is full consistency, +1 the cap. NaN with fewer than
    two scales answered in both halves or without variation.

    >>> from analysis import even_odd
    >>> even_odd([[1, 1, 3, 3, 5, 5]], ["A", "A", "B", "B", "C", "C"]).tolist()
    [-1.0]
    """
    X = answers(scores)
    labels = labelled("scales", scales)
    if labels.shape != (X.shape[1],):
        raise InputError(
            "每一列都要注明属于哪个量表。", "Each column needs the scale it belongs to.", column="scales"
        )
    kinds = list(dict.fromkeys(labels.tolist()))
    columns = [np.flatnonzero(labels == kind) for kind in kinds]
    if sum(len(c) > 1 for c in columns) < 2:
        raise InputError(
            "奇偶一致性需要至少两个各含两题以上的量表。",
            "Even–odd consistency needs two scales of at least two items.",
            column="scales",
        )

    def halves(part: Vector) -> Vector:
        odd = np.stack([_row_means(part[:, c[0::2]]) for c in columns if len(c) > 1], axis=1)
        even = np.stack([_row_means(part[:, c[1::2]]) for c in columns if len(c) > 1], axis=1)
        return _row_correlations(even, odd)

    r = _by_rows(halves, X)
    corrected = np.divide(2 * r, 1 + r, out=np.full(len(r), -1.0), where=1 + r > 1e-12)
    return np.where(np.isnan(r), np.nan, -np.maximum(corrected, -1.0))


def mahalanobis(scores: ArrayLike) -> tuple[Vector, Vector]:
    """Squared Mahalanobis distance D² of each respondent's answers from the means, (n,), and its upper-tail
    χ² probability, (n,).

    Only the questions a respondent answered are used, and their number is his degrees of freedom; covariances
    are pairwise. Raises InputError when a question is constant or repeats others.

    >>> from analysis import mahalanobis
    >>> squared, p = mahalanobis([[1, 2], [2, 1], [3, 3], [2, 2], [9, 1]])
    >>> int(squared.argmax())
    4
    """
    X = answers(scores)
    S = pairwise_covariance(X)
    if np.linalg.eigvalsh(S)[0] <= 1e-10 * max(np.trace(S), 1e-300):
        raise InputError(
            "有的题目人人同分，或与别的题目完全重复，或缺答太多，算不出马氏距离；请先去掉它。",
            "A question is constant, repeats others or has too many gaps (Mahalanobis); leave it out.",
            column="scores",
        )
    deviation = X - np.nanmean(X, axis=0)
    given = ~np.isnan(X)
    D2 = np.full(len(X), np.nan)
    patterns, member = np.unique(given, axis=0, return_inverse=True)
    for i, pattern in enumerate(patterns):
        if pattern.any():
            rows = member == i
            d = deviation[np.ix_(rows, pattern)]
            D2[rows] = (d * np.linalg.solve(S[np.ix_(pattern, pattern)], d.T).T).sum(axis=1)
    return D2, special.chdtrc(np.maximum(given.sum(axis=1), 1), D2)


def person_total(scores: ArrayLike) -> Vector:
    """Correlation of each respondent's answers with the mean answers of all others, (n,) (Donlon & Fischer
    1968).

    >>> from analysis import person_total
    >>> person_total([[1, 2, 3], [1, 2, 4], [2, 3, 5], [5, 4, 1]]).round().tolist()
    [1.0, 1.0, 1.0, -1.0]
    """
    X = answers(scores)
    known = ~np.isnan(X)
    count, total = known.sum(axis=0), X.sum(axis=0, where=known)

    def with_the_rest(part: Vector) -> Vector:
        given = ~np.isnan(part)
        others = count - given
        rest = total - np.where(given, part, 0.0)
        rest = np.divide(rest, others, out=np.full(part.shape, np.nan), where=others > 0)
        return _row_correlations(part, rest)

    return _by_rows(with_the_rest, X)


Values = TypeVar("Values", Vector, NDArray[np.int64])


def _by_rows(index: Callable[[Vector], Values], X: Vector) -> Values:
    """Index of each respondent, (n,), some respondents at a time: the intermediate tables then stay small."""
    parts = [index(X[start : start + _AT_ONCE]) for start in range(0, len(X), _AT_ONCE)]
    return cast(Values, np.concatenate(parts))


def _centred(X: Vector) -> tuple[Vector, Vector, Vector]:
    given = ~np.isnan(X)
    count = given.sum(axis=1).astype(float)
    mean = np.divide(np.where(given, X, 0).sum(axis=1), count, out=np.full(len(X), np.nan), where=count > 0)
    return count, mean, np.where(given, X - mean[:, None], 0.0)


def _row_means(X: Vector) -> Vector:
    return _centred(X)[1]


def _row_correlations(A: Vector, B: Vector) -> Vector:
    both = ~np.isnan(A) & ~np.isnan(B)
    count, _, a = _centred(np.where(both, A, np.nan))
    _, _, b = _centred(np.where(both, B, np.nan))
    saa, sbb = (a * a).sum(axis=1), (b * b).sum(axis=1)
    usable = (count > 1) & (saa > 1e-12 * count) & (sbb > 1e-12 * count)
    r = np.full(len(A), np.nan)
    r[usable] = (a * b).sum(axis=1)[usable] / np.sqrt(saa * sbb)[usable]
    return r
