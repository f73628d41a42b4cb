"""Forms as A4 PDF: every position from the layout, codes of a form in its corners."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from survey.contact import Contact
from survey.documents.layout.glyphs import drawable
from survey.documents.layout.progress import Progress, silent
from survey.documents.layout.qr import QUIET_ZONE, qr_modules
from survey.documents.layout.typesetting import typeset
from survey.documents.paper.codes import PageCode, corner_code, form_number, round_letters
from survey.documents.paper.layout import CODE_SIDE, FormLayout, PageLayout, Style, corner_places
from survey.documents.paper.setting_out import form_layout
from survey.documents.paper.words import WORDS
from survey.errors import N_, InvalidInput
from survey.facts.base import in_language
from survey.language import Language
from survey.protocol.description import RoundDescription

if TYPE_CHECKING:
    from survey.documents.lists.issued import IssuedInvitation

MOST: Final = 2_000
"""Forms of one file."""
PAGES_AT_ONCE: Final = 400
_A4: Final = (210 / 25.4 * 72, 297 / 25.4 * 72)
_TEMPLATE: Final = Path(__file__).with_name("form.typ")


def write_forms(
    description: RoundDescription,
    issued: Sequence[IssuedInvitation],
    *,
    style: Style,
    language: Language = "zh",
    duplex: bool = False,
    booklet: bool = False,
    contact: Contact | None = None,
    progress: Progress | None = None,
) -> bytes:
    """PDF of a form for each invitation, in the order given (the caller shuffles).

    `duplex`: a form of an odd number of pages gets an empty one, so that the next begins on a sheet of its
    own. `booklet`: sides of A3 sheets, each form's by itself, to be printed on both sides and folded.
    `contact`: whom to ask, at the foot of the first page. Raises
    `InvalidInput` for a round whose links have no check number, and for none or too many forms.
    """
    numbers = [form_number(each.code) for each in issued]
    _check(description, numbers)
    layout = form_layout(description.questionnaire, style)
    common = _common(description, layout, language) | {"blank": duplex and len(layout.pages) % 2 == 1}
    common |= drawable({"contact": WORDS[language]["ask"] + contact.line if contact else ""})
    report, step = progress or silent, max(1, PAGES_AT_ONCE // len(layout.pages))
    parts = []
    for start in range(0, len(issued), step):
        report(N_("排版"), start, len(issued))
        some = slice(start, start + step)
        parts.append(_part(description, layout, common, numbers[some], issued[some]))
    report(N_("排版"), len(issued), len(issued))
    whole = parts[0] if len(parts) == 1 else _joined(parts)
    return booklets(whole, len(layout.pages) + bool(common["blank"])) if booklet else whole


def _check(description: RoundDescription, numbers: Sequence[str]) -> None:
    if not description.check_number:
        raise InvalidInput(N_("这一轮是旧版程序建的，没有核对号，不能印纸质评议表。"))
    if not 0 < len(numbers) <= MOST:
        raise InvalidInput(
            N_("一个文件可以印 1 到 %(most)s 份，现在是 %(count)s 份。"), most=MOST, count=len(numbers)
        )
    if len(set(numbers)) < len(numbers):
        raise InvalidInput(N_("有两份表的表号相同。"), remedy=N_("请另签一批邀请再印。"))


def _part(
    description: RoundDescription,
    layout: FormLayout,
    common: dict[str, object],
    numbers: Sequence[str],
    issued: Sequence[IssuedInvitation],
) -> bytes:
    corners = _corners(round_letters(description), numbers, layout)
    links = qr_modules([each.link for each in issued])
    sides = {"side": corners.shape[1], "link_side": links.shape[1]}
    codes = [each.code.split("-") for each in issued]
    files = {"corners.bin": _pixels(corners), "links.bin": _pixels(links)}
    return typeset(_TEMPLATE, common | sides | {"numbers": list(numbers), "codes": codes}, files)


def _corners(tag: str, numbers: Iterable[str], layout: FormLayout) -> NDArray[np.uint8]:
    pages = range(len(layout.pages))
    codes = (PageCode(tag, number, page, layout.style) for number in numbers for page in pages)
    return qr_modules([corner_code(code, corner) for code in codes for corner in range(4)])


def _pixels(modules: NDArray[np.uint8]) -> bytes:
    return np.where(modules, np.uint8(0), np.uint8(255)).tobytes()


def _common(description: RoundDescription, layout: FormLayout, language: Language) -> dict[str, object]:
    """What all forms have in common."""
    words = WORDS[language]
    value = {
        "title": description.title,
        "body": description.body,
        "language": language,
        "large": layout.style.large,
        "words": words,
        "check": description.check_number,
        "quiet": QUIET_ZONE,
        "code_side": CODE_SIDE,
        "corners": [list(place) for place in corner_places()],
        "pages": [_page(page, language) for page in layout.pages],
    }
    return dict(drawable(value))


def _page(page: PageLayout, language: Language) -> dict[str, object]:
    labels = []
    for label in page.labels:
        text = WORDS[language].get(label.key) or in_language(language, label.zh, label.en)
        labels.append(asdict(label) | {"text": text})
    boxes = [[box.x, box.y, box.side] for box in page.boxes]
    areas = [[area.x, area.y, area.width, area.height] for area in page.areas]
    return {"labels": labels, "boxes": boxes, "areas": areas, "rules": [list(rule) for rule in page.rules]}


def booklets(pdf: bytes, pages: int) -> bytes:
    """A3 sides of a PDF of forms of so many A4 pages: folded sheets in one another show them in order."""
    import pypdfium2

    source = pypdfium2.PdfDocument(pdf)
    ordered = pypdfium2.PdfDocument.new()
    for start in range(0, len(source), pages):
        for page in booklet_order(pages):
            if page < pages:
                ordered.import_pages(source, pages=[start + page])
            else:
                ordered.new_page(*_A4)
    raw = pypdfium2.raw.FPDF_ImportNPagesToOne(ordered, 2 * _A4[0], _A4[1], 2, 1)
    sides = pypdfium2.PdfDocument(raw)
    out = io.BytesIO()
    sides.save(out)
    for document in (sides, ordered, source):
        document.close()
    return out.getvalue()


def booklet_order(pages: int) -> list[int]:
    """Numbers of pages, from 0, left and right of each side of the sheets; from `pages` on they are empty."""
    last, order = -(-pages // 4) * 4 - 1, list[int]()
    for front in range(0, (last + 1) // 2, 2):
        order += [last - front, front, front + 1, last - front - 1]
    return order


def _joined(parts: Sequence[bytes]) -> bytes:
    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for part in parts:
        source = pypdfium2.PdfDocument(part)
        whole.import_pages(source)
        source.close()
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()
