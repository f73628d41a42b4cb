"""Speed of slips, links and roster, each beside a plain way of doing the same in the same run."""

from __future__ import annotations

import io
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import segno

from survey.documents.layout.qr import qr_modules
from survey.documents.lists.issued import IssuedInvitation
from survey.documents.lists.links_xlsx import write_links
from survey.documents.lists.slips import write_slips
from survey.documents.uploads.roster_files import write_roster
from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_table import read_roster
from survey.protocol.codes import invitation_link, new_code

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from credit_codes import invent

SLIPS = 10_000
SEGNO_SAMPLE = 500
ROWS = 100_000
ROUND: dict[str, Any] = {
    "round_title": "2026 年第四季度政务服务评议",
    "body": "县人大常委会、县政协",
    "closes_on": "2026-12-20",
}


def main() -> None:
    """Print the table."""
    print(f"{'':38}{'seconds':>9}{'baseline':>10}{'ratio':>8}")
    issued = [_issue(number) for number in range(SLIPS)]
    links = [invitation.link for invitation in issued]
    plain = _seconds(lambda: [_by_segno(link) for link in links[:SEGNO_SAMPLE]]) * SLIPS / SEGNO_SAMPLE
    _row(f"QR codes, {SLIPS:,}; segno one by one", _seconds(lambda: qr_modules(links)), plain)
    slips = [IssuedInvitation(invitation.code, invitation.link) for invitation in issued]
    _row(f"slips as PDF, {SLIPS:,}; segno alone", _seconds(lambda: write_slips(slips, **ROUND)), plain)
    linked = _seconds(lambda: write_links(issued, **ROUND))
    _row(f"links as Excel, {SLIPS:,}; openpyxl", linked, _seconds(lambda: _write_plainly(issued)))
    content = write_roster(_roster())
    read = _seconds(lambda: read_roster(io.BytesIO(content)))
    _row(f"roster read, {ROWS:,} rows; openpyxl", read, _seconds(lambda: _read_plainly(content)))


def _row(what: str, seconds: float, baseline: float) -> None:
    print(f"{what:38}{seconds:9.2f}{baseline:10.2f}{seconds / baseline:8.3f}")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _issue(number: int) -> IssuedInvitation:
    code = new_code()
    link = invitation_link("https://pingyi.example.gov.cn", "2026-q4", code, "7K3M-9QXD-2F4H-0R5T")
    return IssuedInvitation(
        code, link, f"清河县第{number}号公司", "王伟", "13800138000", "914403001922038216"
    )


def _by_segno(link: str) -> object:
    return segno.make_qr(link, error="m", boost_error=False).matrix


def _write_plainly(issued: list[IssuedInvitation]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for i in issued:
        sheet.append([i.enterprise_name, i.credit_code, i.contact, i.phone, i.link, i.link])
    book.save(io.BytesIO())


def _read_plainly(content: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


def _roster() -> list[RosterRow]:
    chance = random.Random(1)
    strata = {"规模": "小", "行业": "工业", "来源": "本地", "乡镇": "城区"}
    codes = dict.fromkeys(invent(chance) for _ in range(ROWS))
    return [
        RosterRow(code, f"清河县第{n}号公司", "王伟", "13800138000", strata) for n, code in enumerate(codes)
    ]
