"""Pages of one shape with marks on them, and what is read there."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from survey.documents.paper.codes import form_number
from survey.documents.paper.layout import MarkBox, Question, QuestionKind, Style
from survey.paper.scans.reading import PageRead, Reader
from tests.paper import drawing
from tests.paper.printed import clean_form
from tests.paper.rounds import described, invited, questionnaire

SHAPE = (8, 1, 5)
READER = Reader(described(questionnaire(*SHAPE)))
FORM = form_number(invited(described(questionnaire(*SHAPE)), 1)[0].code)
"""Number of every first form that the tests print."""
FIRST = Question(QuestionKind.RATING, 0, 0)


def page(*marks: tuple[int, str, str], pen: str = "ballpoint", others: str = "tick") -> Image.Image:
    """The first page with marks (number of the box of the first department, kind, pen); a tick at the best
    level of all other departments."""
    layout, pages = clean_form(*SHAPE, Style())
    image, rng = pages[0].copy(), np.random.default_rng(3)
    canvas = ImageDraw.Draw(image)
    for question in [Question(QuestionKind.RATING, d, 0) for d in range(1, SHAPE[0])]:
        drawing.stroke(canvas, of(layout.boxes, question)[0], others, drawing.PENS[pen], rng, (0, 0))
    for number, kind, tool in marks:
        drawing.stroke(canvas, of(layout.boxes, FIRST)[number], kind, drawing.PENS[tool], rng, (0, 0))
    return image


def of(boxes: list[MarkBox], question: Question) -> list[MarkBox]:
    return [box for box in boxes if box.question == question]


def read(image: Image.Image) -> PageRead:
    found = READER.read(np.asarray(image.convert("L")))
    assert isinstance(found, PageRead), found
    return found


def first(image: Image.Image) -> tuple[int, str]:
    answer = next(a for a in read(image).answers if a.question == FIRST)
    return (0, answer.doubt) if answer.doubt else (answer.value, "")
