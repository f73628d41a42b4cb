"""Reading of a table file from disk as one table with headings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from analysis.errors import InputError
from analysis.files.formulas import refuse_uncomputed
from analysis.files.table import DataTable, hidden_notes, is_blank, joined, sheet_notes, table_of
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.headings import heading_row
from analysis.tables.refusals import TableRefused
from analysis.tables.sheets import read_sheets
from analysis.tables.worksheet_scan import OWN


def read_table(path: Path, columns: Sequence[Collection[str]] = ()) -> DataTable:
    """Read a CSV, or all visible sheets of a workbook with fitting headings, as one table
    (`analysis.tables.sheets`).

    `columns`: for each column that must be there, all its names; titles may stand above the headings. Raises
    InputError, saying how to mend it, for anything else.
    """
    return table_from(path, open_tables(path), columns)


def table_from(path: Path, source: TableFile, columns: Sequence[Collection[str]] = ()) -> DataTable:
    """Same as `read_table`, of a file that has been opened."""
    fitting = [
        (sheet, at)
        for sheet in source.sheets
        if (at := heading_row(sheet.rows, columns) if columns else _first(sheet)) is not None
    ]
    parts: list[tuple[TableSheet, int | None]] = [*fitting] or [(source.sheets[0], _first(source.sheets[0]))]
    tables = [table_of(sheet, path.name, at, source.is_workbook) for sheet, at in parts]
    used = [sheet.name for sheet, _ in parts]
    left_out = [sheet.name for sheet in source.sheets if sheet.name not in used]
    notes = sheet_notes(used, list(map(len, tables)), left_out, source.hidden)
    notes += hidden_notes([sheet for sheet, _ in parts])
    if len(tables) == 1:
        return replace(tables[0], notes=(*notes, *tables[0].notes))
    return joined(tables, used, notes)


def _first(sheet: TableSheet) -> int | None:
    """Index of the first row that is not blank."""
    return next((at for at, row in enumerate(sheet.rows) if not is_blank(row)), None)


def open_tables(path: Path) -> TableFile:
    """Sheets of a table file on disk; raises InputError, saying how to mend it."""
    if path.is_dir():
        raise InputError(f"“{path}”是文件夹，请给出文件。", f"{path} is a folder; name a file.")
    try:
        with path.open("rb") as file:
            source = read_sheets(file, OWN)
    except FileNotFoundError as error:
        raise InputError(
            f"没有“{path}”这个文件，请检查路径。", f"There is no file {path}; check the path."
        ) from error
    except OSError as error:
        raise InputError(
            f"“{path}”读不了（{error.strerror}）。", f"{path} cannot be read ({error.strerror})."
        ) from error
    except TableRefused as error:
        raise error.about(path.name) from None
    refuse_uncomputed(path.name, source)
    return source
