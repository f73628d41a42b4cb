"""Head and foot of an official document after GB/T 9704-2012: 版头, head of a letter, joint 署名, 版记."""

from collections.abc import Sequence
from typing import Final, cast

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.document import DocumentPart
from docx.shared import Length, Mm, Pt, Twips
from docx.text.paragraph import Paragraph

from survey.documents.layout import word_tables
from survey.documents.layout.titles import ems
from survey.documents.layout.word_runs import (
    BODY,
    BODY_FONT,
    FOOTER,
    RED,
    SUBHEADING_FONT,
    TITLE_FONT,
    add_field,
    add_run,
)

_WIDTH: Final = Mm(156)
_MOST_MARK, _LEAST_MARK = 44.0, 20.0  # points
_MARK: Final = "发文机关标志"
_KIND: Final = "文件"
_NUMBER: Final = "×××〔××××〕×号"
_UNKNOWN: Final = "×××"
_KIND_MM, _RULE = 40, 8  # millimetres; eighths of a point: 0.35 mm
# The schema's order of what a paragraph may have after its borders.
_AFTER_BORDERS: Final = tuple(f"w:{name}" for name in ("tabs", "spacing", "ind", "jc", "outlineLvl", "rPr"))


def masthead(document: Document, issuers: Sequence[str]) -> None:
    """版头: the mark in red, joint issuers above each other before 文件; 发文字号, 签发人; the red rule."""
    if len(issuers) == 1:
        size = _mark(_WIDTH, [issuers[0] + _KIND])
        paragraph = _tight(document.add_paragraph(), size * 1.3)
        paragraph.paragraph_format.space_before = Mm(20)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _add_mark(paragraph, _MARK, issuers[0] + _KIND, size)
    else:
        _joint_mark(document, issuers)
    line = _tight(document.add_paragraph(), BODY * 1.5)
    line.paragraph_format.space_before = Pt(24)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = 0
    line.paragraph_format.tab_stops.add_tab_stop(_WIDTH - BODY, WD_TAB_ALIGNMENT.RIGHT)
    add_run(line, "　", BODY_FONT, BODY)
    add_field(line, "发文字号", _NUMBER, BODY_FONT, BODY, filled=False)
    add_run(line, "\t签发人：", BODY_FONT, BODY)
    add_field(line, "签发人", _UNKNOWN, SUBHEADING_FONT, BODY, filled=False)
    _ruled_below(line, "single", 12, 11)


def letterhead(document: Document, issuers: Sequence[str]) -> None:
    """Head of a letter: issuers in red above a double rule, 发文字号 below it at the right; the number of the
    first page is left out."""
    size = min(_mark(_WIDTH, ["　".join(issuers)]), Pt(34))
    paragraph = _tight(document.add_paragraph(), size * 1.3)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_mark(paragraph, _MARK, "　".join(issuers), size)
    _ruled_below(paragraph, "thickThinSmallGap", 24, 11)
    number = _tight(document.add_paragraph(), BODY * 1.8)
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_field(number, "发文字号", _NUMBER, BODY_FONT, BODY, filled=False)
    section = document.sections[0]
    section.different_first_page_header_footer = True
    foot = section.first_page_footer.paragraphs[0]
    _ruled_below(foot, "thinThickSmallGap", 24, 1)


def side_by_side(document: Document, names: Sequence[str]) -> None:
    """署名 of joint issuers next to each other, kept with the date below."""
    table = word_tables.unruled(document, [156 / len(names)] * len(names))
    for number, (cell, name) in enumerate(zip(table.rows[0].cells, names, strict=True), start=1):
        paragraph = _tight(cell.paragraphs[0], Pt(28.9))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        add_field(paragraph, f"署名{number}", name, BODY_FONT, BODY)
    word_tables.keep_with_next(table.rows[0])


