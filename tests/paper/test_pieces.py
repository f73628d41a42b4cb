"""What no pen made: specks, folds, a punch's holes; and what a pen made beside boxes, or to undo a mark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from survey.documents.paper.layout import MarkBox, Question, QuestionKind, Style
from survey.paper.scans.judge import Doubt
from tests.paper import degraded, drawing
from tests.paper.drawing import BASE
from tests.paper.marked import FIRST, SHAPE, first, of, page, read
from tests.paper.printed import clean_form


def box(number: int) -> MarkBox:
    return of(clean_form(*SHAPE, Style())[0].boxes, FIRST)[number]


def disc(image: Image.Image, x: float, y: float, radius: float, grey: int) -> Image.Image:
    """With a disc, everything in millimetres."""
    ends = [BASE * v for v in (x - radius, y - radius, x + radius, y + radius)]
    ImageDraw.Draw(image).ellipse(ends, fill=grey)
    return image


def scanned(image: Image.Image, dpi: int = 200) -> Image.Image:
    return degraded.jpeg(degraded.moved(image, np.random.default_rng(4), dpi / 25.4), 70)


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_speck_of_toner_is_no_doubt(dpi: int) -> None:
    at = box(3)
    image = disc(page(), at.x + 0.8, at.y - 0.7, 0.17, 0)
    assert first(scanned(image, dpi)) == (0, "")


def test_a_speck_on_a_scan_far_too_light_is_no_answer() -> None:
    """There dirt on the glass is as dark as ever, and all print is pale."""
    at = box(3)
    light = Image.fromarray((255 - (255 - np.asarray(page(), dtype=float)) * 0.25).astype(np.uint8))
    assert first(scanned(disc(light, at.x + 0.8, at.y - 0.7, 0.17, 0)))[0] == 0


def test_who_marks_by_small_dots_is_asked_of_one_as_small_as_a_speck() -> None:
    at = box(3)
    assert first(scanned(disc(page(others="dot"), at.x, at.y, 0.28, 40))) == (0, Doubt.FAINT)


def test_a_dotted_line_of_a_bad_pen_is_a_doubt() -> None:
    at, image = box(3), page()
    for step in range(-3, 4):
        disc(image, at.x + 0.55 * step, at.y - 0.4 * step, 0.12, 60)
    assert first(scanned(image)) == (0, Doubt.FAINT)


@pytest.mark.parametrize("steep", [False, True])
def test_a_pale_fold_through_empty_boxes_is_no_doubt(steep: bool) -> None:
    at = box(3)
    values = np.asarray(page(), dtype=np.float32)
    y, x = np.mgrid[0 : values.shape[0], 0 : values.shape[1]].astype(np.float32) / BASE
    off = x - at.x - 0.6 if steep else y - at.y - 0.6
    folded = degraded.as_image(values - 30 * np.exp(-((off / 0.5) ** 2)))
    assert first(scanned(folded)) == (0, "")


def test_a_short_stroke_of_the_thinnest_pen_is_a_mark() -> None:
    at, image = box(3), page(pen="hairline")
    ends = [BASE * v for v in (at.x - 0.9, at.y - 0.7, at.x + 0.7, at.y + 0.9)]
    ImageDraw.Draw(image).line(ends, fill=drawing.PENS["hairline"][1], width=2)
    assert first(scanned(image)) == (4, "")


@pytest.mark.parametrize("others", ["tick", "solid"])
@pytest.mark.parametrize("off", [(0.0, 0.0), (1.5, 0.5), (2.6, 1.0), (3.5, -1.5), (4.5, 0.0)])
def test_a_hole_of_a_punch_is_no_answer(others: str, off: tuple[float, float]) -> None:
    """On the back of a sheet it lies where the last column stands; the scanner's bed shows black."""
    at = box(5)
    image = scanned(disc(page(others=others, pen="gel"), at.x + off[0], at.y + off[1], 2.9, 20))
    assert first(image)[0] == 0


def test_a_hole_over_a_mark_is_a_doubt_of_that_row_alone() -> None:
    at = box(5)
    found = read(scanned(disc(page((2, "tick", "gel")), at.x + 2.6, at.y, 2.9, 20))).answers
    doubts: dict[Any, str] = {answer.question: answer.doubt for answer in found if answer.doubt}
    assert list(doubts) == [FIRST]


