"""Merge files out of a list of links: a row an enterprise, for SMS gateways and for 企业微信."""

from __future__ import annotations

import csv
import io
from typing import Final

from survey.documents.layout.inert import inert
from survey.documents.lists.links_read import CONTACT, FIRM, PHONE, TEXT, read_links
from survey.errors import N_, InvalidInput

GATEWAY, WECOM = "gateway", "wecom"
_COLUMNS: Final = {
    GATEWAY: (("手机号", PHONE), ("短信内容", TEXT)),
    WECOM: (("手机号", PHONE), ("姓名", CONTACT), ("企业", FIRM), ("消息内容", TEXT)),
}


def merge_file(links: bytes, kind: str) -> tuple[bytes, int]:
    """CSV (UTF-8 with a mark, which Excel and gateways know) of `kind` out of the workbook that `write_links`
    wrote, and the number of enterprises left out since they have no telephone."""
    rows = read_links(links)
    if kind not in _COLUMNS or not rows:
        raise InvalidInput(N_("这份文件里没有企业的短信，做不成合并文件。"))
    known = [row for row in rows if row[PHONE].strip()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([name for name, _heading in _COLUMNS[kind]])
    writer.writerows([inert(row[heading]) for _name, heading in _COLUMNS[kind]] for row in known)
    return b"\xef\xbb\xbf" + text.getvalue().encode(), len(rows) - len(known)
