"""Words that a deputy need not know stand nowhere but in the chapter on the method."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from survey.documents.edition.bulletin import write_bulletin
from survey.documents.edition.bundle import _context
from survey.documents.edition.content import Edition
from survey.documents.edition.letter import write_letter
from survey.documents.edition.meeting.files import LANGUAGES, meeting_files
from survey.documents.edition.occasions import occasion_documents
from survey.documents.edition.report import write_report
from survey.documents.layout.attempts import Attempts
from survey.documents.layout.official_docx import OfficialDocument
from tests.documents.edition_data import make_edition
from tests.support.published import texts_of

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = re.compile(
    r"(?<![A-Za-z])p\s*(?:[=<>≤≥]|值|-?value)|标准误|standard errors?|Cronbach|克龙巴赫|[αω]\s*系数|显著性",
    re.IGNORECASE,
)
REPLACED = {"标准误"}  # in what earlier versions stored
METHOD = "十一、方法、局限和核对"


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition(12)


def found_in(name: str, content: bytes) -> set[str]:
    text = "\n".join(texts_of(name, content))
    return {match[0] for match in FOREIGN.finditer(text)}


def test_no_document_but_the_method_has_them(edition: Edition) -> None:
    attempts = Attempts(None)
    files = {"通报.docx": write_bulletin(_context(edition, None, None, attempts, "通报.docx"))}
    files |= {f"反馈函{n}.docx": write_letter(edition, p) for n, p in enumerate(edition.profiles)}
    files |= occasion_documents(edition)
    for language in LANGUAGES:
        files |= meeting_files(edition, language, None, attempts)
    assert len(files) > 20
    assert {name: found for name, content in files.items() if (found := found_in(name, content))} == {}


def test_the_report_keeps_them_in_the_chapter_on_the_method(edition: Edition) -> None:
    text = "\n".join(texts_of("评议报告.pdf", write_report(edition, {})))
    before, _, method = text.rpartition(METHOD)
    assert before
    assert FOREIGN.search(before) is None
    assert "Cronbach" in method


@pytest.mark.parametrize("room", ["public", "reviewer", "liaison", "phone", "parts", "site"])
def test_no_page_is_written_with_them(room: str) -> None:
    pages = {path.name: path.read_text("utf-8") for path in (ROOT / "templates" / room).rglob("*.html")}
    words = {
        name: " ".join(re.findall(r"_\(\s*['\"](.*?)['\"]\s*[,)]", text)) for name, text in pages.items()
    }
    assert {name: found[0] for name, text in words.items() if (found := FOREIGN.search(text))} == {}


def test_no_sentence_on_results_has_them() -> None:
    found = {}
    for path in sorted((ROOT / "survey/wording").glob("*.py")):
        if path.name in ("method.py", "premises.py"):
            continue
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in REPLACED
        ]
        said = [text for text in texts if re.search("[\u4e00-\u9fff]", text) and FOREIGN.search(text)]
        if said:
            found[path.name] = said
    assert found == {}


@pytest.mark.parametrize("words", ["（p ≤ 0.5）", "p = 0.03", "标准误 1.2", "Cronbach α", "standard error"])
def test_such_words_are_noticed(words: str) -> None:
    """Attack: the report said "没有发现差别对待（p ≤ 0.5）" and gave Cronbach's α among the results."""
    from datetime import date

    document = OfficialDocument("x", "甲", date(2027, 1, 5))
    document.paragraph(f"各组评价没有差别，{words}。")
    assert found_in("x.docx", document.finish())
