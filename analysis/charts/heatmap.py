"""Heat map of departments' scores by item, with the number printed in each cell."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from analysis.charts import labels
from analysis.charts.palette import HIGH, LOW, MUTED
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import MARGIN, Sheet, paragraph_height
from analysis.charts.texts import Language, term
from analysis.errors import InputError

_NAME_WIDTH: Final = 2.3
_CELL_WIDTH: Final = 0.82
INK_TURNS: Final = 0.179  # where black and white have the same contrast, 4.58


def item_heatmap_chart(
    departments: Sequence[str],
    items: Sequence[str],
    scores: ArrayLike,
    *,
    title: str = "",
    language: Language = "zh",
) -> Figure:
    """Heat map of `scores` (D, I) in points; NaN (not published) is drawn hatched with a dash.

    Shades run over the scores shown, the lower the darker, and every cell prints its number.
    """
    table = np.asarray(scores, dtype=float)
    if table.shape != (len(departments), len(items)) or not table.size:
        raise InputError(
            f"热力图需要 {len(departments)} 行 {len(items)} 列的得分，得到的是 {table.shape}。",
            f"The heat map needs scores of shape ({len(departments)}, {len(items)}), not {table.shape}.",
        )
    with chart_style():
        return _draw(departments, items, table, title or term(language, "heatmap_title"), language)


def _draw(
    departments: Sequence[str],
    items: Sequence[str],
    table: NDArray[np.float64],
    title: str,
    language: Language,
) -> Figure:
    size = 8.5 if len(departments) <= 60 else 7.5
    line = labels.line_height(size)
    name_width = labels.column_width(departments, size, _NAME_WIDTH)
    names = [labels.wrap(name, name_width - 0.1, size) for name in departments]
    heads = [labels.wrap(item, _CELL_WIDTH - 0.08, size) for item in items]
    heights = [(name.count("\n") + 1) * line + 0.09 for name in names]
    top = 0.72 + max(head.count("\n") + 1 for head in heads) * line
    width = max(MARGIN * 2 + name_width + len(items) * _CELL_WIDTH, 6.0)
    notes = [term(language, "heatmap_note")]
    if np.isnan(table).any():
        notes.append(term(language, "heatmap_blank"))
    bottom = top + sum(heights) + 0.15
    sheet = Sheet(width, bottom + sum(paragraph_height(note, width) for note in notes) + 0.2, title)
    sheet.text(MARGIN, 0.3, labels.wrap(title, width - 2 * MARGIN, 14), 14, va="top")
    left = MARGIN + name_width
    for column, head in enumerate(heads):
        x = left + (column + 0.5) * _CELL_WIDTH
        sheet.text(x, top - 0.07, head, size, ha="center", va="bottom", colour=MUTED)
    y = top
    shade = _Shade(table)
    for name, height, row in zip(names, heights, table, strict=True):
        sheet.text(MARGIN, y + height / 2, name, size)
        _draw_row(sheet, row, left, y, height, size, shade)
        y += height
    for note in notes:
        bottom = sheet.paragraph(bottom, note)
    return sheet.figure


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance (WCAG 2.2), 0 to 1, of an sRGB colour with components 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class _Shade:
    """Colour scale from the lowest to the highest score of a table."""

    def __init__(self, table: NDArray[np.float64]) -> None:
        shown = table[np.isfinite(table)]
        low, high = (shown.min(), shown.max()) if shown.size else (0.0, 1.0)
        self._scale = Normalize(low, high if high > low else low + 1)
        self._colours = LinearSegmentedColormap.from_list("scores", [LOW, HIGH])

    def __call__(self, value: float) -> tuple[tuple[float, ...], str]:
        """Fill colour of a cell for `value`, and a text colour readable on it."""
        fill = self._colours(self._scale(value))
        return fill, "black" if luminance(fill) > INK_TURNS else "white"


def _draw_row(
    sheet: Sheet, row: NDArray[np.float64], left: float, y: float, height: float, size: float, shade: _Shade
) -> None:
    for column, value in enumerate(row):
        x = left + column * _CELL_WIDTH
        known = math.isfinite(value)
        fill, ink = shade(value) if known else ("#ffffff", MUTED)
        sheet.axes.add_patch(
            Rectangle((x, y), _CELL_WIDTH, height, facecolor=fill, edgecolor="white" if known else "#c9ccd1",
                      linewidth=0.8, hatch=None if known else "////")
        )  # fmt: skip
        label = f"{value:.1f}" if known else "—"
        text = sheet.text(x + _CELL_WIDTH / 2, y + height / 2, label, size, ha="center", colour=ink)
        if not known:
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
