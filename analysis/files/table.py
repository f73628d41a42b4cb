"""`DataTable`: a table by columns, made from the rows of a sheet without blank rows and footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.errors import InputError
from analysis.explain import counted
from analysis.ranking.results import Note
from analysis.tables.cells import Region, TableSheet
from analysis.tables.headings import plain
from analysis.tables.rows import is_footnote
from analysis.tables.worksheet_scan import column_letters

_NOTES_WITHIN: Final = 20
_SHEETS: Final = 12


@dataclass(frozen=True)
class DataTable:
    """Table by columns: `header` (trimmed), and `columns[j][i]`, the cell of data row i under `header[j]`.

    `numbers[i]` is the file's row (from 1, header included) of data row i, and `sheets[i]` its sheet if
    several were read. `notes` say what was read and left out.
    """

    name: str
    header: tuple[str, ...]
    columns: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    sheets: Sequence[str] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)


def table_of(sheet: TableSheet, file: str, at: int | None, workbook: bool) -> DataTable:
    """Table of the rows below the headings in row `at`; InputError if there are none, or if rows do not
    fit."""
    if at is None:
        raise InputError(f"“{file}”里没有内容。", f"There is nothing in {file}.")
    header = [" ".join(str(cell).split()) for cell in sheet.rows[at]]
    while header and not header[-1]:
        header.pop()
    notes = [] if all(map(is_blank, sheet.rows[:at])) else [_title_above(sheet.numbers[at])]
    body, numbers = sheet.rows[at + 1 :], sheet.numbers[at + 1 :]
    if any(len(row) != len(header) or not any(row) for row in body) or _notes_below(sheet, body, numbers):
        squared = _Squared(file, sheet.merged, len(header), workbook)
        squared.add(body, numbers)
        body, numbers = squared.rows, squared.numbers
        notes += [_footnotes(squared.skipped)] if squared.skipped else []
    if not body:
        raise InputError(f"“{file}”只有表头，没有数据行。", f"{file} has a header but no rows of data.")
    return DataTable(file, tuple(header), list(zip(*body, strict=True)), numbers, notes=tuple(notes))


def _notes_below(sheet: TableSheet, body: list[list[Any]], numbers: Sequence[int]) -> bool:
    last = list(zip(body, numbers, strict=True))[-_NOTES_WITHIN:]
    return any(_is_note(number, row, sheet.merged) for row, number in last)


def _is_note(number: int, row: Sequence[Any], merged: Sequence[Region]) -> bool:
    return is_footnote(number, ["" if cell is None else str(cell) for cell in row], merged)


class _Squared:
    """Collects rows cut or padded to the header's width, without blank rows and footnotes.

    A CSV row with too many cells is refused, since its cells have shifted; a workbook's cells cannot shift.
    """

    def __init__(self, file: str, merged: Sequence[Region], width: int, workbook: bool) -> None:
        self._file, self._merged, self._width, self._workbook = file, merged, width, workbook
        self.rows: list[list[Any]] = []
        self.numbers: list[int] = []
        self.skipped: list[int] = []

    def add(self, body: list[list[Any]], numbers: Sequence[int]) -> None:
        width, last = self._width, len(body) - _NOTES_WITHIN
        for at, (row, number) in enumerate(zip(body, numbers, strict=True)):
            if is_blank(row[:width] if self._workbook else row):
                continue
            if (at >= last or self._merged) and _is_note(number, row, self._merged):
                self.skipped.append(number)
                continue
            if not self._workbook and not is_blank(row[width:]):
                raise _too_many(self._file, number, len(row), width)
            self.rows.append([*row[:width], *[""] * (width - len(row))])
            self.numbers.append(number)


def is_blank(row: Sequence[Any]) -> bool:
    """Whether all cells of a row are empty."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def joined(tables: Sequence[DataTable], sheets: Sequence[str], notes: Sequence[Note]) -> DataTable:
    """Join tables under the headings of the first; a column that a table lacks is filled with ""."""
    header = tables[0].header
    columns: list[list[Any]] = [[] for _ in header]
    for table in tables:
        known = {plain(name): column for name, column in zip(table.header, table.columns, strict=True)}
        for name, column in zip(header, columns, strict=True):
            column.extend(known.get(plain(name), [""] * len(table)))
    numbers = [number for table in tables for number in table.numbers]
    names = [name for table, name in zip(tables, sheets, strict=True) for _ in range(len(table))]
    said = (*notes, *(note for table in tables for note in table.notes))
    return DataTable(tables[0].name, header, columns, numbers, names, said)


