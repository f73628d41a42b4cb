"""List of enterprises to remind, as an Excel file with a message ready to send. It holds no link: none is
stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Protocol

from survey.clock import day_text
from survey.documents.layout.workbook import Book

_HEADINGS: Final = (
    ("企业名称", 32),
    ("统一社会信用代码", 22),
    ("联系人", 12),
    ("手机", 16),
    ("催办短信", 70),
    ("名单截至", 14),
)
_MESSAGE: Final = (
    "{name}：{body}的匿名评议（{title}）将于{day}截止，您的邀请链接还没有使用。"
    "请找出我们发给您的链接，用手机打开填写；链接丢了请与评议办公室{office}联系换发。"
)


class RemindedEnterprise(Protocol):
    """Enterprise of the roster, as the list needs it."""

    @property
    def name(self) -> str: ...
    @property
    def credit_code(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def phone(self) -> str: ...


def write_reminders(
    rows: Iterable[RemindedEnterprise],
    *,
    round_title: str,
    body: str,
    closes_on: date,
    as_of: date | None,
    contact: str = "",
) -> bytes:
    """Workbook (.xlsx) with one row for each enterprise in `rows` and the message to send.

    `as_of`: day of the daily batch that the list is of, None before the first; `contact`: whom they can ask.
    """
    book = Book("催办名单")
    sheet = book.sheet("催办名单")
    for column, (heading, width) in enumerate(_HEADINGS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
    book.set_up_print(sheet, header_rows=1)
    day, office = day_text(closes_on), f"（{contact}）" if contact else ""
    known = day_text(as_of) if as_of else "还没有记录"
    for number, row in enumerate(rows, start=1):
        message = _MESSAGE.format(name=row.name, body=body, title=round_title, day=day, office=office)
        for column, value in enumerate((row.name, row.credit_code, row.contact, row.phone, message, known)):
            sheet.write_string(number, column, value, book.wrapped)
    return book.finish()
