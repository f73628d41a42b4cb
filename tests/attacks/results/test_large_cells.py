"""A workbook of some kilobytes that unpacks to gigabytes: what it takes, and from whom."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from worksheets import MAIN, text_cell, worksheet, xlsx

from analysis.errors import InputError
from analysis.files.ratings import read_ratings
from analysis.tables import workbooks
from analysis.tables.refusals import TableRefused, TooLarge
from analysis.tables.worksheet_scan import LONGEST_CELL, Limits
from survey.documents.uploads.departments_table import read_departments
from survey.documents.uploads.indicator_table import read_indicators
from survey.documents.uploads.reading import read_upload
from survey.documents.uploads.refusals import SheetRefused
from survey.documents.uploads.roster_table import read_roster
from survey.errors import InvalidInput

MB = 1 << 20
# What reading takes beside the file: some 40 MB for the interpreter, a megabyte at a time of the cell.
MOST = 200 * MB


def packed_cell(size: int) -> io.BytesIO:
    """A hundred megabytes of one letter pack into 98 KB."""
    book = xlsx(worksheet(f"<row>{text_cell('A1', 'a' * size)}</row>"))
    assert len(book.getvalue()) < 110_000
    return book


def peak() -> int:
    """The most that this process and those it waited for ever had in memory, in bytes."""
    return 1024 * max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


READERS: dict[str, Callable[[io.BytesIO], object]] = {
    "sheets": read_upload,
    "roster": lambda file: read_roster(file, "roster.xlsx", ()),
    "departments": read_departments,
    "indicators": lambda file: read_indicators(file, "assessment"),
}


@pytest.mark.parametrize("name", READERS)
def test_one_cell_of_a_hundred_megabytes(name: str) -> None:
    book, before = packed_cell(100 * MB), peak()
    with pytest.raises(SheetRefused, match="A1 格的文字太长"):
        READERS[name](book)
    assert peak() - before < MOST


def test_nor_in_a_shared_string() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"a" * 100 * MB}</t></si></sst>'
    book = xlsx(worksheet('<row><c t="s"><v>0</v></c></row>'), **{"xl/sharedStrings.xml": strings})
    before = peak()
    with pytest.raises(SheetRefused, match="一格的文字太长"):
        read_upload(book)
    assert peak() - before < MOST


def test_nor_for_pingyi_rank(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    path.write_bytes(packed_cell(100 * MB).getvalue())
    before = peak()
    with pytest.raises(InputError, match="太长"):
        read_ratings(path)
    assert peak() - before < MOST


def test_nor_in_a_csv() -> None:
    with pytest.raises(SheetRefused, match="B2 格的文字太长"):
        read_upload(io.BytesIO(b"a,b\n1," + b"x" * (LONGEST_CELL + 1) + b"\n"))


def test_what_excel_itself_takes_is_read() -> None:
    book = xlsx(worksheet(f"<row>{text_cell('A1', '长' * LONGEST_CELL)}</row>"))
    assert read_upload(book).sheets[0].rows == [["长" * LONGEST_CELL]]


def limited(**changes: int) -> Limits:
    plain = {"rows": 200_000, "columns": 200, "cells": 5_000_000, "unpacked": 160 * MB, "text": 200_000_000}
    return Limits(**(plain | changes))


def many_cells(rows: int) -> io.BytesIO:
    return xlsx(worksheet("".join(f"<row>{'<c><v>1</v></c>' * 20}</row>" for _ in range(rows))))


@pytest.mark.parametrize(
    "limits",
    [limited(memory=120 * MB), limited(seconds=1), limited(result=MB)],
    ids=["memory", "time", "result"],
)
def test_a_reader_that_takes_too_much_is_ended_in_words(limits: Limits) -> None:
    with pytest.raises(TooLarge, match="内存或时间太多"):
        workbooks.read_workbook(many_cells(60_000), limits)


def test_headings_are_cut_where_they_are_named() -> None:
    long = "甲" * 30_000
    cells = "".join(f'<c t="inlineStr"><is><t>{long}{n}</t></is></c>' for n in range(150))
    with pytest.raises(InvalidInput) as caught:
        read_roster(xlsx(worksheet(f"<row>{cells}</row><row>{text_cell('A2', 'x')}</row>")), "r.xlsx", ())
    assert len(caught.value.say()) < 2_000


def test_the_process_hands_back_values_and_nothing_that_runs() -> None:
    """Attack: a reading process that was taken over sends an object that acts when it is unpacked."""
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (print, ("taken over",))

    with pytest.raises(TableRefused):
        workbooks._Plain(io.BytesIO(pickle.dumps(("rows", Evil())))).load()
