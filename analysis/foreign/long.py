"""Long tables, which `analysis.files` reads: their direction, and what was understood of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from analysis.answers.labels import Coded
from analysis.files.aliases import ALIASES
from analysis.files.ratings import RatingsTable, long_of
from analysis.foreign.answers import rating_like
from analysis.foreign.grid import is_empty, line
from analysis.foreign.hints import Hints, which_columns
from analysis.foreign.naming import looks_like_department, looks_like_item
from analysis.foreign.questions.columns import refuse_other_rows
from analysis.foreign.questions.direction import asked_direction, said_of
from analysis.foreign.questions.items import refuse_versions
from analysis.foreign.understood import ROLES, AnswerColumn, KeyColumn, Level, NoRating, Remark, Understood
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.headings import heading_row, plain

_LOOKED_AT: Final = 50
_SEVERAL: Final = 2
_SAID: Final = ("levels", "unanswered")
"""Codes of notes on what `Understood` says by itself."""


def is_long(file: str, source: TableFile, hints: Hints) -> bool:
    """Whether a file has the headings of a long table: a score, a rater and a department; or a score and one
    of the two, and no two other columns of ratings, whose total the score would be. Raises `Ambiguous` where
    it has all three and such columns too."""
    if hints.mapping is not None or hints.tool is not None:
        return hints.tool == "long"
    if "score" in hints.keys:
        return True
    rater, department, score = (_names_of(role, hints) for role in ("rater", "department", "score"))

    def found(*others: Collection[str]) -> TableSheet | None:
        return next((s for s in source.sheets if heading_row(s.rows, (score, *others)) is not None), None)

    sheet = found(rater, department)
    if sheet is None:
        part = found(rater) or found(department)
        return part is not None and len(_other_ratings(part, hints)) < _SEVERAL
    more = _other_ratings(sheet, hints)
    others = [name for name in more if looks_like_department(name) or looks_like_item(name)]
    if len(others) >= _SEVERAL:
        raise which_columns(file, others)
    refuse_versions(file, [*_headed(sheet, score), *more], "score")
    return True


def _first_heading(sheet: TableSheet) -> int:
    """Index of the first row with more than one cell filled."""
    rows = enumerate(sheet.rows)
    return next((at for at, row in rows if sum(not is_empty(cell) for cell in row) > 1), 0)


def _headed(sheet: TableSheet, names: Collection[str]) -> list[str]:
    """Headings of a sheet that are among the names."""
    known = {plain(name) for name in names}
    at = _first_heading(sheet)
    return [line(cell) for cell in sheet.rows[at] if plain(line(cell)) in known]


def _names_of(role: str, hints: Hints) -> tuple[str, ...]:
    """Headings that the column of a role may have."""
    return (hints.keys[role],) if role in hints.keys else ALIASES[role]


def _other_ratings(sheet: TableSheet, hints: Hints) -> list[str]:
    """Headings of the columns of mostly numbers or level words that are none of a long table."""
    known = {plain(name) for role in ROLES for name in (*ALIASES[role], hints.keys.get(role, role))}
    known |= {plain(name) for name in ALIASES["score"]}
    at = _first_heading(sheet)
    body = sheet.rows[at + 1 : at + 1 + _LOOKED_AT]
    found = []
    for i, heading in enumerate(sheet.rows[at] if sheet.rows else ()):
        cells = [row[i] for row in body if i < len(row) and not is_empty(row[i])]
        if plain(line(heading)) not in known and 2 * sum(map(rating_like, cells)) > len(cells):
            found.append(line(heading))
    return found


def read_long(path: Path, source: TableFile, hints: Hints) -> tuple[RatingsTable, Understood]:
    """Table with one rating a row, and what was understood of it; raises `Ambiguous` where the file says that
    the lowest number is the best and the hints do not."""
    for sheet in source.sheets:
        at = _first_heading(sheet)
        headings = enumerate(sheet.rows[at] if sheet.rows else ())
        body = sheet.rows[at + 1 :]
        refuse_other_rows(
            path.name, ((line(head), [row[i] for row in body if i < len(row)]) for i, head in headings)
        )
    source = replace(source, sheets=tuple(map(_filled_down, source.sheets)))
    source = _by_sheet(source, hints)
    table = long_of(path, source, hints.keys, hints.missing, hints.levels)
    if hints.best is None and not _of_words(table) and (said := said_of(source)):
        raise asked_direction(path.name, float(table.score.min()), float(table.score.max()), said)
    return of_long(path.name, table, hints)


def _filled_down(sheet: TableSheet) -> TableSheet:
    """Sheet with the text of a cell that is merged over several rows in each of them."""
    columns = [(top, left, bottom) for top, left, bottom, right in sheet.merged if left == right]
    if not any(bottom > top for top, _, bottom in columns):
        return sheet
    rows = [list(row) for row in sheet.rows]
    for top, left, bottom in columns:
        for row in rows[top : min(bottom, len(rows))]:
            row += [None] * (left - len(row))
            row[left - 1] = rows[top - 1][left - 1]
    return replace(sheet, rows=rows)


def _by_sheet(source: TableFile, hints: Hints) -> TableFile:
    """Workbook with a sheet a department as one whose sheets have a column of departments."""
    named = [sheet for sheet in source.sheets if looks_like_department(sheet.name)]
    if len(named) < _SEVERAL or "department" in hints.keys:
        return source
    rater, score = _names_of("rater", hints), _names_of("score", hints)
    sheets = []
    for sheet in named:
        at = heading_row(sheet.rows, (rater, score))
        if at is None or heading_row(sheet.rows, (ALIASES["department"],)) is not None:
            return source
        width = max(map(len, sheet.rows))
        rows = [
            [*row, *[None] * (width - len(row)), _further(sheet.name, row, n - at)]
            for n, row in enumerate(sheet.rows)
        ]
        sheets.append(replace(sheet, rows=rows))
    return replace(source, sheets=tuple(sheets))


def _further(name: str, row: Sequence[Any], below: int) -> str | None:
    """Cell of the department's column: its heading, its name beside data, nothing above and beside notes."""
    if below == 0:
        return ALIASES["department"][1]
    return name if below > 0 and sum(not is_empty(cell) for cell in row) > 1 else None


