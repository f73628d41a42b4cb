"""The documents of an edition in English: the same numbers, and no Chinese but what somebody entered."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import docx
import openpyxl
import pytest
from msgspec.structs import replace as replaced

from survey.documents.edition import report
from survey.documents.edition.bulletin import write_bulletin
from survey.documents.edition.bundle import _context, maker_of
from survey.documents.edition.content import Edition
from survey.documents.edition.letter import write_letter
from survey.documents.edition.occasions import occasion_documents
from survey.documents.edition.report_blocks import Block, texts_of
from survey.documents.edition.workbook import publication_workbook
from survey.documents.layout.attempts import Attempts
from survey.language import Language, speaking
from tests.documents.edition.test_words_for_deputies import FOREIGN
from tests.documents.edition_data import make_edition
from tests.documents.readers import ruled_tables, text_in
from tests.support.published import texts_of as texts_in_file

CHINESE = re.compile(r"[\u3400-\u9fff，。；：（）、]")
DATE = re.compile(r"(\d{4})[年-](\d\d?)[月-](\d\d?)日?")
METHOD = "11. Method, limits and checks"
OCCASIONS = {"分析.docx": "English/analysis.docx", "年度总排名.docx": "English/annual-ranking.docx"}


@pytest.fixture(scope="module")
def edition() -> Edition:
    """All departments but the last have an English name."""
    made = make_edition(6)
    named = [replaced(p, name_en=f"Bureau {p.index + 1} of Works") for p in made.profiles[:-1]]
    facts = replaced(made.facts, profiles=(*named, made.profiles[-1]))
    return replace(made, content=replaced(made.content, facts=facts), log=(17, "cd" * 32))


@pytest.fixture(scope="module")
def made(edition: Edition) -> dict[str, bytes]:
    attempts = Attempts(None)
    files = maker_of("en", edition, attempts).make()
    assert attempts.failures == []
    return files


def word(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def letters(edition: Edition) -> dict[str, bytes]:
    """The Chinese letters by the beginning of the English ones' names."""
    return {
        f"English/letters/{n:03d} ": write_letter(edition, p) for n, p in enumerate(edition.profiles, start=1)
    }


def entered(edition: Edition) -> list[str]:
    """What somebody typed in Chinese, longest first."""
    last, content = edition.profiles[-1], edition.content
    texts = [last.name, edition.title, edition.body, *(c.title for c in edition.facts.changes)]
    texts += [g.name for g in edition.facts.ranking.groups]
    texts += [part for said in content.comments.values() for c in said for part in c.text.splitlines()]
    texts += [problem.task for problem in content.problems]
    texts += [part for figure in content.indicators for part in (figure.period, figure.name)]
    return sorted(texts, key=len, reverse=True)


def left(edition: Edition, name: str, content: bytes) -> list[str]:
    """Lines of a file with Chinese that nobody entered."""
    # Programs read Chinese out of a PDF with spaces beside digits, and broken where a line ends.
    known = re.compile(
        "|".join(r"\s*".join(map(re.escape, text.replace(" ", ""))) for text in entered(edition))
    )
    lines = (line for text in texts_in_file(name, content) for line in known.sub("", text).splitlines())
    return [line for line in lines if CHINESE.search(line)]


def test_every_document_has_an_english_one(made: dict[str, bytes], edition: Edition) -> None:
    beside = {f"English/{name}" for name in ("bulletin.docx", "ranking-table.xlsx", "report.pdf")}
    assert beside | set(OCCASIONS.values()) <= set(made)
    assert sum(name.startswith("English/letters/") for name in made) == len(edition.profiles)
    assert "English/letters/002 Bureau 2 of Works.docx" in made
    assert {"English/charts/ranking.svg", "English/charts/items.svg"} <= set(made)


