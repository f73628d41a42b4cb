"""The bulletin in English: the same numbers, and no Chinese but names that were entered."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest

from survey.documents.edition.bundle import ENGLISH_BULLETIN, edition_files
from survey.documents.edition.content import Edition
from tests.documents.edition_data import make_edition
from tests.documents.readers import ruled_tables, text_in

CHINESE = re.compile(r"[\u3400-\u9fff，。；：（）、]")


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition(6, rounds=1)


@pytest.fixture(scope="module")
def made(edition: Edition) -> dict[str, Any]:
    files = edition_files(edition)
    return {name: docx.Document(io.BytesIO(files[name])) for name in ("通报.docx", ENGLISH_BULLETIN)}


def said(document: Any) -> list[str]:
    cells = [cell.text for table in ruled_tables(document) for cell in table._cells]
    return [text_in(paragraph._p) for paragraph in document.paragraphs] + cells


def test_the_chart_s_notes_are_in_english(edition: Edition) -> None:
    """Attack: facts lose the English notes on their way to the chart, which is then half Chinese."""
    notes = edition.ranking.notes
    assert [note.text("en") for note in notes] == list(edition.facts.ranking.told("en"))
    assert [note.text("zh") for note in notes] == list(edition.facts.ranking.notes)
    assert notes[0].zh != notes[0].en


def entered(edition: Edition) -> list[str]:
    """Names as somebody typed them, longest first."""
    names = [p.name for p in edition.profiles] + [g.name for g in edition.facts.ranking.groups]
    names += [edition.title, edition.body, *(item.name for item in edition.facts.items)]
    return sorted(names, key=len, reverse=True)


def test_no_chinese_but_what_was_entered(edition: Edition, made: dict[str, Any]) -> None:
    left = []
    for text in said(made[ENGLISH_BULLETIN]):
        rest = text
        for name in entered(edition):
            rest = rest.replace(name, "")
        left += [text] if CHINESE.search(rest) else []
    assert left == []
    whole = " ".join(said(made[ENGLISH_BULLETIN]))
    assert re.findall(r"[a-z]{3}\.[A-Z]\w+", whole) == [], "sentences without a space between them"


def test_the_same_tables_as_in_chinese(made: dict[str, Any]) -> None:
    chinese, english = (ruled_tables(made[name]) for name in ("通报.docx", ENGLISH_BULLETIN))
    assert len(chinese) == len(english) > 0
    for one, other in zip(chinese, english, strict=True):
        rows = [[[cell.text for cell in row.cells] for row in table.rows] for table in (one, other)]
        numbers = [[re.findall(r"\d+(?:\.\d+)?", " ".join(row)) for row in table[1:]] for table in rows]
        assert numbers[0] == numbers[1]
        assert rows[1][0][0] in ("Rank", "Rank in group", "Overall rank") or rows[1][0][0].isascii()


def test_sections_are_numbered_and_the_chart_is_there(made: dict[str, Any]) -> None:
    headings = [text for text in said(made[ENGLISH_BULLETIN]) if re.match(r"\d\. ", text)]
    assert [text[:3] for text in headings] == [f"{n}. " for n in range(1, len(headings) + 1)]
    assert headings[0] == "1. Who answered"
    assert made[ENGLISH_BULLETIN].inline_shapes
