"""The roster (企业名录) as a table: read with a row-by-row report, written, and offered as a template."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from survey.ballot.questionnaire import Stratum
from survey.documents import roster_values
from survey.documents.progress import Progress, silent
from survey.documents.roster_columns import (
    CONTACT,
    CREDIT_CODE,
    NAME,
    PHONE,
    Columns,
    chosen_columns,
    find_columns,
)
from survey.documents.roster_files import roster_template, write_roster
from survey.documents.roster_row import RosterRow
from survey.documents.roster_values import BadCell
from survey.documents.sheet_errors import MergedCells, NoRows
from survey.documents.sheets import Sheet, read_sheet
from survey.documents.worksheet_scan import column_letters
from survey.errors import N_

__all__ = ["RosterReport", "RosterRow", "RowProblem", "read_roster", "roster_template", "write_roster"]

_READERS: dict[str, Callable[[str], str]] = {
    NAME: roster_values.enterprise_name,
    CREDIT_CODE: roster_values.valid_credit_code,
    CONTACT: roster_values.contact_name,
    PHONE: roster_values.valid_phone,
}
_PROGRESS_EVERY = 2_000
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell. `message` and `remedy` are Chinese message ids filled in with `values`."""

    row: int
    column: str
    value: str
    message: str
    remedy: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, translate: Callable[[str], str] = str) -> str:
        """The message in the language of `translate`."""
        return translate(self.message) % self.values if self.values else translate(self.message)

    def say_remedy(self, translate: Callable[[str], str] = str) -> str:
        """The remedy in the language of `translate`."""
        return translate(self.remedy) % self.values if self.values else translate(self.remedy)


@dataclass(frozen=True, slots=True)
class RosterReport:
    """Everything found. `rows` are faultless, distinct by credit code; a row with a problem is not in them.

    `total` counts the rows that hold anything, `ignored_columns` the headings that nothing was read from;
    `places` says which of the `headings` each field and stratum was read from.
    """

    rows: tuple[RosterRow, ...]
    problems: tuple[RowProblem, ...]
    ignored_columns: tuple[str, ...]
    total: int
    headings: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)


def read_roster(
    file: BinaryIO,
    filename: str = "",  # noqa: ARG001 - the content says what it is; names lie
    strata: Sequence[Stratum] | None = None,
    *,
    places: Mapping[str, int] | None = None,
    progress: Progress | None = None,
) -> RosterReport:
    """Read an Excel or CSV roster. `progress` counts rows; `places` are columns that somebody chose by hand.

    Raises `SheetRefused` for files that cannot be read, `MissingColumns` when name or credit code has no
    column.
    """
    report = progress or silent
    report(N_("读取文件"), 0, 0)
    sheet = read_sheet(file)
    columns = chosen_columns(sheet.rows, strata, places) if places else find_columns(sheet.rows, strata)
    _refuse_merged(sheet, columns.header_row)
    reader = _RosterReader(columns, strata)
    count = len(sheet.rows) - columns.header_row
    for done, row in enumerate(sheet.rows[columns.header_row :]):
        if done % _PROGRESS_EVERY == 0:
            report(N_("检查名录"), done, count)
        reader.add(columns.header_row + done + 1, row)
    if not reader.total:
        raise NoRows
    report(N_("检查名录"), count, count)
    found = columns.fields | columns.strata
    return RosterReport(
        tuple(reader.rows), tuple(reader.problems), columns.ignored, reader.total, columns.headings, found
    )


def _refuse_merged(sheet: Sheet, header_row: int) -> None:
    """A merged title above the headings is harmless; below them nobody can say whose value it is."""
    for top, left, bottom, _ in sheet.merged:
        if bottom > header_row:
            raise MergedCells(row=max(top, header_row), column=column_letters(left))


class _RosterReader:
    """Collects rows and problems, and remembers where each credit code was first seen."""

    def __init__(self, columns: Columns, strata: Sequence[Stratum] | None) -> None:
        self.rows: list[RosterRow] = []
        self.problems: list[RowProblem] = []
        self.total = 0
        self._columns = columns
        self._options = {stratum.name: stratum for stratum in strata or ()}
        self._first_seen: dict[str, int] = {}

    def add(self, number: int, cells: Sequence[str]) -> None:
        if not any(cell.strip() for cell in cells):
            return
        self.total += 1
        known = len(self.problems)
        values = {name: self._cell(number, cells, name) for name in _READERS}
        strata = dict(self._strata(number, cells))
        code = values[CREDIT_CODE]
        if code and (first := self._first_seen.setdefault(code, number)) != number:
            self._duplicate(number, code, first)
        if len(self.problems) == known:
            self.rows.append(RosterRow(code, values[NAME], values[CONTACT], values[PHONE], strata))

    def _cell(self, number: int, cells: Sequence[str], name: str) -> str:
        place = self._columns.fields.get(name)
        return "" if place is None else self._read(number, cells, place, _READERS[name])

    def _strata(self, number: int, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        for name, place in self._columns.strata.items():
            read = partial(roster_values.stratum_option, stratum=self._options.get(name))
            option = self._read(number, cells, place, read)
            if option:
                yield name, option

    def _read(self, number: int, cells: Sequence[str], place: int, read: Callable[[str], str]) -> str:
        value = cells[place] if place < len(cells) else ""
        try:
            return read(value)
        except BadCell as bad:
            heading, shown = self._columns.headings[place], value.strip()[:_LONGEST_SHOWN]
            self.problems.append(RowProblem(number, heading, shown, bad.message, bad.remedy, bad.values))
            return ""

    def _duplicate(self, number: int, code: str, first: int) -> None:
        heading = self._columns.headings[self._columns.fields[CREDIT_CODE]]
        message = N_("与第 %(first)s 行的信用代码相同，一家企业只能列一次。")
        remedy = N_("请删去重复的一行，或者改正写错的代码。")
        self.problems.append(RowProblem(number, heading, code, message, remedy, {"first": first}))
