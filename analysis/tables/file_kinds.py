"""Recognition of other kinds of file that are named like a table, by their first bytes or parts."""

import re
from collections.abc import Iterable
from typing import Final

from analysis.tables.refusals import OtherFile, TableRefused

_WEB: Final = re.compile(rb"<(!doctype html|html|head|body|table|meta|div|style|script)\b", re.IGNORECASE)
_BEGINNINGS: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf", "压缩包（7z）"),
    (b"{\\rtf", "RTF 文档"),
    (b"MIME-Version", "网页（.mht）"),
    (b"SQLite format 3", "数据库"),
    (b'{"', "JSON 文件"),
    (b"[{", "JSON 文件"),
    (b"<stata_dta>", "Stata 文件（.dta）"),
    (b"HEADER RECORD*******LIB", "SAS 文件（.xpt）"),
)
_PARTS: Final = (
    ("xl/workbook.bin", "二进制工作簿（.xlsb）"),
    ("content.xml", "OpenDocument 表格（.ods）"),
    ("word/document.xml", "Word 文档"),
    ("ppt/presentation.xml", "演示文稿"),
    ("index/document.iwa", "Numbers 表格"),
)


def refuse_other_kinds(data: bytes) -> None:
    """Raise `OtherFile` if the first bytes show a kind of file that is neither workbook nor text table."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, kind in _BEGINNINGS:
        if start.startswith(beginning):
            raise OtherFile(kind)
    text = start.replace(b"\0", b"") if start[:2] in (b"\xff\xfe", b"\xfe\xff") else start
    text = text.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if text.startswith(b"<") and (b"urn:schemas-microsoft-com:office:spreadsheet" in text):
        raise OtherFile("XML 表格 2003")
    if text.startswith(b"<") and (_WEB.search(text) or text.startswith(b"<?xml")):
        raise OtherFile("网页")


def other_kind(names: Iterable[str]) -> TableRefused | None:
    """`OtherFile` for a zip archive with these parts, if they show its kind; else None."""
    lower = {name.lower() for name in names}
    kind = next((kind for part, kind in _PARTS if part in lower), None)
    if kind is None and lower and not any(name.startswith("xl/") for name in lower):
        kind = "压缩包（zip）" if any(re.search(r"\.(xlsx?|csv)$", name) for name in lower) else None
    return OtherFile(kind) if kind else None
