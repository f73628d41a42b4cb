"""Runs of text in Word with the fonts of GB/T 9704-2012, and content controls that an office fills in.

`w:eastAsia` is set on every run: without it Word sets Chinese in the font of the Latin letters.
"""

import hashlib
from copy import deepcopy
from typing import Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from analysis.answers.signs import printable

TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
HEADING_FONT: Final = "黑体"
SUBHEADING_FONT: Final = "楷体_GB2312"
NUMBER_FONT: Final = "宋体"
LATIN_FONT: Final = "Times New Roman"
# Fonts that Word and WPS take where a prescribed one is not installed, best first.
ALTERNATIVES: Final = {
    TITLE_FONT: "方正小标宋_GBK,华文中宋,宋体",
    BODY_FONT: "仿宋,华文仿宋,FangSong",
    HEADING_FONT: "SimHei,微软雅黑",
    SUBHEADING_FONT: "楷体,华文楷体,KaiTi",
    NUMBER_FONT: "SimSun",
}
TITLE, BODY, TABLE, FOOTER = Pt(22), Pt(16), Pt(10.5), Pt(14)  # 2 号, 3 号, 5 号, 4 号
SMALL_TABLE: Final = Pt(9)  # 小 5 号
RED: Final = RGBColor(0xFF, 0, 0)
_UNFILLED: Final = RGBColor(0x80, 0x80, 0x80)


def add_run(
    paragraph: Paragraph,
    text: str,
    font: str,
    size: Pt,
    latin: str = LATIN_FONT,
    *,
    colour: RGBColor | None = None,
) -> Run:
    """Run of `text` added to `paragraph`; characters that Word cannot hold are left out."""
    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size = latin, size
    if colour is not None:
        run.font.color.rgb = colour
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def add_field(
    paragraph: Paragraph,
    name: str,
    text: str,
    font: str,
    size: Pt,
    *,
    filled: bool = True,
    colour: RGBColor | None = None,
) -> Run:
    """Content control `name` added to `paragraph`, which Word shows with its name and lets an office fill in;
    `filled` False: `text` is only a specimen, grey, and goes when somebody types."""
    run = add_run(paragraph, text, font, size, colour=colour if filled else _UNFILLED)
    control, properties, content = (OxmlElement(f"w:{tag}") for tag in ("sdt", "sdtPr", "sdtContent"))
    properties.append(deepcopy(run._r.rPr))  # LibreOffice takes the type from here
    for tag, value in (("alias", name), ("tag", name), ("id", _number(paragraph, name))):
        properties.append(_element(tag, value))
    if not filled:
        properties.append(OxmlElement("w:showingPlcHdr"))
    properties.append(OxmlElement("w:text"))
    run._r.addprevious(control)
    content.append(run._r)
    control.append(properties)
    control.append(content)
    return run


def _element(tag: str, value: str) -> object:
    element = OxmlElement(f"w:{tag}")
    element.set(qn("w:val"), value)
    return element


def _number(paragraph: Paragraph, name: str) -> str:
    """Id of the control: differs within a document, and is the same whenever the document is made again."""
    before = len(paragraph.part.element.findall(f".//{qn('w:sdt')}"))
    digest = hashlib.sha256(f"{before} {name}".encode()).digest()
    return str(int.from_bytes(digest[:4]) >> 1 or 1)
