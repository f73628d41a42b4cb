"""Reading of any file of ratings, as a table with what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.files.amounts import amount
from analysis.files.levels import level_key
from analysis.files.rating_rows import one_spelling
from analysis.files.ratings import RatingsTable, quick_long
from analysis.files.reading import open_tables
from analysis.files.table import hidden_notes, is_blank, sheet_notes
from analysis.foreign.answers import Vocabulary
from analysis.foreign.grid import Grid
from analysis.foreign.hints import Hints, not_recognised, refuse_without_data
from analysis.foreign.layout import SHEET_NAMES
from analysis.foreign.long import distinct, is_long, of_long, read_long
from analysis.foreign.melt import Melted, melt, refuse_misfit
from analysis.foreign.points import levels_of
from analysis.foreign.questions.direction import ask_codes, asked_direction, says_low_is_best
from analysis.foreign.questions.items import chosen_items, without_computed, without_ticks
from analysis.foreign.questions.marks import ask_about_marks
from analysis.foreign.questions.near_names import ask_near_names, ask_periods, by_list
from analysis.foreign.questions.raters import refuse_nobody
from analysis.foreign.related import numbers_in
from analysis.foreign.row_names import repeated_columns, repeated_rows, unfinished_rows
from analysis.foreign.sentences import sentences
from analysis.foreign.sheet_names import refuse_copies
from analysis.foreign.stacked import unstacked
from analysis.foreign.tools import wenjuan
from analysis.foreign.understand import Columns, columns_of, recognised, written_by
from analysis.foreign.understood import LeftOut, NoRating, Remark, Understood
from analysis.ranking.results import Note
from analysis.tables.cells import TableFile

_OF_CODES: Final = frozenset(
    ("含义", "说明", "取值", "取值说明", "编码", "标签", "选项", "meaning", "label", "value label", "codes")
)
"""Headings of lists that explain codes."""
_NAMES: Final = (("department", "部门", "department"), ("item", "指标", "item"), ("rater", "评议人", "rater"))


@dataclass(frozen=True)
class ReadFile:
    """Ratings read from a file, and the mapping by which the file was understood."""

    table: RatingsTable
    understood: Understood


def read_any(path: Path, hints: Hints | None = None, source: TableFile | None = None) -> ReadFile:
    """Read a file of ratings in any known layout; `source`: its sheets, if it has been opened.

    Raises InputError for what is wrong, and `Ambiguous` (with both readings) where the file does not say what
    it means.
    """
    hints = hints or Hints()
    _refuse_beside_mapping(hints)
    read = _read_any(path, hints, source)
    if hints.departments and any(key.role == "department" for key in read.understood.keys):
        return ReadFile(*by_list(read.table, read.understood, hints.departments))
    if not hints.departments and hints.mapping is None:
        ask_near_names(path.name, read.table)
    return read


def _refuse_beside_mapping(hints: Hints) -> None:
    """Raise InputError for what a mapping says already, given beside it."""
    if hints.mapping is None:
        return
    fields = ("tool", "departments", "levels", "best", "keys", "missing", "scale", "items")
    options = {"tool": "as", "keys": "rater（--department、--score …）"}
    if given := [name for name in fields if getattr(hints, name)]:
        name = options.get(given[0], given[0])
        raise InputError(
            f"--map 已经说明怎样读，不能再用 --{name}；请改在对应表里。",
            f"--map says already how to read; put what --{name.partition('（')[0]} says into the mapping.",
            column="mapping",
        )


def _read_any(path: Path, hints: Hints, source: TableFile | None) -> ReadFile:
    quick = quick_long(path, hints.keys, hints.missing) if hints.mapping is None else None
    if quick is not None:
        return _compared(*_quick(path, quick, hints), hints)
    source = wenjuan.with_codes(path, source or open_tables(path))
    source = unstacked(path.name, source, hints)
    if hints.mapping is None:
        refuse_copies(path.name, source.sheets)
    if hints.mapping is not None and hints.mapping.tool == "long":
        return _long_mapped(path, source, hints.mapping)
    keys = {role: name for role, name in hints.keys.items() if name not in SHEET_NAMES}
    hints = replace(hints, keys=keys)
    if is_long(path.name, source, hints):
        long, understood = read_long(path, source, hints)
        if not hints.missing:
            ask_codes(path.name, source, long.score)
        if not hints.departments:
            ask_periods(path.name, long, source.sheets)
        return _compared(long, understood, hints)
    if hints.mapping is not None:
        return _mapped(path, source, hints.mapping)
    return _wide(path, source, hints)


def _quick(path: Path, table: RatingsTable, hints: Hints) -> tuple[RatingsTable, Understood]:
    """Large plain table, in which only headings could say that the lowest number is the best."""
    said = says_low_is_best([path.stem, *table.headings.values()])
    if said and hints.best is None:
        raise asked_direction(path.name, float(table.score.min()), float(table.score.max()), said)
    return of_long(path.name, table, hints)


def _compared(table: RatingsTable, understood: Understood, hints: Hints) -> ReadFile:
    """File read, with the items that count, after the questions that its raters and marks leave open."""
    refuse_nobody(understood.file, table)
    if hints.items:
        table, understood = chosen_items(table, understood, hints.items)
    else:
        table, understood = without_computed(*without_ticks(table, understood))
    ask_about_marks(understood.file, table, hints, bool(understood.levels) and understood.tool != "long")
    return ReadFile(table, understood)


def _wide(path: Path, source: TableFile, hints: Hints) -> ReadFile:
    parts, left = _parts([Grid(path.name, sheet) for sheet in source.sheets], hints)
    levels, best = levels_of(parts, hints, source)
    first = parts[0]
    numbers = first.grid.source.numbers
    understood = Understood(
        path.name,
        tuple(part.grid.sheet for part in parts if part.grid.sheet),
        first.layout.tool,
        tuple(numbers[row] for row in first.layout.rows),
        numbers[first.layout.first],
        first.keys,
        first.answers,
        first.unused,
        levels,
        best=best,
    )
    melted = Melted()
    for part in parts:
        melt(part.grid, understood, part.vocabulary, part.layout, melted)
    notes = [*_sheet_notes(source, [p.grid.sheet for p in parts], left), *repeated_columns(understood)]
    read = _read(understood, melted, notes)
    if not hints.missing and not levels:
        ask_codes(path.name, source, read.table.score)
    if not hints.departments:
        ask_periods(path.name, read.table, [part.grid.source for part in parts])
    return _compared(read.table, read.understood, hints)


def _parts(grids: Sequence[Grid], hints: Hints) -> tuple[list[Columns], list[str]]:
    """Sheets with the headings of the first that is recognised, and names of the others."""
    parts: list[Columns] = []
    left: list[str] = []
    failure: InputError | None = None
    for grid in grids:
        try:
            layout = recognised(grid, hints.tool)
            found = columns_of(grid, layout, hints) if layout else None
        except InputError as error:
            failure, found = failure or error, None
        if found is None or (parts and _headings(found) != _headings(parts[0])):
            left.append(grid.sheet)
        else:
            parts.append(found)
    if parts and left and _is_code_list(parts[0]):
        others = [grid for grid in grids if grid is not parts[0].grid]
        try:
            answers, more = _parts(others, hints)
        except InputError:
            return parts, left
        return answers, [parts[0].grid.sheet, *more]
    if not parts:
        refuse_without_data(grids)
        raise failure or not_recognised(grids[0].file, grids[0].top[0] if grids[0].top else [])
    return parts, left


def _is_code_list(columns: Columns) -> bool:
    """Whether a sheet explains codes, as a code book does, and holds no ratings of several departments."""
    headings = {text.casefold() for row in _headings(columns) for text in row}
    return bool(headings & _OF_CODES) or len({c.department for c in columns.answers} - {None}) == 1


def _headings(columns: Columns) -> list[list[str]]:
    return [columns.grid.top[row] for row in columns.layout.rows]


def _mapped(path: Path, source: TableFile, mapping: Understood) -> ReadFile:
    """Read the file by a mapping that was written before and perhaps edited."""
    grids = [Grid(path.name, sheet) for sheet in source.sheets]
    chosen = [grid for grid in grids if not mapping.sheets or grid.sheet in mapping.sheets]
    if not chosen or any(mapping.first not in grid.source.numbers for grid in chosen):
        raise InputError(
            f"“{path.name}”与对应表对不上：没有工作表“{'”“'.join(mapping.sheets)}”，或没有第 "
            f"{mapping.first} 行。",
            f"{path.name} does not fit the mapping: no sheet {', '.join(mapping.sheets)}, or no "
            f"row {mapping.first}.",
        )
    melted = Melted(by_mapping=True)
    points = {level.word: level.points for level in mapping.levels}
    none = {part.word for part in mapping.no_rating}
    missing = numbers_in(none)
    for grid in chosen:
        refuse_misfit(grid, mapping)
        vocabulary = Vocabulary(grid.semicolons, points, none, missing)
        melt(grid, mapping, vocabulary, written_by(grid, mapping.tool), melted)
    left = [grid.sheet for grid in grids if grid not in chosen]
    notes = [*_sheet_notes(source, [g.sheet for g in chosen], left), *repeated_columns(mapping)]
    return _read(replace(mapping, file=path.name), melted, notes)


def _long_mapped(path: Path, source: TableFile, mapping: Understood) -> ReadFile:
    """Read a long table by a mapping: its headings, words, codes for no answer, and direction."""
    keys = {key.role: key.heading for key in mapping.keys} | {"score": mapping.columns[0].heading}
    none = tuple(part.word for part in mapping.no_rating)
    points: dict[str, float | None] = {}
    for level in mapping.levels:
        points |= {level.word: level.points, level_key(level.word): level.points}
    hints = Hints(None, {}, points, None, mapping.best, keys, none or ("none",))
    return ReadFile(*without_computed(*without_ticks(*read_long(path, source, hints))))


def _read(understood: Understood, melted: Melted, notes: Sequence[Note]) -> ReadFile:
    """Table of the melted ratings: spellings of one name made equal, numbers reversed where the lowest is the
    best, and counts of ratings and raters filled in. Raises InputError for a file without ratings."""
    if not melted.scores:
        raise InputError(f"“{understood.file}”里没有一条评分。", f"There is no rating in {understood.file}.")
    scores = np.array(melted.scores)
    ends = (None, None) if understood.levels else (float(scores.min()), float(scores.max()))
    if understood.best == "low" and not understood.levels:
        scores = scores.min() + scores.max() - scores
    said = [*notes, *repeated_rows(melted.repeats), *unfinished_rows(melted.unfinished)]
    for role, zh, en in _NAMES:
        if role in melted.roles:
            melted.roles[role], spelt = one_spelling(melted.roles[role], zh, en)
            said += spelt
    full = replace(
        understood,
        levels=tuple(replace(level, count=melted.words[level.word]) for level in understood.levels),
        no_rating=tuple(NoRating(word, count) for word, count in melted.none.most_common()),
        left_out=tuple(LeftOut(why, tuple(rows)) for why, rows in melted.left_out.items()),
        n_ratings=len(scores),
        n_raters=len(set(melted.roles["rater"])),
        rated=distinct(melted.roles["department"]),
        rated_items=distinct(melted.roles.get("item", ())),
        lowest=ends[0],
        highest=ends[1],
        remarks=tuple(Remark(note.zh, note.en) for note in said),
    )
    roles: dict[str, Any] = {role: values for role, values in melted.roles.items() if role != "weight"}
    weight = _weights(understood.file, melted) if "weight" in melted.roles else None
    told = sentences(full)
    zh, en = "".join(zh for zh, _ in told), " ".join(en for _, en in told)
    table = RatingsTable(
        score=scores,
        weight=weight,
        numbers=melted.rows,
        notes=(Note("understood", zh, en), *said),
        **roles,
    )
    return ReadFile(table, full)


def _weights(file: str, melted: Melted) -> NDArray[np.float64]:
    values = [amount(text) for text in melted.roles["weight"]]
    for value, text, row in zip(values, melted.roles["weight"], melted.rows, strict=True):
        if value is None or value <= 0:
            raise InputError(
                f"“{file}”第 {row} 行：权重“{text}”应是大于零的数。",
                f"{file}: row {row}: the weight {text!r} must be a number above zero.",
                row=row,
                column="weight",
            )
    return np.array(values, dtype=np.float64)


def _sheet_notes(source: TableFile, used: Sequence[str], left: Sequence[str]) -> list[Note]:
    if not source.is_workbook:
        return []
    counts = {sheet.name: sum(not is_blank(row) for row in sheet.rows) for sheet in source.sheets}
    hidden = hidden_notes([sheet for sheet in source.sheets if sheet.name in used])
    return [*sheet_notes(used, [counts[name] for name in used], left, source.hidden), *hidden]
