"""Table of a round's departments that can be edited in Excel: group, name, English name, whether most
enterprises deal with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from analysis.answers.spelling import clean_line, name_key, unwrapped
from analysis.tables.headings import best_row, heading_row, places_of
from analysis.tables.rows import is_error_value, is_footnote, is_total
from survey.documents.layout.workbook import Book
from survey.documents.uploads.reading import fitting, place_of, read_upload, skipped_rows
from survey.documents.uploads.refusals import MissingColumns
from survey.errors import N_, InvalidInput, Phrase
from survey.protocol.questionnaire import Department
from survey.texts import require_drawable

MOST: Final = 120
HEADINGS: Final = ("类别", "部门", "英文名", "常打交道")
_WIDTHS: Final = (18, 36, 36, 14)
_NAMES: Final = ("部门", "部门名称", "单位", "单位名称", "department", "name")
_GROUPS: Final = ("类别", "部门类别", "单位类别", "单位类型", "分类", "group")
_ENGLISH: Final = ("英文名", "英文名称", "部门英文名", "name_en", "english")
_COMMON: Final = ("常打交道", "常用", "common")
_REMEDY: Final = N_("可以先导出现在的部门表，在它上面改。什么都没有改动。")
_YES: Final = ("是", "√", "✓", "1", "yes", "y", "true")
_LONGEST_NAME, _LONGEST_GROUP = 60, 30


class DepartmentEntry(NamedTuple):
    """Department as people enter it; the English name may be empty."""

    group: str
    name: str
    name_en: str
    common: bool


def write_departments(departments: Iterable[Department]) -> bytes:
    """Workbook (.xlsx) of the departments, which `read_departments` reads back."""
    book = Book("被评部门")
    sheet = book.sheet("被评部门")
    for column, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
    book.set_up_print(sheet, header_rows=1, landscape=False)
    for row, department in enumerate(departments, start=1):
        common = _YES[0] if department.common else ""
        values = (department.group, department.name, department.name_en, common)
        for column, value in enumerate(values):
            sheet.write_string(row, column, value, book.text)
    return book.finish()


@dataclass(frozen=True, slots=True)
class DepartmentsRead:
    """Departments read from a file; `remarks` say which sheets and rows were read and which were skipped."""

    rows: list[DepartmentEntry]
    remarks: tuple[Phrase, ...]


def read_departments(file: BinaryIO) -> DepartmentsRead:
    """Departments of every sheet that has the headings; raises `InvalidInput` naming the row and how to mend
    it."""
    parts, remarks = fitting(read_upload(file), _match)
    found: list[DepartmentEntry] = []
    skipped: list[str] = []
    for part in parts:
        group, name, english, common = part.columns
        part.check(place for place in part.columns if place is not None)
        for number, row in enumerate(part.sheet.rows[part.header_row :], start=part.header_row + 1):
            if not any(cell.strip() for cell in row):
                continue
            where = place_of(part.name, number)
            if is_footnote(number, row, part.sheet.merged) or any(map(is_total, row[:4])):
                skipped.append(where)
                continue
            entry = DepartmentEntry(
                group=_cell(row, group),
                name=_cell(row, name),
                name_en=_cell(row, english),
                common=_cell(row, common).lower() in _YES,
            )
            _check(where, entry, found)
            found.append(entry)
    if not 2 <= len(found) <= MOST:
        raise InvalidInput(
            N_("部门应有 2 到 %(most)s 个，表里有 %(count)s 个。"), most=MOST, count=len(found)
        )
    return DepartmentsRead(found, (*remarks, *skipped_rows(skipped)))


def _match(rows: Sequence[Sequence[str]]) -> tuple[int, tuple[int, int, int | None, int | None]]:
    at = heading_row(rows, (_GROUPS, _NAMES))
    if at is None:
        found = best_row(rows, lambda _, row: row, lambda row: sum(map(bool, map(str.strip, row))))
        missing = [names[0] for names in (_GROUPS, _NAMES) if not places_of(found, names)]
        raise MissingColumns(missing or (_GROUPS[0], _NAMES[0]), found, _REMEDY)
    group, name = (places_of(rows[at], names)[0] for names in (_GROUPS, _NAMES))
    english, common = (next(iter(places_of(rows[at], names)), None) for names in (_ENGLISH, _COMMON))
    return at + 1, (group, name, english, common)


def _cell(row: Sequence[str], place: int | None) -> str:
    return clean_line(unwrapped(row[place])) if place is not None and place < len(row) else ""


def _check(where: str, entry: DepartmentEntry, before: Sequence[DepartmentEntry]) -> None:
    group, name, name_en, _ = entry
    if not group or not name:
        raise InvalidInput(N_("第 %(row)s 行缺少类别或部门名称。"), row=where)
    for text in (group, name, name_en):
        if is_error_value(text):
            raise InvalidInput(N_("第 %(row)s 行是 Excel 的错误值 %(value)s。"), row=where, value=text)
    if max(len(name), len(name_en)) > _LONGEST_NAME or len(group) > _LONGEST_GROUP:
        raise InvalidInput(N_("第 %(row)s 行的名称太长。"), row=where)
    require_drawable([(Phrase(N_("第 %(row)s 行"), {"row": where}), group + name + name_en)])
    same = next((other for _, other, *_ in before if name_key(other) == name_key(name)), None)
    if same == name:
        raise InvalidInput(N_("第 %(row)s 行的部门“%(name)s”重复了。"), row=where, name=name)
    if same is not None:
        raise InvalidInput(
            N_("第 %(row)s 行的部门“%(name)s”与“%(other)s”只是写法不同。"), row=where, name=name, other=same
        )
    if name_en and name_en in {other.name_en for other in before}:
        raise InvalidInput(N_("第 %(row)s 行的英文名“%(name)s”重复了。"), row=where, name=name_en)
