"""Pages of the report: none nearly empty, no chart that shows nothing, tagged for those who listen to it."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from analysis.charts.rendering import render
from survey.documents.edition.charts import charts_of, ranking_figure
from survey.documents.edition.content import Edition
from survey.documents.edition.report import write_report
from tests.documents import readers
from tests.documents.edition_data import make_edition


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition(12)


@pytest.fixture(scope="module")
def report(edition: Edition) -> bytes:
    wanted = ("pairs", "items", "importance", "treatment", "change")
    pictures = {
        f"{c.name}.svg": render(c.draw(), "svg") for c in charts_of(edition) if c.name.startswith(wanted)
    }
    pictures["ranking-overall.svg"] = render(ranking_figure(edition, with_groups=False), "svg")
    return write_report(edition, pictures)


def figures(element: Any) -> list[Any]:
    """Figures of the structure tree below `element`."""
    element = element.get_object()
    if not isinstance(element, dict):
        return []
    kids = element.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    return [
        *([element] if element.get("/S") == "/Figure" else []),
        *(f for kid in kids for f in figures(kid)),
    ]


def test_the_report_is_tagged_and_its_figures_are_told_in_words(report: bytes, edition: Edition) -> None:
    reader = pypdf.PdfReader(io.BytesIO(report))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert str(catalogue["/Lang"]).lower() == "zh-cn"
    assert edition.title in reader.metadata.title
    assert "pdfuaid:part" in catalogue["/Metadata"].get_object().get_data().decode()
    found = figures(catalogue["/StructTreeRoot"])
    assert len(found) >= 3
    assert all(figure.get("/Alt") for figure in found)


@readers.needs("pdftoppm")
def test_no_page_is_nearly_empty(report: bytes) -> None:
    """Attack: every chapter began a page, and eight of twenty were 60 to 90 per cent empty."""
    pages = readers.pixels_of(report, dpi=30)
    found = {}
    for number, page in enumerate(pages[1:-1], start=2):  # not the cover, nor the last
        body = page.crop((0, int(0.08 * page.height), page.width, int(0.92 * page.height)))
        box = body.point(lambda grey: 255 if grey < 200 else 0).getbbox()
        found[number] = box[3] / body.height if box else 0.0
    assert {number: share for number, share in found.items() if share < 0.4} == {}


def test_no_chart_of_no_difference(report: bytes, edition: Edition) -> None:
    same = all(not (part.up or part.down) for part in edition.facts.compared_rounds)
    equal = all(d.direction == "same" for part in edition.facts.compared_strata for d in part.differences)
    text = readers.text_of_pdf(report)
    assert same or equal
    assert ("各部门的相对变化" not in text) == same
    assert ("比较各部门的相对评价" not in text) or not equal
