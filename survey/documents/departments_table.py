"""The departments of a round as a table that can be edited in Excel: group, name, whether it is common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final

from survey.ballot.questionnaire import Department
from survey.documents.sheets import read_sheet
from survey.documents.workbook import Book
from survey.errors import N_, InvalidInput

MOST: Final = 120
HEADINGS: Final = ("类别", "部门", "常打交道")
_WIDTHS: Final = (18, 36, 14)
_NAMES: Final = ("部门", "部门名称", "单位", "单位名称", "department", "name")
_GROUPS: Final = ("类别", "部门类别", "分类", "group")
_COMMON: Final = ("常打交道", "常用", "common")
_YES: Final = ("是", "√", "✓", "1", "yes", "y", "true")
_LONGEST_NAME, _LONGEST_GROUP = 60, 30


def write_departments(departments: Iterable[Department]) -> bytes:
    """An .xlsx that `read_departments` reads back."""
    book = Book("被评部门")
    sheet = book.sheet("被评部门")
    for column, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
    book.set_up_print(sheet, header_rows=1, landscape=False)
    for row, department in enumerate(departments, start=1):
        values = (department.group, department.name, _YES[0] if department.common else "")
        for column, value in enumerate(values):
            sheet.write_string(row, column, value, book.text)
    return book.finish()


def read_departments(file: BinaryIO) -> list[tuple[str, str, bool]]:
    """(group, name, common) of every row; raises `InvalidInput` naming the row and how to mend it."""
    rows = read_sheet(file).rows
    name, group, common = (_column(rows[0], names) for names in (_NAMES, _GROUPS, _COMMON))
    if name is None or group is None:
        raise InvalidInput(
            N_("第一行应是表头，含“类别”和“部门”两列。"),
            remedy=N_("可以先导出现在的部门表，在它上面改。什么都没有改动。"),
        )
    found: list[tuple[str, str, bool]] = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            entry = _cell(row, group), _cell(row, name), _cell(row, common).lower() in _YES
            _check(number, entry, found)
            found.append(entry)
    if not 2 <= len(found) <= MOST:
        raise InvalidInput(
            N_("部门应有 2 到 %(most)s 个，表里有 %(count)s 个。"), most=MOST, count=len(found)
        )
    return found


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    plain = ["".join(cell.split()).lower() for cell in header]
    return next((plain.index(name) for name in names if name in plain), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _check(number: int, entry: tuple[str, str, bool], before: Sequence[tuple[str, str, bool]]) -> None:
    group, name, _ = entry
    if not group or not name:
        raise InvalidInput(N_("第 %(row)s 行缺少类别或部门名称。"), row=number)
    if len(name) > _LONGEST_NAME or len(group) > _LONGEST_GROUP:
        raise InvalidInput(N_("第 %(row)s 行的名称太长。"), row=number)
    if name in (other for _, other, _ in before):
        raise InvalidInput(N_("第 %(row)s 行的部门“%(name)s”重复了。"), row=number, name=name)
