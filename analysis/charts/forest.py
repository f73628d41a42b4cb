"""Forest plot: rows with an estimate and an interval beside a table; the base of several charts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from analysis.charts import labels
from analysis.charts.marks import Mark, Marks, NoMarks
from analysis.charts.palette import COLOURS, INK, MARKERS, MUTED, WARNING
from analysis.charts.sheet import MARGIN, Key, Sheet, legend_bottom, paragraph_height, ruled_axis

Kind = Literal["above", "below", "same"]


@dataclass(frozen=True)
class Column:
    """A column of short texts beside the names; `width` in inches, `heading` may have two lines."""

    heading: str
    width: float
    align: Literal["left", "center", "right"] = "center"


@dataclass(frozen=True)
class Row:
    """One row of a forest plot: name, estimate, interval, the cells of the table columns, and the raw mean if
    any."""

    label: str
    estimate: float
    low: float
    high: float
    kind: Kind
    cells: tuple[str, ...]
    raw: float = math.nan


@dataclass(frozen=True)
class Section:
    """Block of rows that may be compared with each other; `reference`: x of their dashed line (the average).

    `marks`: what is drawn beside the names (tiers or rank ranges).
    """

    heading: str
    rows: tuple[Row, ...]
    reference: float = math.nan
    marks: Marks = field(default=NoMarks())


@dataclass(frozen=True)
class Forest:
    """All content of a forest plot.

    Columns of the table: `before` the name, `after` it, and to the `right` of the panel. `lines`: vertical
    lines (x, label). `limits`: of the x-axis; from the rows if None (set it to give several charts one axis).
    """

    title: str
    name_heading: str
    axis_label: str
    sections: tuple[Section, ...]
    before: tuple[Column, ...] = ()
    after: tuple[Column, ...] = ()
    right: tuple[Column, ...] = ()
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    lines: tuple[tuple[float, str], ...] = field(default=())
    limits: tuple[float, float] | None = None


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

    @property
    def bottom(self) -> float:
        return self.rows[-1].y + self.rows[-1].height if self.rows else self.y


@dataclass(frozen=True)
class Layout:
    """Sizes of a forest plot, in inches and points; `width` and `height` are set for a page of fixed size.

    On such a page the column of names takes the width that the others leave.
    """

    size: float
    name_width: float = 2.05
    panel_width: float = 3.1
    text: float = 8
    title: float = 14
    air: float = 0.09
    stretch: float = 1.0
    width: float = 0.0
    height: float = 0.0


def usual_layout(count: int) -> Layout:
    """Layout of a chart without fixed size, with `count` rows: smaller type for more rows."""
    size = 8.5 if count <= 60 else 7.5 if count <= 200 else 6
    return Layout(size, air=0.09 if size > 6 else 0.04)


def draw_forest(forest: Forest, layout: Layout | None = None) -> Figure:
    """Draw the forest plot; call inside `chart_style`."""
    layout = layout or usual_layout(sum(len(section.rows) for section in forest.sections))
    size = layout.size
    grid = _Grid.of(forest, layout)
    title = labels.wrap(forest.title, grid.width - 2 * MARGIN, layout.title)
    top = 0.3 + (title.count("\n") + 1) * layout.title / 50 + 0.42 * size / 8.5
    blocks = tuple(_place(forest.sections, top, layout, grid.name_width))
    foot = blocks[-1].bottom + (0.55 if forest.lines else 0.4) * size / 8.5
    height = layout.height or _total_height(forest, grid.width, foot, layout.text)
    sheet = Sheet(grid.width, height, forest.title)
    sheet.text(MARGIN, 0.3, title, layout.title, va="top")
    _draw_headings(sheet, forest, grid, top, size)
    _draw_table(sheet, forest, grid, blocks, size)
    for block in blocks:
        rows = [Mark(p.y, p.height, p.row.kind) for p in block.rows]
        block.section.marks.draw(sheet, grid.marks, block.y, rows, size)
    _draw_panel(sheet, forest, grid, blocks, top, size)
    y = sheet.legend(foot, forest.keys, layout.text) + 0.06
    for note in forest.notes:
        y = sheet.paragraph(y, note, layout.text)
    return sheet.figure


def _total_height(forest: Forest, width: float, foot: float, size: float) -> float:
    y = legend_bottom(forest.keys, foot, width, size) + 0.06
    return y + sum(paragraph_height(note, width, size) for note in forest.notes) + 0.25


def _place(sections: Sequence[Section], y: float, layout: Layout, width: float) -> Iterator[_Block]:
    for section in sections:
        if section.heading or section.marks.scale:
            y += 0.36 * layout.size / 8.5
        start, placed = y, []
        for row in section.rows:
            name = labels.wrap(row.label, width - 0.1, layout.size)
            height = row_height(name, layout)
            placed.append(_Placed(row, name, y, height))
            y += height
        yield _Block(section, start, tuple(placed))


def row_height(name: str, layout: Layout) -> float:
    """Height in inches of a row whose name, already broken into lines, is `name`."""
    return (name.count("\n") + 1) * labels.line_height(layout.size) * layout.stretch + layout.air


@dataclass(frozen=True)
class _Grid:
    """Left edges, in inches, of the columns and the panel of a forest plot, from left to right."""

    before: tuple[float, ...]
    name: float
    name_width: float
    after: tuple[float, ...]
    marks: float
    panel: float
    panel_width: float
    right: tuple[float, ...]
    width: float

    @classmethod
    def of(cls, forest: Forest, layout: Layout) -> "_Grid":
        scale = layout.size / 8.5
        marks_width = max(section.marks.width for section in forest.sections)
        marks_width = marks_width and marks_width + 0.1
        others = sum(c.width for c in (*forest.before, *forest.after, *forest.right)) * scale
        if layout.width:
            name_width = layout.width - 2 * MARGIN - others - marks_width - 0.2 - layout.panel_width
        else:
            names = [row.label for section in forest.sections for row in section.rows]
            name_width = labels.column_width(names, layout.size, layout.name_width)
        before, x = _edges(forest.before, MARGIN, scale)
        name, x = x, x + name_width
        after, x = _edges(forest.after, x, scale)
        marks, x = x, x + marks_width
        panel, x = x + 0.1, x + 0.2 + layout.panel_width
        right, x = _edges(forest.right, x, scale)
        return cls(before, name, name_width, after, marks, panel, layout.panel_width, right, x + MARGIN)


def _edges(columns: Sequence[Column], x: float, scale: float) -> tuple[tuple[float, ...], float]:
    edges = []
    for column in columns:
        edges.append(x)
        x += column.width * scale
    return tuple(edges), x


def _columns(forest: Forest, grid: _Grid, size: float) -> Iterator[tuple[Column, float]]:
    """Yield each table column with the x at which its texts are anchored."""
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}
    columns = (*forest.before, *forest.after, *forest.right)
    for column, edge in zip(columns, (*grid.before, *grid.after, *grid.right), strict=True):
        yield column, edge + shift[column.align] * column.width * size / 8.5


def _draw_headings(sheet: Sheet, forest: Forest, grid: _Grid, top: float, size: float) -> None:
    y = top - 0.07
    for column, x in _columns(forest, grid, size):
        sheet.text(x, y, column.heading, size, ha=column.align, va="bottom", colour=MUTED)
    sheet.text(grid.name, y, forest.name_heading, size, va="bottom", colour=MUTED)
    label = labels.wrap(forest.axis_label, grid.panel_width, size)
    sheet.text(grid.panel + grid.panel_width / 2, y, label, size, ha="center", va="bottom", colour=MUTED)
    sheet.rule(top - 0.02, strong=True)


def _draw_table(sheet: Sheet, forest: Forest, grid: _Grid, blocks: Sequence[_Block], size: float) -> None:
    columns = list(_columns(forest, grid, size))
    for block in blocks:
        if block.section.heading:
            sheet.text(MARGIN, block.y - 0.13, block.section.heading, size + 1)
        sheet.bands((placed.y, placed.height) for placed in block.rows[1::2])
        for placed in block.rows:
            sheet.text(grid.name, placed.middle, placed.name, size)
            for (column, x), cell in zip(columns, placed.row.cells, strict=True):
                sheet.text(x, placed.middle, cell, size, ha=column.align)
    sheet.rule(blocks[-1].bottom + 0.02, strong=True)


def _draw_panel(
    sheet: Sheet, forest: Forest, grid: _Grid, blocks: Sequence[_Block], top: float, size: float
) -> None:
    height = blocks[-1].bottom - top
    axes = sheet.panel(grid.panel, top, grid.panel_width, height)
    low, high = forest.limits or limits_of(forest)
    axes.set_xlim(low, high)
    ruled_axis(axes, size)
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
            s=34, marker="D", facecolors="none", edgecolors=MUTED, linewidths=0.8, zorder=6,
        )  # fmt: skip
    for x, label in forest.lines:
        axes.axvline(x, color=WARNING, linestyle="dotted", linewidth=1.2)
        axes.text(
            x,
            top + height + 0.36 * size / 8.5,
            label,
            size=size - 0.5,
            ha="center",
            va="center",
            color=WARNING,
        )


def limits_of(forest: Forest) -> tuple[float, float]:
    """Limits (low, high) of the x-axis that contain every estimate, interval, line and reference."""
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
    """`value`, or `limit` (the edge of the panel) for an infinite end of an interval."""
    return value if math.isfinite(value) else limit
