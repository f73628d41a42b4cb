"""Forms from pages: every question is asked once, with all images that show it, and nothing stale counts."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from survey.documents.paper.codes import form_number
from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.judge import Doubt, ReadAnswer
from survey.paper.scans.pages import Source
from survey.paper.scans.reading import PageRead
from survey.paper.station.crops import crop
from survey.paper.station.ends import NOT_COUNTED, state_of
from survey.paper.station.folder import Station
from survey.paper.station.forms import CODE, MISSING, UNREADABLE, Form, answers_of
from survey.paper.station.settling import Settling
from survey.protocol.questionnaire import Stratum
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form

TOWNS = tuple(f"{n}镇" for n in range(1, 121))
ROUND = described(replace(questionnaire(8, 1, 5), strata=(Stratum("乡镇", "Town", TOWNS, TOWNS),)))
LAYOUT = form_layout(ROUND.questionnaire, Style())
CODE_OF_ALL = invited(ROUND, 1)[0].code
TOWN = Question(QuestionKind.STRATUM, 0)
SPLIT = [n for n, page in enumerate(LAYOUT.pages) if any(box.question == TOWN for box in page.boxes)]


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return begun(tmp_path / "station", ROUND)


def keep(station: Station, towns: dict[int, tuple[int, Doubt]], copy: str = "") -> Form:
    """A form whose fact is answered on each of its pages as `towns` says; with images."""
    number = keep_form(station, CODE_OF_ALL, copy=copy)
    for at, (value, doubt) in towns.items():
        key = f"{number}{copy}-{at:04}"
        found = next(page.found for page in station.pages() if page.key == key)
        assert isinstance(found, PageRead)
        answers = [*(a for a in found.answers if a.question != TOWN), ReadAnswer(TOWN, value, doubt)]
        station.keep(key, Source(Path("a.pdf"), at + 1), replace(found, answers=tuple(answers)))
        Image.fromarray(np.full((297, 210), 255, dtype=np.uint8)).save(station.image(key))
    return Settling(station).forms()[number]


def test_the_fact_stands_on_two_pages() -> None:
    assert len(SPLIT) == 2


@pytest.mark.parametrize(
    ("first", "second", "doubt", "value"),
    [
        ((0, ""), (0, ""), "", 0),
        ((7, ""), (0, ""), "", 7),
        ((0, ""), (99, ""), "", 99),
        ((7, ""), (99, ""), "several", 0),
        ((0, "faint"), (0, "several"), "faint", 0),
        ((0, "faint"), (99, ""), "faint", 0),
        ((7, ""), (0, "faint"), "faint", 0),
    ],
)
def test_a_fact_on_two_pages_is_asked_once_and_shown_whole(
    station: Station, first: tuple[int, str], second: tuple[int, str], doubt: str, value: int
) -> None:
    said = {at: (v, Doubt(d)) for at, (v, d) in zip(SPLIT, (first, second), strict=True)}
    form = keep(station, said)
    assert [(item.doubt, len(item.pages)) for item in form.items] == ([(doubt, 2)] if doubt else [])
    assert form.values.get(TOWN, 0) == value
    for item in form.items:
        image = Image.open(io.BytesIO(crop(station, item)))
        lines = sum(len({b.y for b in LAYOUT.pages[at].boxes if b.question == TOWN}) for at in SPLIT)
        assert image.height > lines * 8 * 8, "both parts, one below the other"
        settled = {item.key: "42"}
        assert answers_of(ROUND.questionnaire, form, settled).strata == (42,)


def test_keys_stand_beside_the_boxes_and_over_no_ink(station: Station) -> None:
    """Who skipped a department and rated it is shown all of it."""
    skip, rated = Question(QuestionKind.SKIP, 3), Question(QuestionKind.RATING, 3, 0)
    doubts = {skip: Doubt.SKIPPED, rated: Doubt.FAINT, TOWN: Doubt.FAINT}
    number = keep_form(station, CODE_OF_ALL, doubts=doubts)
    for at, page in enumerate(LAYOUT.pages):
        image = Image.new("L", (210, 297), 255)
        for box in page.boxes:
            reach = box.side / 2 + 0.5
            ends = (box.x - reach, box.y - reach, box.x + reach, box.y + reach)
            ImageDraw.Draw(image).rectangle(ends, fill=0)
        image.save(station.image(f"{number}-{at:04}"))
    sizes = {}
    for item in Settling(station).forms()[number].items:
        keys = dict.fromkeys(range(1, len(TOWNS) + 1), "8")
        plain, keyed = (
            np.asarray(Image.open(io.BytesIO(crop(station, item, each)))).astype(int) for each in ({}, keys)
        )
        ink = (plain < 60).all(axis=2)
        assert (keyed != plain).any()
        ink[: 3 * 8] = False  # the row above belongs to another question
        assert (keyed == plain)[ink].all()
        sizes[item.question] = plain.shape
    assert sizes[skip] == sizes[rated]


def test_no_two_items_have_one_key(station: Station) -> None:
    """Whatever the images of a page say, also three of them and with comments."""
    for n, (a, b) in enumerate([(1, Doubt.NONE), (0, Doubt.FAINT), (2, Doubt.NONE)]):
        form = keep(station, {SPLIT[0]: (a, b), SPLIT[1]: (a, b)}, copy="abc"[n])
    keys = Counter(item.key for item in form.items)
    assert set(keys.values()) == {1}
    (item,) = form.items
    assert (item.doubt, len(item.pages)) == ("copies", 6)


def test_writing_that_only_one_image_shows_is_asked_with_that_image(station: Station) -> None:
    keep(station, {})
    number = form_number(CODE_OF_ALL)
    page = next(page for page in station.pages() if page.key == f"{number}-0000")
    assert isinstance(page.found, PageRead)
    station.keep(f"{number}z-0000", Source(Path("b.pdf"), 1), replace(page.found, written=(2, 5)))
    items = Settling(station).forms()[number].items
    assert [(item.key, item.page.key if item.page else "") for item in items] == [
        ("comment:2", f"{number}z-0000"),
        ("comment:5", f"{number}z-0000"),
    ]


@pytest.mark.parametrize("key", [MISSING, CODE])
def test_what_was_found_again_is_counted_whatever_was_decided_before(station: Station, key: str) -> None:
    """Two people gave a form up for a page or a code that was found later."""
    number = keep_form(station, CODE_OF_ALL)
    form = Settling(station).forms()[number]
    assert form.items == []
    assert state_of(form, {key: UNREADABLE}, {}) == ""
    lost = keep_form(begun(station.folder / "other", ROUND), CODE_OF_ALL, pages={0}, with_code=False)
    form = Settling(Station(station.folder / "other")).forms()[lost]
    assert state_of(form, {MISSING: "counted", CODE: "x", key: UNREADABLE}, {}) == NOT_COUNTED
