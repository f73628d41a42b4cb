"""Chart of what each electorate of a composite shifts: per department, with simultaneous intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from analysis.charts.change import direction_keys
from analysis.charts.forest import Column, Forest, Kind, Row, Section, draw_forest
from analysis.charts.rendering import chart_style
from analysis.charts.texts import Language, not_compared, percent, term
from analysis.explain import signed

if TYPE_CHECKING:
    from analysis.electorates.composite import Composite, Move

_KINDS: Final[dict[str, Kind]] = {"up": "above", "down": "below", "same": "same"}


def electorates_chart(found: Composite, *, title: str = "", language: Language = "zh") -> Figure:
    """Chart of a `Composite`'s shifts: a section per electorate, departments in the order of the
    composite."""
    sections = tuple(
        Section(
            term(language, "electorate", name=e.name, weight=f"{100 * e.weight:.4g}"),
            tuple(_row(m) for m in found.moves if m.electorate == e.name),
            0.0,
        )
        for e in found.electorates
    )
    forest = Forest(
        title=title or term(language, "electorates_title"),
        name_heading=term(language, "department"),
        axis_label=term(language, "electorates_axis", level=percent(found.moves_level)),
        sections=sections,
        right=(
            Column(term(language, "shift"), 0.7, "right"),
            Column(term(language, "ranks"), 1.0, "right"),
        ),
        keys=direction_keys(
            [row for section in sections for row in section.rows], ("lifts", "no_shift", "lowers"), language
        ),
        notes=(term(language, "electorates_note"), *not_compared(language, found.not_compared)),
    )
    with chart_style():
        return draw_forest(forest)


def _row(m: Move) -> Row:
    ranks = f"{m.rank_without} → {m.rank}"
    return Row(m.department, m.shift, *m.ci, _KINDS[m.direction], (signed(m.shift), ranks))