def imprint(document: Document, printed: str) -> None:
    """版记 at the foot of the page on which the document ends; `printed`: 印发日期 with 印发."""
    copied, rule, issued = (_framed(document, line) for line in (Pt(24), Pt(6), Pt(24)))
    _add_rule(rule)
    add_run(copied, "抄送：", BODY_FONT, FOOTER)
    add_field(copied, "抄送机关", _UNKNOWN, BODY_FONT, FOOTER, filled=False)
    issued.paragraph_format.tab_stops.add_tab_stop(_WIDTH - FOOTER, WD_TAB_ALIGNMENT.RIGHT)
    add_field(issued, "印发机关", _UNKNOWN, BODY_FONT, FOOTER, filled=False)
    add_run(issued, "\t", BODY_FONT, FOOTER)
    add_field(issued, "印发日期", printed, BODY_FONT, FOOTER)
    _tight(document.add_paragraph(), Pt(1))  # the frame hangs on it


def _joint_mark(document: Document, issuers: Sequence[str]) -> None:
    """Issuers above each other, spread to one width, and 文件 in the middle at their right."""
    longest = Mm(156 - _KIND_MM)
    size = _mark(longest, issuers)
    table = word_tables.unruled(document, [156 - _KIND_MM, _KIND_MM])
    names, kind = table.rows[0].cells
    for number, name in enumerate(issuers, start=1):
        paragraph = names.paragraphs[0] if number == 1 else names.add_paragraph()
        _tight(paragraph, size * 1.3).alignment = WD_ALIGN_PARAGRAPH.DISTRIBUTE
        _add_mark(paragraph, f"{_MARK}{number}", name, size)
    names.paragraphs[0].paragraph_format.space_before = Mm(12)
    paragraph = _tight(kind.paragraphs[0], size * 1.3)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = Mm(12)
    add_run(paragraph, _KIND, TITLE_FONT, size, colour=RED)


def _add_mark(paragraph: Paragraph, field: str, text: str, size: Pt) -> None:
    """Field with an issuer in red; its type is also that of a style, where LibreOffice takes it from."""
    styles = cast(DocumentPart, paragraph.part).styles
    if _MARK not in styles:
        style = styles.add_style(_MARK, WD_STYLE_TYPE.PARAGRAPH)
        style.font.size, style.font.color.rgb = size, RED
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE_FONT)
    paragraph.style = styles[_MARK]
    add_field(paragraph, field, text, TITLE_FONT, size, colour=RED)


def _mark(width: Length, names: Sequence[str]) -> Pt:
    """Size of the mark in whole points at which every name stays on one line of `width`."""
    longest = max(map(ems, names))
    return Pt(int(max(_LEAST_MARK, min(_MOST_MARK, 0.95 * width.pt / longest))))


def _tight(paragraph: Paragraph, line: Length | float) -> Paragraph:
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Length(int(line))
    layout.space_before = layout.space_after = Pt(0)
    return paragraph


def _framed(document: Document, line: Pt) -> Paragraph:
    """Line of the frame at the foot of the text area, ruled above and below. All lines have the same borders,
    or LibreOffice makes no frame of them."""
    paragraph = _tight(document.add_paragraph(), line)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = FOOTER
    frame = (
        f'<w:framePr {nsdecls("w")} w:w="{round(_WIDTH / Twips(1))}" w:hSpace="0" w:wrap="around" '
        'w:vAnchor="margin" w:hAnchor="margin" w:xAlign="center" w:yAlign="bottom"/>'
    )
    borders = "".join(
        f'<w:{edge} w:val="single" w:sz="{_RULE}" w:space="1" w:color="000000"/>'
        for edge in ("top", "bottom")
    )
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(parse_xml(frame), "w:widowControl", "w:pBdr", *_AFTER_BORDERS)
    properties.insert_element_before(parse_xml(f"<w:pBdr {nsdecls('w')}>{borders}</w:pBdr>"), *_AFTER_BORDERS)
    return paragraph


def _add_rule(paragraph: Paragraph) -> None:
    """Thin rule over the whole line: an underlined tab."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(0)
    paragraph.paragraph_format.tab_stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    run = add_run(paragraph, "\t", BODY_FONT, Pt(6))
    run.font.underline = True


def _ruled_below(paragraph: Paragraph, style: str, eighths: int, space: int) -> None:
    """Red rule below the paragraph, `space` points from its text."""
    border = f'<w:bottom w:val="{style}" w:sz="{eighths}" w:space="{space}" w:color="FF0000"/>'
    element = parse_xml(f"<w:pBdr {nsdecls('w')}>{border}</w:pBdr>")
    paragraph._p.get_or_add_pPr().insert_element_before(element, *_AFTER_BORDERS)
