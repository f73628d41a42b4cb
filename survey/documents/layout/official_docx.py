"""Official document in Word after GB/T 9704-2012: A4, 22 lines of 28
characters, prescribed fonts and sizes.

`w:eastAsia` is set on every run: without it Word sets Chinese in the font of the Latin letters.
"""

import io
import struct
import zipfile
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, cast

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.image.image import Image
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import _Row as TableRow
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from analysis.answers.signs import printable
from survey.clock import day_text

TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
HEADING_FONT: Final = "黑体"
SUBHEADING_FONT: Final = "楷体_GB2312"
NUMBER_FONT: Final = "宋体"
LATIN_FONT: Final = "Times New Roman"
# Where the prescribed fonts are not installed, Word takes these; both kinds are common in offices.
_ALTERNATIVES: Final = {TITLE_FONT: "宋体", BODY_FONT: "仿宋", SUBHEADING_FONT: "楷体"}

TITLE, BODY, TABLE, FOOTER = Pt(22), Pt(16), Pt(10.5), Pt(14)  # 2 号, 3 号, 5 号, 4 号
SMALL_TABLE: Final = Pt(9)  # 小 5 号
LINE: Final = Pt(28.9)  # 225 mm of text in 22 lines
TITLE_LINE: Final = Pt(36)
WIDTH: Final = Mm(156)
_WHOLE_TABLE, _FIRST_ROWS = 10, 3
_WITH_SIGNATURE: Final = 3
_PICTURE_HEIGHT: Final = Mm(205)
_LEAST_SCALE: Final = 0.55  # of charts that are set in 8.5 points
_CELL_PADDING: Final = Mm(3.8)
_MOST_LINES: Final = 2
_AIR: Final = Pt(5)
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