@pytest.mark.parametrize("kind", ["solid", "circle"])
def test_discs_that_a_marker_makes_are_marks(kind: str) -> None:
    found = read(scanned(page((2, kind, "marker"), others=kind, pen="marker"))).answers
    rated = [a for a in found if a.question.kind == QuestionKind.RATING and a.question.index < 6]
    assert [a.value for a in rated if not a.doubt and a.question != Question(QuestionKind.RATING, 0)]


def ringed(radius: float, width: int) -> set[tuple[int, str]]:
    """What is read where boxes are ringed, each a little larger than the one above, up to `radius` mm."""
    layout, clean = clean_form(*SHAPE, Style())
    image, asked = clean[0].copy(), list[Question]()
    canvas = ImageDraw.Draw(image)
    for d in range(SHAPE[0]):
        question = Question(QuestionKind.RATING, d, 0)
        box, r = of(layout.boxes, question)[1 + d % 4], radius - 0.1 * (SHAPE[0] - 1 - d)
        ends = [drawing.BASE * v for v in (box.x - 1.1 * r, box.y - r, box.x + 1.1 * r, box.y + r)]
        canvas.ellipse(ends, outline=50, width=width)
        asked.append(question)
    answers = {a.question: a for a in read(image).answers}
    return {(answers[q].value, answers[q].doubt) for q in asked}


@pytest.mark.parametrize(("radius", "width"), [(4.4, 2), (5.3, 2), (5.0, 4)])
def test_rings_around_boxes_are_doubts(radius: float, width: int) -> None:
    """Also those that come near no frame."""
    assert ringed(radius, width) == {(0, Doubt.BESIDE)}


@pytest.mark.parametrize("mark", [((0, -0.1), (0.6, 0.5), (1.8, -1.2)), ((-0.4, 2.3), (0.4, -2.3))], ids=str)
def test_a_mark_between_two_boxes_is_a_doubt(mark: Any) -> None:
    layout, image = clean_form(*SHAPE, Style())[0], page()
    a, b = of(layout.boxes, FIRST)[2:4]
    x, y = (a.x + b.x) / 2 - 0.3, a.y
    ImageDraw.Draw(image).line(
        [(drawing.BASE * (x + u), drawing.BASE * (y + v)) for u, v in mark], fill=60, width=4
    )
    assert first(image) == (0, Doubt.BESIDE)


def test_the_only_mark_struck_by_a_line_is_a_doubt() -> None:
    layout, image = clean_form(*SHAPE, Style())[0], page((2, "tick", "ballpoint"))
    box = of(layout.boxes, FIRST)[2]
    ends = [drawing.BASE * v for v in (box.x - 3.6, box.y, box.x + 3.6, box.y + 0.5)]
    ImageDraw.Draw(image).line(ends, fill=60, width=4)
    assert first(image) == (0, Doubt.FILLED)


def test_the_only_mark_scribbled_over_is_a_doubt_where_others_tick() -> None:
    """Also where the scribble leaves much white."""
    image = page()
    box = of(clean_form(*SHAPE, Style())[0].boxes, FIRST)[2]
    ends = np.random.default_rng(5).uniform(-2.9, 2.9, (13, 2)) + np.array([box.x, box.y])
    ImageDraw.Draw(image).line([tuple(drawing.BASE * end) for end in ends], fill=60, width=4)
    assert first(image) == (0, Doubt.FILLED)


def test_a_thin_tick_beside_a_filled_box_is_no_dirt() -> None:
    """Where others fill, it is paler than their boxes on a scan, and little ink."""
    image = page((1, "solid", "ballpoint"), (3, "tick", "ballpoint"), others="solid")
    small = image.resize((image.width // 3, image.height // 3), Image.Resampling.BOX)
    assert first(small) == (0, Doubt.FAINT)


def test_a_hard_pencil_is_a_doubt_in_large_print() -> None:
    """A thin stroke is a smaller share of a larger box."""
    style = Style(large=True)
    layout, clean = clean_form(*SHAPE, style)
    image, rng = clean[0].copy(), np.random.default_rng(2)
    questions = {b.question for b in layout.pages[0].boxes if b.question.kind == QuestionKind.RATING}
    for question in questions:
        box = of(layout.boxes, question)[2]
        drawing.stroke(ImageDraw.Draw(image), box, "slash", (0.4, 225), rng, (0.0, 0.0))
    answers = read(degraded.jpeg(degraded.moved(image, rng, 300 / 25.4), 60)).answers
    assert {a.doubt for a in answers if a.question in questions} == {Doubt.FAINT}
