"""Merge files, read again by the csv module as a gateway reads them."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from survey.documents.lists.issued import IssuedInvitation
from survey.documents.lists.links_xlsx import write_links
from survey.documents.lists.merge_csv import merge_file
from survey.errors import InvalidInput

LINK = "https://pingyi.example.cn/s/2026-q4#0123"


def links(*firms: tuple[str, str, str]) -> bytes:
    """List of links of (name, contact, telephone)."""
    issued = [IssuedInvitation("0123", LINK, name, contact, phone, "") for name, contact, phone in firms]
    return write_links(
        issued, round_title="评议", closes_on=date(2026, 12, 20), message="{enterprise}：{link}"
    )


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_a_firm_and_those_without_a_telephone_are_counted() -> None:
    book = links(("甲，“大”公司", "王", "13800000001"), ("乙", "", ""), ("丙", "李", "0310-1234567"))
    content, without = merge_file(book, "gateway")
    assert rows(content) == [
        ["手机号", "短信内容"],
        ["13800000001", f"甲，“大”公司：{LINK}"],
        ["0310-1234567", f"丙：{LINK}"],
    ]
    assert without == 1
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes other files for GBK"
    firm = "甲，“大”公司"
    assert rows(merge_file(book, "wecom")[0])[1] == ["13800000001", "王", firm, f"{firm}：{LINK}"]


def test_a_name_is_no_formula() -> None:
    (_, row) = rows(merge_file(links(("=1+1", "@SUM(A1)", "13800000001")), "wecom")[0])
    assert row[1:3] == ["'@SUM(A1)", "'=1+1"]


def test_slips_and_unknown_kinds_are_refused() -> None:
    slips = write_links([IssuedInvitation("0123", LINK)], round_title="评议", closes_on=date(2026, 12, 20))
    for content, kind in ((slips, "gateway"), (links(("甲", "王", "1")), "fax")):
        with pytest.raises(InvalidInput, match="做不成合并文件"):
            merge_file(content, kind)
