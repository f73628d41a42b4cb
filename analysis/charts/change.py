"""Chart of changes between two rounds: each department's change with its simultaneous interval."""

from collections.abc import Iterable
from typing import Final

from matplotlib.figure import Figure

from analysis.charts.forest import Column, Forest, Kind, Row, Section, draw_forest
from analysis.charts.palette import COLOURS, MARKERS
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import Key
from analysis.charts.texts import Language, not_compared, percent, term
from analysis.compare.rounds import Change, DepartmentChange
from analysis.explain import signed

_KINDS: Final[dict[str, Kind]] = {"up": "above", "down": "below", "same": "same"}


def change_chart(change: Change, *, title: str = "", language: Language = "zh") -> Figure:
    """Chart of a `Change`: departments from the largest rise to the largest fall, significant ones
    coloured."""
    rows = tuple(_row(c) for c in sorted(change.changes, key=lambda c: -c.change))
    forest = Forest(
        title=title or term(language, "change_title"),
        name_heading=term(language, "department"),
        axis_label=term(language, "change_axis", level=percent(change.level)),
        sections=(Section("", rows, 0.0),),
        right=(
            Column(term(language, "change"), 0.7, "right"),
            Column(term(language, "adjusted"), 1.1, "right"),
        ),
        keys=direction_keys(rows, ("up", "unchanged", "down"), language),
        notes=(term(language, "change_note"), *not_compared(language, change.not_compared)),
    )
    with chart_style():
        return draw_forest(forest)


def _row(c: DepartmentChange) -> Row:
    scores = f"{c.before:.1f} → {c.after:.1f}"
    return Row(c.department, c.change, *c.ci, _KINDS[c.direction], (signed(c.change), scores))


def direction_keys(rows: Iterable[Row], words: tuple[str, str, str], language: Language) -> tuple[Key, ...]:
    """Legend entries for the directions that occur in `rows`; `words`: text keys for above, same and
    below."""
    kinds: tuple[Kind, ...] = ("above", "same", "below")
    present = {row.kind for row in rows}
    return tuple(
        Key(term(language, word), COLOURS[kind], MARKERS[kind])
        for kind, word in zip(kinds, words, strict=True)
        if kind in present
    )
