"""The whole bundle of counties at the edges, every file opened and read by programs that did not write it.

`make test` makes two bundles; `make nightly` all of them, with every chart in print quality.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from PIL import Image

from analysis.charts import rendering
from analysis.charts.rendering import render
from survey.documents.edition import bundle as edition_bundle
from survey.documents.edition.bundle import write_bundle
from survey.documents.edition.charts import charts_of
from survey.documents.edition.content import Edition
from survey.documents.layout.canonical import canonical
from survey.facts.wire import written_edition
from tests.documents import readers
from tests.documents.extremes import COMMENT, EXTREMES, LONG, SMALL, WORST, Extreme, extreme_edition

NIGHTLY = os.environ.get("NIGHTLY") == "1"
CASES = {"small": SMALL, "long": LONG if NIGHTLY else replace(LONG, departments=20)}
CASES |= {**EXTREMES, "worst": WORST} if NIGHTLY else {}
MILLIMETRE = 72 / 25.4
DIGEST = re.compile(r"[0-9a-f]{64}")

pytestmark = readers.needs("pdftotext", "pdftoppm", "pdffonts")


@dataclass(frozen=True)
class Made:
    """A bundle with the edition it was made of."""

    extreme: Extreme
    edition: Edition
    files: dict[str, bytes]

    @property
    def report(self) -> bytes:
        return self.files["评议报告.pdf"]

    @cached_property
    def report_pages(self) -> list[readers.Page]:
        return readers.pages_of(self.report)

    @cached_property
    def report_text(self) -> str:
        return readers.text_of_pdf(self.report)

    def letters(self, department: str) -> list[str]:
        """What the Chinese letter to the department says; none where its name is no file's."""
        ending = f" {department}.docx"
        return [t for name, t in self.texts.items() if name.startswith("反馈函/") and name.endswith(ending)]

    @property
    def names(self) -> list[str]:
        return [profile.name for profile in self.edition.profiles]

    def ending(self, ending: str) -> dict[str, bytes]:
        return {name: content for name, content in self.files.items() if name.endswith(ending)}

    @cached_property
    def word_files(self) -> dict[str, bytes]:
        return self.ending(".docx")

    @cached_property
    def workbook(self) -> Any:
        return openpyxl.load_workbook(io.BytesIO(self.files["排名表.xlsx"]))

    @cached_property
    def texts(self) -> dict[str, str]:
        """What each document says, without spaces."""
        words = {name: readers.text_of_word(content) for name, content in self.word_files.items()}
        return {name: readers.SPACE.sub("", text) for name, text in words.items()} | {
            "评议报告.pdf": self.report_text
        }


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    extreme = CASES[request.param]
    edition = extreme_edition(extreme)
    with pytest.MonkeyPatch.context() as patched:
        if not NIGHTLY:  # the report needs the charts as SVG; other tests look at charts as pixels
            real = rendering.render
            patched.setattr(edition_bundle, "FORMATS", ("svg",))
            if extreme.departments > SMALL.departments:
                patched.setattr(edition_bundle, "LANGUAGES", ("zh",))
            patched.setattr(edition_bundle, "render", lambda figure, fmt, **_: real(figure, fmt, dpi=100))
        content = write_bundle(edition, canonical(written_edition(edition.content)))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        yield Made(extreme, edition, {name: opened.read(name) for name in opened.namelist()})


def test_every_file_can_be_opened(made: Made) -> None:
    assert {"通报.docx", "评议报告.pdf", "排名表.xlsx", "公布内容.json", "SHA256SUMS"} <= set(made.files)
    assert sum(name.startswith("反馈函/") for name in made.files) == made.extreme.departments
    for name, content in made.files.items():
        if name in made.word_files:
            assert readers.text_of_word(content).strip(), name
        elif name.endswith(".png"):
            with Image.open(io.BytesIO(content)) as picture:
                assert len(picture.convert("L").resize((60, 60)).getcolors()) > 3, name
        elif name.endswith(".svg"):
            assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg", name  # noqa: S314 - our own
    assert all(sheet.max_row > 1 for sheet in made.workbook)


