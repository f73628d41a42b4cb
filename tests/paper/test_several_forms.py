"""Pages of several forms in one image: none is read, all are named, and each form came back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from survey.documents.paper.codes import form_number
from survey.documents.paper.layout import Style
from survey.documents.paper.printing import write_forms
from survey.paper.scans.reading import PageFinding, Reader, Sheet
from survey.paper.station.findings import said_of
from survey.paper.station.report import count
from survey.paper.station.settling import Settling
from survey.paper.station.taking_in import take_in, waiting
from tests.paper.drawing import BASE
from tests.paper.marked import FORM, READER, SHAPE, first, page
from tests.paper.printed import clean_form, rendered
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun

ROUND = described(questionnaire(*SHAPE))
OTHER = form_number(invited(ROUND, 2)[1].code)
LONG = (30, 2, 5)


@pytest.fixture(scope="module")
def other() -> Image.Image:
    """A second form of the round."""
    return rendered(write_forms(ROUND, invited(ROUND, 2), style=Style()))[1]


@pytest.fixture(scope="module")
def foreign() -> Image.Image:
    """A form of another round, whose number is the same as that of ours."""
    asked = described(questionnaire(9, 1, 5))
    return rendered(write_forms(asked, invited(asked, 1), style=Style()))[0]


def under(mine: Image.Image, below: Image.Image, shown: float) -> Image.Image:
    """A page with the left part of another that lies under it or beside it, on a dark table."""
    table = Image.new("L", (round(mine.width * (1.05 + shown)), mine.height), 120)
    table.paste(below, (0, 0))
    table.paste(mine, (table.width - mine.width, 0))
    return table


def code_of(form: Image.Image) -> Image.Image:
    """The invitation's QR of a first page, and nothing else."""
    return form.crop(tuple(round(BASE * mm) for mm in (170, 27, 198, 55)))


def sheets(image: Image.Image, reader: Reader = READER, reason: str = "several") -> list[Sheet]:
    found = reader.read(np.asarray(image))
    assert isinstance(found, PageFinding), found
    assert found.reason == reason
    return sorted(found.sheets, key=lambda sheet: (sheet.form != FORM, sheet.page))


@pytest.mark.parametrize("shown", [0.2, 0.9, 1.0])
def test_another_form_under_or_beside_the_page(other: Image.Image, shown: float) -> None:
    assert sheets(under(page(), other, shown)) == [Sheet(FORM, 1, True), Sheet(OTHER, 1, True)]


def test_a_strip_of_another_form_without_a_code_changes_nothing(other: Image.Image) -> None:
    assert first(under(page((2, "tick", "gel")), other, 0.03)) == (3, "")


def test_a_code_of_another_form_that_cannot_be_read(other: Image.Image) -> None:
    """Something lies on it: that there is another form is known, and which is not."""
    other = other.copy()
    for y in (9, 273):
        other.paste(120, tuple(round(BASE * mm) for mm in (14, y, 18, y + 15)))
    assert sheets(under(page(), other, 0.2)) == [Sheet(FORM, 1, True)]


@pytest.mark.parametrize("of_ours", [3, 2, 1])
def test_corners_of_one_and_one_of_another(other: Image.Image, of_ours: int) -> None:
    """The other lies across: it hides one corner, or two, or three, and shows one, or two."""
    image = page()
    left, top = (0 if of_ours == 2 else image.width // 2), image.height // 2
    image.paste(other.crop((left, top, image.width, image.height)), (left, top))
    if of_ours == 1:
        image.paste(255, (0, 0, image.width // 2, image.height // 2))
        image.paste(255, (0, top, image.width // 2, image.height))
    assert sheets(image) == [Sheet(FORM, 1, True), Sheet(OTHER, 1, True)]


def test_another_form_over_a_part_of_the_page_is_not_read_through(other: Image.Image) -> None:
    image = page()
    image.paste(other.crop((0, 0, other.width, 700)), (600, 1500))
    assert sheets(image) == [Sheet(FORM, 1, True), Sheet(OTHER, 1, True)]


def test_two_pages_of_one_form() -> None:
    """An A3 side that was not cut along its fold, or the second page with the first under it."""
    reader, (one, two) = Reader(described(questionnaire(*LONG))), clean_form(*LONG, Style())[1]
    both = [Sheet(FORM, 1, True), Sheet(FORM, 2, True)]
    assert sheets(under(one, two, 1), reader) == both
    assert sheets(under(two, one, 0.2), reader) == both
    only_code = under(two, Image.new("L", (400, two.height), 255), 0.2)
    only_code.paste(code_of(one), (20, 300))
    assert sheets(only_code, reader) == [Sheet(FORM, 1, False), Sheet(FORM, 2, True)]


@pytest.mark.parametrize("shown", [0.2, 1.0])
def test_a_copy_of_the_page_beside_it(shown: float) -> None:
    assert sheets(under(page(), page((2, "tick", "gel")), shown)) == [Sheet(FORM, 1, True)]


def test_a_form_of_another_round_beside_ours(foreign: Image.Image) -> None:
    for image in (under(page(), foreign, 0.2), under(foreign, page(), 0.2)):
        assert {(sheet.form, sheet.returned) for sheet in sheets(image)} == {(FORM, True), (FORM, False)}


def test_two_forms_of_another_round(other: Image.Image) -> None:
    reader = Reader(described(questionnaire(9, 1, 5)))
    assert not any(sheet.returned for sheet in sheets(under(page(), other, 1), reader, "round"))


def test_the_invitation_of_another_form(other: Image.Image) -> None:
    """Its code alone is in view; it may be of a slip, which nobody gave back."""
    image = under(page(), Image.new("L", (400, other.height), 255), 0.2)
    image.paste(code_of(other), (20, 300))
    assert sheets(image) == [Sheet(FORM, 1, True), Sheet(OTHER, 1, False)]


def test_all_are_named_came_back_and_are_read_again_one_by_one(other: Image.Image, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", ROUND)

    def read(name: str, image: Image.Image) -> list[str]:
        image.save(tmp_path / name)
        list(take_in(station, waiting(station, tmp_path / name), workers=1))
        return [phrase.say() for phrase in said_of(station)]

    both = sorted((FORM, OTHER))
    missing = [f"表号 {form} 缺第 1 页。请找到补读；找不到的，由两人认定。" for form in both]
    pair = f"both.png 第 1 页（表号 {both[0]} 第 1 页、表号 {both[1]} 第 1 页）：一张图里不止一页评议表。"
    again = "请一张图只放一页（A3 册子先沿折缝裁开），逐页重扫。"
    assert read("both.png", under(page(), other, 0.2)) == [pair + again, *missing]
    assert (count(station).returned, count(station).undecided) == (2, 2)
    assert read("one.png", other) == [pair + again, missing[both.index(FORM)]]
    assert read("two.png", page((2, "tick", "gel"))) == [pair + "已经补读。"]
    assert (count(station).returned, Settling(station).waiting(0)) == (2, [])
