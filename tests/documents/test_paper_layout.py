"""Every question of a questionnaire has its boxes on a form, apart from each other and from all print."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pytest

from survey.documents.paper.layout import PAGE, FormLayout, Question, QuestionKind, Style
from survey.documents.paper.setting_out import form_layout
from survey.documents.paper.words import WORDS
from survey.errors import InvalidInput
from survey.protocol.answers import NOT_KNOWN
from survey.protocol.questionnaire import Questionnaire
from tests.paper.rounds import questionnaire

STYLES = [Style(), Style(large=True), Style(comments=True), Style(large=True, comments=True)]
SHAPES = [(d, i, n) for d in (8, 30, 60) for i in (1, 2, 3, 6) for n in (3, 5)]
EDGE, CLEAR = 8.0, 1.1


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two rectangles (left, top, right, bottom) do."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def around(x: float, y: float, reach: float) -> tuple[float, ...]:
    return x - reach, y - reach, x + reach, y + reach


def made(asked: Questionnaire, style: Style) -> FormLayout:
    try:
        return form_layout(asked, style)
    except InvalidInput:
        pytest.skip("more than 32 pages, and refused")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("style", STYLES, ids=str)
def test_forms_of_every_shape(shape: tuple[int, int, int], style: Style) -> None:
    departments, items, levels = shape
    asked = questionnaire(departments, items, levels)
    layout = made(asked, style)
    values, pages = defaultdict(list), defaultdict(set)
    for number, page in enumerate(layout.pages):
        for box in page.boxes:
            values[box.question].append(box.value)
            pages[box.question].add(number)
            assert box.side >= (7 if style.large else 5)
        for a, b in combinations(page.boxes, 2):
            if abs(a.y - b.y) < 20:
                assert max(abs(a.x - b.x), abs(a.y - b.y)) >= a.side + 2.5
        for label in page.labels:
            there = (label.x, label.y, label.x + label.width, label.y + label.height)
            assert EDGE <= there[0] < there[2] <= PAGE[0] - EDGE
            assert EDGE <= there[1] < there[3] <= PAGE[1] - EDGE
            for box in page.boxes:
                assert not overlap(there, around(box.x, box.y, box.side / 2 + CLEAR)), (label, box)
        for x, y, width in page.rules:
            for box in page.boxes:
                assert not overlap((x, y, x + width, y), around(box.x, box.y, box.side / 2 + CLEAR))
    assert {number for found in pages.values() for number in found} <= set(range(len(layout.pages)))
    ratings = [Question(QuestionKind.RATING, d, i) for d in range(departments) for i in range(items)]
    assert all(sorted(values[q]) == [*range(1, levels + 1), NOT_KNOWN] for q in ratings)
    assert all(values[Question(QuestionKind.SKIP, d)] == [1] for d in range(departments))
    for n, stratum in enumerate(asked.strata):
        assert values[Question(QuestionKind.STRATUM, n)] == [*range(1, len(stratum.options) + 1)]
    assert len(values) == departments * (items + 1) + len(asked.strata)
    split = [q for q, found in pages.items() if len(found) > 1 and q.kind != QuestionKind.STRATUM]
    assert split == []


def test_comment_areas_are_there_for_every_department() -> None:
    layout = form_layout(questionnaire(30, 2, 5), Style(comments=True))
    assert [a.department for page in layout.pages for a in page.areas] == [*range(30)]
    plain = form_layout(questionnaire(30, 2, 5), Style())
    assert [a for page in plain.pages for a in page.areas] == []


def test_more_pages_than_a_code_can_number_are_refused() -> None:
    with pytest.raises(InvalidInput, match="最多 32 页"):
        form_layout(questionnaire(200, 6, 5, strata=0), Style(large=True))


def test_style_is_its_number() -> None:
    assert [Style.numbered(style.number) for style in STYLES] == STYLES


def test_instructions_take_forty_words() -> None:
    said = " ".join(WORDS["en"][key] for key in ("promise", "how", "correct", "phone"))
    assert len(said.split()) <= 40
    assert len("".join(WORDS["zh"][key] for key in ("how", "correct"))) <= 60
