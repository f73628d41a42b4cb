"""A second edition in the documents handed out: letters, brief, slides and sentences say what it corrects."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from msgspec.structs import replace
from pptx import Presentation
from pypdf import PdfReader

from survey.documents.edition.content import Edition
from survey.documents.edition.letter import write_letter
from survey.documents.edition.meeting.brief import write_brief, write_brief_pdf
from survey.documents.edition.meeting.slides import write_slides
from survey.documents.edition.meeting.spoken import write_spoken
from survey.language import speaking
from tests.documents.edition_data import make_edition

REASON = "一份名册录重了"


@pytest.fixture(scope="module")
def first() -> Edition:
    return make_edition(6)


def counted_anew(content: Any) -> Any:
    counts = replace(content.facts.counts, valid=content.facts.counts.valid - 1)
    return replace(content, facts=replace(content.facts, counts=counts))


def rated_anew(place: int) -> Callable[[Any], Any]:
    """The number of raters of one department's profile, one less."""

    def change(content: Any) -> Any:
        profiles = list(content.facts.profiles)
        profiles[place] = replace(profiles[place], n=profiles[place].n - 1)
        return replace(content, facts=replace(content.facts, profiles=tuple(profiles)))

    return change


def second(first: Edition, *changes: Callable[[Any], Any]) -> Edition:
    content = first.content
    for change in changes:
        content = change(content)
    return dataclasses.replace(first, content=content, number=2, correction=REASON, before=first.content)


def word(content: bytes) -> str:
    return "\n".join(p.text for p in docx.Document(io.BytesIO(content)).paragraphs)


def deck(content: bytes) -> list[str]:
    return [
        "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        for slide in Presentation(io.BytesIO(content)).slides
    ]


def test_the_same_words_as_the_bulletin(first: Edition) -> None:
    edition = second(first, counted_anew)
    lines = edition.correction_lines
    assert REASON in lines[0]
    assert len(lines) == 4  # why, against which edition, the count, all else
    with speaking("zh"):
        said = [word(write_brief(edition)), word(write_spoken(edition)), deck(write_slides(edition, []))[0]]
        pdf = "".join(page.extract_text() for page in PdfReader(io.BytesIO(write_brief_pdf(edition))).pages)
    for text in said:
        assert [line for line in lines if line not in text] == []
    assert REASON in "".join(pdf.split())
    assert len(PdfReader(io.BytesIO(write_brief_pdf(edition))).pages) == 1


def test_a_first_edition_says_nothing_of_corrections(first: Edition) -> None:
    with speaking("zh"):
        made = [write_brief(first), write_spoken(first), write_letter(first, first.profiles[0])]
        slides = deck(write_slides(first, []))
    assert not [text for text in [*map(word, made), *slides] if "更正" in text]


def test_a_letter_says_what_concerns_its_department(first: Edition) -> None:
    edition = second(first, counted_anew, rated_anew(0))
    own, other = (word(write_letter(edition, edition.profiles[place])) for place in (0, 1))
    name, valid = edition.profiles[0].name, first.facts.counts.valid
    assert "一、更正" in own
    assert REASON in own
    assert REASON in other
    for text in (own, other):
        assert f"{valid} → {valid - 1}" in text
    told = [line for line in edition.correction_lines if name in line]
    assert told
    assert [line for line in told if line not in own] == []
    assert [line for line in told if line in other] == []
    assert "其他部门的不同之处见通报。" in other
    assert "其他部门的不同之处见通报。" not in own
    assert "除以上各项外，你单位的数字、结论、收到的意见和列入清单的问题都相同。" in own


def test_a_letter_of_which_nothing_differs_says_so(first: Edition) -> None:
    edition = second(first, rated_anew(0))
    other = word(write_letter(edition, edition.profiles[1]))
    assert "与第 1 版相比，你单位的数字、结论、收到的意见和列入清单的问题都相同。" in other


def test_many_corrections_fit_a_page_and_point_to_the_bulletin(first: Edition) -> None:
    counted = [place for place, profile in enumerate(first.profiles) if profile.n]
    edition = second(first, counted_anew, *map(rated_anew, counted))
    left = len(edition.correction_lines) - 1 - 4
    assert left > 0
    with speaking("zh"):
        for text in (word(write_brief(edition)), deck(write_slides(edition, []))[0]):
            assert f"还有 {left} 条更正，见通报。" in text
        assert len(Presentation(io.BytesIO(write_slides(edition, []))).slides) <= 12
        assert len(PdfReader(io.BytesIO(write_brief_pdf(edition))).pages) == 1
    with speaking("en"):
        english = deck(write_slides(edition, []))[0]
    assert f"{left} more corrections" in english
