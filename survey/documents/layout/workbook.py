"""Excel workbook with the common formats: text stays text, headings are frozen and repeat in print."""

import io

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey.documents.layout.inert import CREATED, WORKBOOK_OPTIONS

_A4 = 9


class Book:
    """Workbook under construction; `finish()` gives the bytes."""

    def __init__(self, title: str) -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, WORKBOOK_OPTIONS)
        self._book.set_properties({"title": title, "author": "Pingyi 评议", "created": CREATED})
        self.header = self._format(
            bold=True, bg_color="#E8EDF3", border=1, border_color="#B9C2CC", text_wrap=True
        )
        self.text = self._format(num_format="@")
        self.number = self._format(num_format="0", valign="top")
        ruled = {"valign": "top", "border": 1, "border_color": "#B9C2CC"}
        self.ruled_date = self._format(num_format="yyyy-mm-dd", align="left", **ruled)
        self.ruled_number = self._format(num_format="0", align="center", **ruled)
        # Stays a text even when somebody edits the cell, however it begins.
        self.ruled_text = self._format(quote_prefix=True, text_wrap=True, **ruled)
        self.wrapped = self._format(num_format="@", text_wrap=True, valign="top")
        self.warning = self._format(
            bold=True, font_color="#9C2A00", text_wrap=True, valign="top", font_size=14
        )

    def _format(self, **properties: object) -> Format:
        return self._book.add_format({"font_name": "等线", "font_size": 11, "valign": "vcenter"} | properties)

    def sheet(self, name: str) -> Worksheet:
        """New worksheet called `name`."""
        return self._book.add_worksheet(name)

    def set_up_print(self, sheet: Worksheet, *, header_rows: int, landscape: bool = True) -> None:
        """Set A4, one page wide, heading rows frozen on screen and repeated on paper, page numbers."""
        sheet.freeze_panes(header_rows, 0)
        sheet.repeat_rows(0, header_rows - 1)
        sheet.set_paper(_A4)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&C第 &P 页，共 &N 页")

    def finish(self) -> bytes:
        """Bytes of the file; closes the workbook."""
        self._book.close()
        return self._buffer.getvalue()
