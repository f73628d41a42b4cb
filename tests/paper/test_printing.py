"""What is printed stands where the layout says, and its codes say what they should."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from survey.contact import Contact
from survey.documents.paper.codes import PageCode, form_number, parse_corner, round_letters
from survey.documents.paper.layout import Style
from survey.documents.paper.printing import booklet_order, write_forms
from survey.documents.paper.setting_out import form_layout
from survey.errors import InvalidInput
from survey.paper.scans.reading import PageRead, Reader
from tests.paper.drawing import BASE
from tests.paper.printed import rendered
from tests.paper.rounds import described, invited, questionnaire

CASES = [
    ((30, 2, 5), Style(comments=True), "zh"),
    ((9, 6, 3), Style(), "en"),
    ((8, 1, 5), Style(large=True), "en"),
]
OFFICE = Contact("县评议办公室王主任", "0310-1234567转8", "工作日 8:30–11:30、14:30–17:30")


@pytest.mark.parametrize(("shape", "style", "language"), CASES, ids=str)
def test_frames_codes_and_edges(shape: tuple[int, int, int], style: Style, language: str) -> None:
    asked = questionnaire(*shape)
    round, layout = described(asked), form_layout(asked, style)
    issued = invited(round, 2)
    pdf = write_forms(round, issued, style=style, language=language, contact=OFFICE)
    pages = rendered(pdf)
    asked_at = [n for n, text in enumerate(words_of(pdf)) if "".join(OFFICE.line.split()) in text]
    assert asked_at == [0, len(layout.pages)], "on the first page of each form"
    assert len(pages) == 2 * len(layout.pages)
    for number, image in enumerate(pages):
        dark = np.asarray(image) < 128
        edge = round_up(8 * BASE)
        assert not dark[:edge].any()
        assert not dark[-edge:].any()
        assert not dark[:, :edge].any()
        assert not dark[:, -edge:].any()
        for box in layout.pages[number % len(layout.pages)].boxes:
            left, right = (round_up((box.x + s * box.side / 2) * BASE) for s in (-1, 1))
            row = dark[round_up(box.y * BASE)]
            assert row[left - 3 : left + 3].any()
            assert row[right - 3 : right + 3].any()
            assert not row[left + 4 : right - 4].any()
        texts = [code.text for code in zxingcpp.read_barcodes(image)]
        form, page = issued[number // len(layout.pages)], number % len(layout.pages)
        expected = PageCode(round_letters(round), form_number(form.code), page, style)
        found = [corner for text in texts if (corner := parse_corner(text))]
        assert sorted(corner for _, corner in found) == [0, 1, 2, 3]
        assert {code for code, _ in found} == {expected}
        assert (form.link in texts) == (page == 0)


def words_of(pdf: bytes) -> list[str]:
    """Text of each page, without spaces."""
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_without_a_contact_nothing_is_said_of_one() -> None:
    round = described(questionnaire(8, 1, 5))
    (text,) = words_of(write_forms(round, invited(round, 1), style=Style()))
    assert "核对号" in text
    assert "电话" not in text


def round_up(value: float) -> int:
    return int(np.ceil(value))


def test_duplex_forms_begin_on_a_sheet_of_their_own() -> None:
    round = described(questionnaire(8, 1, 5))
    once = pypdfium2.PdfDocument(write_forms(round, invited(round, 3), style=Style()))
    both = pypdfium2.PdfDocument(write_forms(round, invited(round, 3), style=Style(), duplex=True))
    assert (len(once), len(both)) == (3, 6)


@pytest.mark.parametrize(
    ("pages", "order"),
    [(1, [3, 0, 1, 2]), (4, [3, 0, 1, 2]), (5, [7, 0, 1, 6, 5, 2, 3, 4]), (8, [7, 0, 1, 6, 5, 2, 3, 4])],
)
def test_booklets_open_in_order(pages: int, order: list[int]) -> None:
    """As when a booklet of two sheets is laid open: 8 | 1, 2 | 7, then 6 | 3, 4 | 5."""
    assert booklet_order(pages) == order


def test_a_folded_sheet_holds_the_pages_of_one_form_at_full_size() -> None:
    round = described(questionnaire(60, 2, 5))  # three pages
    issued = invited(round, 2)
    sides = rendered(write_forms(round, issued, style=Style(), booklet=True))
    halves = [half for side in sides for half in halved(side)]
    reader = Reader(round)
    found = [reader.read(np.asarray(half)) for half in halves]
    numbers = [form_number(each.code) for each in issued]
    assert [(f.code.form, f.code.page) if isinstance(f, PageRead) else f.reason for f in found] == [
        said for form in numbers for said in ("blank", (form, 0), (form, 1), (form, 2))
    ]
    matrix = next(f.matrix for f in found if isinstance(f, PageRead))
    assert matrix[0, 0] == pytest.approx(BASE, rel=0.002), "not shrunk"


def halved(side: Image.Image) -> list[Image.Image]:
    middle = side.width // 2
    return [side.crop((0, 0, middle, side.height)), side.crop((middle, 0, side.width, side.height))]


def test_neither_none_nor_twice_the_same() -> None:
    round = described(questionnaire(8, 1, 5))
    with pytest.raises(InvalidInput, match="1 到"):
        write_forms(round, [], style=Style())
    with pytest.raises(InvalidInput, match="表号相同"):
        write_forms(round, invited(round, 1) * 2, style=Style())
