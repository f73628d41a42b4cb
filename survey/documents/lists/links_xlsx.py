"""List of invitation links as an Excel file, the only copy there will ever be."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from survey.clock import day_text
from survey.documents.layout.progress import Progress, silent
from survey.documents.layout.workbook import Book
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, InvalidInput

_TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "title": "邀请链接",
        "read_first": "请先读",
        "links": "邀请链接",
        "office": "评议办公室",
        "headings": "序号|企业名称|统一社会信用代码|联系人|手机|邀请链接|短信或微信内容",
        "slip_headings": "序号|邀请链接|邀请码",
        "message": "{body}请您匿名评议政府部门：{link} {date}截止，限用一次，勿转发。",
        "asked": "请您匿名评议政府部门：{link} {date}截止，限用一次，勿转发。咨询{office}",
        "typed": "{enterprise}：{body}邀请您对政府部门作匿名评议（{title}）。"
        "请在{day}前用手机打开 {address} ，输入邀请码 {code} 。网页上的核对号应是 {check}，不同就不要填。"
        "答案在您的手机里加密后才送出，系统里查不到哪家企业填了什么。邀请码只能用一次，请勿转发。",
        "ask": "有疑问请打电话：{office}。",
        "warning": "这份名单只有这一份，系统里没有留存，丢失后无法再次导出。",
        "advice": "每个链接相当于一张选票：谁拿到，谁就能填。请保存在安全的地方，只发给名单上的企业，"
        "发完后删除本文件。|"
        "发送时复制最后一列“短信或微信内容”，一家企业一条，不要群发同一条链接。|"
        "某家企业的链接丢失时，请在系统里补发邀请，旧链接随即作废。|"
        "链接只说明谁领过选票，由它查不到填写的内容。",
        "count": "共 {count} 条 · {title} · 截止：{day}",
        "check": "核对号 {check}：企业打开网页，应看到同一个号；不同就不要填写。"
        "链接末尾的十六位也是它，手机会自己核对。",
    },
    "en": {
        "title": "Invitation links",
        "read_first": "Read first",
        "links": "Links",
        "office": "The review office",
        "headings": "No.|Enterprise|Credit code|Contact|Phone|Link|Message to send",
        "slip_headings": "No.|Link|Code",
        "message": "{body} asks you to rate departments anonymously: {link} until {date}, once.",
        "asked": "Please rate government departments anonymously: {link} until {date}, once. {office}",
        "typed": "{enterprise}: {body} invites you to rate government departments anonymously ({title}). "
        "Please open {address} by {day} on a phone and enter the code {code} . The page must show the check "
        "number {check}, else do not answer. Answers are encrypted on your phone and cannot be traced to an "
        "enterprise. The code works once; please do not forward it.",
        "ask": " Questions? Call {office}.",
        "warning": "This is the only copy of the list. The system keeps none and cannot export it again.",
        "advice": "Each link is a ballot: whoever has it can answer. Keep it safe, send it only to the "
        "enterprise named, and delete this file afterwards.|"
        "Copy the last column, one message for one enterprise.|"
        "If an enterprise lost its link, replace the invitation in the system; the old link stops working.|"
        "A link tells who collected a ballot; answers cannot be found by it.",
        "count": "{count} links · {title} · open until {day}",
        "check": "Check number {check}: enterprises should see the same on the page, else not answer. "
        "The last sixteen characters of a link are the same number; the phone compares it by itself.",
    },
}
_WIDTHS: Final = (6, 28, 21, 9, 13, 38, 62)
_SLIP_WIDTHS: Final = (7, 66, 40)
_LINE: Final = 15.5  # points
_PROGRESS_EVERY: Final = 500
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def write_links(
    issued: Sequence[IssuedInvitation],
    *,
    round_title: str,
    closes_on: date | str,
    language: str = "zh",
    body: str = "",
    contact: str = "",
    message: str | None = None,
    progress: Progress | None = None,
) -> bytes:
    """Workbook (.xlsx) with a sheet of warnings and a sheet of links, each with a message ready to send.

    `contact`: name and telephone of the office. `message` replaces the usual text; it may hold {enterprise},
    {contact}, {title}, {body}, {day}, {date}, {office} and {check}, and must hold {link}, or {address} and
    {code}. Raises `InvalidInput` for another placeholder or a missing link.
    """
    texts = _TEXTS[language]
    values = message_values(round_title, body or texts["office"], closes_on, contact, language)
    book = Book(texts["title"])
    check = issued[0].check_number if issued else ""
    _write_warning(book, texts, {**values, "count": len(issued), "check": check})
    _write_rows(
        book,
        texts,
        issued,
        message or usual_message(language, asked=bool(contact)),
        values,
        progress or silent,
    )
    return book.finish()


def _write_warning(book: Book, texts: Mapping[str, str], values: Mapping[str, object]) -> None:
    sheet = book.sheet(texts["read_first"])
    sheet.set_column(0, 0, 96)
    sheet.write_string(0, 0, texts["warning"], book.warning)
    sheet.write_string(1, 0, texts["count"].format(**values), book.wrapped)
    if values["check"]:
        sheet.write_string(2, 0, texts["check"].format(**values), book.wrapped)
    for row, line in enumerate(texts["advice"].split("|"), start=4):
        sheet.write_string(row, 0, line, book.wrapped)


def _write_rows(
    book: Book,
    texts: Mapping[str, str],
    issued: Sequence[IssuedInvitation],
    message: str,
    values: Mapping[str, str],
    report: Progress,
) -> None:
    named = any(invitation.enterprise_name for invitation in issued)
    sheet = book.sheet(texts["links"])
    widths = _WIDTHS if named else _SLIP_WIDTHS
    for column, (width, heading) in enumerate(
        zip(widths, texts["headings" if named else "slip_headings"].split("|"), strict=True)
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
    book.set_up_print(sheet, header_rows=1)
    for row, invitation in enumerate(issued, start=1):
        if row % _PROGRESS_EVERY == 0:
            report(N_("写入名单"), row, len(issued))
        cells = _named_cells(invitation, message, values) if named else (invitation.link, invitation.code)
        sheet.set_row(row, _LINE * max(map(_lines, cells, widths[1:])))
        sheet.write_number(row, 0, row, book.number)
        for column, cell in enumerate(cells, start=1):
            sheet.write_string(row, column, cell, book.wrapped)
    sheet.autofilter(0, 0, max(1, len(issued)), len(widths) - 1)


def _lines(text: str, width: int) -> int:
    """Number of lines that `text` takes in a column of `width` digits; a
    Chinese character is as wide as two.

    A fifth is added, for the ends of lines broken between words.
    """
    return math.ceil(1.2 * sum(1 if c.isascii() else 2 for c in text) / (width - 2))


def _named_cells(invitation: IssuedInvitation, message: str, values: Mapping[str, str]) -> tuple[str, ...]:
    return (
        invitation.enterprise_name,
        invitation.credit_code,
        invitation.contact,
        invitation.phone,
        invitation.link,
        compose_message(message, invitation, values),
    )


def usual_message(language: str = "zh", *, asked: bool = False, typed: bool = False) -> str:
    """Message that `write_links` uses unless another is given; `asked`: with name and telephone of the
    office, which then says who asks.

    A link is about 80 characters; the rest is what two text messages leave beside it (`sms`). What the first
    screen promises is not repeated. `typed`: with an address that is the same for everybody, and the code by
    itself, for gateways that forbid personal links.
    """
    texts = _TEXTS[language]
    if typed:
        return texts["typed"] + (texts["ask"] if asked else "")
    return texts["asked" if asked else "message"]


def composed(
    issued: IssuedInvitation,
    *,
    round_title: str,
    body: str,
    closes_on: date | str,
    contact: str = "",
    language: str = "zh",
) -> str:
    """Usual message for one invitation, ready to send."""
    values = message_values(round_title, body, closes_on, contact, language)
    return compose_message(usual_message(language, asked=bool(contact)), issued, values)


def message_values(
    title: str, body: str, closes_on: date | str, contact: str, language: str = "zh"
) -> dict[str, str]:
    """What the placeholders stand for that are alike in all messages of a round."""
    day = day_text(closes_on, language)
    date = day.partition("年")[2] or day
    return {"title": title, "body": body, "day": day, "date": date, "office": contact}


def check_message(message: str) -> None:
    """Raise `InvalidInput` for a message that `compose_message` would refuse, whatever the round and the
    enterprise."""
    alike = message_values("", "", date.min, "")
    compose_message(message, IssuedInvitation(code="", link=""), alike)


def compose_message(message: str, invitation: IssuedInvitation, values: Mapping[str, str]) -> str:
    """`message` with the placeholders filled in for one invitation; raises `InvalidInput` for an unknown
    placeholder, or without {link} or both of {address} and {code}.

    Only whole placeholders are replaced: a template cannot reach attributes or ask for a field of any width.
    """
    known = {
        **values,
        "enterprise": invitation.enterprise_name,
        "contact": invitation.contact,
        **of_invitation(invitation),
    }
    unknown = set(_PLACEHOLDER.findall(message)) - set(known)
    if unknown:
        raise InvalidInput(
            N_("短信模板里有不认识的内容：%(what)s。可以用的有：%(known)s。"),
            what="、".join(sorted(f"{{{name}}}" for name in unknown)),
            known="、".join(f"{{{name}}}" for name in known),
        )
    if "{link}" not in message and not ("{address}" in message and "{code}" in message):
        raise InvalidInput(N_("短信模板里没有 {link}，也没有 {address} 和 {code}，企业收到后打不开评议。"))
    return fill_in(message, known)


def of_invitation(invitation: IssuedInvitation) -> dict[str, str]:
    """What the placeholders of the link and of its parts stand for. A link in a message is not typed: without
    its hyphens it is ten characters shorter, and phones read it as well."""
    return {
        "link": f"{invitation.address}#{invitation.link.partition('#')[2].replace('-', '')}",
        "address": invitation.address,
        "code": invitation.code,
        "check": invitation.check_number,
    }


def fill_in(message: str, values: Mapping[str, str]) -> str:
    """`message` with the placeholders that `values` knows filled in; others stay as they are."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), message)
