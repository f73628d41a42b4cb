"""Importance–performance chart: items' weight on the overall rating against their score (Martilla & James
1977)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.charts import labels
from analysis.charts.palette import INK, MUTED, RULE, SAME
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import MARGIN, Sheet, paragraph_height
from analysis.charts.texts import Language, listing, term
from analysis.errors import InputError
from analysis.items.performance import ImportancePerformance

_LABEL_WIDTH: Final = 1.9
_SIDE: Final = 4.6
_SIZE: Final = 8.5
_LEAST: Final = 10.0


@dataclass(frozen=True)
class _Point:
    """One item: performance in points, importance in percent with its interval."""

    item: str
    performance: float
    importance: float
    low: float
    high: float


def importance_performance_chart(
    result: ImportancePerformance, *, title: str = "", language: Language = "zh"
) -> Figure:
    """Scatter plot of items by score and importance, with dashed lines at the means; names to the right,
    joined by lines.

    Quadrants are labelled only if the interval of some item's importance excludes the average importance.
    Items below the publication threshold are named below the chart, not drawn.
    """
    values = zip(
        result.items,
        result.performance,
        100 * result.importance,
        100 * result.low,
        100 * result.high,
        strict=True,
    )
    points = [_Point(item, *map(float, numbers)) for item, *numbers in values]
    shown = [p for p in points if math.isfinite(p.performance) and math.isfinite(p.importance)]
    if not shown:
        raise InputError(
            "没有一个指标的样本达到公布门槛，画不出重要性图。",
            "No item reaches the publication threshold; there is nothing to draw.",
        )
    blank = listing(language, [p.item for p in points if p not in shown])
    default = " · ".join(filter(None, (term(language, "importance_title"), result.department)))
    with chart_style():
        notes = [term(language, "importance_note" if _told_apart(shown) else "importance_alike")]
        if blank:
            notes.append(term(language, "importance_blank", names=blank))
        return _draw(shown, title or default, notes, language)


def _draw(points: Sequence[_Point], title: str, notes: Sequence[str], language: Language) -> Figure:
    names = [labels.wrap(p.item, _LABEL_WIDTH, _SIZE) for p in points]
    heights = [(n.count("\n") + 1) * labels.line_height(_SIZE) + 0.04 for n in names]
    side = max(_SIDE, sum(heights))
    left, top = MARGIN + 0.65, 0.95
    width = left + _SIDE + 0.45 + _LABEL_WIDTH + MARGIN
    below = sum(paragraph_height(note, width) for note in notes)
    sheet = Sheet(width, top + side + 0.75 + below, title)
    sheet.text(MARGIN, 0.3, labels.wrap(title, sheet.width - 2 * MARGIN, 14), 14, va="top")
    axes = sheet.panel(left, top, _SIDE, side)
    scale = _scale(axes, points)
    _draw_quadrants(axes, points, language)
    _draw_points(axes, points)
    sheet.text(
        left + _SIDE / 2,
        top + side + 0.45,
        term(language, "importance_x"),
        _SIZE,
        ha="center",
        colour=MUTED,
    )
    upright = sheet.text(
        MARGIN, top + side / 2, term(language, "importance_y"), _SIZE, ha="center", colour=MUTED
    )
    upright.set(rotation=90, va="center")
    y = top + side + 0.65
    for note in notes:
        y = sheet.paragraph(y, note)
    targets = [(left + x * _SIDE, top + (1 - y) * side) for x, y in map(scale, points)]
    _draw_labels(sheet, names, heights, targets, left + _SIDE, (top, top + side))
    return sheet.figure


def _limits(values: Sequence[float], least: float = _LEAST) -> tuple[float, float]:
    """Axis limits around all values, at least `least` long, so that small differences do not look large."""
    finite = [v for v in values if math.isfinite(v)]
    low, high = min(finite), max(finite)
    pad = max(0.12 * (high - low), (least - (high - low)) / 2)
    return low - pad, high + pad


class _scale:  # noqa: N801 - used as a function
    """Limits of both axes, set when made; called with a point, gives its place as fractions of the axes."""

    def __init__(self, axes: Axes, points: Sequence[_Point]) -> None:
        self.x = _limits([p.performance for p in points])
        low, high = _limits([v for p in points for v in (p.importance, p.low, p.high)])
        self.y = (max(low, 0.0) if min(p.importance for p in points) > 0 else low, high)
        axes.set_xlim(*self.x)
        axes.set_ylim(*self.y)

    def __call__(self, point: _Point) -> tuple[float, float]:
        return (
            (point.performance - self.x[0]) / (self.x[1] - self.x[0]),
            (point.importance - self.y[0]) / (self.y[1] - self.y[0]),
        )


def _draw_quadrants(axes: Axes, points: Sequence[_Point], language: Language) -> None:
    axes.axvline(
        float(np.mean([p.performance for p in points])), color=MUTED, linewidth=0.8, linestyle="dashed"
    )
    axes.axhline(
        float(np.mean([p.importance for p in points])), color=MUTED, linewidth=0.8, linestyle="dashed"
    )
    corners = {
        "importance_fix": (0.02, 0.98, "left", "top"),
        "importance_keep": (0.98, 0.98, "right", "top"),
        "importance_low": (0.02, 0.02, "left", "bottom"),
        "importance_high": (0.98, 0.02, "right", "bottom"),
    }
    for key, (x, y, ha, va) in corners.items() if _told_apart(points) else ():
        axes.text(x, y, term(language, key), transform=axes.transAxes, ha=ha, va=va, size=9, color=MUTED)
    axes.tick_params(labelsize=_SIZE - 0.5, colors=MUTED, length=3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6))
    for spine in axes.spines.values():
        spine.set_color(RULE)


def _told_apart(points: Sequence[_Point]) -> bool:
    """Whether the interval of some item's importance excludes the average importance."""
    equal = float(np.mean([p.importance for p in points]))
    return any(p.low > equal or p.high < equal for p in points)


def _draw_points(axes: Axes, points: Sequence[_Point]) -> None:
    """Draw each item as a dot with its interval; one colour for all, since differences are not tested."""
    for p in points:
        if math.isfinite(p.low) and math.isfinite(p.high):
            axes.vlines(p.performance, p.low, p.high, colors=SAME, linewidth=1.0)
        axes.scatter([p.performance], [p.importance], s=42, color=SAME, zorder=3, linewidths=0)


def _draw_labels(
    sheet: Sheet,
    names: Sequence[str],
    heights: Sequence[float],
    targets: Sequence[tuple[float, float]],
    edge: float,
    span: tuple[float, float],
) -> None:
    order = sorted(range(len(names)), key=lambda i: (targets[i][1], -targets[i][0]))
    centres = spread([targets[i][1] for i in order], [heights[i] for i in order], span)
    for i, y in zip(order, centres, strict=True):
        x, target = targets[i]
        sheet.axes.plot([x, edge + 0.15, edge + 0.38], [target, y, y], color=RULE, linewidth=0.7, zorder=0)
        sheet.text(edge + 0.42, y, names[i], _SIZE, colour=INK)


def spread(wanted: Sequence[float], heights: Sequence[float], span: tuple[float, float]) -> list[float]:
    """Vertical centres of labels near `wanted` (ascending) so that labels neither overlap nor leave
    `span`."""
    tops = []
    free = span[0]
    for centre, height in zip(wanted, heights, strict=True):
        free = max(free, centre - height / 2)
        tops.append(free)
        free += height
    ceiling = span[1]
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], ceiling - heights[i])
        ceiling = tops[i]
    return [top + height / 2 for top, height in zip(tops, heights, strict=True)]
