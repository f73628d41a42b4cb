"""The ranking for a projector: pages of 16:9, each with as many departments as the back row can read."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from matplotlib.figure import Figure

from analysis.charts import labels
from analysis.charts.forest import Forest, Layout, Section, draw_forest, limits_of, row_height
from analysis.charts.marks import RankMarks
from analysis.charts.ranking import ranking_forest
from analysis.charts.rendering import chart_style
from analysis.charts.texts import Language
from analysis.results import Ranking

SLIDE: Final = Layout(12, panel_width=3.3, text=10, title=20, air=0.04, width=40 / 3, height=7.5)
_ROWS: Final = 4.1  # inches that rows may take between the headings and the legend
_RANKS: Final = 2.6  # inches of the axis of ranks
_NAMES: Final = 2.9  # inches that the other columns leave at least
_NOTES: Final = 2  # how to read it, and how sure it is; the others stand in the documents


def ranking_slides(
    ranking: Ranking, *, title: str = "", language: Language = "zh", warning_line: float | None = None
) -> list[Forest]:
    """What stands on each page, by rank; all with the same axes. `draw_slide` draws one."""
    whole = ranking_forest(ranking, (), title, language, warning_line)
    parts = [part for section in whole.sections for part in _split(section)]
    return [
        replace(
            whole,
            title=whole.title + (f"（{number}/{len(parts)}）" if len(parts) > 1 else ""),
            sections=(part,),
            notes=whole.notes[:_NOTES],
            limits=limits_of(whole),
        )
        for number, part in enumerate(parts, start=1)
    ]


def draw_slide(forest: Forest) -> Figure:
    """One page."""
    with chart_style():
        return draw_forest(forest, SLIDE)


def _split(section: Section) -> Iterator[Section]:
    """Pages of about as many rows each; a section with tiers is short enough for one."""
    heights = [row_height(labels.wrap(row.label, _NAMES, SLIDE.size), SLIDE) for row in section.rows]
    if not isinstance(section.marks, RankMarks):
        yield section
        return
    pages = len(list(_breaks(heights, _ROWS)))
    even = list(_breaks(heights, sum(heights) / pages))
    for start, end in even if len(even) == pages else _breaks(heights, _ROWS):
        yield _rows(section, start, end)


def _breaks(heights: list[float], share: float) -> Iterator[tuple[int, int]]:
    """(start, end) of pages of about `share` inches of rows, none of more than fit."""
    start, used = 0, 0.0
    for place, height in enumerate(heights):
        if used and used + height > min(share + height / 2, _ROWS):
            yield start, place
            start, used = place, 0.0
        used += height
    yield start, len(heights)


def _rows(section: Section, start: int, end: int) -> Section:
    marks = section.marks
    if isinstance(marks, RankMarks):
        marks = replace(marks, ranks=marks.ranks[start:end], width=_RANKS)
    return replace(section, rows=section.rows[start:end], marks=marks)
