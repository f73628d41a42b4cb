"""Question whether the highest mark is the best one for every item: 不满意程度 or 重要性 beside 满意度."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import factorise
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Ambiguous
from analysis.foreign.questions.items import which_items
from analysis.foreign.sentences import listed

_LEAST: Final = 30
_OPPOSED: Final = -0.4
_SURE: Final = 4.0
Floats = NDArray[np.float64]


def refuse_opposed_items(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` for items that fall where the other items of the same rater and department rise.

    An item is opposed if its correlation with the mean of the others within departments, over at least 30
    pairs of rater and department, is at most -0.4 and four standard errors below zero (Fisher's z).
    """
    if table.item is None:
        return
    raters = factorise(table.rater, "rater")[0]
    departments, of_departments = factorise(table.department, "department")
    items, names = factorise(table.item, "item")
    if len(names) < 2:
        return
    pair = raters.astype(np.int64) * len(of_departments) + departments
    cell, at = np.unique(pair * len(names) + items, return_inverse=True)
    mean = np.bincount(at, weights=table.score) / np.bincount(at)
    _, at = np.unique(cell // len(names), return_inverse=True)
    others = np.bincount(at)[at] - 1
    rest = (np.bincount(at, weights=mean)[at] - mean) / np.maximum(others, 1)
    opposed = []
    for i, name in enumerate(names):
        which = (cell % len(names) == i) & (others > 0)
        of = cell[which] // len(names) % len(of_departments)
        if _falls(_within(mean[which], of), _within(rest[which], of)):
            opposed.append(name)
    if opposed:
        raise _asked(file, opposed, list(names))


def _within(values: Floats, departments: NDArray[np.int64]) -> Floats:
    """Values less the mean of their department, so that departments good at one item only do not count."""
    means = np.bincount(departments, weights=values) / np.maximum(np.bincount(departments), 1)
    within: Floats = np.round(values - means[departments], 9)
    return within


def _falls(mark: Floats, rest: Floats) -> bool:
    if len(mark) < _LEAST or np.ptp(mark) == 0 or np.ptp(rest) == 0:
        return False
    r = max(float(np.corrcoef(mark, rest)[0, 1]), -1 + 1e-9)
    return r <= _OPPOSED and bool(-np.arctanh(r) * np.sqrt(len(mark) - 3) >= _SURE)


def _asked(file: str, names: Sequence[str], items: Sequence[str]) -> Ambiguous:
    zh, en = listed(names)
    other_zh, other_en = listed([item for item in items if item not in names] or names)
    why = (
        f"里指标的方向像是相反的（{zh}）：{other_zh}打得高的，这些往往打得低。",
        f"items seem to run against each other ({en}): where {other_en} is marked high, these tend low.",
    )
    turned = (
        f"{zh}越低越好，要先在文件里倒过来",
        f"for {en} the lowest mark is the best: turn the marks round in the file first",
    )
    return which_items(file, why, names, items, [turned])
