"""Rows of a list of links that `write_links` wrote: in memory, since the reader of uploads may use a
temporary file, and these are secrets."""

from __future__ import annotations

import io
from typing import Final

FIRM: Final = "企业名称"
CONTACT: Final = "联系人"
PHONE: Final = "手机"
LINK: Final = "邀请链接"
TEXT: Final = "短信或微信内容"


def read_links(links: bytes) -> list[dict[str, str]]:
    """Rows of the workbook, each by its headings; [] for a list of slips, which has no messages."""
    import openpyxl  # brings numpy, which a process that serves phones does without

    book = openpyxl.load_workbook(io.BytesIO(links), read_only=True)
    rows = ([str(cell or "") for cell in row] for row in book.worksheets[-1].iter_rows(values_only=True))
    headings = next(rows, [])
    return [dict(zip(headings, row, strict=True)) for row in rows] if TEXT in headings else []
