"""Faults of a roster by kind, values that are no option, and the faulty rows as a file to correct."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

from analysis.answers.spelling import clean_line
from survey.documents.layout.workbook import Book
from survey.documents.uploads.reading import read_upload
from survey.documents.uploads.roster_columns import headings_of
from survey.documents.uploads.roster_table import RosterReport, RowProblem
from survey.documents.uploads.roster_values import UNKNOWN_OPTION
from survey.errors import N_, in_full

_WIDTH, _WIDTH_OF_PROBLEM = 22, 60


class UnknownOption(NamedTuple):
    """Value that is no option of `stratum`, and in how many rows it stands."""

    stratum: str
    value: str
    rows: int


def unknown_options(problems: Sequence[RowProblem]) -> list[UnknownOption]:
    """Values that are no option, by stratum, most frequent first."""
    found = Counter(
        (str(problem.values["stratum"]), clean_line(problem.value))
        for problem in problems
        if problem.message == UNKNOWN_OPTION
    )
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return [UnknownOption(stratum, value, rows) for (stratum, value), rows in ordered]


def by_kind(problems: Sequence[RowProblem]) -> list[tuple[RowProblem, int]]:
    """Example and number of each kind of fault, most frequent first."""
    counts = Counter(problem.message for problem in problems)
    examples = {problem.message: problem for problem in reversed(problems)}
    return [(examples[message], count) for message, count in counts.most_common()]


def sorted_by_kind(problems: Sequence[RowProblem]) -> list[RowProblem]:
    """Faults with those of one kind together, the most frequent kind first, then in the file's order."""
    place = {example.message: n for n, (example, _count) in enumerate(by_kind(problems))}
    return sorted(problems, key=lambda problem: place[problem.message])


def rows_to_correct(file: BinaryIO, report: RosterReport, translate: Callable[[str], str]) -> bytes:
    """Workbook (.xlsx) of the faulty rows as they are in the file, with what is wrong in a column of its own,
    which an import leaves unread.

    Sheets have the names of the uploaded file's, and each has the headings of its own.
    """
    faults: dict[tuple[str, int], list[RowProblem]] = {}
    for problem in report.problems:
        faults.setdefault((problem.sheet, problem.row), []).append(problem)
    book = Book(translate(N_("要改的行")))
    for sheet in read_upload(file).sheets:
        name = sheet.name if len(report.sheets) > 1 else ""
        numbers = sorted(row for of, row in faults if of == name)
        if numbers and sheet.name in report.read:
            heading = sheet.rows[headings_of(sheet.rows, None)[0] - 1]
            lines = [(list(heading), translate(N_("问题")))]
            lines += [(list(sheet.rows[n - 1]), _said(faults[name, n], translate)) for n in numbers]
            _write(book, sheet.name, lines, len(heading))
    return book.finish()


def _said(problems: Sequence[RowProblem], translate: Callable[[str], str]) -> str:
    return " ".join(f"【{p.column}】{in_full(p, translate)}" for p in problems)


def _write(book: Book, name: str, lines: Sequence[tuple[list[str], str]], width: int) -> None:
    sheet = book.sheet(name or "Sheet1")
    sheet.set_column(0, width - 1, _WIDTH, book.text)
    sheet.set_column(width, width, _WIDTH_OF_PROBLEM, book.wrapped)
    for number, (cells, problem) in enumerate(lines):
        for place, cell in enumerate((cells + [""] * width)[:width]):
            sheet.write_string(number, place, cell, book.text if number else book.header)
        sheet.write_string(number, width, problem, book.wrapped if number else book.header)
    book.set_up_print(sheet, header_rows=1)
