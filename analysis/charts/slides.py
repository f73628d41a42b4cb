"""Ranking chart on pages of fixed size: 16:9 for projectors, upright A4 for print.

Every page holds as many departments as can be read, and all pages share one axis.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from matplotlib.figure import Figure

from analysis.charts import labels
from analysis.charts.forest import Forest, Layout, Section, draw_forest, limits_of, row_height
from analysis.charts.marks import RankMarks
from analysis.charts.ranking import ranking_forest
from analysis.charts.rendering import chart_style
from analysis.charts.texts import Language
from analysis.ranking.results import Ranking

A4: Final = (8.27, 11.69)
WIDE: Final = (40 / 3, 7.5)
_FULLER: Final = (1.0, 1.03, 1.06, 1.1, 1.15)  # times the even share, where names of several lines need it
MOST_ON_ONE: Final = 40
"""Up to this many departments fit the usual chart on one printed page; with more, there are several pages."""


@dataclass(frozen=True)
class Paper:
    """Kind of page, sizes in inches.

    rows: height available for rows; ranks: width of the axis of rank ranges; names: least width of names;
    notes: how many notes are printed (all stand in the documents).
    """

    layout: Layout
    rows: float
    ranks: float
    names: float
    notes: int = 2


SLIDE: Final = Paper(
    Layout(12, panel_width=3.3, text=10, title=20, air=0.04, width=WIDE[0], height=WIDE[1]), 4.1, 2.6, 2.9
)
SHEET: Final = Paper(
    Layout(9.5, panel_width=1.5, text=9, title=15, air=0.05, width=A4[0], height=A4[1]), 8.4, 1.5, 1.55
)


def ranking_slides(
    ranking: Ranking,
    *,
    title: str = "",
    language: Language = "zh",
    warning_line: float | None = None,
    paper: Paper = SLIDE,
) -> list[Forest]:
    """Content of each page, departments by rank, all with the same axis; draw one with `draw_slide`."""
    whole = ranking_forest(ranking, (), title, language, warning_line)
    parts = [part for section in whole.sections for part in _split(section, paper)]
    return [
        replace(
            whole,
            title=whole.title + (f"（{number}/{len(parts)}）" if len(parts) > 1 else ""),
            sections=(part,),
            notes=whole.notes[: paper.notes],
            limits=limits_of(whole),
        )
        for number, part in enumerate(parts, start=1)
    ]


def draw_slide(forest: Forest, paper: Paper = SLIDE) -> Figure:
    """Draw one page."""
    with chart_style():
        return draw_forest(forest, paper.layout)


def _split(section: Section, paper: Paper) -> Iterator[Section]:
    """Split a section into pages with about the same number of rows; one with tiers is short and stays
    whole."""
    layout = paper.layout
    heights = [row_height(labels.wrap(row.label, paper.names, layout.size), layout) for row in section.rows]
    if not isinstance(section.marks, RankMarks):
        yield section
        return
    full = list(_breaks(heights, paper.rows, paper.rows))
    tried = (list(_breaks(heights, f * sum(heights) / len(full), paper.rows)) for f in _FULLER)
    for start, end in next((even for even in tried if len(even) == len(full)), full):
        yield _rows(section, start, end, paper)


def _breaks(heights: list[float], share: float, most: float) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the rows of each page: about `share` inches high, never over `most`."""
    start, used = 0, 0.0
    for place, height in enumerate(heights):
        if used and used + height > min(share + height / 2, most):
            yield start, place
            start, used = place, 0.0
        used += height
    yield start, len(heights)


def _rows(section: Section, start: int, end: int, paper: Paper) -> Section:
    marks = section.marks
    if isinstance(marks, RankMarks):
        marks = replace(marks, ranks=marks.ranks[start:end], width=paper.ranks)
    return replace(section, rows=section.rows[start:end], marks=marks)
