"""Question whether marks that stand apart from all others are codes for no answer: -9, -99, 8, 9, 99."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import factorise
from analysis.files.ratings import RatingsTable
from analysis.foreign.questions.scales import which_marks
from analysis.foreign.sentences import listed

Floats = NDArray[np.float64]


def refuse_apart(file: str, table: RatingsTable, find: Callable[[Floats], Floats]) -> None:
    """Raise `Ambiguous` for the marks that `find` gives of all marks, or of those of one item, however many
    there are."""
    scores = np.asarray(table.score, dtype=np.float64)
    for rows, item in _groups(table):
        if not len(apart := find(scores[rows])):
            continue
        found = np.isin(scores[rows], apart)
        rest, first = scores[rows][~found], int(rows[found][0])
        (zh, en), n = listed([f"{value:g}" for value in apart]), int(found.sum())
        where = table.numbers[first], table.department[first]
        of, of_en = (f"指标“{item}”的", f" of item {item!r}") if item else ("", "")
        why = f"“{file}”里{of}分数 {zh}（共 {n} 个，如第 {where[0]} 行“{where[1]}”）离其余的很远，"
        why += f"其余在 {rest.min():g} 到 {rest.max():g} 之间：像是“不了解、拒答”的代码，"
        why += "或者输错了。有两种读法："
        why_en = (
            f"{file}: marks{of_en} {en} ({n} in all, such as row {where[0]}, {where[1]}) lie far from all "
            f"others, which are {rest.min():g} to {rest.max():g}: codes for no answer, or slips of typing? "
            "Two readings fit:"
        )
        raise which_marks((why, why_en), [f"{value:g}" for value in apart], ("请说明：", "Say which: "))


def _groups(table: RatingsTable) -> Iterator[tuple[NDArray[np.intp], str]]:
    """Rows of all marks, then of those of each item, with its name."""
    yield np.arange(len(table.score)), ""
    if table.item is not None:
        codes, names = factorise(table.item, "item")
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.searchsorted(codes[order], np.arange(1, len(names))))
        yield from zip(parts, names, strict=True)
