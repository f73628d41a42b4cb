"""From a sheet and what was understood of it to ratings, one a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.footers import computed_rows
from analysis.files.status import says
from analysis.foreign.answers import Meaning, Vocabulary, rating_like
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.layout import Layout
from analysis.foreign.row_names import row_names, rows_of_one_name, said_by_columns
from analysis.foreign.understood import AnswerColumn, KeyColumn, Understood
from analysis.tables.rows import (
    is_error_value,
    is_footnote,
    is_heading_again,
    is_no_rater,
    is_signed,
    is_sum_of,
    is_void,
)
from analysis.tables.worksheet_scan import column_letters

_SHOWN: Final = 6
_LOOKED_AT: Final = 3


@dataclass
class Melted:
    """Columns of ratings by role (rater, department, item, what else a row says), scores, rows, counts.

    `unfinished`: rows of raters who did not come to the end; `repeats`: raters (by name or by number) and
    departments that stand in several rows, with these rows; `by_mapping`: a person gave the mapping, so
    that messages name its fields.
    """

    roles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    scores: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    none: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unfinished: list[int] = field(default_factory=list)
    repeats: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    by_mapping: bool = False


def melt(
    grid: Grid,
    understood: Understood,
    vocabulary: Vocabulary,
    layout: Layout | None,
    into: Melted,
) -> None:
    """Add the ratings of a sheet to `into`; raises InputError for a cell that is not understood.

    layout: what the tool says of rows that are no real answers, None if no tool wrote the sheet.
    """
    first = list(grid.source.numbers).index(understood.first)
    dropped, unfinished = said_by_columns(grid, understood, layout)
    keys = {key.role: _index(key.column) for key in understood.keys if key.column}
    columns = [(_index(column.column), column) for column in understood.columns]
    numbers, filled = grid.source.numbers, range(first, len(grid.rows))
    rows = [row for row in filled if any(not is_empty(c) for c in grid.rows[row])]
    heading = [line(cell) for cell in grid.rows[first - 1]] if first else []
    answers = {at for at, _ in columns}
    whys = {row: _no_data(grid, row, heading, answers, dropped) or _no_rater(grid, row, keys) for row in rows}
    if not any(column.rater for column in understood.columns) and "department" not in keys:
        left = [row for row in rows if not whys[row]]
        whys |= dict.fromkeys(_computed(grid, left, answers, vocabulary), "total")
    for row in filter(whys.get, whys):
        into.left_out[whys[row]].append(numbers[row])
    kept = [row for row in rows if not whys[row]]
    _refuse_merged(grid, kept, answers)
    names = row_names(grid, kept, keys, understood)
    for kind, name, row in rows_of_one_name(grid, kept, keys, names, understood):
        into.repeats[kind].setdefault(name, []).append(row)
    reader = _Reader(grid, vocabulary, understood)
    for row in kept:
        said = reader.ratings(row, columns, into)
        if not said:
            into.left_out["no_rating"].append(numbers[row])
        elif _says(grid, row, unfinished):
            into.unfinished.append(numbers[row])
        for column, score in said:
            for role, value in _roles(names[row], column).items():
                into.roles[role].append(value)
            into.scores.append(score)
            into.rows.append(numbers[row])
    reader.refuse_unknown(into.by_mapping)


def _computed(grid: Grid, rows: Sequence[int], answers: Collection[int], vocabulary: Vocabulary) -> list[int]:
    """Those of the rows whose marks were computed from those of other rows."""
    marks = [[grid.cell(row, at) for at in answers] for row in rows]
    return [rows[at] for at in computed_rows(marks, vocabulary.decimal_comma)]


def refuse_misfit(grid: Grid, mapping: Understood) -> None:
    """Raise InputError for a sheet without a column of the mapping, or with another heading above it, as
    where columns were moved later."""
    rows = [
        at for at, number in enumerate(grid.source.numbers[: len(grid.top)]) if number in mapping.headings
    ]
    parts: list[KeyColumn | AnswerColumn] = [*mapping.keys, *mapping.columns]
    for part in (part for part in parts if part.column):
        at, last = _index(part.column), column_letters(max(grid.width, 1))
        if at >= grid.width:
            raise InputError(
                f"“{grid.file}”没有对应表里的 {part.column} 列，最后一列是 {last}。",
                f"{grid.file} has no column {part.column}, which the mapping names; its last is {last}.",
                column=part.column,
            )
        there = grid.heading(rows, at)
        if "".join(there.split()) != "".join(part.heading.split()):
            raise InputError(
                f"“{grid.file}”{part.column} 列的表头是“{there}”，对应表写的是“{part.heading}”。"
                "列移动过的，请重新写一份对应表；是同一列的，请把对应表的 heading 改成文件里的。",
                f"{grid.file}: column {part.column} is headed {there!r}, in the mapping {part.heading!r}. If "
                "columns were moved, write the mapping anew; if it is this column, put the file's heading "
                "into the mapping.",
                column=part.column,
            )


def _refuse_merged(grid: Grid, rows: Sequence[int], answers: Collection[int]) -> None:
    """Raise InputError for one mark in a cell that is merged over several raters or departments: whose it is
    is unknown."""
    places = {grid.source.numbers[row]: row for row in rows}
    for top, left, bottom, right in grid.source.merged:
        inside = [at for at in answers if left - 1 <= at <= right - 1]
        if top in places and inside and ((bottom in places and bottom > top) or len(inside) > 1):
            cell = grid.cell(places[top], left - 1)
            if left - 1 in answers and rating_like(cell):
                where = f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
                raise InputError(
                    f"“{grid.file}”{where} 是合并的单元格，只写了一个“{line(cell)}”，看不出是谁给谁的。"
                    "请取消合并，在每一格写上评分；没有评的留空。",
                    f"{grid.file}: cells {where} are merged around one {line(cell)!r}; whose mark it is is "
                    "unknown. Split them, and fill in each or leave it empty.",
                    row=top,
                )


def _roles(names: Mapping[str, str], column: AnswerColumn) -> dict[str, str]:
    own = {"rater": column.rater, "department": column.department, "item": column.item}
    return {**names, **{role: value for role, value in own.items() if value is not None}}


def _index(letters: str) -> int:
    """Index from 0 of a column by its letters."""
    index = 0
    for letter in letters.strip().upper() or "?":
        if not "A" <= letter <= "Z":
            raise InputError(
                f"对应表里的列“{letters}”应是字母，如 G。",
                f"Column {letters!r} of the mapping is not letters.",
            )
        index = index * 26 + ord(letter) - 64
    return index - 1


def _no_data(
    grid: Grid,
    row: int,
    heading: Sequence[str],
    answers: Collection[int],
    dropped: Mapping[int, Collection[str]],
) -> str:
    """Why a row holds no ratings of anybody: a total, a note, the headings again, a trial; "" if it does."""
    cells = grid.rows[row]
    texts = [line(cell) for cell in cells]
    filled = [text for text in texts if text]
    if any(
        is_sum_of(text) for at, text in enumerate(texts) if at not in answers and text in filled[:_LOOKED_AT]
    ):
        return "total"
    if _says(grid, row, dropped):
        return "preview"
    answered = any(text and at in answers for at, text in enumerate(texts[1:], 1))
    if is_signed(texts) or (
        not answered and is_footnote(grid.source.numbers[row], texts, grid.source.merged)
    ):
        return "note"
    return "heading" if is_heading_again(cells, heading) else ""


def _says(grid: Grid, row: int, values: Mapping[int, Collection[str]]) -> bool:
    """Whether one of the columns holds one of its values."""
    return any(says(grid.cell(row, at), found) for at, found in values.items())


def _no_rater(grid: Grid, row: int, keys: Mapping[str, int]) -> str:
    """Why the name in the raters' column is none of a rater: a total, or void; "" if it is."""
    name = line(grid.cell(row, keys["rater"])) if "rater" in keys else ""
    return "total" if is_no_rater(name) else "preview" if is_void(name) else ""


