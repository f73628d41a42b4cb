"""Rows with an estimate and an interval each, a table beside them: the frame of several charts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis.charts import labels
from analysis.charts.palette import COLOURS, INK, MARKERS, MUTED, RULE, TIERS, WARNING
from analysis.charts.sheet import MARGIN, Key, Sheet, legend_bottom, paragraph_height
from analysis.charts.tierbars import TierBar, tier_bars

Kind = Literal["above", "below", "same"]

NAME_WIDTH = 2.05
PANEL_WIDTH = 3.1
TIER_WIDTH = 0.14
MOST_LANES = 24


@dataclass(frozen=True)
class Column:
    """A column of short texts beside the names; `width` in inches, `heading` may have two lines."""

    heading: str
    width: float
    align: Literal["left", "center", "right"] = "center"


@dataclass(frozen=True)
class Row:
    """One department: the estimate and its interval, the cells of every column, the tiers it belongs to."""

    label: str
    estimate: float
    low: float
    high: float
    kind: Kind
    cells: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    raw: float = math.nan


@dataclass(frozen=True)
class Section:
    """Rows that may be compared with each other; `reference` is the x of their dashed line."""

    heading: str
    rows: tuple[Row, ...]
    reference: float = math.nan


@dataclass(frozen=True)
class Forest:
    """Everything a chart of rows says. `columns` stand in this order: `before` the name, after it, right."""

    title: str
    name_heading: str
    axis_label: str
    sections: tuple[Section, ...]
    before: tuple[Column, ...] = ()
    after: tuple[Column, ...] = ()
    right: tuple[Column, ...] = ()
    tiers_heading: str = ""
    too_many_tiers: str = ""
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    lines: tuple[tuple[float, str], ...] = field(default=())


@dataclass(frozen=True)
class _Placed:
    row: Row
    name: str
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class _Block:
    section: Section
    y: float
    rows: tuple[_Placed, ...]
    bars: tuple[TierBar, ...]

    @property
    def bottom(self) -> float:
        return self.rows[-1].y + self.rows[-1].height if self.rows else self.y


def draw_forest(forest: Forest) -> Figure:
    """The figure; its height grows with rows, its width with names and tiers. Call inside `chart_style`."""
    size = _type_size(forest)
    bars = [tier_bars([row.tiers for row in section.rows]) for section in forest.sections]
    lanes = max((bar.lane + 1 for part in bars for bar in part), default=0)
    if lanes > MOST_LANES:  # finer stripes than an eye can follow
        forest = replace(forest, notes=(*forest.notes, forest.too_many_tiers))
        bars, lanes = [() for _ in bars], 0
    grid = _Grid.of(forest, lanes, size)
    title = labels.wrap(forest.title, grid.width - 2 * MARGIN, 14)
    top = 0.3 + (title.count("\n") + 1) * 0.28 + 0.42
    blocks = tuple(_place(forest.sections, bars, top, size, grid.name_width))
    foot = blocks[-1].bottom + (0.55 if forest.lines else 0.4)
    sheet = Sheet(grid.width, _total_height(forest, grid.width, foot), forest.title)
    sheet.text(MARGIN, 0.3, title, 14, va="top")
    _draw_headings(sheet, forest, grid, top, size)
    if lanes:
        sheet.text(grid.tiers, top - 0.07, forest.tiers_heading, size, va="bottom", colour=MUTED)
    _draw_table(sheet, forest, grid, blocks, size)
    _draw_tiers(sheet, grid, blocks)
    _draw_panel(sheet, forest, grid, blocks, top, size)
    y = sheet.legend(foot, forest.keys) + 0.06
    for note in forest.notes:
        y = sheet.paragraph(y, note)
    return sheet.figure


def _type_size(forest: Forest) -> float:
    count = sum(len(section.rows) for section in forest.sections)
    return 8.5 if count <= 60 else 7.5 if count <= 200 else 6


def _total_height(forest: Forest, width: float, foot: float) -> float:
    y = legend_bottom(forest.keys, foot, width) + 0.06
    return y + sum(paragraph_height(note, width) for note in forest.notes) + 0.25


def _place(
    sections: Sequence[Section], bars: Sequence[tuple[TierBar, ...]], y: float, size: float, width: float
) -> Iterator[_Block]:
    line = labels.line_height(size)
    for section, tiers in zip(sections, bars, strict=True):
        if section.heading:
            y += 0.36
        start, placed = y, []
        for row in section.rows:
            name = labels.wrap(row.label, width - 0.1, size)
            height = (name.count("\n") + 1) * line + (0.09 if size > 6 else 0.04)
            placed.append(_Placed(row, name, y, height))
            y += height
        yield _Block(section, start, tuple(placed), tiers)


@dataclass(frozen=True)
class _Grid:
    """Left edges in inches of what stands beside each other."""

    before: tuple[float, ...]
    name: float
    name_width: float
    after: tuple[float, ...]
    tiers: float
    tier_width: float
    panel: float
    right: tuple[float, ...]
    width: float

    @classmethod
    def of(cls, forest: Forest, lanes: int, size: float) -> "_Grid":
        x = MARGIN
        before, x = _edges(forest.before, x)
        names = [row.label for section in forest.sections for row in section.rows]
        name_width = labels.column_width(names, size, NAME_WIDTH)
        name, x = x, x + name_width
        after, x = _edges(forest.after, x)
        tier_width = TIER_WIDTH if lanes <= 16 else 0.1
        tiers, x = x, x + (max(tier_width * lanes, 0.4) + 0.1 if lanes else 0)
        panel, x = x + 0.1, x + 0.2 + PANEL_WIDTH
        right, x = _edges(forest.right, x)
        return cls(before, name, name_width, after, tiers, tier_width, panel, right, x + MARGIN)


def _edges(columns: Sequence[Column], x: float) -> tuple[tuple[float, ...], float]:
    edges = []
    for column in columns:
        edges.append(x)
        x += column.width
    return tuple(edges), x


def _columns(forest: Forest, grid: _Grid) -> Iterator[tuple[Column, float]]:
    """Each column with the x its texts are anchored at."""
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}
    columns = (*forest.before, *forest.after, *forest.right)
    for column, edge in zip(columns, (*grid.before, *grid.after, *grid.right), strict=True):
        yield column, edge + shift[column.align] * column.width


def _draw_headings(sheet: Sheet, forest: Forest, grid: _Grid, top: float, size: float) -> None:
    y = top - 0.07
    for column, x in _columns(forest, grid):
        sheet.text(x, y, column.heading, size, ha=column.align, va="bottom", colour=MUTED)
    sheet.text(grid.name, y, forest.name_heading, size, va="bottom", colour=MUTED)
    label = labels.wrap(forest.axis_label, PANEL_WIDTH, size)
    sheet.text(grid.panel + PANEL_WIDTH / 2, y, label, size, ha="center", va="bottom", colour=MUTED)
    sheet.rule(top - 0.02, strong=True)


def _draw_table(sheet: Sheet, forest: Forest, grid: _Grid, blocks: Sequence[_Block], size: float) -> None:
    columns = list(_columns(forest, grid))
    for block in blocks:
        if block.section.heading:
            sheet.text(MARGIN, block.y - 0.13, block.section.heading, size + 1)
        sheet.bands((placed.y, placed.height) for placed in block.rows[1::2])
        for placed in block.rows:
            sheet.text(grid.name, placed.middle, placed.name, size)
            for (column, x), cell in zip(columns, placed.row.cells, strict=True):
                sheet.text(x, placed.middle, cell, size, ha=column.align)
    sheet.rule(blocks[-1].bottom + 0.02, strong=True)


def _draw_tiers(sheet: Sheet, grid: _Grid, blocks: Sequence[_Block]) -> None:
    for block in blocks:
        for bar in block.bars:
            x = grid.tiers + bar.lane * grid.tier_width
            colour = TIERS[bar.lane % 2]
            spans = [
                (block.rows[a].y + 0.02, block.rows[b].y + block.rows[b].height - 0.02) for a, b in bar.runs
            ]
            for top, bottom in spans:
                sheet.axes.add_patch(
                    Rectangle((x, top), grid.tier_width * 0.8, bottom - top, color=colour, linewidth=0)
                )
            middle = x + grid.tier_width * 0.4
            for (_, upper), (lower, _) in pairwise(spans):
                sheet.axes.plot([middle, middle], [upper, lower], color=colour, linewidth=0.8)
            ink = INK if bar.lane % 2 else "white"
            sheet.text(middle, spans[0][0] + 0.08, bar.label, 5.5, ha="center", colour=ink)


def _draw_panel(
    sheet: Sheet, forest: Forest, grid: _Grid, blocks: Sequence[_Block], top: float, size: float
) -> None:
    height = blocks[-1].bottom - top
    axes = sheet.panel(grid.panel, top, PANEL_WIDTH, height)
    low, high = _limits(forest)
    axes.set_xlim(low, high)
    _draw_axis(axes, size)
    for block in blocks:
        if math.isfinite(block.section.reference):
            axes.vlines(
                block.section.reference, block.y, block.bottom, colors=INK, linestyles="dashed", linewidth=0.8
            )
        for kind in ("same", "above", "below"):
            _draw_kind(axes, kind, [p for p in block.rows if p.row.kind == kind], (low, high))
        hollow = [p for p in block.rows if math.isfinite(p.row.raw)]
        axes.scatter(
            [p.row.raw for p in hollow],
            [p.middle for p in hollow],
            s=12, marker="D", facecolors="white", edgecolors=MUTED, linewidths=0.7, zorder=4,
        )  # fmt: skip
    for x, label in forest.lines:
        axes.axvline(x, color=WARNING, linestyle="dotted", linewidth=1.2)
        axes.text(x, top + height + 0.36, label, size=size - 0.5, ha="center", va="center", color=WARNING)


def _draw_axis(axes: Axes, size: float) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3))
    axes.tick_params(axis="x", labelsize=size - 0.5, colors=MUTED, length=3, top=False, labeltop=False)
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def _limits(forest: Forest) -> tuple[float, float]:
    rows = [row for section in forest.sections for row in section.rows]
    values = [v for r in rows for v in (r.estimate, r.low, r.high, r.raw)]
    values += [x for x, _ in forest.lines] + [section.reference for section in forest.sections]
    finite = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(finite), max(finite)
    pad = 0.04 * (high - low) or 0.5
    return low - pad, high + pad


def _draw_kind(axes: Axes, kind: str, placed: Sequence[_Placed], limits: tuple[float, float]) -> None:
    colour = COLOURS[kind]
    ends = [(_edge(p.row.low, limits[0]), _edge(p.row.high, limits[1])) for p in placed]
    lines = [[(a, p.middle), (b, p.middle)] for p, (a, b) in zip(placed, ends, strict=True)]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=1.6, zorder=3), autolim=False)
    axes.scatter([p.row.estimate for p in placed], [p.middle for p in placed], s=26, marker=MARKERS[kind],
                 color=colour, zorder=5, linewidths=0)  # fmt: skip


def _edge(value: float, limit: float) -> float:
    """An unbounded end runs to the edge of the panel."""
    return value if math.isfinite(value) else limit
