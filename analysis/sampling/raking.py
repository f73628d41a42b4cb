"""Raking: weights whose margins match the roster's on several strata at once.

Source: Deming & Stephan (1940), iterative proportional fitting; agrees with R's `survey::rake`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.labels import category_labels
from analysis.errors import InputError
from analysis.ranking.results import Note
from analysis.sampling.weights import Weights, base_weights, check_cells, finish, is_missing, missing_note
from analysis.values.arguments import checked, mapping, optional, real, whole

Vector = NDArray[np.float64]


@checked(
    strata=mapping(category_labels),
    margins=mapping(mapping(real())),
    limit=optional(real(1, above=True)),
    tolerance=real(0, 1, above=True),
    rounds=whole(1, 1_000_000),
)
def rake_weights(
    strata: Mapping[str, Sequence[Any]],
    margins: Mapping[str, Mapping[Any, float]],
    *,
    base: ArrayLike | None = None,
    limit: float | None = 5.0,
    tolerance: float = 1e-10,
    rounds: int = 1000,
) -> Weights:
    """Weights (mean 1) under which every category of every stratum has the roster's share.

    strata: stratum name → n labels, None where the respondent did not say; margins: stratum name → label →
    roster count. Only shares matter, so margins need not have the same total. A respondent who did not say is
    left out of that stratum's adjustment. Trimming comes last, so a trimmed result meets the margins only
    approximately (a note says how closely). Raises InputError when a category is missing on either side, or
    when no weights can satisfy all margins together.

    >>> from analysis import rake_weights
    >>> places = ["town", "town", "village"]
    >>> weights = rake_weights({"place": places}, {"place": {"town": 1, "village": 1}})
    >>> weights.values.round(2).tolist()
    [0.75, 0.75, 1.5]
    """
    n = _common_length(strata, margins)
    labels = {name: [None if is_missing(x) else x for x in strata[name]] for name in margins}
    for name in margins:
        check_cells(labels[name], margins[name], name)
    codes = {name: _codes(labels[name], margins[name]) for name in margins}
    targets = {name: _shares(margins[name]) for name in margins}
    w = _fit(base_weights(base, n), codes, targets, tolerance, rounds)
    anybody_silent = [None if any(labels[name][i] is None for name in labels) else 0 for i in range(n)]
    result = finish(w, limit, missing_note(anybody_silent))
    if not result.trimmed:
        return result
    gap = max(_gap(result.values, codes[name], targets[name]) for name in margins)
    return Weights(result.values, result.effective_n, result.trimmed, (*result.notes, _trim_note(gap)))


def _fit(
    w: Vector,
    codes: Mapping[str, NDArray[np.intp]],
    targets: Mapping[str, Vector],
    tolerance: float,
    rounds: int,
) -> Vector:
    total = w.sum()
    for _ in range(rounds):
        for name, code in codes.items():
            w = _adjust(w, code, targets[name])
        w = w * (total / w.sum())
        if max(_gap(w, code, targets[name]) for name, code in codes.items()) < tolerance:
            return w
    raise InputError(
        f"边际加权算了 {rounds} 轮仍不能同时符合各项分布（{'、'.join(codes)}）。"
        "通常是某两类企业在答卷中从未同时出现；请合并小类，或少用一项分层。",
        f"Raking did not meet all margins together ({', '.join(codes)}) in {rounds} rounds. Usually two "
        "categories never occur together in the responses; merge small categories or use one stratum fewer.",
        column="margins",
    )


def _adjust(w: Vector, code: NDArray[np.intp], target: Vector) -> Vector:
    said = code >= 0
    sums = np.bincount(code[said], w[said], minlength=len(target))
    if (sums[target > 0] <= np.finfo(float).tiny * 1e10).any():
        return w
    factor = np.divide(target * sums.sum(), sums, out=np.ones(len(target)), where=sums > 0)
    return np.where(said, w * factor[code], w)


def _gap(w: Vector, code: NDArray[np.intp], target: Vector) -> float:
    said = code >= 0
    sums = np.bincount(code[said], w[said], minlength=len(target))
    return float(np.abs(sums / sums.sum() - target).max())


def _codes(labels: Sequence[Any], margin: Mapping[Any, float]) -> NDArray[np.intp]:
    place = {label: i for i, label in enumerate(margin)}
    return np.array([-1 if label is None else place[label] for label in labels], dtype=np.intp)


def _shares(margin: Mapping[Any, float]) -> Vector:
    counts = np.array(list(margin.values()), dtype=float)
    return np.asarray(counts / counts.sum())


def _common_length(strata: Mapping[str, Sequence[Any]], margins: Mapping[str, Mapping[Any, float]]) -> int:
    absent = [name for name in margins if name not in strata]
    if absent or not margins:
        raise InputError(
            f"答卷里没有分层“{'、'.join(absent)}”。" if absent else "没有给出名录的分布。",
            f"The responses lack the stratum {', '.join(absent)}."
            if absent
            else "No roster margins were given.",
            column="strata" if absent else "margins",
        )
    lengths = {len(strata[name]) for name in margins}
    if len(lengths) > 1:
        raise InputError(
            "各分层的答卷数不同。", "The strata have different numbers of responses.", column="strata"
        )
    return lengths.pop()


def _trim_note(gap: float) -> Note:
    return Note(
        "trimmed_margins",
        f"因权重截尾，加权后的分布与名录最多相差 {100 * gap:.1f} 个百分点。",
        f"Because of trimming, weighted margins differ from the roster by up to {100 * gap:.1f} points.",
    )