def test_whatever_a_document_points_to_is_there(made: Made) -> None:
    """Attack: the report of 120 departments pointed to ranking-overall.pdf, which nobody makes."""
    charts = {f"图表/{chart.name}" for chart in charts_of(made.edition)}
    for name, text in made.texts.items():
        for file in re.findall(r"(?:图表|charts)/([\w-]+)\.(?:pdf|svg)", text):
            assert f"图表/{file}" in charts, (name, file)
        for sheet in re.findall(r"排名表的“(.+?)”", text):
            assert sheet in made.workbook.sheetnames, (name, sheet)
        if "名单见排名表" in text:
            assert {"比平均", "比警戒线"} <= {cell.value for cell in made.workbook["部门"][1]}


def test_the_report_has_10_to_25_pages_of_a4(made: Made) -> None:
    assert 10 <= len(made.report_pages) <= 25
    assert {(round(p.width), round(p.height)) for p in made.report_pages} == {(595, 842)}


def test_no_tofu_in_the_report(made: Made) -> None:
    assert all(embedded and mapped for _name, embedded, mapped in readers.fonts_of(made.report))
    text = made.report_text
    assert not re.search("[\ufffd\ue000-\uf8ff\0]", text)
    said = [made.edition.title, made.edition.body, *made.names, "方法、局限和核对"]
    said += [item.name for item in made.edition.facts.items]
    missing = [words for words in said if readers.SPACE.sub("", words) not in text]
    assert missing == []


def test_charts_name_every_department(made: Made) -> None:
    for chart in charts_of(made.edition) if NIGHTLY else charts_of(made.edition)[:1]:
        content = render(chart.draw(), "pdf")
        assert all(embedded and mapped for _, embedded, mapped in readers.fonts_of(content)), chart.name
        text = readers.text_of_pdf(content)
        assert not re.search("[\ufffd\ue000-\uf8ff]", text)
        if chart.name in ("ranking", "pairs", "items"):
            assert [d.name for d in made.edition.ranked if d.name not in text] == []


def test_nothing_leaves_the_report_s_pages_or_covers_another(made: Made) -> None:
    for number, page in enumerate(made.report_pages, start=1):
        assert page.outside(12 * MILLIMETRE) == [], number
        assert page.overlapping() == [], number
    for number, picture in enumerate(readers.pixels_of(made.report), start=1):
        assert_white_edges(picture, f"page {number}")


def assert_white_edges(picture: Image.Image, what: str) -> None:
    """Nothing is printed within 6 mm of the paper's edge, and something is printed at all."""
    edge = round(6 / 25.4 * 40)
    middle = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
    around = picture.copy()
    around.paste(255, (edge, edge, picture.width - edge, picture.height - edge))
    assert around.getextrema()[0] > 250, what
    assert middle.getextrema()[0] < 160, what


def test_no_heading_stands_at_the_foot_of_a_page(made: Made) -> None:
    chapter = next(
        w for page in made.report_pages[2:] for w in page.words if w.text.startswith("二、回收情况")
    )
    second = chapter.height * 11.5 / 17  # chapters are set in 17 points, headings in 12.5, text in 10.5
    assert readers.headings_at_foot(made.report_pages[1:], second, 20 * MILLIMETRE) == []


def test_the_same_numbers_to_the_digit_in_all_documents(made: Made) -> None:
    """The workbook's unrounded numbers, rounded here, against Word and PDF."""
    bulletin = {row[1]: row for row in list(readers.tables_of_word(made.files["通报.docx"]))[-1][1:]}
    rows = list(made.workbook["排名"].iter_rows(min_row=2, values_only=True))
    told = 0
    assert {row[1] for row in rows} == set(bulletin) == {d.name for d in made.edition.ranked}
    for row in rows:
        shown = bulletin[row[1]]
        places = len(shown[4].partition(".")[2])
        score, low, high = (rounded(row[place], places) for place in (5, 6, 7))
        assert (shown[0], shown[4], shown[5], shown[6]) == (
            str(row[0]), score, f"{low}—{high}", str(row[11]),
        )  # fmt: skip
        assert shown[2] == (f"{row[2]}—{row[3]}" if row[2] != row[3] else str(row[2]))
        assert f"{score}{low}—{high}{row[11]}" in made.report_text, row[1]
        for letter in made.letters(row[1]):
            assert f"校正得分{score}分（联合区间{low}—{high}）" in letter
            assert f"按校正得分列第{row[0]}。" in letter
            told += 1
    assert told == len(rows)


