"""Brief, slides and sentences for the meeting, opened again by other programs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import docx
import pytest
from msgspec.structs import replace
from pptx import Presentation
from pptx.util import Inches, Pt

from survey.documents.edition.content import Edition
from survey.documents.edition.meeting.brief import brief_of
from survey.documents.edition.meeting.files import LANGUAGES, meeting_files
from survey.documents.edition.meeting.slides import MOST_SLIDES
from survey.documents.layout.attempts import Attempts
from survey.facts.publication import MendedProblems
from survey.language import speaking
from survey.wording import briefing
from survey.wording.numbers import department_satisfaction, points, satisfaction
from tests.documents import readers
from tests.documents.edition_data import make_edition

Files = dict[str, bytes]
MENDED = MendedProblems(slug="2026-q3", title="上一轮评议", listed=8, verified=6, rate=0.75)


@pytest.fixture(scope="module", params=[8, 34])
def edition(request: pytest.FixtureRequest) -> Edition:
    found = make_edition(request.param)
    return Edition(replace(found.content, mended=(MENDED,)), 1, found.digest)


@pytest.fixture(scope="module")
def files(edition: Edition) -> Files:
    attempts = Attempts(None)
    made = {n: f for lang in LANGUAGES for n, f in meeting_files(edition, lang, None, attempts).items()}
    assert attempts.failures == []
    return made


def decks(files: Files) -> dict[str, Any]:
    return {n: Presentation(io.BytesIO(f)) for n, f in files.items() if n.endswith(".pptx")}


def said_on(slide: Any) -> Iterator[str]:
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if shape.has_table:
            yield from (cell.text_frame.text for row in shape.table.rows for cell in row.cells)
    if slide.has_notes_slide:
        yield slide.notes_slide.notes_text_frame.text


def test_there_is_each_document_in_both_languages(files: Files) -> None:
    assert len(files) == 8
    assert sum(name.startswith("会议/English/") for name in files) == 4


def test_slides_are_wide_few_and_titled(files: Files) -> None:
    for name, deck in decks(files).items():
        assert (deck.slide_width, deck.slide_height) == (Inches(13.333), Inches(7.5)), name
        assert 8 <= len(deck.slides) <= MOST_SLIDES, name
        titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
        assert all(titles), name
        for slide in deck.slides:
            for shape in slide.shapes:
                inside = shape.left >= 0 and shape.left + shape.width <= deck.slide_width
                assert inside, (name, shape.name)
                assert shape.top >= 0, (name, shape.name)
                assert shape.top + shape.height <= deck.slide_height + Inches(0.05), (
                    name,
                    titles,
                    shape.name,
                )


def test_type_can_be_read_in_a_hall(files: Files) -> None:
    for name, deck in decks(files).items():
        sizes = [
            run.font.size
            for slide in deck.slides
            for shape in slide.shapes
            if shape.has_text_frame
            for paragraph in shape.text_frame.paragraphs
            for run in paragraph.runs
        ]
        assert min(sizes) >= Pt(18), name


def test_charts_are_told_in_words(files: Files, edition: Edition) -> None:
    for name, deck in decks(files).items():
        told = [
            shape._element.nvPicPr.cNvPr.get("descr")
            for slide in deck.slides
            for shape in slide.shapes
            if shape.shape_type == 13
        ]
        assert told, name
        assert all(edition.ranked[0].name in words and edition.ranked[-1].name in words for words in told), (
            name
        )


def test_the_slides_hold_the_figures_of_the_edition_as_tables(files: Files, edition: Edition) -> None:
    deck = decks(files)["会议/汇报.pptx"]
    said = {text for slide in deck.slides for text in said_on(slide)}
    tables = [
        [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows]
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_table
    ]
    rows = {row[0]: row for table in tables for row in table[1:] if len(row) == 4}
    for profile in edition.profiles:
        assert [profile.name, department_satisfaction(profile)] in [row[:2] for t in tables for row in t]
    for item in edition.facts.items:
        assert rows[item.name][2:] == [points(item.mean), satisfaction(item)]
    assert any("整改完成率 75.0%" in text for text in said)


def test_nothing_is_left_unsaid_on_the_slides(files: Files, edition: Edition) -> None:
    """What has no room on a slide stands in its notes."""
    from survey.documents.edition.meeting.content import parts

    said = "".join(text for slide in decks(files)["会议/汇报.pptx"].slides for text in said_on(slide))
    with speaking("zh"):
        missing = [text for part in parts(edition) for text in part.sentences if text not in said]
    assert missing == []


@readers.needs("soffice", "pdftotext")
def test_the_brief_has_one_page_of_a4(files: Files) -> None:
    briefs = {name: f for name, f in files.items() if "一页纸.docx" in name or "brief.docx" in name}
    printed = readers.through_libreoffice(briefs)
    printed |= {name: f for name, f in files.items() if name.endswith(".pdf")}
    assert len(printed) == 4
    for name, pdf in printed.items():
        pages = readers.pages_of(pdf)
        assert len(pages) == 1, name
        assert (round(pages[0].width), round(pages[0].height)) == (595, 842), name
        assert max(word.bottom for word in pages[0].words) > 0.5 * pages[0].height, name
        assert pages[0].overlapping() == [], name


def test_brief_as_word_and_as_pdf_say_the_same(files: Files, edition: Edition) -> None:
    word = readers.SPACE.sub("", readers.text_of_word(files["会议/一页纸.docx"]))
    pdf = readers.text_of_pdf(files["会议/一页纸.pdf"])
    with speaking("zh"):
        brief = brief_of(edition)
    for text in (text for part in brief.parts for text in part.sentences):
        assert readers.SPACE.sub("", text) in word
        assert readers.SPACE.sub("", text) in pdf


def test_sentences_to_read_have_no_signs_that_nobody_can_read(files: Files) -> None:
    for name in ("会议/宣读稿.docx", "会议/English/sentences.docx"):
        said = [p.text for p in docx.Document(io.BytesIO(files[name])).paragraphs]
        numbered = [text for text in said if re.match(r"\d+\. ", text)]
        assert [int(text.split(".")[0]) for text in numbered] == list(range(1, len(numbered) + 1))
        assert len(numbered) >= 8
        assert not any(re.search("联合区间|joint interval", text) and "“" not in text for text in numbered), (
            name
        )


FOREIGN = re.compile(r"\bp\s*[=<>≤≥]|标准误|standard error|Cronbach", re.IGNORECASE)


def test_no_terms_of_statistics_for_deputies(files: Files) -> None:
    for name, content in files.items():
        if name.endswith(".docx"):
            assert not FOREIGN.search(readers.text_of_word(content)), name
    for name, deck in decks(files).items():
        assert not any(FOREIGN.search(text) for slide in deck.slides for text in said_on(slide)), name


def test_the_same_edition_gives_the_same_files(files: Files, edition: Edition) -> None:
    again = meeting_files(edition, "zh", None, Attempts(None))
    assert all(files[name] == content for name, content in again.items())


def test_p_values_are_taken_out_of_summaries_whole() -> None:
    from survey.wording.round import without_p

    assert without_p("没有发现差别对待（p ≤ 0.5）。各组") == "没有发现差别对待。各组"
    assert without_p("no sign of unequal treatment (p < 0.001).") == "no sign of unequal treatment."
    assert without_p("（95% 同时成立）（3 张）(pairs)") == "（95% 同时成立）（3 张）(pairs)"


def test_completion_of_problems_is_told_with_both_counts() -> None:
    with speaking("zh"):
        (told,) = briefing.mended([MENDED])
    assert told == "“上一轮评议”列入问题清单的问题 8 个，回访核实已解决 6 个，整改完成率 75.0%。"
