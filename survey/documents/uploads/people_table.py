"""Table of people who may sign in: name, role, body or department, one person a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from analysis.answers.spelling import clean_line, unwrapped
from analysis.tables.headings import best_row, heading_row, places_of
from analysis.tables.rows import is_footnote, is_total
from survey.documents.layout.workbook import Book
from survey.documents.uploads.reading import fitting, place_of, read_upload, skipped_rows
from survey.documents.uploads.refusals import MissingColumns, SheetRefused
from survey.errors import N_, InvalidInput, Phrase

MOST: Final = 200
NAME, ROLE, BODY, DEPARTMENT = "姓名", "角色", "单位", "所属部门"
_WIDTHS: Final = {NAME: 16, ROLE: 16, BODY: 30, DEPARTMENT: 30}
_SYNONYMS: Final = {
    NAME: ("姓名", "用户名", "姓名或用户名", "登录名", "人员", "name", "login"),
    ROLE: ("角色", "身份", "role"),
    BODY: ("单位", "单位名称", "工作单位", "机构", "body"),
    DEPARTMENT: ("所属部门", "部门", "部门名称", "department"),
}
_ROLES: Final = {
    "administrator": ("管理员", "经办人", "系统管理员", "administrator"),
    "reviewer": ("评议员", "持钥人", "reviewer"),
    "liaison": ("部门联络员", "联络员", "liaison"),
}
_EXAMPLES: Final = (
    ("张三", "管理员", "评议工作办公室", ""),
    ("李四", "评议员", "县政协", ""),
    ("王五", "部门联络员", "", "税务局"),
)


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """Person as the table has them; `role` is a role's key, "" where the word is none."""

    name: str
    role: str
    body: str
    department: str


@dataclass(frozen=True, slots=True)
class PeopleRead:
    """People of a file, and remarks on what was skipped."""

    rows: tuple[ListedPerson, ...]
    remarks: tuple[Phrase, ...]


def people_template() -> bytes:
    """Workbook (.xlsx) with the headings and an example of each role."""
    book = Book("人员")
    sheet = book.sheet("人员")
    for column, (heading, width) in enumerate(_WIDTHS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
        for row, example in enumerate(_EXAMPLES, start=1):
            sheet.write_string(row, column, example[column], book.text)
    book.set_up_print(sheet, header_rows=1, landscape=False)
    return book.finish()


def read_people(file: BinaryIO) -> PeopleRead:
    """People of every sheet that has the headings; what they may be is checked where they are added.

    Raises `SheetRefused` for a file that cannot be read, `MissingColumns`, or `InvalidInput` for too many.
    """
    parts, remarks = fitting(read_upload(file), _match)
    found: list[ListedPerson] = []
    skipped: list[str] = []
    for part in parts:
        part.check(part.columns.values())
        for number, row in enumerate(part.sheet.rows[part.header_row :], start=part.header_row + 1):
            if not any(cell.strip() for cell in row):
                continue
            if is_footnote(number, row, part.sheet.merged) or any(map(is_total, row[:4])):
                skipped.append(place_of(part.name, number))
                continue
            found.append(_person({name: _cell(row, at) for name, at in part.columns.items()}))
    if not found:
        raise SheetRefused(N_("只有表头，没有一行内容。"))
    if len(found) > MOST:
        raise InvalidInput(N_("一次最多添加 %(most)s 人，表里有 %(count)s 人。"), most=MOST, count=len(found))
    return PeopleRead(tuple(found), (*remarks, *skipped_rows(skipped)))


def _person(cells: dict[str, str]) -> ListedPerson:
    word = "".join(cells[ROLE].split()).lower()
    role = next((key for key, words in _ROLES.items() if word in words), "")
    body, department = cells.get(BODY, ""), cells.get(DEPARTMENT, "")
    if role == "liaison" and not department:  # a list of departments calls its only column so
        body, department = "", body
    return ListedPerson(cells[NAME], role, body, department)


def _match(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    needed = (_SYNONYMS[NAME], _SYNONYMS[ROLE])
    at = heading_row(rows, needed)
    if at is None:
        found = best_row(rows, lambda _, row: row, lambda row: sum(map(bool, map(str.strip, row))))
        missing = [names[0] for names in needed if not places_of(found, names)]
        raise MissingColumns(
            missing or (NAME, ROLE), found, N_("请对照模板修改表头后重新上传。没有导入任何内容。")
        )
    places = {name: places_of(rows[at], words) for name, words in _SYNONYMS.items()}
    return at + 1, {name: given[0] for name, given in places.items() if given}


def _cell(row: Sequence[str], place: int) -> str:
    return clean_line(unwrapped(row[place])) if place < len(row) else ""
