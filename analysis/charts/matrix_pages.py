"""Matrix of pairs on pages of fixed size: blocks on upright A4 pages, or all on one 16:9 page."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from matplotlib.figure import Figure

from analysis.charts import labels
from analysis.charts.matrix import draw_cells, keys_of, pair_states
from analysis.charts.palette import MUTED
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import MARGIN, Sheet
from analysis.charts.slides import A4, WIDE
from analysis.charts.texts import Language, percent, term
from analysis.ranking.reading import reading
from analysis.ranking.results import Ranking

MOST_IN_BLOCK: Final = 30
_NAMES: Final = 2.3
_UPRIGHT: Final = 1.7  # inches for names over the columns
_SIZE: Final = 8.5
_LARGEST_CELL: Final = 0.2
_NAMED: Final = 24  # departments whose names the back row can read beside the matrix

Span = tuple[int, int]


def matrix_blocks(count: int) -> list[tuple[Span, Span]]:
    """Blocks of the matrix, one per A4 page: (rows, columns) as (start, end), end excluded.

    Only blocks on and above the diagonal: those below show the same pairs.
    """
    pages = -(-count // MOST_IN_BLOCK)
    edges = [round(count * n / pages) for n in range(pages + 1)]
    spans = list(pairwise(edges))
    return [(rows, columns) for n, rows in enumerate(spans) for columns in spans[n:]]


def matrix_page(
    ranking: Ranking, block: tuple[Span, Span], *, title: str = "", language: Language = "zh"
) -> Figure:
    """Draw one block of the matrix on an A4 page, with names of its rows and columns."""
    with chart_style():
        return _draw_block(ranking, block, title or term(language, "matrix_title"), language)


def matrix_slide(ranking: Ranking, *, title: str = "", language: Language = "zh") -> Figure:
    """Draw all pairs on one 16:9 page, with the number that differ; names only if departments are few."""
    with chart_style():
        return _draw_slide(ranking, title or term(language, "matrix_title"), language)


def _draw_block(ranking: Ranking, block: tuple[Span, Span], title: str, language: Language) -> Figure:
    (first, last), (start, end) = block
    states = pair_states(ranking)
    names = [d.name for d in ranking.departments]
    sheet = Sheet(*A4, title)
    heading = labels.wrap(title, A4[0] - 2 * MARGIN, 14)
    sheet.text(MARGIN, 0.3, heading, 14, va="top")
    left = MARGIN + _NAMES
    cell = min(_LARGEST_CELL, (A4[0] - MARGIN - left) / max(end - start, last - first))
    top = 0.45 + 0.28 * (heading.count("\n") + 1) + _UPRIGHT
    _row_names(sheet, names, (first, last), top, cell)
    for n in range(start, end):
        name = _shortened(f"{n + 1} {names[n]}", _UPRIGHT - 0.1, _SIZE)
        text = sheet.text(left + (n - start + 0.5) * cell, top - 0.05, name, _SIZE, ha="center", va="bottom")
        text.set_rotation(90)
    draw_cells(sheet, states[first:last, start:end], left, top, cell)
    y = sheet.legend(top + (last - first) * cell + 0.1, keys_of(states, language)) + 0.06
    for note in (
        term(language, "matrix_note", level=percent(ranking.level)),
        reading("matrix", language),
    ):
        y = sheet.paragraph(y, note)
    return sheet.figure


def _row_names(sheet: Sheet, names: Sequence[str], span: Span, top: float, cell: float) -> None:
    for n in range(*span):
        y = top + (n - span[0] + 0.5) * cell
        sheet.text(MARGIN + 0.28, y, str(n + 1), _SIZE, ha="right", colour=MUTED)
        sheet.text(MARGIN + 0.34, y, _shortened(names[n], _NAMES - 0.42, _SIZE), _SIZE)


def _shortened(text: str, width: float, size: float) -> str:
    """`text` cut to one line of `width` inches, ending in "…" if it was longer."""
    if labels.text_width(text, size) <= width:
        return text
    while text and labels.text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def _draw_slide(ranking: Ranking, title: str, language: Language) -> Figure:
    states = pair_states(ranking)
    count = len(states)
    sheet = Sheet(*WIDE, title)
    sheet.text(MARGIN, 0.35, labels.wrap(title, WIDE[0] - 2 * MARGIN, 20), 20, va="top")
    side, top = 5.7, 1.3
    cell = side / count
    named = count <= _NAMED
    left = MARGIN + (4.1 if named else 0.6)
    for n, d in enumerate(ranking.departments):
        at = (n + 0.5) * cell
        if named:
            sheet.text(left - 0.1, top + at, _shortened(f"{n + 1} {d.name}", 4.0, 10), 10, ha="right")
        elif n == 0 or (n + 1) % 10 == 0:
            sheet.text(left - 0.1, top + at, str(n + 1), 12, ha="right", colour=MUTED)
        if (named and count <= 30) or n == 0 or (n + 1) % 10 == 0:
            sheet.text(left + at, top - 0.15, str(n + 1), 10, ha="center", colour=MUTED)
    draw_cells(sheet, states, left, top, cell)
    _draw_side(sheet, ranking, left + side + 0.35, top, language)
    return sheet.figure


def _draw_side(sheet: Sheet, ranking: Ranking, x: float, y: float, language: Language) -> None:
    """Draw the legend, the number of pairs that differ, and notes on reading, beside the matrix."""
    width = sheet.width - x - MARGIN
    pairs = ranking.pairs
    told = int(pairs.significant.sum())
    for key in keys_of(pair_states(ranking), language):
        sheet.axes.plot([x + 0.1], [y + 0.1], marker=key.marker, color=key.colour, markersize=9)
        text = labels.wrap(key.label, width - 0.35, 14)
        sheet.text(x + 0.35, y, text, 14, va="top")
        y += 0.32 * (text.count("\n") + 1) + 0.08
    said = (
        term(language, "matrix_count", total=len(pairs), told=told, rest=len(pairs) - told),
        term(language, "matrix_note", level=percent(ranking.level)),
        reading("matrix", language),
    )
    for note in said:
        text = labels.wrap(note, width, 13)
        sheet.text(x, y + 0.15, text, 13, va="top", colour=MUTED)
        y += 0.15 + labels.line_height(13) * (text.count("\n") + 1)
