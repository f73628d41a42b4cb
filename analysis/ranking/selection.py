"""Selection of the departments to rank: enough raters, enough comparisons, linked to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from analysis.errors import NothingToRankError
from analysis.explain import counted
from analysis.model.bridges import weak_link
from analysis.model.cells import Cells
from analysis.model.contrasts import Fit, fitted
from analysis.model.freedom import Freedom, freedom
from analysis.model.parts import Parts, summed
from analysis.model.sandwich import Strata
from analysis.ranking.results import Insufficient

LEAST_DF = 4.0
LEAST_LINK = 4.0
"""Least effective number of raters that link two sets of departments: with one linking rater the error of the
link cannot be estimated, with two or three hardly."""

_REASONS = {
    "threshold": (
        "只有 {n} 个评议人，少于公布门槛 {threshold}。",
        "Rated by {n}, fewer than the publication threshold of {threshold}.",
    ),
    "compared": (
        "同时评过其他部门的评议人只有 {m} 个，少于公布门槛 {threshold}，无法比较。",
        "Of its raters {m} also rated another department, fewer than the threshold of {threshold}.",
    ),
    "isolated": (
        "没有评议人同时评过它和其他参加排名的部门，无法比较。",
        "No rater rated both it and another ranked department.",
    ),
    "df": (
        "能用于比较的评议人太少（有效自由度不足 4）。",
        "Too few raters stand behind its comparisons (effective degrees of freedom under 4).",
    ),
}


@dataclass(frozen=True, eq=False)
class Selection:
    """Departments that are ranked: kept, (D,) mask; fit and freedom are of these only."""

    kept: NDArray[np.bool_]
    fit: Fit
    freedom: Freedom
    insufficient: tuple[Insufficient, ...]

    @property
    def cells(self) -> Cells:
        return self.fit.cells


def select(
    cells: Cells | Parts, names: Sequence[str], threshold: int, strata: Strata | None = None
) -> Selection:
    """Leave out departments until all that remain can be ranked.

    names: (D,); threshold: fewest raters of a department. Raises NothingToRankError when no two can be
    compared.
    """
    given, kept = cells, np.ones(len(names), dtype=bool)
    reasons: dict[int, str] = {}
    while True:
        part = cells.only(kept)
        dropped = _too_few(part, threshold)
        if not dropped:
            _require_two(part, len(names), reasons, threshold)
            found = fitted(part)
            dropped = _isolated(found)
        if not dropped:
            df = freedom(found, strata)
            dropped = _weak(df)
            sets = None if dropped else weak_link(found, LEAST_LINK)
            if sets is not None:
                cells = _split(cells, kept, sets)
                continue
        if not dropped:
            break
        codes = np.flatnonzero(kept)
        reasons |= {int(codes[j]): why for j, why in dropped.items()}
        kept[codes[list(dropped)]] = False
    listed = _listed(given, names, reasons, threshold)
    return Selection(kept, found, df, listed)


def _too_few(cells: Cells | Parts, threshold: int) -> dict[int, str]:
    n, m = summed(cells, raters_and_compared)
    low = {int(j): "threshold" for j in np.flatnonzero(n < threshold)}
    return low or {int(j): "isolated" if m[j] == 0 else "compared" for j in np.flatnonzero(m < threshold)}


def raters_and_compared(cells: Cells) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number of raters of each department, and of those who also rated another, (D,) each."""
    several = cells.size[cells.rater] > 1
    compared = np.bincount(cells.department[several], minlength=cells.n_departments)
    return cells.raters_per_department(), compared


def _isolated(fitted: Fit) -> dict[int, str]:
    alone = np.bincount(fitted.component)[fitted.component] == 1
    return {int(j): "isolated" for j in np.flatnonzero(alone)}


def _split(cells: Cells | Parts, kept: NDArray[np.bool_], sets: NDArray[np.intp]) -> Cells | Parts:
    if isinstance(cells, Cells):
        return _apart(cells, kept, sets)
    return cells.changed(partial(_apart, kept=kept.copy(), sets=sets))


def _apart(cells: Cells, kept: NDArray[np.bool_], sets: NDArray[np.intp]) -> Cells:
    """Cells without those that link two sets too weakly: a rater keeps only the set of which it rated most
    departments."""
    label = np.full(kept.size, -1, dtype=np.intp)
    label[kept] = sets
    S = int(sets.max()) + 1
    of = label[cells.department]
    counts = np.zeros((cells.n_raters, S), dtype=np.intp)
    np.add.at(counts, (cells.rater[of >= 0], of[of >= 0]), 1)
    return cells.rows((of < 0) | (of == counts.argmax(axis=1)[cells.rater]))


def _weak(df: Freedom) -> dict[int, str]:
    best = np.where(np.isfinite(df.pairs), df.pairs, 0).max(axis=1)
    return {int(j): "df" for j in np.flatnonzero(best < LEAST_DF - 1e-6)}


def _require_two(part: Cells | Parts, total: int, reasons: dict[int, str], threshold: int) -> None:
    if part.n_departments >= 2:
        return
    if total < 2:
        raise NothingToRankError(
            "只有一个部门，没有可比的，不排名次。",
            "There is only one department, and nothing to rank it against.",
        )
    if all(reason == "isolated" for reason in reasons.values()):
        raise NothingToRankError(
            "没有评议人同时评过两个部门，部门之间无法比较，不排名次。",
            "No rater rated two departments, so that none can be compared.",
        )
    if "df" in reasons.values() and not {"threshold", "compared"} & set(reasons.values()):
        raise NothingToRankError(
            "评议人够了，但误差估计不出，不排名次：互相独立的群组太少，名录已经全部作答，或者权重太悬殊。",
            "There are enough raters, but errors cannot be estimated: too few independent clusters, a roster "
            "that answered in full, or weights too unequal.",
        )
    raise NothingToRankError(
        f"达到公布门槛（{threshold} 个评议人）、又可以互相比较的部门不足两个，不排名次。",
        "Fewer than two departments that can be compared reach the threshold of "
        f"{counted(threshold, 'rater')}.",
    )


def _listed(
    cells: Cells | Parts, names: Sequence[str], reasons: dict[int, str], threshold: int
) -> tuple[Insufficient, ...]:
    n, m = summed(cells, raters_and_compared)
    entries = []
    for j in sorted(reasons):
        # Counts may be lower than at the start, since raters who link two sets too weakly were set aside.
        enough = (n if reasons[j] == "threshold" else m)[j] >= threshold
        reason = "df" if enough and reasons[j] in ("threshold", "compared") else reasons[j]
        zh, en = _REASONS[reason]
        values = {"n": int(n[j]), "m": int(m[j]), "threshold": threshold}
        entries.append(Insufficient(names[j], int(n[j]), reason, zh.format(**values), en.format(**values)))
    return tuple(entries)
