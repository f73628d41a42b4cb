"""Drawn forms are read as drawn, or a doubt is raised; more of them: `python -m bench paper`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from bench.paper import kept_file, run
from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.judge import Doubt
from survey.paper.scans.reading import PageFinding, Sheet
from tests.paper import accidents, degraded, drawing
from tests.paper.marked import FIRST, FORM, READER, SHAPE, first, of, page, read
from tests.paper.printed import clean_form, rendered
from tests.paper.rounds import described, invited, questionnaire

FORMS = 2500 if os.environ.get("NIGHTLY") else 4


@pytest.mark.timeout(0 if os.environ.get("NIGHTLY") else 300)
@pytest.mark.parametrize(("how", "most"), [(degraded.scan, 0.01), (degraded.photo, 0.03)])
def test_nothing_is_read_wrong_without_a_doubt(how: Any, most: float) -> None:
    counts = run(FORMS, 5, how, how.__name__, kept_file())
    assert counts.wrong.total() == 0, counts.details
    assert counts.lost == 0
    if os.environ.get("NIGHTLY"):
        assert counts.doubtful_rate() <= most


@pytest.mark.timeout(0 if os.environ.get("NIGHTLY") else 300)
@pytest.mark.parametrize("name", accidents.ACCIDENTS)
def test_no_accident_is_read_as_an_answer(name: str) -> None:
    counts = run(60 if os.environ.get("NIGHTLY") else 1, 17, accidents.after(name), name, kept_file())
    assert counts.wrong.total() == 0, counts.details
    assert counts.lost <= counts.pages / 20


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], (0, "")),
        ([(2, "tick", "ballpoint")], (3, "")),
        ([(5, "cross", "gel")], (255, "")),
        ([(1, "tick", "ballpoint"), (3, "tick", "ballpoint")], (0, Doubt.SEVERAL)),
        ([(1, "tick", "ballpoint"), (1, "solid", "ballpoint"), (3, "tick", "ballpoint")], (4, "")),
        ([(1, "solid", "ballpoint")], (0, Doubt.FILLED)),
        ([(1, "tick", "gel"), (1, "strike", "gel"), (3, "tick", "ballpoint")], (0, Doubt.SEVERAL)),
        ([(n, "tick", "ballpoint") for n in range(6)], (0, Doubt.SEVERAL)),
    ],
)  # fmt: skip
def test_marks_and_corrections(marks: Any, expected: Any) -> None:
    assert first(page(*marks)) == expected


def test_a_thick_cross_is_a_mark_where_all_marks_are_thick() -> None:
    """What other readers took for an undone box."""
    assert first(page((2, "cross", "marker"), pen="marker", others="cross")) == (3, "")


def test_who_marks_by_filling_is_understood() -> None:
    assert first(page((2, "solid", "gel"), pen="gel", others="solid")) == (3, "")


@pytest.mark.parametrize("pen", [(0.5, 185), (0.6, 210), (0.6, 225), (3.0, 215)], ids=str)
@pytest.mark.parametrize("kind", ["tick", "cross", "fill"])
def test_a_pen_that_the_scan_hardly_shows_is_a_doubt(pen: tuple[float, int], kind: str) -> None:
    """A hard pencil, a highlighter, a red pen scanned under red light: never nothing."""
    layout, _ = clean_form(*SHAPE, Style())
    image = page()
    ink, rng = Image.new("L", image.size, 255), np.random.default_rng(2)
    drawing.stroke(ImageDraw.Draw(ink), of(layout.boxes, FIRST)[2], kind, pen, rng, (0, 0))
    scanned = degraded.moved(ImageChops.multiply(image, ink), rng, 200 / 25.4)
    assert first(degraded.jpeg(scanned, 60)) == (0, Doubt.FAINT)


@pytest.mark.parametrize("pen", [(0.22, 190), (0.3, 210), (0.4, 225)], ids=str)
def test_a_part_of_a_mark_is_a_doubt_where_the_scan_hardly_shows_any(pen: tuple[float, int]) -> None:
    """A tick 2 mm off, of a pen of which the scan shows too little to read the others."""
    layout, clean = clean_form(*SHAPE, Style())
    image, rng = clean[0].copy(), np.random.default_rng(2)
    for d in range(SHAPE[0]):
        box, off = of(layout.boxes, Question(QuestionKind.RATING, d, 0))[2], (0.0 if d else 1.9, 0)
        drawing.stroke(ImageDraw.Draw(image), box, "tick", pen, rng, off)
    assert first(degraded.jpeg(degraded.moved(image, rng, 200 / 25.4), 60)) == (0, Doubt.FAINT)


def test_a_mark_that_missed_its_box_is_a_doubt() -> None:
    layout, _ = clean_form(*SHAPE, Style())
    image = page()
    box = of(layout.boxes, FIRST)[2]
    x, y = box.x, box.y + box.side / 2 + 0.8
    ImageDraw.Draw(image).line(
        [(drawing.BASE * a, drawing.BASE * y) for a in (x - 2, x + 2)], fill=30, width=8
    )
    assert first(image) == (0, Doubt.BESIDE)


def test_skipped_and_rated_is_a_doubt() -> None:
    layout, _ = clean_form(*SHAPE, Style())
    image, skip = page((0, "tick", "gel")), Question(QuestionKind.SKIP, 0)
    canvas, rng = ImageDraw.Draw(image), np.random.default_rng(1)
    drawing.stroke(canvas, of(layout.boxes, skip)[0], "tick", drawing.PENS["gel"], rng, (0, 0))
    doubts = {a.question: a.doubt for a in read(image).answers}
    assert doubts[skip] == Doubt.SKIPPED


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("torn", [0, 1, 2, 3])
def test_any_side_up_and_three_corners(turn: int, torn: int) -> None:
    image = page((4, "tick", "gel"))
    x, y = ((0, 0), (150, 0), (150, 265), (0, 265))[torn]
    ends = [drawing.BASE * v for v in (x, y, x + 27, y + 27)]
    ImageDraw.Draw(image).rectangle(ends, fill=255)
    assert first(image.rotate(turn, expand=True)) == (5, "")


def test_two_corners_are_too_few() -> None:
    image = page()
    ImageDraw.Draw(image).rectangle([0, 0, image.width, 26 * drawing.BASE], fill=255)
    found = READER.read(np.asarray(image))
    assert isinstance(found, PageFinding)
    assert (found.reason, found.sheets) == ("corners", (Sheet(FORM, 1, True),))


def test_torn_corners_of_another_round_are_of_that_round() -> None:
    image = rendered(write_other(described(questionnaire(9, 1, 5))))[0]
    ImageDraw.Draw(image).rectangle([0, 0, image.width, 26 * drawing.BASE], fill=255)
    found = READER.read(np.asarray(image))
    assert isinstance(found, PageFinding)
    assert found.reason == "round"


def test_other_pages_are_named() -> None:
    blank = np.full((2300, 1650), 250, dtype=np.uint8)
    assert READER.read(blank) == PageFinding("blank")
    text = blank.copy()
    text[300:1500:40, 200:1400] = 20
    assert READER.read(text) == PageFinding("foreign")
    other = described(questionnaire(9, 1, 5))
    pages = rendered(write_other(other))
    found = READER.read(np.asarray(pages[0]))
    assert isinstance(found, PageFinding)
    assert (found.reason, found.sheets) == ("round", (Sheet(FORM, 1, False),))


def test_a_mirrored_scan_is_read() -> None:
    image = ImageOps.mirror(page((2, "tick", "gel"))).rotate(3, fillcolor=255)
    assert first(image) == (3, "")


def write_other(round: Any, count: int = 1) -> bytes:
    from survey.documents.paper.printing import write_forms

    return write_forms(round, invited(round, count), style=Style())


@pytest.mark.parametrize("lies", ["upright", "turned", "mirrored", "beside much white"])
def test_what_is_written_in_a_comment_area_is_noticed(lies: str) -> None:
    asked = questionnaire(8, 1, 5)
    layout = form_layout(asked, Style(comments=True))
    pages = clean_form(8, 1, 5, Style(comments=True))[1]
    number = next(n for n, p in enumerate(layout.pages) if p.areas)
    area = layout.pages[number].areas[3]
    image = pages[number].copy()
    x, y = (area.x + 10) * drawing.BASE, (area.y + 4) * drawing.BASE
    canvas = ImageDraw.Draw(image)
    for n in range(8):
        canvas.arc((x + n * 40, y, x + n * 40 + 35, y + 40), 0, 300, fill=40, width=4)
    assert read(lying(image, lies)).written == (area.department,)
    assert read(lying(pages[number], lies)).written == ()


def lying(image: Image.Image, how: str) -> Image.Image:
    """The page as it may lie in an image."""
    if how == "turned":
        return image.rotate(90, expand=True)
    if how == "mirrored":
        return ImageOps.mirror(image)
    wide = Image.new("L", (image.width, image.height * (3 if how == "beside much white" else 1)), 255)
    wide.paste(image, (0, 0))
    return wide


def long_stroke(image: Image.Image, *points: tuple[float, float]) -> Image.Image:
    """A stroke of a pen through points in millimetres from the first box of the third department."""
    layout, _ = clean_form(*SHAPE, Style())
    at = of(layout.boxes, Question(QuestionKind.RATING, 2, 0))[0]
    ends = [((at.x + x) * drawing.BASE, (at.y + y) * drawing.BASE) for x, y in points]
    ImageDraw.Draw(image).line(ends, fill=40, width=5, joint="curve")
    return image


def doubts(image: Image.Image) -> dict[tuple[QuestionKind, int], tuple[int, str]]:
    return {(a.question.kind, a.question.index): (a.value, str(a.doubt)) for a in read(image).answers}


def test_the_tail_of_a_tick_is_no_answer_to_the_row_above() -> None:
    _, pages = clean_form(*SHAPE, Style())
    found = doubts(long_stroke(pages[0].copy(), (-2, 0), (-0.5, 2), (1.5, -9)))
    assert found[QuestionKind.RATING, 1] == (0, Doubt.JOINED)
    assert found[QuestionKind.RATING, 2] == (0, Doubt.JOINED)
    assert {said for key, said in found.items() if key[1] not in (1, 2)} == {(0, "")}


def test_a_line_through_many_rows_is_no_answer() -> None:
    _, pages = clean_form(*SHAPE, Style())
    found = doubts(long_stroke(pages[0].copy(), (-3, -5), (34, 36)))
    rows = [found[QuestionKind.RATING, d] for d in range(2, 7)]
    assert all(doubt for _, doubt in rows), rows


def test_large_ticks_that_keep_apart_are_plain() -> None:
    _, pages = clean_form(*SHAPE, Style())
    found = doubts(long_stroke(pages[0].copy(), (-2, 0), (-0.5, 2), (2.2, -5)))
    assert found[QuestionKind.RATING, 2] == (1, "")


def test_a_measurement_that_was_ended_goes_on(tmp_path: Path) -> None:
    """Also where its end cut a line off."""
    keep = tmp_path / "kept.json"
    first = run(2, 5, lambda page, _rng: page, "clean", keep)
    keep.write_text(keep.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    again = run(2, 5, lambda page, _rng: page, "clean", keep)
    assert (again.boxes, again.questions, again.doubtful) == (first.boxes, first.questions, first.doubtful)
    assert again.boxes.total() > 200
    assert again.wrong.total() == 0
