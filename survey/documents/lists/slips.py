"""Slips (无记名票): invitations printed on A4 to be cut apart, each with a QR
code and the code in letters."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from survey.clock import day_text
from survey.contact import Contact
from survey.documents.layout.glyphs import drawable
from survey.documents.layout.progress import Progress, silent
from survey.documents.layout.qr import QUIET_ZONE, qr_modules
from survey.documents.layout.typesetting import TypesettingFailed, typeset
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, InvalidInput

ROWS: Final = {8: 4, 10: 5, 12: 6, 20: 10}
"""Rows of two slips on a page, by slips a page."""

MOST: Final = 10_000
"""Slips of one file; typst needs about 1 GB for them."""

_TEMPLATE: Final = Path(__file__).with_name("slips.typ")
_TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "slip": "无记名：这张票不属于任何企业。答案在手机里加密后才送出，系统里查不到是谁填的。",
        "attributed": "匿名：答案在手机里加密后才送出，系统里查不到哪家企业填了什么。",
        "deadline": "请在{day}前用手机扫码填写，只能填一次。",
        "typed": "扫不了码，打开网址输入邀请码：",
        "ask": "有疑问请打电话：",
        "check": "网页上的核对号应是 ",
    },
    "en": {
        "slip": "Anonymous: this slip belongs to no enterprise. answers are encrypted on the phone "
        "and cannot be traced to anybody.",
        "attributed": "Anonymous: answers are encrypted on the phone and cannot be traced to an enterprise.",
        "deadline": "Scan with a phone by {day}. Valid once.",
        "typed": "No scanner? Open this address and type the code:",
        "ask": "Questions? Call ",
        "check": "Check number on the page: ",
    },
}


def write_slips(
    issued: Sequence[IssuedInvitation],
    *,
    round_title: str,
    body: str,
    closes_on: date | str,
    per_page: int = 10,
    promises: Sequence[str] | None = None,
    contact: Contact | None = None,
    language: str = "zh",
    progress: Progress | None = None,
) -> bytes:
    """A4 PDF of the invitations in the order given (the caller shuffles), 8, 10, 12 or 20 to a page.

    Characters that no installed font can draw are printed as a mark, since a frozen name cannot be changed
    any more. Raises `InvalidInput` for another number per page, for none or too many invitations, and for
    texts that do not fit.
    """
    _check(issued, per_page)
    report = progress or silent
    report(N_("生成二维码"), 0, len(issued))
    data = _data(issued, per_page, language)
    data |= _words(issued[0], round_title, body, closes_on, promises, language)
    data |= _asked(body, contact, per_page, language)
    data = drawable(data)
    modules = qr_modules([invitation.link for invitation in issued])
    data["side"] = modules.shape[1]
    pixels = np.where(modules, np.uint8(0), np.uint8(255)).tobytes()

    def waiting() -> None:
        report(N_("排版"), 0, len(issued))

    try:
        pdf = typeset(_TEMPLATE, data, {"modules.bin": pixels}, waiting=waiting)
    except TypesettingFailed as failure:
        raise _too_long(failure, per_page) from failure
    report(N_("排版"), len(issued), len(issued))
    return pdf


def _check(issued: Sequence[IssuedInvitation], per_page: int) -> None:
    if per_page not in ROWS:
        raise InvalidInput(N_("每页可以印 8、10、12 或 20 张，不能是 %(count)s 张。"), count=per_page)
    if not issued:
        raise InvalidInput(N_("没有要印的邀请。"))
    if len(issued) > MOST:
        raise InvalidInput(N_("一个文件最多 %(most)s 张，请分几次生成。"), most=MOST)


def _data(issued: Sequence[IssuedInvitation], per_page: int, language: str) -> dict[str, object]:
    names = [invitation.enterprise_name for invitation in issued]
    return {
        "rows": ROWS[per_page],
        "columns": 2,
        "quiet": QUIET_ZONE,
        "language": language,
        "names": names,
        "longest_name": max(names, key=len),
        "codes": [invitation.code.split("-") for invitation in issued],
    }


def _words(
    first: IssuedInvitation,
    title: str,
    body: str,
    closes_on: date | str,
    promises: Sequence[str] | None,
    language: str,
) -> dict[str, object]:
    texts = _TEXTS[language]
    if promises is None:
        promises = [texts["attributed" if first.enterprise_name else "slip"]]
    return {
        "title": title,
        "body": body,
        "promises": list(promises),
        "deadline": texts["deadline"].format(day=day_text(closes_on, language)),
        "typed": texts["typed"],
        "address": first.address,
        "check": first.check_number,
        "check_word": texts["check"],
    }


def _asked(body: str, contact: Contact | None, per_page: int, language: str) -> dict[str, str]:
    """Whom to ask, in a line of its own; the smallest slips have room for its telephone beside the body."""
    if contact is None:
        return {"contact": ""}
    if per_page == max(ROWS):
        return {"contact": "", "body": f"{body} {contact.telephone}".strip()}
    return {"contact": _TEXTS[language]["ask"] + contact.line}


def _too_long(failure: TypesettingFailed, per_page: int) -> Exception:
    if "text too long" not in str(failure):
        return failure
    return InvalidInput(
        N_("轮次名称、主办单位或承诺太长，每页 %(count)s 张放不下。"),
        remedy=N_("请改短文字，或者减少每页张数。没有生成文件。"),
        count=per_page,
    )