def rounded(value: float, places: int) -> str:
    return f"{Decimal(repr(value)):.{places}f}"


def test_letters_have_the_items_of_the_workbook(made: Made) -> None:
    columns = {cell.value: place for place, cell in enumerate(made.workbook["指标"][1])}
    every = list(made.workbook["指标"].iter_rows(min_row=2, values_only=True))
    for name in (made.names[0], made.names[-2], made.names[-1]):
        file = next(n for n in made.files if n.endswith(f" {name}.docx"))
        letter = next(readers.tables_of_word(made.files[file]))[1:]
        told = [row for row in every if row[columns["部门"]] == name]
        assert [row[1] for row in letter] == [row[columns["指标"]] for row in told]
        for shown, row in zip(letter, told, strict=True):
            mean = row[columns["平均分"]]
            assert shown[3] == ("—" if mean is None else rounded(mean, 1))
            assert shown[2] == ("—" if mean is None else str(row[columns["评分数"]]))


def test_silence_is_told_as_such(made: Made) -> None:
    letter = made.texts[next(name for name in made.texts if name.startswith("反馈函/001"))]
    assert ("没有转给你单位的意见原文" in letter) == made.extreme.silent
    assert ("没有把你单位的问题列入问题清单" in letter) == made.extreme.silent
    assert ("没有更早开始的轮次" in made.report_text) == (made.extreme.rounds == 1)
    if not made.extreme.silent:
        assert "".join(COMMENT.split()) in letter


def test_digests_are_whole(made: Made) -> None:
    for name, text in made.texts.items():
        if name != "评议报告.pdf" and not name.startswith(("通报", "English/bulletin", "会议/")):
            assert made.edition.digest in DIGEST.findall(text), name
    assert made.edition.digest in made.report_text


@readers.needs("soffice")
def test_word_and_excel_files_as_another_office_program_prints_them(made: Made) -> None:
    last = next(name for name in made.files if name.startswith(f"反馈函/{made.extreme.departments:03d}"))
    first = next(name for name in made.files if name.startswith("反馈函/001"))
    wanted = [n for n in made.files if n.endswith(".docx") and "/" not in n] if NIGHTLY else ["通报.docx"]
    wanted += [first, last] if NIGHTLY else [first]
    # The pairs of 30 departments and more fill dozens of pages that say nothing new.
    wanted += ["排名表.xlsx"] if made.extreme.departments <= 12 or (NIGHTLY and len(made.names) <= 50) else []
    for name, pdf in readers.through_libreoffice({name: made.files[name] for name in wanted}).items():
        pages = readers.pages_of(pdf)
        assert all(embedded for _, embedded, _ in readers.fonts_of(pdf)), name
        for number, page in enumerate(pages, start=1):
            assert page.outside(6 * MILLIMETRE) == [], (name, number)
            assert page.overlapping() == [], (name, number)
        for picture in readers.pixels_of(pdf):
            assert_white_edges(picture, name)
        text = readers.text_of_pdf(pdf)
        assert not re.search("[\ufffd\ue000-\uf8ff]", text), name
        if name.endswith(".docx"):
            assert_whole(text, made.texts[name], name)
            assert no_heading_at_foot(pages) == [], name


def assert_whole(printed: str, written: str, name: str) -> None:
    """Every character that was written is printed as often; page numbers and repeated heads come on top."""
    lost = {c for c in set(written) if written.count(c) > printed.count(c)}
    assert lost == set(), name


def no_heading_at_foot(pages: list[readers.Page]) -> list[str]:
    """Headings of official documents are as large as their text: they are known by their numbers."""
    found = []
    for page in pages:
        body = [line for line in page.lines() if not re.match(r"^—", line[0].text)]
        last = "".join(word.text for word in body[-1])
        if re.match(r"^([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）)\S{1,14}$", last):
            found.append(last)
    return found
