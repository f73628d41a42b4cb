"""Marks between names and scores of a ranking chart: tiers as vertical bars, or rank ranges as horizontal
bars.

Tiers are drawn for few departments; with many, whose bars the eye could not follow, rank ranges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from matplotlib.patches import Rectangle

from analysis.charts.palette import INK, MUTED, RULE, TIERS
from analysis.charts.sheet import Sheet
from analysis.charts.tierbars import tier_bars

_TIER_WIDTH = 0.14
_LEAST_WIDTH = 0.4
_STEPS, _MOST_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000), 6


@dataclass(frozen=True)
class Mark:
    """Place of a row (y and height in inches) and how its department compares with the average (a key of
    COLOURS)."""

    y: float
    height: float
    kind: str


class Marks(Protocol):
    """Protocol of marks: `width` in inches; `scale`: whether they need a line of numbers above the
    first row."""

    @property
    def width(self) -> float: ...
    @property
    def scale(self) -> bool: ...
    def draw(self, sheet: Sheet, x: float, top: float, rows: Sequence[Mark], size: float) -> None: ...


@dataclass(frozen=True)
class NoMarks:
    """Marks for charts that have none."""

    width: float = 0.0
    scale: bool = False

    def draw(self, sheet: Sheet, x: float, top: float, rows: Sequence[Mark], size: float) -> None:
        """Draw nothing."""


@dataclass(frozen=True)
class TierMarks:
    """Tiers (`analysis.inference.tiers`) as vertical bars; `memberships[i]`: letters of the tiers of
    row i."""

    heading: str
    memberships: tuple[tuple[str, ...], ...]
    scale: bool = False

    @property
    def width(self) -> float:
        lanes = max((bar.lane + 1 for bar in tier_bars(self.memberships)), default=0)
        return max(_TIER_WIDTH * lanes, _LEAST_WIDTH)

    def draw(self, sheet: Sheet, x: float, top: float, rows: Sequence[Mark], size: float) -> None:
        """Draw one bar per tier, its letter at the top."""
        sheet.text(x, top - 0.07, self.heading, size, va="bottom", colour=MUTED)
        for bar in tier_bars(self.memberships):
            left = x + bar.lane * _TIER_WIDTH
            colour = TIERS[bar.lane % 2]
            spans = [(rows[a].y + 0.02, rows[b].y + rows[b].height - 0.02) for a, b in bar.runs]
            for start, end in spans:
                sheet.axes.add_patch(
                    Rectangle((left, start), _TIER_WIDTH * 0.8, end - start, color=colour, linewidth=0)
                )
            middle = left + _TIER_WIDTH * 0.4
            for (_, upper), (lower, _) in pairwise(spans):
                sheet.axes.plot([middle, middle], [upper, lower], color=colour, linewidth=0.8)
            ink = INK if bar.lane % 2 else "white"
            sheet.text(middle, spans[0][0] + 0.08, bar.label, 5.5, ha="center", colour=ink)


@dataclass(frozen=True)
class RankMarks:
    """Rank ranges as horizontal bars on an axis from 1 to `last`, with a stroke at the rank itself."""

    heading: str
    ranks: tuple[tuple[int, int, int], ...]
    last: int
    width: float = 1.9
    scale: bool = True

    def at(self, x: float, rank: float) -> float:
        """x of a rank on the axis; the rank's bar reaches from rank − 0.5 to rank + 0.5."""
        return x + self.width * (rank - 0.5) / self.last

    def draw(self, sheet: Sheet, x: float, top: float, rows: Sequence[Mark], size: float) -> None:
        """Draw the bars, and light lines at round ranks, numbered above the first row."""
        bottom = rows[-1].y + rows[-1].height
        for rank in rank_ticks(self.last):
            at = self.at(x, rank)
            sheet.axes.plot([at, at], [top, bottom], color=RULE, linewidth=0.5, zorder=1)
            sheet.text(at, top - 0.05, str(rank), size - 1, ha="center", va="bottom", colour=MUTED)
        sheet.text(x, top - 0.07 - size / 55, self.heading, size - 0.5, va="bottom", colour=MUTED)
        for row, (best, rank, worst) in zip(rows, self.ranks, strict=True):
            left, right = self.at(x, best - 0.5), self.at(x, worst + 0.5)
            high = min(row.height * 0.55, 0.16 * size / 8.5)
            middle = row.y + row.height / 2
            sheet.bar(left, middle, right - left, high, row.kind)
            stroke = [middle - high * 0.75, middle + high * 0.75]
            sheet.axes.plot([self.at(x, rank)] * 2, stroke, color=INK, linewidth=1.3, zorder=3)


def rank_ticks(last: int) -> list[int]:
    """Ranks to number on an axis from 1 to `last`: 1 and round ranks, at most seven."""
    step = next((s for s in _STEPS if last / s <= _MOST_TICKS), last)
    return [1, *(r for r in range(step, last + 1, step) if r > step / 2 and r > 1)]
