"""A composite in bulletin, report, workbook and charts: the sentences, the intervals, and one scale each."""

from __future__ import annotations

import io

import docx
import numpy as np
import openpyxl
import pypdfium2
import pytest

from analysis import Composite, Ratings, composite
from survey.documents.edition.bundle import _context
from survey.documents.edition.charts import charts_of
from survey.documents.edition.composites import headings, moved, note, rows
from survey.documents.edition.content import Edition
from survey.documents.edition.report import write_report
from survey.documents.edition.workbook import publication_workbook
from survey.documents.layout.attempts import Attempts
from survey.wording.composites import told
from tests.documents.edition_data import make_edition, names

WRITTEN = ("企业", "代表委员", "省评")


@pytest.fixture(scope="module")
def made() -> Composite:
    chance = np.random.default_rng(3)
    merit = np.linspace(12, -12, 5)
    scored = [np.clip(70 + merit + chance.normal(0, 8, (60, 5)), 0, 100) for _ in range(2)]
    scored[1][:, 4] += 25
    ratings = [Ratings.from_array(x, department_names=names(5)) for x in scored]
    figures = dict(zip(names(5), (80.0, 78.0, 75.0, 71.0, 70.0), strict=True))
    parts = dict(zip(WRITTEN, (*ratings, figures), strict=True))
    return composite(parts, dict(zip(WRITTEN, (60, 30, 10), strict=True)), independent=True)


@pytest.fixture(scope="module")
def edition(made: Composite) -> Edition:
    parts = [
        {"name": n, "weight": w, "round": r, "title": r and f"{n}评议"}
        for n, w, r in zip(WRITTEN, (60, 30, 10), ("a", "b", None), strict=True)
    ]
    entry = {"name": "年度综合得分", "fixed_on": "2026-01-05", "event": 7, "digest": "0" * 64, "parts": parts}
    entry |= {"ballots": [], "summary_zh": made.summary(), "summary_en": made.summary("en")}
    return make_edition(5, rounds=1, groups=1, raters=40, extras={"composites": [entry | made.to_dict()]})


def test_what_is_told_is_what_was_worked_out(edition: Edition, made: Composite) -> None:
    (entry,) = edition.composites
    first, *said = told(entry)
    assert "2026年1月5日" in first
    assert "企业 60%、代表委员 30%、省评 10%" in first
    assert "“企业评议”、“代表委员评议”" in first
    assert "\n".join(said) == made.summary()
    assert all(f"“{name}”" in made.summary() for name in WRITTEN)
    assert [row[1] for row in rows(entry)] == [d.name for d in made.ranking.departments]
    beyond = [m for m in made.moves if m.direction != "same"]
    assert [(row[0], row[1]) for row in moved(entry)] == [(m.electorate, m.department) for m in beyond]
    assert any(m.electorate == "代表委员" and m.direction == "up" for m in beyond)


def test_the_bulletin_and_the_report_show_it_with_intervals_under_its_own_names(edition: Edition) -> None:
    from survey.documents.edition.bulletin import write_bulletin

    (entry,) = edition.composites
    word = docx.Document(io.BytesIO(write_bulletin(_context(edition, None, None, Attempts(), "通报.docx"))))
    paragraphs = "\n".join(p.text for p in word.paragraphs)
    assert all(text in paragraphs for text in told(entry))
    assert note() in paragraphs
    (table,) = [t for t in word.tables if t.rows[0].cells[0].text == headings()[0]]
    cells = [tuple(cell.text for cell in row.cells) for row in table.rows]
    assert cells == [headings(), *rows(entry, edition.digits)]
    with pypdfium2.PdfDocument(write_report(edition, {})) as report:
        text = "".join(page.get_textpage().get_text_range() for page in report)
    squeezed = "".join(text.split())
    assert "综合得分：年度综合得分" in squeezed
    assert "使这些部门的综合得分有超出偶然的变化" in squeezed


def test_the_workbook_and_the_charts_have_it(edition: Edition, made: Composite) -> None:
    book = openpyxl.load_workbook(io.BytesIO(publication_workbook(edition)))
    assert {"综合得分", "各方影响"} <= set(book.sheetnames)
    sheet = book["各方影响"]
    assert sheet.max_row == 1 + len(made.moves)
    assert "composite-1" in [chart.name for chart in charts_of(edition)]
