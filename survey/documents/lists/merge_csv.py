"""Merge files out of a list of links: a row an enterprise, for SMS gateways and for 企业微信."""

from __future__ import annotations

import csv
import io
from typing import Final

import openpyxl

from survey.documents.layout.inert import inert
from survey.errors import N_, InvalidInput

GATEWAY, WECOM = "gateway", "wecom"
_PHONE, _CONTACT, _FIRM, _TEXT = "手机", "联系人", "企业名称", "短信或微信内容"
_COLUMNS: Final = {
    GATEWAY: (("手机号", _PHONE), ("短信内容", _TEXT)),
    WECOM: (("手机号", _PHONE), ("姓名", _CONTACT), ("企业", _FIRM), ("消息内容", _TEXT)),
}


def merge_file(links: bytes, kind: str) -> tuple[bytes, int]:
    """CSV (UTF-8 with a mark, which Excel and gateways know) of `kind` out of the workbook that `write_links`
    wrote, and the number of enterprises left out since they have no telephone.

    Our own workbook is read in memory: the reader of uploads may use a temporary file, and these are links.
    """
    book = openpyxl.load_workbook(io.BytesIO(links), read_only=True)
    rows = [[str(cell or "") for cell in row] for row in book.worksheets[-1].iter_rows(values_only=True)]
    if kind not in _COLUMNS or _TEXT not in rows[0]:
        raise InvalidInput(N_("这份文件里没有企业的短信，做不成合并文件。"))
    places = {heading: place for place, heading in enumerate(rows[0])}
    known = [row for row in rows[1:] if row[places[_PHONE]].strip()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([name for name, _heading in _COLUMNS[kind]])
    writer.writerows([inert(row[places[heading]]) for _name, heading in _COLUMNS[kind]] for row in known)
    return b"\xef\xbb\xbf" + text.getvalue().encode(), len(rows) - 1 - len(known)
