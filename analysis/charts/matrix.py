"""Matrix of pairs: for every two departments of a ranking a cell that says whether they differ."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.charts import labels
from analysis.charts.palette import ABOVE, BELOW, MUTED, RULE
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import MARGIN, Key, Sheet, legend_bottom, paragraph_height
from analysis.charts.texts import Language, percent, term
from analysis.ranking.results import Ranking

_NAME_WIDTH_MAX: Final = 3.8
_NONE, _SAME, _HIGHER, _LOWER, _SELF = range(5)
_FILLS: Final = ("#ffffff", "#e3e5e8", ABOVE, BELOW, "#9aa0a6")
_MARKS: Final = {_HIGHER: "^", _LOWER: "v", _NONE: "x"}


def pair_matrix_chart(ranking: Ranking, *, title: str = "", language: Language = "zh") -> Figure:
    """Square matrix of all pairs in ranked order; triangle up: row significantly higher than column; down:
    lower."""
    with chart_style():
        return _draw(ranking, title or term(language, "matrix_title"), language)


def pair_states(ranking: Ranking) -> NDArray[np.int8]:
    """State of every pair, (D, D): 0 not comparable, 1 not distinguishable, 2 row higher, 3 row lower, 4 the
    diagonal."""
    row = {d.name: i for i, d in enumerate(ranking.departments)}
    pairs = ranking.pairs
    rows = np.array([row[name] for name in pairs.names], dtype=np.intp)
    a, b = rows[pairs.a], rows[pairs.b]
    states = np.full((len(row), len(row)), _NONE, dtype=np.int8)
    np.fill_diagonal(states, _SELF)
    states[a, b] = np.where(~pairs.significant, _SAME, np.where(pairs.difference >= 0, _HIGHER, _LOWER))
    states[b, a] = np.where(~pairs.significant, _SAME, np.where(pairs.difference >= 0, _LOWER, _HIGHER))
    return states


def _draw(ranking: Ranking, title: str, language: Language) -> Figure:
    states = pair_states(ranking)
    count = len(states)
    cell = (
        0.3
        if count <= 20
        else 0.24
        if count <= 30
        else 0.2
        if count <= 40
        else 0.14
        if count <= 200
        else 0.08
    )
    size = min(8.5, cell * 72 * 0.72)
    names = [labels.wrap(d.name, _NAME_WIDTH_MAX, size) for d in ranking.departments]
    name_width = max(labels.text_width(line, size) for name in names for line in name.split("\n"))
    lines = max(name.count("\n") + 1 for name in names)
    size = min(size, cell * 72 / 1.45 / lines * 1.15) if lines > 1 else size
    left, top = MARGIN + 0.55 + name_width, 1.05
    width = max(left + count * cell + MARGIN, 7.0)
    keys = keys_of(states, language)
    foot = top + count * cell + 0.15
    note = term(language, "matrix_note", level=percent(ranking.level))
    bottom = legend_bottom(keys, foot, width) + 0.06
    sheet = Sheet(width, bottom + paragraph_height(note, width) + 0.25, title)
    sheet.text(MARGIN, 0.3, labels.wrap(title, width - 2 * MARGIN, 14), 14, va="top")
    _draw_names(sheet, names, left, top, cell, size)
    draw_cells(sheet, states, left, top, cell)
    sheet.paragraph(sheet.legend(foot, keys) + 0.06, note)
    return sheet.figure


def _draw_names(
    sheet: Sheet, names: Sequence[str], left: float, top: float, cell: float, size: float
) -> None:
    step = 1 if cell >= 0.2 else 5
    for i, name in enumerate(names):
        y = top + (i + 0.5) * cell
        sheet.text(MARGIN + 0.32, y, str(i + 1), size, ha="right", colour=MUTED)
        sheet.text(MARGIN + 0.42, y, name, size)
        if i == 0 or (i + 1) % step == 0:
            sheet.text(left + (i + 0.5) * cell, top - 0.1, str(i + 1), size, ha="center", colour=MUTED)


def draw_cells(sheet: Sheet, states: NDArray[np.int8], left: float, top: float, cell: float) -> None:
    """Draw cells of `pair_states`, or of a block of them, each `cell` inches wide, from (left, top)."""
    down, across = (np.arange(length + 1) * cell for length in states.shape)
    sheet.axes.pcolormesh(
        left + across, top + down, states, cmap=ListedColormap(_FILLS), vmin=-0.5, vmax=4.5,
        edgecolors="white" if cell > 0.1 else "none", linewidth=0.5,
    )  # fmt: skip
    for state, marker in _MARKS.items():
        rows, columns = np.nonzero(states == state)
        colour = RULE if state == _NONE else "white"
        sheet.axes.scatter(
            left + (columns + 0.5) * cell, top + (rows + 0.5) * cell, s=(cell * 72 * 0.38) ** 2,
            marker=marker, color=colour, linewidths=0.5 if state == _NONE else 0,
        )  # fmt: skip


def keys_of(states: NDArray[np.int8], language: Language) -> list[Key]:
    """Legend entries for the states of `pair_states` that a matrix can show."""
    keys = [
        Key(term(language, "matrix_higher"), ABOVE, "^"),
        Key(term(language, "matrix_lower"), BELOW, "v"),
        Key(term(language, "matrix_same"), _FILLS[_SAME], "s"),
    ]
    if (states == _NONE).any():
        keys.append(Key(term(language, "matrix_none"), MUTED, "x"))
    return keys
