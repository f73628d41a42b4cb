"""Official document in Word after GB/T 9704-2012: A4, 22 lines of 28 characters, prescribed fonts and sizes.

What an office fills in stands in content controls (`word_runs.add_field`).
"""

import io
import re
import struct
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.image.image import Image
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from survey.clock import day_text
from survey.documents.layout import word_heads, word_settings, word_tables
from survey.documents.layout.titles import ems
from survey.documents.layout.word_runs import (
    BODY,
    BODY_FONT,
    FOOTER,
    HEADING_FONT,
    LATIN_FONT,
    NUMBER_FONT,
    SMALL_TABLE,
    SUBHEADING_FONT,
    TABLE,
    TITLE,
    TITLE_FONT,
    add_field,
    add_run,
)
from survey.language import current_language
from survey.language import gettext as _

LINE: Final = Pt(28.9)  # 225 mm of text in 22 lines
TITLE_LINE: Final = Pt(36)
WIDTH: Final = Mm(156)
_WITH_SIGNATURE: Final = 3
_PICTURE_HEIGHT: Final = Mm(205)
_LEAST_SCALE: Final = 0.55  # of charts that are set in 8.5 points
_AIR: Final = Pt(5)
_MOST_SIDE_BY_SIDE: Final = 3
NO_DATE: Final = "    年  月  日"


def issuers(body: str) -> list[str]:
    """Names of the offices that issue a document together, in their order."""
    return [name for name in re.split(r"[、，,；;]|\s{2,}", body) if name.strip()] or [body]


