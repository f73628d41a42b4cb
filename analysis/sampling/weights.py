"""Post-stratification weights that give the respondents the roster's composition, with trimming.

Sources: Holt & Smith (1979) for post-stratification, Kish (1965) for the effective number, Potter (1990) for
trimming. Raking to several margins is in `analysis.sampling.raking`; standard errors that account for the
weighting are in `analysis.sampling.design`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.labels import category_labels
from analysis.errors import InputError
from analysis.explain import Result, listed, number, pick, share
from analysis.ranking.results import Note
from analysis.values.arguments import checked, mapping, optional, real, refusal
from analysis.values.arrays import vector

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Weights(Result):
    """Weights of the respondents, with effective number and notes."""

    values: Vector
    """(n,) positive weights, mean 1."""
    effective_n: float
    """Effective number of respondents, (Σw)² / Σw² (Kish 1965)."""
    trimmed: int
    """Respondents whose weight was cut to the limit."""
    notes: tuple[Note, ...] = ()

    @property
    def design_effect(self) -> float:
        """Kish's design effect 1 + CV² of the weights: factor by which weighting increases the variance."""
        return len(self.values) / self.effective_n

    def summary(self, language: str = "zh") -> str:
        """Effective number, range of weights and number trimmed, one paragraph in `language` ("zh" or
        "en")."""
        n, low, high = len(self.values), self.values.min(), self.values.max()
        zh = (
            f"{n} 份答卷加权后相当于 {number(self.effective_n, 0)} 份（有效样本量），"
            f"权重 {number(low)} 至 {number(high)}，{self.trimmed} 份被截到上限。"
        )
        en = (
            f"{n} responses count as {number(self.effective_n, 0)} after weighting (effective n); "
            f"weights run from {number(low)} to {number(high)}, {self.trimmed} were trimmed."
        )
        for note in self.notes:
            zh += note.zh
            en += " " + note.en
        return pick(language, zh, en)


@checked(weights=vector(low=0))
def effective_n(weights: ArrayLike) -> float:
    """Kish's effective number of respondents, (Σw)² / Σw².

    >>> from analysis import effective_n
    >>> round(effective_n([1, 1, 2]), 4)
    2.6667
    """
    w = _not_all_zero(weights)
    return float(w.sum() ** 2 / (w**2).sum())


def _not_all_zero(weights: ArrayLike) -> Vector:
    w = np.asarray(weights, dtype=float)
    if not w.any():
        raise refusal("weights", "全为零。", "are all 0.")
    return w


@checked(weights=vector(low=0), limit=real(1, above=True))
def trim(weights: ArrayLike, limit: float) -> tuple[Vector, int]:
    """Trim weights to `limit` times their mean; the surplus goes to the others in proportion, so the mean
    stays.

    Returns the weights (n,) and how many were cut. Raises InputError for a limit of 1 or less, which only
    equal weights satisfy.

    >>> from analysis import trim
    >>> weights, cut = trim([1, 1, 1, 1, 6], limit=2)
    >>> weights.tolist(), cut
    ([1.5, 1.5, 1.5, 1.5, 4.0], 1)
    """
    w = _not_all_zero(weights)
    mean = float(w.mean())
    over = np.zeros(len(w), dtype=bool)
    out = w.copy()
    while (out > limit * mean * (1 + 1e-12)).any():
        over |= out > limit * mean
        rest = w[~over].sum()
        out = np.where(over, limit * mean, w * (mean * (len(w) - limit * over.sum()) / rest))
    return out, int(over.sum())


