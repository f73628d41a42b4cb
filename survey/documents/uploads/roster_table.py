"""Reader of the roster (企业名录) as a table, with a report row by row."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from analysis.answers.spelling import clean_line, unwrapped
from analysis.tables.headings import places_of
from analysis.tables.rows import is_error_value, is_footnote, is_heading_again, is_total
from analysis.tables.worksheet_scan import column_letters
from survey.documents.layout.progress import Progress, silent
from survey.documents.uploads import roster_values
from survey.documents.uploads.reading import Part, chosen_sheets, fitting, place_of, read_upload, skipped_rows
from survey.documents.uploads.refusals import MissingColumns, NoRows
from survey.documents.uploads.roster_columns import (
    CONTACT,
    CREDIT_CODE,
    EMAIL,
    LEGAL_PERSON,
    NAME,
    PHONE,
    RosterColumns,
    chosen_columns,
    find_columns,
    headings_of,
)
from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_values import BadCell, rounded_code
from survey.errors import N_, Phrase, worded
from survey.protocol.questionnaire import Stratum

_READERS: dict[str, Callable[[str], str]] = {
    NAME: roster_values.enterprise_name,
    CREDIT_CODE: roster_values.valid_credit_code,
    CONTACT: roster_values.contact_name,
    PHONE: roster_values.valid_phone,
    EMAIL: roster_values.valid_email,
}
_PROGRESS_EVERY = 2_000
_TWICE = N_("与第 %(first)s 行的信用代码相同，一家企业只能列一次。")
_TWICE_REMEDY = N_("请删去重复的一行，或者改正写错的代码。")
_ERROR_VALUE = N_("%(cell)s 格是 Excel 的错误值 %(value)s。")
_ERROR_REMEDY = N_("请改正公式后粘贴为数值，没有内容就留空。")
_LONGEST_SHOWN = 60
Meanings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Fault of one cell. `message` and `remedy` are Chinese message ids filled in with `values`; `firm`: the
    enterprise's name as far as its row has one."""

    row: int
    column: str
    value: str
    message: str
    remedy: str
    values: Mapping[str, object] = field(default_factory=dict)
    sheet: str = ""
    firm: str = ""

    @property
    def where(self) -> str:
        """Number of the row, with the sheet's name where the file has several."""
        return place_of(self.sheet, self.row)

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Message in the language of `translate`."""
        return worded(self.message, self.values, translate)

    def say_remedy(self, translate: Callable[[str], str] = str) -> str:
        """Remedy in the language of `translate`."""
        return worded(self.remedy, self.values, translate)


@dataclass(frozen=True, slots=True)
class RosterReport:
    """Result of reading a roster. `rows` are faultless, distinct by credit code; a row with a problem is not
    among them.

    `total` counts the rows that are not empty; `ignored_columns`: headings from which nothing was read;
    `places`: which column of `headings` each field and stratum was read from; `remarks`: what was skipped;
    `persons`: legal person by credit code, where a column has it, used for a check and never stored;
    `sheets`: sheets that can be read; `read`: those that were; `meanings`: as given to `read_roster`.
    """

    rows: tuple[RosterRow, ...]
    problems: tuple[RowProblem, ...]
    ignored_columns: tuple[str, ...]
    total: int
    headings: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[Phrase, ...] = ()
    persons: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    meanings: Meanings = field(default_factory=dict)


def read_roster(
    file: BinaryIO,
    filename: str = "",  # noqa: ARG001 - the content says what it is; names lie
    strata: Sequence[Stratum] | None = None,
    *,
    places: Mapping[str, int] | None = None,
    sheets: Collection[str] = (),
    meanings: Meanings | None = None,
    progress: Progress | None = None,
) -> RosterReport:
    """Report on an Excel or CSV roster. `progress` counts rows; `sheets`, `places` and `meanings` (option for
    a value that is none, by stratum and value; "" leaves it empty) are chosen by hand.

    The columns in `places` are those of the first of the sheets that are read. Raises `SheetRefused` for a
    file that cannot be read, `MissingColumns` when name or credit code has no column.
    """
    report = progress or silent
    report(N_("读取文件"), 0, 0)
    source = read_upload(file)
    first = chosen_sheets(source, sheets)[0]
    example = headings_of(first.rows, strata)[1]
    try:
        parts, remarks = fitting(source, _matching(strata, places, example), sheets)
    except MissingColumns as error:
        error.offered = tuple(sheet.name for sheet in source.sheets), first.name, tuple(example)
        raise
    reader = _RosterReader(strata, meanings or {})
    reader.read(parts, report)
    columns = parts[0].columns
    return RosterReport(
        tuple(reader.rows),
        tuple(reader.problems),
        tuple(dict.fromkeys(name for part in parts for name in part.columns.ignored)),
        reader.total,
        columns.headings,
        columns.fields | columns.strata,
        (*remarks, *skipped_rows(reader.skipped)),
        reader.persons,
        tuple(sheet.name for sheet in source.sheets),
        tuple(part.sheet.name for part in parts),
        meanings or {},
    )


def _matching(
    strata: Sequence[Stratum] | None, places: Mapping[str, int] | None, example: Sequence[str]
) -> Callable[[Sequence[Sequence[str]]], tuple[int, RosterColumns]]:
    """Function that finds the columns of a sheet: by headings, or as chosen on a sheet with the headings
    `example`."""

    def match(rows: Sequence[Sequence[str]]) -> tuple[int, RosterColumns]:
        columns = chosen_columns(rows, strata, places, example) if places else find_columns(rows, strata)
        return columns.header_row, columns

    return match


class _RosterReader:
    """Reader that collects rows and problems, and where each credit code was first seen."""

    def __init__(self, strata: Sequence[Stratum] | None, meanings: Meanings) -> None:
        self.rows: list[RosterRow] = []
        self.problems: list[RowProblem] = []
        self.skipped: list[str] = []
        self.persons: dict[str, str] = {}
        self.total = 0
        self._part: Part[RosterColumns]
        self._columns: RosterColumns
        self._person: int | None = None
        self._cells: Sequence[str] = ()
        self._meanings = meanings
        self._options = {stratum.name: stratum for stratum in strata or ()}
        self._first_seen: dict[str, str] = {}
        self._rounded: list[tuple[RosterRow, RowProblem]] = []

    def read(self, parts: Sequence[Part[RosterColumns]], report: Progress) -> None:
        """Read all rows of all sheets. Raises `NoRows` where there are none."""
        count, done = sum(len(part.sheet.rows) - part.header_row for part in parts), 0
        for part in parts:
            part.check({*part.columns.fields.values(), *part.columns.strata.values()})
            self.begin(part)
            for number, row in enumerate(part.sheet.rows[part.header_row :], start=part.header_row + 1):
                if done % _PROGRESS_EVERY == 0:
                    report(N_("检查名录"), done, count)
                self.add(number, row)
                done += 1
        if not self.total:
            raise NoRows
        self.refuse_rounded()
        report(N_("检查名录"), count, count)

    def begin(self, part: Part[RosterColumns]) -> None:
        """Start reading the sheet `part`."""
        self._part, self._columns = part, part.columns
        self._person = next(iter(places_of(part.columns.headings, LEGAL_PERSON)), None)

    def add(self, number: int, cells: Sequence[str]) -> None:
        if not any(cell.strip() for cell in cells):
            return
        place = place_of(self._part.name, number)
        if self._is_no_firm(number, cells):
            self.skipped.append(place)
            return
        self.total += 1
        self._cells = cells
        known = len(self.problems)
        values = {name: self._cell(number, cells, name) for name in _READERS}
        strata = dict(self._strata(number, cells))
        code = values[CREDIT_CODE]
        if code and (first := self._first_seen.setdefault(code, place)) != place:
            self._problem(number, CREDIT_CODE, code, BadCell(_TWICE, _TWICE_REMEDY, first=first))
        if len(self.problems) == known:
            row = RosterRow(code, values[NAME], values[CONTACT], values[PHONE], strata, values[EMAIL])
            self.rows.append(row)
            if self._person is not None and (person := _text(cells, self._person).strip()):
                self.persons[code] = person
            if roster_values.looks_rounded(code):
                self._rounded.append((row, self._as_problem(number, CREDIT_CODE, code, rounded_code())))

    def refuse_rounded(self) -> None:
        """Refuse codes ending in 000 that passed the check, if others ending so failed it: Excel rounded them
        too.

        One rounded code in 31 passes the check by chance.
        """
        message = rounded_code().message
        if not any(problem.message == message for problem in self.problems):
            return
        passed = [row for row, _ in self._rounded]
        self.rows = [row for row in self.rows if not any(row is one for one in passed)]
        self.problems += [problem for _, problem in self._rounded]

    def _is_no_firm(self, number: int, cells: Sequence[str]) -> bool:
        if is_footnote(number, cells, self._part.sheet.merged):
            return True
        if is_heading_again(cells, self._columns.headings):
            return True
        code = _text(cells, self._columns.fields[CREDIT_CODE])
        return not code and any(is_total(cell) for cell in cells[:4])

    def _cell(self, number: int, cells: Sequence[str], name: str) -> str:
        place = self._columns.fields.get(name)
        return "" if place is None else self._read(number, cells, place, _READERS[name])

    def _strata(self, number: int, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        for name, place in self._columns.strata.items():
            option = self._read(number, cells, place, partial(self._option, name))
            if option:
                yield name, option

    def _option(self, name: str, value: str) -> str:
        shown = clean_line(value.strip()[:_LONGEST_SHOWN])
        chosen = self._meanings.get(name, {}).get(shown)
        return roster_values.stratum_option(value, self._options.get(name)) if chosen is None else chosen

    def _read(self, number: int, cells: Sequence[str], place: int, read: Callable[[str], str]) -> str:
        value = _text(cells, place)
        if is_error_value(value):
            at = f"{column_letters(place + 1)}{number}"
            bad = BadCell(_ERROR_VALUE, _ERROR_REMEDY, value=value.strip(), cell=at)
        else:
            try:
                return read(unwrapped(value))
            except BadCell as error:
                bad = error
        self.problems.append(self._as_problem(number, place, value, bad))
        return ""

    def _problem(self, number: int, field_name: str, value: str, bad: BadCell) -> None:
        self.problems.append(self._as_problem(number, field_name, value, bad))

    def _as_problem(self, number: int, where: int | str, value: str, bad: BadCell) -> RowProblem:
        place = self._columns.fields[where] if isinstance(where, str) else where
        heading, shown = self._columns.headings[place], value.strip()[:_LONGEST_SHOWN]
        firm = clean_line(_text(self._cells, self._columns.fields[NAME]))[:_LONGEST_SHOWN]
        return RowProblem(number, heading, shown, bad.message, bad.remedy, bad.values, self._part.name, firm)


def _text(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