def of_long(file: str, table: RatingsTable, hints: Hints) -> tuple[RatingsTable, Understood]:
    """Table with its numbers turned round where the lowest is the best, and its columns by role."""
    keys = tuple(
        KeyColumn(role, "", table.headings.get(role, role))
        for role in ROLES
        if getattr(table, role) is not None
    )
    first = min(table.numbers[:1] or (2,))
    low, high = float(table.score.min()), float(table.score.max())
    turned = hints.best == "low" and not _of_words(table)
    understood = Understood(
        file,
        (),
        "long",
        (max(first - 1, 1),),
        first,
        keys,
        (AnswerColumn("", table.headings.get("score", "score")),),
        levels=tuple(Level(word, points, n) for word, (points, n) in table.levels.items()),
        no_rating=tuple(NoRating(word, n) for word, n in table.no_rating.items()),
        best="low" if turned else "high",
        n_ratings=len(table.score),
        n_raters=len(distinct(table.rater)),
        rated=distinct(table.department),
        rated_items=distinct(table.item) if table.item is not None else (),
        lowest=None if _of_words(table) else low,
        highest=None if _of_words(table) else high,
        remarks=tuple(Remark(note.zh, note.en) for note in table.notes if note.code not in _SAID),
    )
    return (replace(table, score=low + high - table.score) if turned else table), understood


def distinct(labels: object) -> tuple[str, ...]:
    """Distinct labels in their order."""
    return labels.names if isinstance(labels, Coded) else tuple(dict.fromkeys(labels))  # type: ignore[call-overload]


def _of_words(table: RatingsTable) -> bool:
    return bool(table.levels)