def test_no_chinese_but_what_was_entered(edition: Edition, made: dict[str, bytes]) -> None:
    found = {name: left(edition, name, content) for name, content in made.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_chinese_that_is_left_is_noticed(edition: Edition) -> None:
    """Attack: a document whose heading nobody translated."""
    assert left(edition, "x.docx", write_letter(edition, edition.profiles[0]))


def test_sentences_stand_apart(made: dict[str, bytes]) -> None:
    for name, content in made.items():
        if name.endswith((".docx", ".pdf")):
            whole = " ".join(texts_in_file(name, content))
            assert re.findall(r"[a-z]{3}\.[A-Z]\w+", whole) == [], name


def test_words_of_statistics_stand_in_the_chapter_on_the_method_alone(made: dict[str, bytes]) -> None:
    for name, content in made.items():
        if name.endswith((".docx", ".pdf", ".pptx")):
            whole = "\n".join(texts_in_file(name, content))
            before = whole.rpartition(METHOD)[0] if name.endswith("report.pdf") else whole
            assert before
            assert FOREIGN.search(before) is None, name


def numbers(text: str) -> list[str]:
    """Numbers of a text, each once; a day is one of them."""
    plain = DATE.sub(lambda day: f" {day[1]}.{int(day[2])}.{int(day[3])} ", text)
    return sorted(set(re.findall(r"\d+(?:\.\d+)*", plain)))


def without_names(edition: Edition, text: str) -> str:
    for profile in edition.profiles:
        text = text.replace(profile.name, "").replace(profile.name_en or profile.name, "")
    return text


def blocks(edition: Edition, language: Language) -> list[Block]:
    with speaking(language):
        return list(report._blocks(edition.in_page_language(), {}))


def test_the_report_says_the_same_numbers_in_every_sentence_and_table(edition: Edition) -> None:
    chinese, english = blocks(edition, "zh"), blocks(edition, "en")
    assert [block["kind"] for block in chinese] == [block["kind"] for block in english]
    assert len(chinese) > 80
    for one, other in zip(chinese, english, strict=True):
        if one["kind"] == "heading":  # the chapters' numerals
            continue
        for zh, en in zip(texts_of(one), texts_of(other), strict=True):
            assert numbers(without_names(edition, zh)) == numbers(without_names(edition, en)), en


def test_the_workbook_has_the_same_cells(edition: Edition, made: dict[str, bytes]) -> None:
    books = [
        openpyxl.load_workbook(io.BytesIO(content))
        for content in (publication_workbook(edition), made["English/ranking-table.xlsx"])
    ]
    assert [len(book.sheetnames) for book in books] == [13, 13]
    for chinese, english in zip(*books, strict=True):
        for one, other in zip(chinese.iter_rows(), english.iter_rows(), strict=True):
            for zh, en in zip(one, other, strict=True):
                assert zh.data_type == en.data_type, en.coordinate
                if zh.data_type == "n":
                    assert zh.value == en.value
                    assert zh.number_format == en.number_format


def pairs(edition: Edition, made: dict[str, bytes]) -> list[tuple[bytes, bytes]]:
    """Word documents in Chinese, each with its English edition."""
    with speaking("zh"):
        found = occasion_documents(edition)
        bulletin = write_bulletin(_context(edition, None, None, Attempts(None), ""))
    told = [(found[zh], made[en]) for zh, en in OCCASIONS.items()]
    for beginning, letter in letters(edition).items():
        told += [(letter, content) for name, content in made.items() if name.startswith(beginning)]
    return [(bulletin, made["English/bulletin.docx"]), *told]


def test_word_documents_have_the_same_sections_and_tables(edition: Edition, made: dict[str, bytes]) -> None:
    documents = pairs(edition, made)
    assert len(documents) == 3 + len(edition.profiles)
    for chinese, english in documents:
        zh, en = word(chinese), word(english)
        tables = list(zip(ruled_tables(zh), ruled_tables(en), strict=True))
        for one, other in tables:
            rows = [[[cell.text for cell in row.cells] for row in table.rows] for table in (one, other)]
            told = [[numbers(without_names(edition, " ".join(row))) for row in table[1:]] for table in rows]
            assert told[0] == told[1]
        assert len(sections(zh, r"[一二三四五六七八九十]、")) == len(sections(en, r"\d+\. "))


def sections(document: Any, numeral: str) -> list[str]:
    """Headings of the first level."""
    is_heading: Callable[[Any], bool] = lambda p: 'outlineLvl w:val="0"' in p._p.xml  # noqa: E731
    said = [text_in(p._p) for p in document.paragraphs if is_heading(p)]
    found = [text for text in said if re.match(numeral, text)]
    assert found == said
    return found


def test_the_letter_is_to_the_department_by_its_english_name(
    made: dict[str, bytes], edition: Edition
) -> None:
    said = [text_in(p._p) for p in word(made["English/letters/002 Bureau 2 of Works.docx"]).paragraphs]
    assert "To: Bureau 2 of Works" in said
    last = edition.profiles[-1].name
    nameless = [text_in(p._p) for p in word(made[f"English/letters/006 {last}.docx"]).paragraphs]
    assert f"To: {last}" in nameless


def test_no_page_holds_the_signature_alone(made: dict[str, bytes], edition: Edition) -> None:
    for name in ("English/letters/002 Bureau 2 of Works.docx", "English/analysis.docx"):
        *_, before, signature = word(made[name]).paragraphs
        assert edition.body in text_in(signature._p)
        assert before.paragraph_format.keep_with_next, name


def test_a_comment_stands_in_its_own_letter_alone(made: dict[str, bytes], edition: Edition) -> None:
    comment = next(iter(edition.content.comments.values()))[0].text.splitlines()[0]
    found = [name for name, content in made.items() if comment in "".join(texts_in_file(name, content))]
    assert found == ["English/letters/001 Bureau 1 of Works.docx"]


def test_the_charts_notes_are_in_english(edition: Edition) -> None:
    """Attack: facts lose the English notes on their way to the chart, which is then half Chinese."""
    notes = edition.ranking.notes
    assert [note.text("en") for note in notes] == list(edition.facts.ranking.told("en"))
    assert [note.text("zh") for note in notes] == list(edition.facts.ranking.notes)
    assert notes[0].zh != notes[0].en
