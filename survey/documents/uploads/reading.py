"""Reading of uploaded files: which sheets are used, and remarks on all that is left out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Generic, TypeVar

from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.refusals import ReaderBusy, TableRefused
from analysis.tables.rows import is_footnote, is_total
from analysis.tables.sheets import read_sheets
from analysis.tables.worksheet_scan import UPLOADED, column_letters
from survey.documents.uploads.refusals import FormulaFound, MergedCells, SheetRefused
from survey.errors import N_, Busy, InvalidInput, Phrase

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Part(Generic[C]):
    """Sheet that has the headings; `header_row` counts from 1. `name` is empty where the file has only one
    sheet."""

    sheet: TableSheet
    columns: C
    header_row: int
    name: str

    def check(self, used: Iterable[int]) -> None:
        """Raise `MergedCells` or `FormulaFound` for such cells in the columns `used` (from 0) below the
        headings; not for footnotes, nor for formulas in totals."""
        columns = {place + 1 for place in used}
        for top, left, bottom, right in self.sheet.merged:
            below = max(top, self.header_row + 1)
            read = columns.intersection(range(left, right + 1))
            if bottom >= below and read and not all(map(self._is_note, range(below, bottom + 1))):
                raise MergedCells(row=max(top, self.header_row), column=column_letters(left))
        for column in sorted(columns):
            for row in self.sheet.formulas.get(column, ()):
                if row > self.header_row and not self.is_skipped(row):
                    raise FormulaFound(row=row, column=column_letters(column))

    def is_skipped(self, row: int) -> bool:
        """Whether row `row` (from 1) looks like a total or a footnote."""
        cells = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else []
        return self._is_note(row) or any(is_total(cell) for cell in cells[:4])

    def _is_note(self, row: int) -> bool:
        cells = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else []
        return not any(cell.strip() for cell in cells) or is_footnote(row, cells, self.sheet.merged)


def read_upload(file: BinaryIO) -> TableFile:
    """Sheets of an uploaded file, every cell as text; raises `SheetRefused`, or `Busy`."""
    try:
        source = read_sheets(file, UPLOADED)
    except ReaderBusy as error:
        raise Busy from error
    except TableRefused as error:
        raise SheetRefused.of(error) from error
    return replace(source, sheets=tuple(sheet.in_words() for sheet in source.sheets))


def fitting(
    source: TableFile,
    match: Callable[[Sequence[Sequence[str]]], tuple[int, C]],
    chosen: Collection[str] = (),
) -> tuple[list[Part[C]], list[Phrase]]:
    """Sheets in which `match` finds the headings (header row, columns), and remarks on the others.

    `chosen`: names of sheets to read; empty for all. Raises what `match` raised for the first sheet if no
    sheet fits.
    """
    parts: list[Part[C]] = []
    left_out = []
    first: InvalidInput | None = None
    asked = chosen_sheets(source, chosen)
    for sheet in asked:
        try:
            row, columns = match(sheet.rows)
        except InvalidInput as error:
            first = first or error
            left_out.append(sheet.name)
        else:
            parts.append(Part(sheet, columns, row, sheet.name if len(source.sheets) > 1 else ""))
    if not parts and first is not None:
        if source.hidden:
            first.values = {**first.values, "hidden": "、".join(source.hidden)}
            first.remedy = N_("隐藏的工作表（%(hidden)s）不会读取；要用的请先取消隐藏，再重新上传。")
        raise first
    remarks = []
    if len(source.sheets) > 1 or source.hidden:
        names = "、".join(part.sheet.name for part in parts)
        remarks.append(Phrase(N_("读取了工作表：%(names)s。"), {"names": names}))
    if left_out:
        remarks.append(
            Phrase(N_("没有读取（表头对不上）的工作表：%(names)s。"), {"names": "、".join(left_out)})
        )
    if unasked := [sheet.name for sheet in source.sheets if sheet not in asked]:
        remarks.append(Phrase(N_("没有选、因此没有读取的工作表：%(names)s。"), {"names": "、".join(unasked)}))
    if source.hidden:
        remarks.append(Phrase(N_("没有读取隐藏的工作表：%(names)s。"), {"names": "、".join(source.hidden)}))
    return parts, remarks


def chosen_sheets(source: TableFile, names: Collection[str]) -> list[TableSheet]:
    """Sheets with these names; all sheets if the file has none of them."""
    return [sheet for sheet in source.sheets if sheet.name in names] or list(source.sheets)


def skipped_rows(rows: Sequence[str]) -> list[Phrase]:
    """Remarks on totals and footnotes that were skipped; `rows`: their places in words."""
    if not rows:
        return []
    shown = "、".join(rows[:10]) + ("…" if len(rows) > 10 else "")
    return [Phrase(N_("跳过了合计行和说明行：第 %(rows)s 行。"), {"rows": shown})]


def place_of(name: str, row: int) -> str:
    """Row as people find it: its number, with the sheet's name where the file has several."""
    return f"{name} {row}" if name else str(row)
