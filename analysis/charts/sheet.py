"""`Sheet`: a figure measured in inches from its top left corner, with text, rules, legends and paragraphs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from analysis.charts import labels
from analysis.charts.palette import BAND, COLOURS, INK, MUTED, RULE

MARGIN = 0.4
_KEY_BAR = 0.3
# How the bar of a rank range is drawn: share of the full height, whether filled, hatch.
_BARS = {"above": (1.0, True, ""), "below": (1.0, False, "/////"), "same": (0.4, True, "")}


DASHED = "dashed"


@dataclass(frozen=True)
class Key:
    """Legend entry: marker and label; `bar`: kind of rank-range bar drawn beside the marker, "" for none."""

    label: str
    colour: str
    marker: str = "s"
    hollow: bool = False
    bar: str = ""

    @property
    def width(self) -> float:
        """Width in inches of the marker and the bar."""
        return 0.18 + (_KEY_BAR + 0.08 if self.bar else 0.0)


class Sheet:
    """A figure of `width` × `height` inches with one full-size axes whose data units are inches."""

    def __init__(self, width: float, height: float, name: str) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), facecolor="white", label=name)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        ha: str = "left",
        va: str = "center_baseline",
        colour: str = INK,
    ) -> Text:
        """Draw text at (x, y) inches."""
        return self.axes.text(
            x, y, text, size=size, ha=ha, va=va, color=colour, linespacing=1.12, multialignment=ha
        )

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Add axes for a plot at (x, y) inches; x has its own scale, y stays in inches of the sheet."""
        axes = self.figure.add_axes(
            (x / self.width, 1 - (y + height) / self.height, width / self.width, height / self.height)
        )
        axes.set_ylim(y + height, y)
        axes.set_facecolor("none")
        return axes

    def rule(self, y: float, *, strong: bool = False) -> None:
        """Draw a horizontal line across the sheet, inside the margins."""
        ends = [(MARGIN, y), (self.width - MARGIN, y)]
        self.axes.add_collection(
            LineCollection([ends], colors=MUTED if strong else RULE, linewidths=0.8), autolim=False
        )

    def bands(self, spans: Iterable[tuple[float, float]]) -> None:
        """Draw light stripes, each from y to y + height, behind rows."""
        for y, height in spans:
            self.axes.add_patch(
                Rectangle((MARGIN, y), self.width - 2 * MARGIN, height, color=BAND, linewidth=0, zorder=0)
            )

    def bar(self, x: float, middle: float, width: float, height: float, kind: str) -> None:
        """Draw the bar of a rank range: filled if above the average, hatched if below, thin if neither.

        The shapes repeat what the colours say, for greyscale printers.
        """
        share, fill, hatch = _BARS[kind]
        colour = COLOURS[kind]
        inside = colour if fill else "white"
        self.axes.add_patch(
            Rectangle(
                (x, middle - height * share / 2), width, height * share, facecolor=inside, edgecolor=colour,
                hatch=hatch, linewidth=0.6, alpha=0.7, zorder=2,
            )
        )  # fmt: skip

    def legend(self, y: float, keys: Sequence[Key], size: float = 8) -> float:
        """Draw legend entries from `y` on, broken into lines; returns the y below them."""
        for key, x, line_y in _flow(keys, y, self.width - 2 * MARGIN, size):
            if key.marker == DASHED:
                ends = [line_y - 0.075, line_y + 0.075]
                self.axes.plot([x + 0.06] * 2, ends, color=key.colour, linestyle="dashed", linewidth=0.8)
            else:
                self.axes.plot(
                    [x + 0.06], [line_y], marker=key.marker, color=key.colour, markersize=6, linestyle="none",
                    markerfacecolor="none" if key.hollow else key.colour,
                )  # fmt: skip
            if key.bar:
                self.bar(x + 0.18, line_y, _KEY_BAR, 0.1, key.bar)
            self.text(x + key.width, line_y, key.label, size, colour=MUTED)
        return legend_bottom(keys, y, self.width, size)

    def paragraph(self, y: float, text: str, size: float = 8, *, colour: str = MUTED) -> float:
        """Draw a paragraph across the sheet from `y` on; returns the y below it."""
        wrapped = labels.wrap(text, self.width - 2 * MARGIN, size)
        self.text(MARGIN, y, wrapped, size, va="top", colour=colour)
        return y + paragraph_height(text, self.width, size)


def paragraph_height(text: str, width: float, size: float = 8) -> float:
    """Height in inches that `Sheet.paragraph` will take on a page of `width` inches."""
    lines = labels.wrap(text, width - 2 * MARGIN, size).count("\n") + 1
    return lines * labels.line_height(size) + 0.06


def legend_bottom(keys: Sequence[Key], y: float, width: float, size: float = 8) -> float:
    """The y below a legend that starts at `y`, without drawing it."""
    placed = _flow(keys, y, width - 2 * MARGIN, size)
    return (placed[-1][2] + 0.16) if placed else y


def _flow(keys: Sequence[Key], y: float, width: float, size: float) -> list[tuple[Key, float, float]]:
    placed: list[tuple[Key, float, float]] = []
    x, line_y = MARGIN, y + 0.1
    for key in keys:
        needed = key.width + labels.text_width(key.label, size) + 0.25
        if x > MARGIN and x + needed > MARGIN + width:
            x, line_y = MARGIN, line_y + 0.2
        placed.append((key, x, line_y))
        x += needed
    return placed


def ruled_axis(axes: Axes, size: float) -> None:
    """Style the x-axis of a panel of scores: light grid, no frame, no labels on the y-axis."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3))
    axes.tick_params(axis="x", labelsize=size - 0.5, colors=MUTED, length=3, top=False, labeltop=False)
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
