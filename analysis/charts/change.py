"""Change between two rounds: every department's change with its simultaneous interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.charts.forest import Column, Forest, Kind, Row, Section, draw_forest
from analysis.charts.palette import COLOURS, MARKERS
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import Key
from analysis.charts.texts import Language, percent, say


@dataclass(frozen=True)
class ChangeBar:
    """One department: change with its interval; the scores before and after, NaN where not shown."""

    name: str
    change: float
    low: float
    high: float
    before: float = math.nan
    after: float = math.nan


def change_chart(
    bars: Sequence[ChangeBar], *, level: float = 0.95, title: str = "", language: Language = "zh"
) -> Figure:
    """Departments from the largest rise to the largest fall, coloured where the interval excludes zero."""
    scored = any(math.isfinite(bar.before) for bar in bars)
    columns = (Column(say(language, "adjusted"), 1.1, "right"),) if scored else ()
    rows = tuple(_row(bar, scored) for bar in sorted(bars, key=lambda bar: -bar.change))
    forest = Forest(
        title=title or say(language, "change_title"),
        name_heading=say(language, "department"),
        axis_label=say(language, "change_axis", level=percent(level)),
        sections=(Section("", rows, 0.0),),
        right=(Column(say(language, "change"), 0.7, "right"), *columns),
        keys=direction_keys(rows, ("up", "unchanged", "down"), language),
        notes=(say(language, "change_note"),),
    )
    with chart_style():
        return draw_forest(forest)


def _row(bar: ChangeBar, scored: bool) -> Row:
    scores = (f"{_score(bar.before)} → {_score(bar.after)}",) if scored else ()
    cells = (f"{bar.change:+.1f}".replace("-", "−"), *scores)
    return Row(bar.name, bar.change, bar.low, bar.high, direction(bar.low, bar.high), cells)


def _score(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "—"


def direction(low: float, high: float) -> Kind:
    """Which side of zero the interval lies on; `same` when it holds zero."""
    return "above" if low > 0 else "below" if high < 0 else "same"


def direction_keys(rows: Sequence[Row], words: tuple[str, str, str], language: Language) -> tuple[Key, ...]:
    """Legend of the directions that occur; `words` for above, same and below."""
    kinds: tuple[Kind, ...] = ("above", "same", "below")
    present = {row.kind for row in rows}
    return tuple(
        Key(say(language, word), COLOURS[kind], MARKERS[kind])
        for kind, word in zip(kinds, words, strict=True)
        if kind in present
    )
