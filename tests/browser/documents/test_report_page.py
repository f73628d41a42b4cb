"""report.html in a real browser without network: both languages, on a phone, and printed on A4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from analysis import Ratings, rank
from analysis.meeting.summary import for_meeting
from survey.documents.ranking.report import Told, ranking_report

pytestmark = pytest.mark.browser
A4 = (595, 842)
HEADS = ("未校正平均分", "确定低于", "与警戒线相比", "Raw mean", "certainly below", "Against the line")
SAID = {"zh": "可以这样说", "en": "What may be said"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(2)
    names = [f"{n}局<b>" for n in "甲乙丙丁戊己庚辛壬癸"]
    scores = np.clip(np.round(80 - 3 * np.arange(10) + rng.normal(0, 8, (60, 10))), 0, 100)
    rated = Ratings.from_array(scores, department_names=names)
    ranking = rank(rated, draws=2000)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(ranking_report(Told(ranking, meeting=for_meeting(ranking, rated))))
    return path


@pytest.fixture
def opened(visit: Callable[..., Page], report: Path) -> Iterator[Callable[[int], Page]]:
    asked: list[str] = []

    def at(width: int) -> Page:
        page = visit(viewport={"width": width, "height": 844}, offline=True, java_script_enabled=False)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        return page

    yield at
    assert set(asked) == {report.as_uri()}


@pytest.mark.parametrize("width", [390, 1280])
def test_one_language_is_shown_and_the_other_is_one_tap_away(
    opened: Callable[[int], Page], width: int
) -> None:
    page = opened(width)
    for language, other in (("zh", "en"), ("en", "zh")):
        page.check(f"#{language}")
        assert page.locator(f"article[lang={language}]").is_visible()
        assert not page.locator(f"article[lang={other}]").is_visible()
        box = page.get_by_role("heading", name=SAID[language]).bounding_box()
        assert box is not None
        assert box["y"] < 300
        sheet = page.locator("article:visible").bounding_box()
        assert sheet is not None
        assert sheet["x"] + sheet["width"] <= width


def test_nothing_stands_in_the_way_of_a_screen_reader(chromium: Browser, report: Path) -> None:
    """Axe is a script, which the policy of the file forbids; here it is let in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = context.new_page()
    page.goto(report.as_uri())
    found = []
    for language in SAID:
        page.check(f"#{language}")
        found += [(language, v["id"], v["nodes"][0]["html"][:140]) for v in axe.violations(page)]
    context.close()
    assert found == []


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_the_language_shown_is_printed_on_a4(
    opened: Callable[[int], Page], language: str, other: str
) -> None:
    page = opened(1280)
    page.check(f"#{language}")
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
    assert SAID[language] in text
    assert SAID[other] not in text
    assert "甲局<b>" in text
    assert 2 <= len(document) <= 6
    for sheet in document:
        assert sheet.get_size() == pytest.approx(A4, abs=1)
        ink = np.asarray(sheet.render(scale=1).to_pil().convert("L")) < 128
        assert not ink[:, :30].any()
        assert not ink[:, -30:].any()
    assert_pages_are_used(document)


def assert_pages_are_used(document: pypdfium2.PdfDocument) -> None:
    """No page is mostly empty, the last holds several lines, and none ends with the head of a table."""
    for at, sheet in enumerate(document, 1):
        ink = np.asarray(sheet.render(scale=1).to_pil().convert("L")) < 128
        lowest = np.flatnonzero(ink.any(axis=1))[-1] / len(ink)
        assert lowest > (0.4 if at < len(document) else 0.15), at
        last = sheet.get_textpage().get_text_bounded().strip().splitlines()[-1]
        assert not any(head in last for head in HEADS), last


def test_long_tables_are_printed_over_pages_that_are_used(visit: Callable[..., Page], tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    scores = np.clip(np.round(85 - np.arange(30) + rng.normal(0, 8, (60, 30))), 0, 100)
    rated = Ratings.from_array(scores, department_names=[f"第{n}局" for n in range(30)])
    ranking = rank(rated, draws=1000)
    path = tmp_path / "report.html"
    path.write_bytes(ranking_report(Told(ranking, meeting=for_meeting(ranking, rated))))
    page = visit(offline=True, java_script_enabled=False)
    page.goto(path.as_uri())
    for language in SAID:
        page.check(f"#{language}")
        assert_pages_are_used(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)))
