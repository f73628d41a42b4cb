"""Chart of differences between groups of raters: per department, with simultaneous intervals."""

from matplotlib.figure import Figure

from analysis.charts.change import direction_keys
from analysis.charts.forest import Column, Forest, Kind, Row, Section, draw_forest
from analysis.charts.rendering import chart_style
from analysis.charts.texts import Language, not_compared, percent, term
from analysis.compare.groups import GroupComparison, GroupDifference
from analysis.explain import signed


def group_differences_chart(
    comparison: GroupComparison, *, title: str = "", language: Language = "zh"
) -> Figure:
    """Chart of a `GroupComparison`: a section per pair of groups; significant differences coloured."""
    sections = tuple(
        _section(comparison, first, second, language)
        for first, second in dict.fromkeys((d.first, d.second) for d in comparison.differences)
    )
    forest = Forest(
        title=title or term(language, "groups_title"),
        name_heading=term(language, "department"),
        axis_label=term(language, "groups_axis", level=percent(comparison.level)),
        sections=sections,
        right=(Column(term(language, "difference"), 0.8, "right"),),
        keys=direction_keys((r for s in sections for r in s.rows), ("higher", "equal", "lower"), language),
        notes=(
            term(language, "groups_note"),
            *not_compared(language, comparison.not_compared),
            *(note.text(language) for note in comparison.notes),
        ),
    )
    with chart_style():
        return draw_forest(forest)


def _section(comparison: GroupComparison, first: str, second: str, language: Language) -> Section:
    found = [d for d in comparison.differences if (d.first, d.second) == (first, second)]
    other = term(language, "rest") if second == "rest" else second
    rows = tuple(_row(d) for d in sorted(found, key=lambda d: -d.difference))
    return Section(term(language, "groups_pair", first=first, second=other), rows, 0.0)


def _row(d: GroupDifference) -> Row:
    kind: Kind = "same" if not d.significant else "above" if d.difference > 0 else "below"
    return Row(d.department, d.difference, *d.ci, kind, (signed(d.difference),))
