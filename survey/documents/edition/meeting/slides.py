"""Slides for the meeting (汇报): 16:9, at most 12, large type, real text, tables to edit, charts with words
for those who do not see them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, cast

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import TextFrame
from pptx.util import Emu, Inches, Pt

from analysis.answers.signs import printable
from survey.documents.edition.content import Edition
from survey.documents.edition.meeting.content import MeetingPart, MeetingTable, ems, fitted, parts, subtitle
from survey.documents.layout import word_settings
from survey.language import current_language
from survey.wording import briefing, editions

Drawn = tuple[bytes, str]
"""A chart as PNG, and what it shows in words."""
MOST_SLIDES: Final = 12
MOST_CHARTS: Final = 3  # 14 departments on each, legible in a hall
_WIDE, _HIGH, _EDGE, _TOP = 13.333, 7.5, 0.6, 1.35  # inches
_Colour = cast(Any, RGBColor)
_INK, _ACCENT, _GREY, _WHITE = map(_Colour.from_string, ("1A1A1A", "1F4E79", "595959", "FFFFFF"))
_FONTS: Final = {"zh": "微软雅黑", "en": "Arial"}
_SIZES: Final = (28, 26, 24, 22, 20, 18)  # of sentences, in points
_TABLE_SIZES: Final = (22, 20, 18, 16, 14, 12, 11, 10)
_MOST_ROWS: Final = 18  # of a table; longer ones stand in two columns
_LINE: Final = 1.3


def write_slides(edition: Edition, charts: Sequence[Drawn], issued_on: date | None = None) -> bytes:
    """PowerPoint file in the current language with at most `MOST_SLIDES` slides; `charts`: those of the
    ranking."""
    deck = _Deck(edition, edition.made_on(issued_on))
    by_key = {part.key: part for part in parts(edition)}
    corrected = by_key.pop("corrected", None)
    deck.first(corrected.sentences if corrected else ())
    if 1 + len(charts) + len(by_key) - bool(by_key.get("typical")) > MOST_SLIDES and "classes" in by_key:
        before, classes = by_key["changes"], by_key.pop("classes")
        by_key["changes"] = MeetingPart("changes", (*before.sentences, *classes.sentences))
    problems, typical = by_key.get("problems"), by_key.pop("typical", None)
    if problems and typical:
        sentences = (*problems.sentences, *typical.sentences)
        by_key["problems"] = MeetingPart("problems", sentences, typical.table)
    for key, part in by_key.items():
        if key == "response":
            deck.cards(part, briefing.counted_cards(edition.facts))
        else:
            deck.part(part)
        if key == "certain":
            for png, words in charts[:MOST_CHARTS]:
                deck.chart(briefing.heading("ranking"), png, words)
    return deck.finish()


class _Deck:
    """Builder of the slides from first to last."""

    def __init__(self, edition: Edition, made: date) -> None:
        self._edition, self._language = edition, current_language()
        self._deck = Presentation()
        self._deck.slide_width, self._deck.slide_height = Inches(_WIDE), Inches(_HIGH)
        properties = self._deck.core_properties
        properties.title = printable(briefing.titled("slides", edition.title))
        properties.author = properties.last_modified_by = printable(edition.body)
        properties.language = "zh-CN" if self._language == "zh" else "en-GB"
        properties.created = properties.modified = datetime(made.year, made.month, made.day)  # noqa: DTZ001 - a day

    def first(self, corrected: Sequence[str]) -> None:
        """Add the title slide; what a later edition corrects stands on it."""
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[0])
        title, below = slide.shapes.title, slide.placeholders[1]
        _place(title, 0.9, 2.2, _WIDE - 1.8, 1.8)
        _place(below, 0.9, 4.3, _WIDE - 1.8, 1.2)
        text = briefing.titled("slides", self._edition.title)
        self._write(
            title.text_frame, [text], min(44, int((_WIDE - 2) * 72 / ems(text) * 1.8)), _ACCENT, bold=True
        )
        self._write(
            below.text_frame, [subtitle(self._edition), editions.source(self._edition.number)], 22, _GREY
        )
        if corrected:
            self._sentences(slide, corrected, 5.3, _HIGH - 5.5, _TABLE_SIZES)
        for frame in (title.text_frame, below.text_frame):
            for paragraph in frame.paragraphs:
                paragraph.alignment = PP_ALIGN.CENTER

    def cards(self, part: MeetingPart, cards: Sequence[tuple[str, str]]) -> None:
        """Add a slide with numbers in large type and sentences below."""
        slide = self._titled(part.heading)
        wide = (_WIDE - 2 * _EDGE) / max(1, len(cards))
        for place, (name, number) in enumerate(cards):
            box = slide.shapes.add_textbox(*_inches(_EDGE + place * wide, _TOP, wide, 1.7))
            self._write(box.text_frame, [number], 44, _ACCENT, bold=True)
            self._write(box.text_frame, [name], 22, _GREY, more=True)
            for paragraph in box.text_frame.paragraphs:
                paragraph.alignment = PP_ALIGN.CENTER
        self._sentences(slide, part.sentences, _TOP + 2.0, _HIGH - _TOP - 2.4)

    def part(self, part: MeetingPart) -> None:
        """Add a slide with sentences above, and the table below."""
        slide = self._titled(part.heading)
        if part.table is None:
            self._sentences(slide, part.sentences, _TOP, _HIGH - _TOP - 0.5)
            return
        high = 0.0
        if part.sentences:
            high = min(2.4, 0.45 * len(part.sentences) + 0.35)
            self._sentences(slide, part.sentences, _TOP, high, _SIZES[3:])
        self._table(slide, part.table, _TOP + high, _HIGH - _TOP - high - 0.4, part.heading)

    def chart(self, heading: str, png: bytes, words: str) -> None:
        """Add a slide with a chart as large as the slide allows; `words` describe it."""
        slide = self._titled(heading)
        _place(_title(slide), _EDGE, 0.05, _WIDE - 2 * _EDGE, 0.45)
        for run in _title(slide).text_frame.paragraphs[0].runs:
            run.font.size = Pt(20)
        picture = slide.shapes.add_picture(io.BytesIO(png), Emu(0), Emu(0))
        scale = min(Inches(_WIDE - 0.2) / picture.width, Inches(_HIGH - 0.5) / picture.height)
        picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
        picture.left, picture.top = Emu((Inches(_WIDE) - picture.width) // 2), Inches(0.5)
        cast(Any, picture)._element.nvPicPr.cNvPr.set("descr", printable(words))

    def finish(self) -> bytes:
        """Bytes of the .pptx, the same for the same edition."""
        buffer = io.BytesIO()
        self._deck.save(buffer)
        return word_settings.with_fixed_dates(buffer.getvalue())

    def _titled(self, heading: str) -> Slide:
        slide: Slide = self._deck.slides.add_slide(self._deck.slide_layouts[5])
        _place(_title(slide), _EDGE, 0.35, _WIDE - 2 * _EDGE, 0.85)
        self._write(_title(slide).text_frame, [heading], 36, _ACCENT, bold=True)
        _title(slide).text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        return slide

    def _sentences(
        self, slide: Slide, texts: Sequence[str], top: float, high: float, sizes: Sequence[int] = _SIZES
    ) -> None:
        """Sentences in the largest type that fits; those that do not fit in the smallest go to the notes."""
        wide = _WIDE - 2 * _EDGE - 0.2
        size = next((s for s in sizes if _height(texts, s, wide) <= high), sizes[-1])
        shown = len(texts)
        while shown > 1 and _height(texts[:shown], size, wide) > high:
            shown -= 1
        box = slide.shapes.add_textbox(*_inches(_EDGE, top, _WIDE - 2 * _EDGE, high))
        self._write(box.text_frame, [f"• {text}" for text in texts[:shown]], size, _INK)
        if shown < len(texts):
            cast(Any, slide.notes_slide).notes_text_frame.text = "\n".join(map(printable, texts[shown:]))

    def _table(self, slide: Slide, table: MeetingTable, top: float, high: float, words: str) -> None:
        halves = 1 if len(table.rows) <= _MOST_ROWS else 2
        count = -(-len(table.rows) // halves)
        wide = (_WIDE - 2 * _EDGE - 0.3 * (halves - 1)) / halves
        size = next((s for s in _TABLE_SIZES if _rows_high(table, s, wide, count) <= high), _TABLE_SIZES[-1])
        for half in range(halves):
            rows = [table.headings, *table.rows[half * count : (half + 1) * count]]
            box = _inches(_EDGE + half * (wide + 0.3), top, wide, 0.3 * len(rows))
            shape = slide.shapes.add_table(len(rows), len(table.headings), *box)
            shape._element.nvGraphicFramePr.cNvPr.set("descr", printable(words))
            self._fill(shape.table, rows, [wide * w / sum(table.widths) for w in table.widths], size)

    def _fill(self, table: Table, rows: Sequence[Sequence[str]], widths: Sequence[float], size: int) -> None:
        for column, width in enumerate(widths):
            table.columns[column].width = Inches(width)
        for number, row in enumerate(rows):
            table.rows[number].height = Pt(round(_row_points(row, widths, size)))
            for place, text in enumerate(row):
                cell = table.cell(number, place)
                cell.margin_top = cell.margin_bottom = Inches(0.02)
                cell.margin_left = cell.margin_right = Inches(0.06)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                colour = _WHITE if number == 0 else _INK
                self._write(cell.text_frame, [text], size, colour, bold=number == 0)
                short = place > 0 and ems(text) < 14
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER if short else PP_ALIGN.LEFT

    def _write(
        self,
        frame: TextFrame,
        texts: Sequence[str],
        size: int,
        colour: RGBColor,
        *,
        bold: bool = False,
        more: bool = False,
    ) -> None:
        """Write the texts as paragraphs into the frame, after what is there where `more`."""
        frame.word_wrap = True
        for number, text in enumerate(texts):
            paragraph = cast(Any, frame).add_paragraph() if more or number else frame.paragraphs[0]
            paragraph.space_after = Pt(size * 0.25) if len(texts) > 1 else Pt(0)
            run = paragraph.add_run()
            run.text = printable(text)
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
            run.font.name = _FONTS["en"]
            properties = run._r.get_or_add_rPr()
            properties.set("lang", "zh-CN" if self._language == "zh" else "en-GB")
            properties.append(properties.makeelement(qn("a:ea"), {"typeface": _FONTS["zh"]}))


def _title(slide: Slide) -> Shape:
    """Title of a slide whose layout has one."""
    return cast(Shape, slide.shapes.title)


def _place(shape: BaseShape, left: float, top: float, wide: float, high: float) -> None:
    shape.left, shape.top, shape.width, shape.height = _inches(left, top, wide, high)


def _inches(*lengths: float) -> list[Inches]:
    return [Inches(length) for length in lengths]


def _height(texts: Sequence[str], size: int, wide: float) -> float:
    """Inches that the texts take in type of `size`."""
    return (fitted([f"• {text}" for text in texts], size, wide * 72) * _LINE + 0.25 * len(texts)) * size / 72


def _rows_high(table: MeetingTable, size: int, wide: float, count: int) -> float:
    """Inches that the table takes: `count` rows, the highest ones, with a heading."""
    widths = [wide * w / sum(table.widths) for w in table.widths]
    highest = sorted((_row_points(row, widths, size) for row in table.rows), reverse=True)[:count]
    return (sum(highest) + _row_points(table.headings, widths, size)) / 72


def _row_points(row: Sequence[str], widths: Sequence[float], size: int) -> float:
    """Height of a row in points; `widths` of its cells in inches."""
    lines = max(fitted([text], size, 72 * (width - 0.14)) for text, width in zip(row, widths, strict=True))
    return (1.32 * lines + 0.2) * size