def sheet_notes(
    read: Sequence[str], counts: Sequence[int], left_out: Sequence[str], hidden: Sequence[str]
) -> list[Note]:
    """Notes on which sheets were read and which not; [] if the workbook has only one sheet."""
    if len(read) + len(left_out) + len(hidden) == 1:
        return []
    pairs = list(zip(read, counts, strict=True))[:_SHEETS]
    zh = "、".join(f"{name}（{count} 行）" for name, count in pairs)
    en = ", ".join(f"{name} ({counted(count, 'row')})" for name, count in pairs)
    if len(read) > _SHEETS:
        zh, en = f"{zh} 等 {len(read)} 个", f"{en} … ({len(read)})"
    notes = [Note("sheets_read", f"读取了工作表：{zh}。", f"Sheets read: {en}.")]
    if left_out:
        zh, en = "、".join(left_out), ", ".join(left_out)
        notes.append(
            Note(
                "sheets_left_out",
                f"没有读取（表头对不上）的工作表：{zh}。",
                f"Sheets not read because their headings do not fit: {en}.",
            )
        )
    if hidden:
        zh, en = "、".join(hidden), ", ".join(hidden)
        notes.append(
            Note("sheets_hidden", f"没有读取隐藏的工作表：{zh}。", f"Hidden sheets were not read: {en}.")
        )
    return notes


def hidden_notes(sheets: Sequence[TableSheet]) -> list[Note]:
    """Note on hidden rows and columns, which are read like the others; [] if there are none."""
    notes = []
    for sheet in sheets:
        rows = [str(row) for row in sheet.hidden_rows if row <= len(sheet.rows)]
        width = max(map(len, sheet.rows), default=0)  # often all columns to the right are hidden, to XFD
        hidden = [column for column in sheet.hidden_columns if column <= width and _filled(sheet, column)]
        columns = [column_letters(column) for column in hidden]
        if rows or columns:
            zh = "、".join([f"第 {row} 行" for row in rows[:10]] + [f"{name} 列" for name in columns[:10]])
            en = ", ".join([f"row {row}" for row in rows[:10]] + [f"column {name}" for name in columns[:10]])
            count = len(rows) + len(columns)
            notes.append(
                Note(
                    "hidden_cells",
                    f"隐藏的也读了（共 {count} 处）：{zh}。不要的请删去。",
                    f"Hidden rows and columns were read too ({count}): {en}. Delete what is not meant.",
                )
            )
    return notes


def _filled(sheet: TableSheet, column: int) -> bool:
    return any(len(row) >= column and not is_blank(row[column - 1 : column]) for row in sheet.rows)


def _title_above(number: int) -> Note:
    return Note(
        "header_row",
        f"表头在第 {number} 行，它上面的标题没有读。",
        f"The headings stand in row {number}; what stands above them was not read.",
    )


def _footnotes(numbers: Sequence[int]) -> Note:
    listed = ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")
    return Note("footnotes", f"跳过了说明行：第 {listed} 行。", f"Rows with notes were skipped: {listed}.")


def _too_many(file: str, number: int, cells: int, width: int) -> InputError:
    return InputError(
        f"第 {number} 行有 {cells} 格，表头只有 {width} 格。名称里有逗号时，请用引号括起来。",
        f"Row {number} of {file} has {cells} cells, its header {width}. Put names that contain "
        "commas in quotation marks.",
        row=number,
    )
