"""Speed of an edition's documents, each beside a lower bound of the same run: `python -m bench bundle`.

The lower bound of a file is the same library's own empty file of the same kind and size: matplotlib's empty
figure, python-docx's empty document, XlsxWriter's empty workbook, typst's empty page.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import typst
import xlsxwriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analysis.charts.rendering import DPI, FORMATS, Format, render
from bench.measuring import HEADING, measured, row
from survey.documents.edition.bundle import write_bundle
from survey.documents.edition.charts import charts_of
from survey.documents.edition.content import Edition
from survey.documents.layout.canonical import canonical
from survey.facts.wire import written_edition

# The invented editions of the tests.
sys.path.append(str(Path(__file__).parents[1]))
from tests.documents.edition_data import make_edition

DEPARTMENTS, ROUNDS, BALLOTS = 30, 4, 200
BUNDLE_SECONDS, CHART_SECONDS = 60.0, 2.0


def main(
    departments: int = DEPARTMENTS, rounds: int = ROUNDS, ballots: int = BALLOTS
) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries."""
    edition = make_edition(departments, rounds=rounds, raters=ballots, period="year")
    print(f"{departments} departments, {ballots} ballots, {rounds} rounds")
    print(HEADING)
    return [*_charts(edition), _bundle(edition)]


def _charts(edition: Edition) -> list[dict[str, Any]]:
    """The first chart after start-up, then the largest in every format."""
    name, *_ = (chart.name for chart in charts_of(edition))
    size = charts_of(edition)[0].draw().get_size_inches()
    figures = [_chart(edition, name, size, "png", "first chart of the process, png; empty figure")]
    return figures + [
        _chart(edition, name, size, fmt, f"the same again, {fmt}; empty figure") for fmt in FORMATS
    ]


def _chart(edition: Edition, name: str, size: Any, fmt: Format, what: str) -> dict[str, Any]:
    plain = measured(lambda: _empty_figure(size, fmt))
    chart = next(chart for chart in charts_of(edition) if chart.name == name)
    return row(what, measured(lambda: render(chart.draw(), fmt)), CHART_SECONDS, plain)


def _bundle(edition: Edition) -> dict[str, Any]:
    made: list[bytes] = []
    took = measured(lambda: made.append(write_bundle(edition, canonical(written_edition(edition.content)))))
    names = zipfile.ZipFile(io.BytesIO(made[0])).namelist()
    sizes = {
        f"{chart.name}.{fmt}": chart.draw().get_size_inches()
        for chart in charts_of(edition)
        for fmt in FORMATS
    }
    plain = measured(lambda: [_empty(name, sizes) for name in names])
    what = f"bundle of {len(names)} files; as many empty ones"
    return row(what, took, BUNDLE_SECONDS, plain)


def _empty(name: str, sizes: dict[str, Any]) -> None:
    """An empty file of this name's kind."""
    chart, ending = Path(name).name, name.rpartition(".")[2]
    if chart in sizes:
        _empty_figure(sizes[chart], ending)
    elif make := _EMPTY.get(ending):
        make(io.BytesIO())


def _empty_figure(size: Any, fmt: str) -> None:
    figure = Figure(figsize=tuple(size))
    FigureCanvasAgg(figure)
    figure.savefig(io.BytesIO(), format=fmt, dpi=DPI)


_EMPTY: dict[str, Callable[[io.BytesIO], object]] = {
    "docx": lambda file: docx.Document().save(file),
    "xlsx": lambda file: xlsxwriter.Workbook(file).close(),
    "pdf": lambda _file: typst.compile(b" "),
}


if __name__ == "__main__":
    main()