class _Reader:
    """Reader of scores from cells; collects the words that it does not understand."""

    def __init__(self, grid: Grid, vocabulary: Vocabulary, understood: Understood) -> None:
        self._grid, self._vocabulary = grid, vocabulary
        self._points = {level.word: level.points for level in understood.levels}
        self._none = {none.word for none in understood.no_rating}
        self._known: dict[Any, Meaning] = {}
        self._unknown: dict[str, tuple[int, int]] = {}
        self._count: Counter[str] = Counter()

    def ratings(
        self, row: int, columns: Sequence[tuple[int, AnswerColumn]], into: Melted
    ) -> list[tuple[AnswerColumn, float]]:
        """Columns and scores of a row."""
        found, unknown = [], []
        for at, column in columns:
            cell = self._grid.cell(row, at)
            if is_empty(cell):
                continue
            meaning = self._meaning(cell)
            if meaning.kind == "none":
                into.none[meaning.word] += 1
            elif meaning.word in self._points:
                into.words[meaning.word] += 1
                found.append((column, self._points[meaning.word]))
            elif meaning.kind == "number":
                found.append((column, meaning.value))
            else:
                self._unknown.setdefault(meaning.word, (row, at))
                self._count[meaning.word] += 1
                unknown.append(meaning.word)
        new = all(self._count[word] == 1 for word in unknown)
        if len(unknown) > 1 and new and not found and not any(map(rating_like, self._grid.rows[row])):
            raise self._second_table(row)
        return found

    def _second_table(self, row: int) -> InputError:
        number = self._grid.source.numbers[row]
        shown = [text for text in map(line, self._grid.rows[row]) if text][:_SHOWN]
        return InputError(
            f"“{self._grid.file}”第 {number} 行（{'、'.join(shown)}）像是另一个表的表头。"
            "一个工作表只放一个表：请把下面的表删去，或移到别的工作表。",
            f"{self._grid.file}: row {number} ({', '.join(shown)}) looks like the headings of another table. "
            "Keep one table a sheet: delete the one below or move it to a sheet of its own.",
            row=number,
        )

    def _meaning(self, cell: Any) -> Meaning:
        key = (type(cell), cell)
        if key not in self._known:
            text = line(cell)
            given = Meaning("none", word=text) if text in self._none else self._vocabulary.meaning(cell)
            if text in self._points:
                given = Meaning("word", self._points[text], text)
            self._known[key] = given
        return self._known[key]

    def refuse_unknown(self, by_mapping: bool) -> None:
        """Raise InputError for texts that are neither ratings nor known to be none."""
        if not self._unknown:
            return
        word, (row, column) = next(iter(self._unknown.items()))
        zh, en = self._grid.place(row, column)
        more = [f"{text[:30]}（{self._count[text]}）" for text in list(self._unknown)[:_SHOWN]]
        if is_error_value(word):
            raise InputError(
                f"“{self._grid.file}”{column_letters(column + 1)}{self._grid.source.numbers[row]} "
                f"格是 Excel 的错误值 {word}。"
                f"请在表里改正；不算评分的，请加 --missing '{word}'。",
                f"{self._grid.file}: cell "
                f"{column_letters(column + 1)}{self._grid.source.numbers[row]} holds the Excel error value "
                f"{word}. Mend it, or add --missing '{word}' if it is no rating.",
                row=self._grid.source.numbers[row],
            )
        mend = (
            f"请用 --levels 写出分数：{word[:12]}=分数；不算评分的写 {word[:12]}=none。",
            f"Give points by --levels: {word[:12]}=POINTS, or {word[:12]}=none if it is no rating.",
        )
        if by_mapping:
            mend = (
                "请写进对应表的 levels；不算评分的写进 no_rating。",
                "Add it to the mapping's levels, or to no_rating if it is no rating.",
            )
        raise InputError(
            f"“{self._grid.file}”{zh}的“{word[:60]}”不知道是多少分。这样的还有：{'、'.join(more)}。{mend[0]}",
            f"{self._grid.file}: {en}: how many points {word[:60]!r} stands for is unknown. Such "
            f"texts: {', '.join(more)}. {mend[1]}",
            row=self._grid.source.numbers[row],
        )
