"""Tables in Word: ruled ones with figures, and ones without rules that set parts side by side."""

from collections.abc import Collection, Sequence
from typing import Any, Final, cast

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, Twips
from docx.table import Table
from docx.table import _Row as TableRow
from docx.text.paragraph import Paragraph

from survey.documents.layout.word_runs import BODY_FONT, HEADING_FONT, SMALL_TABLE, TABLE, add_run

_WHOLE_TABLE, _FIRST_ROWS = 10, 3
_SIDE: Final = Mm(1.2)  # beside the text of a cell
_MOST_LINES: Final = 2
_LATIN_EM: Final = 0.55


def ruled(
    document: Document,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    left: Collection[int],
) -> Table:
    """Ruled table, `widths` in millimetres; headings repeat on every page, rows are not split.

    The columns of `left` are set flush left, the others centred; long texts are set smaller.
    """
    table = unruled(document, widths)
    table.style = "Table Grid"
    sizes = [
        _size_of([row[place] for row in rows], width) if place in left else TABLE
        for place, width in enumerate(widths)
    ]
    head = table.rows[0]
    _fill(
        head,
        headings,
        HEADING_FONT,
        left,
        [size_of_heading(*pair) for pair in zip(headings, widths, strict=True)],
    )
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        _fill(_sized(cast(Any, table).add_row(), widths), row, BODY_FONT, left, sizes)
    # A short table stays whole; of a long one no single row stands at the foot of a page.
    together = len(rows) if len(rows) <= _WHOLE_TABLE else _FIRST_ROWS
    for part in (*table.rows[:together], table.rows[-1]):  # the note below is not alone on the next page
        keep_with_next(part)
    return table


def keep_with_next(row: TableRow) -> None:
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def size_of_heading(text: str, width: float) -> Pt:
    """Size of type at which a heading stays on one line of a column of `width` millimetres."""
    return TABLE if ems(text) * TABLE <= _inner(width) else SMALL_TABLE


def ems(text: str) -> float:
    """Width of `text` in characters of Chinese."""
    return sum(_LATIN_EM if c.isascii() else 1.0 for c in text)


def _inner(width: float) -> int:
    return Mm(width) - 2 * _SIDE


def unruled(document: Document, widths: Sequence[float]) -> Table:
    """Table of one row without rules, `widths` in millimetres, to set parts side by side."""
    table: Table = document.add_table(rows=1, cols=len(widths))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    side = round(_SIDE / Twips(1))
    margins = "".join(f'<w:{edge} w:w="{side}" w:type="dxa"/>' for edge in ("left", "right"))
    element = parse_xml(f"<w:tblCellMar {nsdecls('w')}>{margins}</w:tblCellMar>")
    table._tbl.tblPr.insert_element_before(element, "w:tblLook")
    _sized(table.rows[0], widths)
    return table


def _sized(row: TableRow, widths: Sequence[float]) -> TableRow:
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def _size_of(texts: Sequence[str], width: float) -> Pt:
    """Size of type for a column: smaller where a text would run over more than two lines."""
    longest = max(map(ems, texts), default=0.0)
    return SMALL_TABLE if longest * TABLE > _MOST_LINES * _inner(width) else TABLE


def _fill(row: TableRow, texts: Sequence[str], font: str, left: Collection[int], sizes: Sequence[Pt]) -> None:
    for place, (cell, text, size) in enumerate(zip(row.cells, texts, sizes, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if place in left else WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
        add_run(paragraph, text, font, size)
        _size_of_mark(paragraph, size)


def _size_of_mark(paragraph: Paragraph, size: Pt) -> None:
    """Set the size of the paragraph's mark, which decides the height of an empty cell."""
    properties, of_mark = OxmlElement("w:rPr"), OxmlElement("w:sz")
    of_mark.set(qn("w:val"), str(round(2 * size.pt)))
    properties.append(of_mark)
    paragraph._p.get_or_add_pPr().append(properties)