class OfficialDocument:
    """Builder of a document from top to bottom; `finish()` gives the bytes, the same for the same content."""

    def __init__(self, title: str, author: str, created: date) -> None:
        self._document = docx.Document()
        self._below_table = False
        self._set_up_page()
        self._set_up_type()
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = printable(title), printable(author), ""
        moment = datetime(created.year, created.month, created.day)  # noqa: DTZ001 - a day without a zone
        properties.created = properties.modified = moment
        properties.last_modified_by = printable(author)

    def title(self, lines: Sequence[str]) -> None:
        """Add the title, centred, 2 号小标宋, broken into these lines, with a blank line below."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.CENTER, line=TITLE_LINE)
        for number, line in enumerate(lines):
            run = _add_run(paragraph, line, TITLE_FONT, TITLE)
            if number < len(lines) - 1:
                run.add_break()
        self._paragraph(WD_ALIGN_PARAGRAPH.LEFT)

    def recipient(self, text: str) -> None:
        """Add the recipient (主送机关), flush left, ending in a full-width colon."""
        _add_run(self._paragraph(WD_ALIGN_PARAGRAPH.LEFT), text, BODY_FONT, BODY)

    def heading(self, text: str, level: int = 1) -> None:
        """Add a heading, 黑体 at level 1 (一、), 楷体 at level 2 （一）; it stays with what follows."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True)
        paragraph.paragraph_format.keep_with_next = True
        _set_outline_level(paragraph, level)
        _add_run(paragraph, text, HEADING_FONT if level == 1 else SUBHEADING_FONT, BODY)

    def paragraph(self, text: str) -> None:
        """Add body text in 3 号仿宋, first line indented by two characters."""
        _add_run(self._paragraph(WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True), text, BODY_FONT, BODY)

    def small(self, text: str) -> None:
        """Add a note below a table, in 5 号."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.LEFT, line=Pt(16))
        _add_run(paragraph, text, BODY_FONT, TABLE)

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        left: Collection[int] = (1,),
    ) -> None:
        """Add a ruled table, `widths` in millimetres; headings repeat on every page, rows are not split.

        The columns of `left` are set flush left, the others centred; long texts are set smaller.
        """
        self._document.paragraphs[-1].paragraph_format.space_after = _AIR
        table = self._document.add_table(rows=1, cols=len(headings))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        _fill(table.rows[0], headings, widths, HEADING_FONT, left, [TABLE] * len(headings))
        _repeat_on_every_page(table.rows[0])
        sizes = [
            _size_of([row[place] for row in rows], width) if place in left else TABLE
            for place, width in enumerate(widths)
        ]
        for row in rows:
            _fill(table.add_row(), row, widths, BODY_FONT, left, sizes)
        self._below_table = True
        # A short table stays whole; of a long one no single row stands at the foot of a page.
        together = len(rows) if len(rows) <= _WHOLE_TABLE else _FIRST_ROWS
        for part in table.rows[:together]:
            for cell in part.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        for cell in table.rows[-1].cells:  # so that the note below is not alone on the next page
            cell.paragraphs[0].paragraph_format.keep_with_next = True

    def picture(self, png: bytes, description: str) -> bool:
        """Add a PNG as wide as the text, or smaller to fit a page; returns False, and adds nothing, where it
        would be too small to read."""
        width, height = struct.unpack(">II", png[16:24])
        drawn = min(WIDTH, int(_PICTURE_HEIGHT * width / height))
        if drawn < _LEAST_SCALE * Image.from_blob(png).width:
            return False
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.CENTER)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE  # an exact line would clip it
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=drawn)
        shape._inline.docPr.set("descr", description)
        return True

    def signature(self, body: str, day: date | None) -> None:
        """Add signature (署名) and date (成文日期), four characters from the right edge; a blank for the date
        where `day` is None."""
        # GB/T 9704-2012 §7.3.5.5: no page holds the signature alone.
        for before in [
            *self._document.paragraphs[-_WITH_SIGNATURE:],
            self._paragraph(WD_ALIGN_PARAGRAPH.LEFT),
        ]:
            before.paragraph_format.keep_with_next = True
        written = day_text(day) if day else "    年  月  日"
        for text in (body, written):
            paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.RIGHT)
            paragraph.paragraph_format.right_indent = BODY * 4
            paragraph.paragraph_format.keep_together = True
            paragraph.paragraph_format.keep_with_next = text is body
            _add_run(paragraph, text, BODY_FONT, BODY)

    def finish(self) -> bytes:
        """Bytes of the .docx file."""
        buffer = io.BytesIO()
        self._document.save(buffer)
        return _with_fixed_dates(buffer.getvalue())

    def _paragraph(
        self, alignment: WD_ALIGN_PARAGRAPH, *, indent: bool = False, line: Pt = LINE
    ) -> Paragraph:
        paragraph = self._document.add_paragraph()
        paragraph.alignment = alignment
        layout = paragraph.paragraph_format
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, line
        layout.space_before, layout.space_after = (_AIR if self._below_table else Pt(0)), Pt(0)
        self._below_table = False
        layout.widow_control = True
        if indent:
            layout.first_line_indent = BODY * 2
            paragraph._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), "200")
        return paragraph

    def _set_up_page(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(28)  # the number stands 7 mm below the text
        self._document.settings.odd_and_even_pages_header_footer = True
        _write_page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
        _write_page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)

    def _set_up_type(self) -> None:
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = LATIN_FONT, BODY
        normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith("/fontTable"):
                part = cast(Any, relation.target_part)
                part._blob = _with_alternatives(part.blob)


def collected_between(opens: date, closes: date, planned: date | None) -> str:
    """Words for the days on which ballots were taken; with the announced last day where the round closed
    before it."""
    early = f"（原定{day_text(planned)}截止，提前截止）" if planned else ""
    return f"{day_text(opens)}至{day_text(closes)}{early}"


def _add_run(paragraph: Paragraph, text: str, font: str, size: Pt, latin: str = LATIN_FONT) -> Run:
    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size = latin, size
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def _set_outline_level(paragraph: Paragraph, level: int) -> None:
    element = OxmlElement("w:outlineLvl")
    element.set(qn("w:val"), str(level - 1))
    paragraph._p.get_or_add_pPr().append(element)


def _write_page_number(paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = alignment
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = FOOTER  # one character of empty space
    _add_run(paragraph, "— ", NUMBER_FONT, FOOTER, NUMBER_FONT)
    number = _add_run(paragraph, "", NUMBER_FONT, FOOTER, NUMBER_FONT)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        number._r.append(element)
    _add_run(paragraph, " —", NUMBER_FONT, FOOTER, NUMBER_FONT)


def _size_of(texts: Sequence[str], width: int) -> Pt:
    """Size of type for a column: smaller where a text would run over more than two lines."""
    ems = max((sum(0.55 if c.isascii() else 1.0 for c in text) for text in texts), default=0.0)
    return SMALL_TABLE if ems * TABLE > _MOST_LINES * (Mm(width) - _CELL_PADDING) else TABLE


def _fill(
    row: TableRow,
    texts: Sequence[str],
    widths: Sequence[int],
    font: str,
    left: Collection[int],
    sizes: Sequence[Pt],
) -> None:
    for place, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if place in left else WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
        _add_run(paragraph, text, font, sizes[place])
        _size_of_mark(paragraph, sizes[place])
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _size_of_mark(paragraph: Paragraph, size: Pt) -> None:
    """Set the size of the paragraph's mark, which decides the height of an empty cell."""
    properties, of_mark = OxmlElement("w:rPr"), OxmlElement("w:sz")
    of_mark.set(qn("w:val"), str(round(2 * size.pt)))
    properties.append(of_mark)
    paragraph._p.get_or_add_pPr().append(properties)


def _repeat_on_every_page(row: TableRow) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _with_alternatives(font_table: bytes) -> bytes:
    root = parse_xml(font_table)
    for name, other in _ALTERNATIVES.items():
        root.append(
            parse_xml(f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{other}"/></w:font>')
        )
    return serialize_part_xml(root)


def _with_fixed_dates(data: bytes) -> bytes:
    """The same archive with fixed times, so that equal documents are equal files."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            target.writestr(
                zipfile.ZipInfo(entry.filename, _ZIP_DATE), source.read(entry), zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()