@checked(cells=category_labels, roster=mapping(real()), limit=optional(real(1, above=True)))
def cell_weights(
    cells: Sequence[Any],
    roster: Mapping[Any, float],
    *,
    base: ArrayLike | None = None,
    limit: float | None = 5.0,
) -> Weights:
    """Post-stratification weights: each cell's share of weight becomes its share of the roster.

    cells: n labels, None where the respondent did not say; roster: label → enterprises on the roster; base:
    (n,) weights to start from; limit: largest weight as a multiple of the mean, None for none. A respondent
    without a label keeps the mean weight. Raises InputError for a label the roster lacks and for a roster
    cell without respondents, naming it.

    >>> from analysis import cell_weights
    >>> weights = cell_weights(["town", "town", "village"], {"town": 100, "village": 100})
    >>> weights.values.tolist()
    [0.75, 0.75, 1.5]
    """
    w = base_weights(base, len(cells))
    known = [None if is_missing(cell) else cell for cell in cells]
    check_cells(known, roster, "roster")
    totals: dict[Any, float] = {}
    for cell, weight in zip(known, w, strict=True):
        totals[cell] = totals.get(cell, 0.0) + float(weight)
    said = sum(total for cell, total in totals.items() if cell is not None)
    whole = sum(roster[cell] for cell in roster)
    factor = {cell: roster[cell] / whole * said / totals[cell] for cell in roster if roster[cell] > 0}
    factor[None] = 1.0
    return finish(w * np.array([factor[cell] for cell in known]), limit, missing_note(known))


def finish(weights: Vector, limit: float | None, notes: tuple[Note, ...]) -> Weights:
    """`Weights` from raw weights: scaled to mean 1, then trimmed to `limit` (None: not)."""
    values, cut = weights / weights.mean(), 0
    if limit is not None:
        values, cut = trim(values, limit)
    return Weights(values, effective_n(values), cut, notes)


def base_weights(base: ArrayLike | None, n: int) -> Vector:
    """Starting weights (n,), 1 unless given. Raises InputError unless all are positive."""
    if n == 0:
        raise InputError("没有答卷可以加权。", "There are no responses to weight.", column="cells")
    w = np.ones(n) if base is None else vector(low=1e-12, high=1e12)("base", base)
    if w.shape != (n,):
        raise InputError(
            f"起始权重须为 {n} 个正数，一份答卷一个。",
            f"Starting weights must be {n} positive numbers, one per response.",
            column="base",
        )
    return w


def is_missing(label: Any) -> bool:
    """Whether a label is missing (the respondent did not say): None, NaN or blank."""
    return label is None or label != label or (isinstance(label, str) and not label.strip())


def check_cells(labels: Sequence[Any], roster: Mapping[Any, float], name: str) -> None:
    """Raise InputError unless each label is on the roster and each roster cell has a respondent."""
    seen = {label for label in labels if label is not None}
    unknown = [str(label) for label in seen if label not in roster]
    if unknown:
        raise InputError(
            f"“{name}”里的 {listed(unknown, 'zh')} 不在企业名录的分布里，请补上或改名。",
            f"{name}: {listed(unknown, 'en')} is not among the roster counts; add or rename it.",
            column=name,
            name=name,
        )
    bad = [str(cell) for cell, count in roster.items() if not (np.isfinite(count) and count >= 0)]
    if bad or not sum(roster.values()) > 0:
        raise InputError(
            f"“{name}”的名录数须为非负数且不全为零：{listed(bad, 'zh')}。",
            f"{name}: roster counts must be non-negative and not all zero: {listed(bad, 'en')}.",
            column=name,
            name=name,
        )
    empty = [str(cell) for cell, count in roster.items() if count > 0 and cell not in seen]
    zero = [str(cell) for cell, count in roster.items() if count == 0 and cell in seen]
    if empty or zero:
        raise InputError(
            f"“{name}”中 {listed(empty or zero, 'zh')} 只在{'名录' if empty else '答卷'}里有，无法加权；"
            "请与相近的一类合并。",
            f"{name}: {listed(empty or zero, 'en')} occurs only in the {'roster' if empty else 'responses'}, "
            "so it cannot be weighted; merge it with a similar one.",
            column=name,
            name=name,
        )


def missing_note(labels: Sequence[Any]) -> tuple[Note, ...]:
    """Note with the number of respondents without label; () if there are none."""
    missing = sum(label is None for label in labels)
    if not missing:
        return ()
    portion = share(missing / len(labels))
    return (
        Note(
            "stratum_missing",
            f"{missing} 份（{portion}）没有填写分类，保持平均权重。",
            f"{missing} ({portion}) did not state their category and keep the mean weight.",
        ),
    )
