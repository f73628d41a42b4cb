"""A grid of cells becomes a table: headings are found, footnotes skipped, rows made of one width."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.errors import InputError
from analysis.ranking.results import Note
from survey.documents.tables.headings import HEADER_WITHIN, plain, variants
from survey.documents.tables.rows import is_footnote
from survey.documents.tables.workbooks import Region

_NOTES_WITHIN: Final = 20


@dataclass(frozen=True)
class Table:
    """`header` as written (outer space removed); `columns[j][i]` is the cell of data row i under `header[j]`.

    `numbers[i]` is the row of the file, counted from 1 with the header, that data row i stands in, and
    `sheets[i]` its sheet where several were read. `notes` say what was read and what was left out.
    """

    name: str
    header: tuple[str, ...]
    columns: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    sheets: Sequence[str] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet, or of a CSV, whose name is empty; `numbers` are the rows of the file."""

    name: str
    rows: list[list[Any]]
    numbers: Sequence[int]
    merged: Sequence[Region] = ()
    workbook: bool = False

    def header_at(self, wanted: Sequence[Collection[str]], *, required: bool = False) -> int | None:
        """Position of the first row that has all columns; without one the first filled row, or None."""
        names = [{plain(name) for name in group} - {""} for group in wanted]
        first, tried = None, 0
        for at, row in enumerate(self.rows):
            if tried == HEADER_WITHIN:
                break
            if is_blank(row):
                continue
            first, tried = (at if first is None else first), tried + 1
            found = {variant for cell in row if isinstance(cell, str) for variant in variants(cell)}
            if names and all(group & found for group in names):
                return at
        return None if required and names else first

    def table(self, file: str, at: int | None) -> Table:
        """The rows below the headings at `at`; raises InputError for none, and for rows that do not fit."""
        if at is None:
            raise InputError(f"“{file}”里没有内容。", f"There is nothing in {file}.")
        header = [" ".join(str(cell).split()) for cell in self.rows[at]]
        while header and not header[-1]:
            header.pop()
        notes = [] if at == 0 or all(map(is_blank, self.rows[:at])) else [_title_above(self.numbers[at])]
        body, numbers = self.rows[at + 1 :], self.numbers[at + 1 :]
        if any(len(row) != len(header) or not any(row) for row in body) or self._notes_below(body, numbers):
            body, numbers, skipped = self._squared(file, body, numbers, len(header))
            notes += [_footnotes(skipped)] if skipped else []
        if not body:
            raise InputError(f"“{file}”只有表头，没有数据行。", f"{file} has a header but no rows of data.")
        return Table(file, tuple(header), list(zip(*body, strict=True)), numbers, notes=tuple(notes))

    def _notes_below(self, body: list[list[Any]], numbers: Sequence[int]) -> bool:
        last = list(zip(body, numbers, strict=True))[-_NOTES_WITHIN:]
        return any(self._is_note(number, row) for row, number in last)

    def _is_note(self, number: int, row: Sequence[Any]) -> bool:
        return is_footnote(number, ["" if cell is None else str(cell) for cell in row], self.merged)

    def _squared(
        self, file: str, body: list[list[Any]], numbers: Sequence[int], width: int
    ) -> tuple[list[list[Any]], list[int], list[int]]:
        """Rows of one width: blank ones and footnotes dropped, short ones padded.

        A CSV's row with too many cells is refused, since its cells have shifted; a workbook's have not.
        """
        kept, kept_numbers, skipped = [], [], []
        last = len(body) - _NOTES_WITHIN
        for at, (row, number) in enumerate(zip(body, numbers, strict=True)):
            if is_blank(row[:width] if self.workbook else row):
                continue
            if (at >= last or self.merged) and self._is_note(number, row):
                skipped.append(number)
                continue
            if not self.workbook and not is_blank(row[width:]):
                raise _too_many(file, number, len(row), width)
            kept.append([*row[:width], *[""] * (width - len(row))])
            kept_numbers.append(number)
        return kept, kept_numbers, skipped


def is_blank(row: Sequence[Any]) -> bool:
    """Whether a row holds nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def joined(tables: Sequence[Table], sheets: Sequence[str], notes: Sequence[Note]) -> Table:
    """One table under the headings of the first; columns that another lacks are empty there."""
    header = tables[0].header
    columns: list[list[Any]] = [[] for _ in header]
    for table in tables:
        known = {plain(name): column for name, column in zip(table.header, table.columns, strict=True)}
        for name, column in zip(header, columns, strict=True):
            column.extend(known.get(plain(name), [""] * len(table)))
    numbers = [number for table in tables for number in table.numbers]
    names = [name for table, name in zip(tables, sheets, strict=True) for _ in range(len(table))]
    said = (*notes, *(note for table in tables for note in table.notes))
    return Table(tables[0].name, header, columns, numbers, names, said)


def sheet_notes(
    read: Sequence[str], counts: Sequence[int], left_out: Sequence[str], hidden: Sequence[str]
) -> list[Note]:
    """Which sheets were read and which not; nothing where the workbook has one sheet alone."""
    if len(read) + len(left_out) + len(hidden) == 1:
        return []
    zh = "、".join(f"{name}（{count} 行）" for name, count in zip(read, counts, strict=True))
    en = ", ".join(f"{name} ({count} rows)" for name, count in zip(read, counts, strict=True))
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