class OfficialText:
    """Builder of parts of `document` from top to bottom."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._below_table = False

    def masthead(self, body: str) -> None:
        """Add 版头: the issuers' mark in red, 发文字号 and 签发人 as fields, and the red rule."""
        word_heads.masthead(self._document, issuers(body))
        self._blank(2)

    def letterhead(self, body: str) -> None:
        """Add the head of a letter (信函格式): issuers in red over a double rule, 发文字号 at the right."""
        word_heads.letterhead(self._document, issuers(body))
        self._blank(1)

    def title(self, lines: Sequence[str]) -> None:
        """Add the title, centred, 2 号小标宋, broken into these lines, with a blank line below; smaller where
        a line is longer than the page is wide."""
        longest = max(map(ems, lines))
        size = min(TITLE, Pt(int(2 * WIDTH.pt / longest) / 2))
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.CENTER, line=TITLE_LINE)
        for number, line in enumerate(lines):
            run = add_run(paragraph, line, TITLE_FONT, size)
            if number < len(lines) - 1:
                run.add_break()
        self._paragraph(WD_ALIGN_PARAGRAPH.LEFT)

    def recipient(self, text: str) -> None:
        """Add the recipient (主送机关), flush left, ending in a full-width colon."""
        add_field(self._paragraph(WD_ALIGN_PARAGRAPH.LEFT), "主送机关", text, BODY_FONT, BODY)

    def heading(self, text: str, level: int = 1) -> None:
        """Add a heading, 黑体 at level 1 (一、), 楷体 at level 2 （一）; it stays with what follows."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.LEFT, indent=True)
        paragraph.paragraph_format.keep_with_next = True
        _set_outline_level(paragraph, level)
        add_run(paragraph, text, HEADING_FONT if level == 1 else SUBHEADING_FONT, BODY)

    def paragraph(self, text: str) -> None:
        """Add body text in 3 号仿宋, first line indented by two characters.

        Not justified: of justified Chinese LibreOffice 7.4 loses marks at the end of a line.
        """
        add_run(self._paragraph(WD_ALIGN_PARAGRAPH.LEFT, indent=True), text, BODY_FONT, BODY)

    def small(self, text: str) -> None:
        """Add a note below a table, in 5 号."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.LEFT, line=Pt(16))
        add_run(paragraph, text, BODY_FONT, TABLE)

    def digest(self, label: str, digits: str) -> None:
        """Add a digest with its name on one line."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.LEFT, line=Pt(16))
        add_run(paragraph, f"{label} {digits}", BODY_FONT, SMALL_TABLE)

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        left: Collection[int] = (1,),
    ) -> None:
        """Add a ruled table, `widths` in millimetres; headings repeat on every page, rows are not split.

        The columns of `left` are set flush left, the others centred; long texts are set smaller.
        """
        self._document.paragraphs[-1].paragraph_format.space_after = _AIR
        word_tables.ruled(self._document, headings, rows, widths, left)
        self._below_table = True

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

    def attachments(self, names: Sequence[str]) -> None:
        """Add 附件说明 one line below the text, a field with each name on a line of its own."""
        self._blank(1)
        for number, name in enumerate(names, start=1):
            paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.LEFT)
            paragraph.paragraph_format.left_indent = BODY * (2 if number == 1 else 5)
            shown = f"{number}. {name}" if len(names) > 1 else name
            add_run(paragraph, "附件：" if number == 1 else "", BODY_FONT, BODY)
            add_field(paragraph, f"附件说明{number}", shown, BODY_FONT, BODY)

    def signature(self, body: str, day: date | None) -> None:
        """Add signature (署名) and date (成文日期), four characters from the right edge; joint issuers stand
        side by side. A blank for the date where `day` is None."""
        self._keep_with_next()
        self._paragraph(WD_ALIGN_PARAGRAPH.LEFT).paragraph_format.keep_with_next = True
        names = issuers(body)
        if len(names) == 1:
            self._signed(body, "署名", last=False)
        else:
            for start in range(0, len(names), _MOST_SIDE_BY_SIDE):
                word_heads.side_by_side(self._document, names[start : start + _MOST_SIDE_BY_SIDE])
        self._signed(day_text(day) if day else NO_DATE, "成文日期", last=True)

    def plain_signature(self, text: str) -> None:
        """Add issuers and day as a line of text."""
        self._keep_with_next()
        self.paragraph(text)

    def _keep_with_next(self) -> None:
        """Keep the last paragraphs with what follows: no page holds the signature alone (GB/T 9704-2012,
        §7.3.5.5)."""
        for before in self._document.paragraphs[-_WITH_SIGNATURE:]:
            before.paragraph_format.keep_with_next = True

    def imprint(self, day: date | None) -> None:
        """Add 版记 at the foot of the last page: 抄送机关, 印发机关 and 印发日期 as fields."""
        word_heads.imprint(self._document, f"{day_text(day) if day else NO_DATE}印发")

    def _signed(self, text: str, name: str, *, last: bool) -> None:
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = BODY * 4
        paragraph.paragraph_format.keep_together = True
        paragraph.paragraph_format.keep_with_next = not last
        add_field(paragraph, name, text, BODY_FONT, BODY)

    def _blank(self, lines: int) -> None:
        for _line in range(lines):
            self._paragraph(WD_ALIGN_PARAGRAPH.LEFT)

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


class OfficialDocument(OfficialText):
    """Builder of a whole document; `finish()` gives the bytes, the same for the same content."""

    def __init__(self, title: str, author: str, created: date) -> None:
        super().__init__(docx.Document())
        word_settings.set_up(self._document)
        self._set_up_page()
        self._set_up_type()
        word_settings.name_document(self._document, title, author, created)

    def finish(self) -> bytes:
        """Bytes of the .docx file."""
        return word_settings.finished(self._document)

    def _set_up_page(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)  # the dashes beside the number stand 7 mm below the text
        self._document.settings.odd_and_even_pages_header_footer = True
        _write_page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
        _write_page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)

    def _set_up_type(self) -> None:
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = LATIN_FONT, BODY
        normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)


def collected_between(opens: date, closes: date, planned: date | None) -> str:
    """Words for the days on which ballots were taken; with the announced last day where the round closed
    before it."""
    first, last, announced = (day_text(day, current_language()) for day in (opens, closes, planned or closes))
    early = _("（原定%(day)s截止，提前截止）", day=announced) if planned else ""
    return _("%(first)s至%(last)s", first=first, last=last) + early


def _set_outline_level(paragraph: Paragraph, level: int) -> None:
    element = OxmlElement("w:outlineLvl")
    element.set(qn("w:val"), str(level - 1))
    paragraph._p.get_or_add_pPr().append(element)


def _write_page_number(paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = alignment
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = FOOTER  # one character of empty space
    add_run(paragraph, "— ", NUMBER_FONT, FOOTER, NUMBER_FONT)
    number = add_run(paragraph, "", NUMBER_FONT, FOOTER, NUMBER_FONT)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        number._r.append(element)
    add_run(paragraph, " —", NUMBER_FONT, FOOTER, NUMBER_FONT)
