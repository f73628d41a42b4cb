"""Differences between groups of raters: per department, with simultaneous intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.charts.change import direction, direction_keys
from analysis.charts.forest import Column, Forest, Row, Section, draw_forest
from analysis.charts.rendering import chart_style
from analysis.charts.texts import Language, percent, say


@dataclass(frozen=True)
class DifferenceBar:
    """One department: difference first − second of the centred scores, with its interval."""

    name: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupComparison:
    """Two groups of raters and the differences between them."""

    first: str
    second: str
    bars: tuple[DifferenceBar, ...]


def group_differences_chart(
    comparisons: Sequence[GroupComparison], *, level: float = 0.95, title: str = "", language: Language = "zh"
) -> Figure:
    """One section a pair of groups; coloured only where the joint interval excludes zero."""
    names = [say(language, "groups_axis", first=c.first, second=c.second) for c in comparisons]
    sections = tuple(_section(name, c) for name, c in zip(names, comparisons, strict=True))
    forest = Forest(
        title=title or say(language, "groups_title"),
        name_heading=say(language, "department"),
        axis_label=names[0] if len(names) == 1 else say(language, "groups_axis_many", level=percent(level)),
        sections=sections,
        right=(Column(say(language, "difference"), 0.8, "right"),),
        keys=direction_keys([r for s in sections for r in s.rows], ("higher", "equal", "lower"), language),
        notes=(say(language, "groups_note", level=percent(level)),),
    )
    with chart_style():
        return draw_forest(forest)


def _section(name: str, comparison: GroupComparison) -> Section:
    bars = sorted(comparison.bars, key=lambda bar: -bar.difference)
    rows = tuple(
        Row(
            b.name,
            b.difference,
            b.low,
            b.high,
            direction(b.low, b.high),
            (f"{b.difference:+.1f}".replace("-", "−"),),
        )
        for b in bars
    )
    return Section(name, rows, 0.0)
