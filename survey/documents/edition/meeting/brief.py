"""Brief on one A4 page (一页纸), as Word and as PDF from the same contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from survey.documents.edition.content import Edition
from survey.documents.edition.meeting.content import MeetingPart, fitted, parts, subtitle
from survey.documents.layout import word_settings, word_tables
from survey.documents.layout.glyphs import drawable
from survey.documents.layout.typesetting import typeset
from survey.documents.layout.word_runs import BODY_FONT, HEADING_FONT, TITLE_FONT, add_run
from survey.language import current_language
from survey.wording import briefing, editions

_TEMPLATE: Final = Path(__file__).with_name("brief.typ")
_MOST_BELOW: Final = 4
_KEYS: Final = ("corrected", "response", "certain", "items", "changes", "problems", "typical", "classes")
_SIZES: Final = (11.0, 10.5, 10.0, 9.5, 9.0)
_WIDTH, _HEIGHT = 174 / 25.4 * 72, 266 / 25.4 * 72  # points of text
_LINE, _HEAD_LINES, _ROW_LINES = 1.42, 1.6, 1.6


@dataclass(frozen=True, slots=True)
class Brief:
    """Contents of the page with the size of type, in points, in which they fit."""

    title: str
    subtitle: str
    body: str
    parts: tuple[MeetingPart, ...]
    size: float
    note: str


def brief_of(edition: Edition) -> Brief:
    """The brief in the current language, in the largest type that fits; where none does, the last sentences
    of the longest parts are left out."""
    chosen = [part for part in parts(edition, _MOST_BELOW) if part.key in _KEYS]
    size = next((size for size in _SIZES if _lines(chosen, size) <= _room(size)), _SIZES[-1])
    while _lines(chosen, size) > _room(size) and any(map(_may_shrink, chosen)):
        longest = max(filter(_may_shrink, chosen), key=lambda p: fitted(p.sentences, size, _WIDTH))
        place = chosen.index(longest)
        chosen[place] = replace(longest, sentences=longest.sentences[:-1])
    title = briefing.titled("brief", edition.title)
    note = editions.source(edition.number)
    return Brief(title, subtitle(edition), edition.body, tuple(chosen), size, note)


def write_brief_pdf(edition: Edition, *, waiting: Callable[[], None] = lambda: None) -> bytes:
    """The brief as PDF. Raises `TypesettingFailed` with typst's message."""
    language = current_language()
    brief = brief_of(edition)
    data = {
        "language": language,
        "region": "cn" if language == "zh" else "gb",
        **asdict(brief),
        "parts": [asdict(part) | {"heading": part.heading} for part in brief.parts],
    }
    return typeset(_TEMPLATE, drawable(data), {}, waiting=waiting, accessible=True)


def write_brief(edition: Edition, issued_on: date | None = None) -> bytes:
    """The brief as Word document, to be changed by the office."""
    brief, document = brief_of(edition), docx.Document()
    word_settings.set_up(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(14), Mm(12)
    word_settings.name_document(document, brief.title, edition.body, edition.made_on(issued_on))
    _line(document, brief.title, TITLE_FONT, brief.size * 1.7, WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, brief.subtitle, BODY_FONT, brief.size, WD_ALIGN_PARAGRAPH.CENTER)
    for part in brief.parts:
        _write(document, part, brief.size)
    _line(document, brief.note, BODY_FONT, brief.size * 0.85)
    return word_settings.finished(document)


def _write(document: Document, part: MeetingPart, size: float) -> None:
    head = _line(document, part.heading, HEADING_FONT, size * 1.1)
    head.paragraph_format.space_before = Pt(0.5 * size)
    head.paragraph_format.keep_with_next = True
    for text in part.sentences:
        _line(document, f"• {text}", BODY_FONT, size)
    if part.table:
        share = 174 / sum(part.table.widths)
        widths = [share * width for width in part.table.widths]
        word_tables.ruled(document, part.table.headings, part.table.rows, widths, (0,))


def _line(
    document: Document,
    text: str,
    font: str,
    size: float,
    alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = Pt(round(_LINE * size, 1))
    add_run(paragraph, text, font, Pt(size))
    return paragraph


def _may_shrink(part: MeetingPart) -> bool:
    return len(part.sentences) > 1 and part.key != "corrected"


def _lines(chosen: Sequence[MeetingPart], size: float) -> float:
    """Lines that the parts take, with headings and rows."""
    sentences = sum(fitted([f"• {text}" for text in part.sentences], size, _WIDTH) for part in chosen)
    rows = sum(len(part.table.rows) + 1 for part in chosen if part.table)
    return sentences + _HEAD_LINES * len(chosen) + _ROW_LINES * rows + 4


def _room(size: float) -> float:
    return _HEIGHT / (size * _LINE)
