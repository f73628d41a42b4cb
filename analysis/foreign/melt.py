"""From a sheet and what was understood of it to ratings, one a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.answers.spelling import clean_line
from analysis.errors import InputError
from analysis.files.rating_rows import lost_digits
from analysis.foreign.answers import Meaning, Vocabulary
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.layout import SERIAL, positions_of
from analysis.foreign.understood import AnswerColumn, Understood
from analysis.tables.rows import is_error_value, is_footnote, is_heading_again, is_total
from analysis.tables.worksheet_scan import column_letters

_SHOWN: Final = 6
_LOOKED_AT: Final = 3


@dataclass
class Melted:
    """Columns of ratings by role (rater, department, item, what else a row says), scores, rows, counts."""

    roles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    scores: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    none: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def melt(
    grid: Grid,
    understood: Understood,
    vocabulary: Vocabulary,
    dropped: tuple[int, Iterable[str]] | None,
    into: Melted,
) -> None:
    """Add the ratings of a sheet to `into`; raises InputError for a cell that is not understood.

    dropped: column and its values by which a row is no real answer.
    """
    first = list(grid.source.numbers).index(understood.first)
    keys = {key.role: _index(key.column) for key in understood.keys if key.column}
    columns = [(_index(column.column), column) for column in understood.columns]
    numbers = grid.source.numbers
    rows = [row for row in range(first, len(grid.rows)) if any(not is_empty(c) for c in grid.rows[row])]
    heading = [line(cell) for cell in grid.rows[first - 1]] if first else []
    answers = {at for at, _ in columns}
    kept = []
    for row in rows:
        why = _no_data(grid, row, heading, answers, dropped)
        if why:
            into.left_out[why].append(numbers[row])
        else:
            kept.append(row)
    names = _row_names(grid, kept, keys, understood)
    reader = _Reader(grid, vocabulary, understood)
    for row in kept:
        said = reader.ratings(row, columns, into)
        if not said:
            into.left_out["no_rating"].append(numbers[row])
        for column, score in said:
            for role, value in _roles(names[row], column).items():
                into.roles[role].append(value)
            into.scores.append(score)
            into.rows.append(numbers[row])
    reader.refuse_unknown()


def _roles(names: Mapping[str, str], column: AnswerColumn) -> dict[str, str]:
    own = {"rater": column.rater, "department": column.department, "item": column.item}
    return {**names, **{role: value for role, value in own.items() if value is not None}}


def _index(letters: str) -> int:
    """Index from 0 of a column by its letters."""
    index = 0
    for letter in letters or "?".strip().upper():
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
    dropped: tuple[int, Iterable[str]] | None,
) -> str:
    """Why a row holds no ratings of anybody: a total, a note, the headings again, a trial; "" if it does."""
    cells = grid.rows[row]
    texts = [line(cell) for cell in cells]
    filled = [text for text in texts if text]
    if any(is_total(text) for text in filled[:_LOOKED_AT]):
        return "total"
    if dropped is not None and dropped[0] < len(texts) and texts[dropped[0]].casefold() in dropped[1]:
        return "preview"
    if is_footnote(grid.source.numbers[row], texts, grid.source.merged) and not any(
        text and at in answers for at, text in enumerate(texts[1:], 1)
    ):
        return "note"
    return "heading" if is_heading_again(cells, heading) else ""


def _row_names(
    grid: Grid, rows: Sequence[int], keys: Mapping[str, int], understood: Understood
) -> dict[int, dict[str, str]]:
    """Texts of the key columns (or the sheet's name) by row, then by role; a rater without a column is named
    by its row."""
    found: dict[int, dict[str, str]] = {row: {} for row in rows}
    in_headings = any(column.rater for column in understood.columns)
    for role, column in keys.items():
        if role == "rater" and in_headings:
            continue
        for row, text in zip(rows, _key_texts(grid, rows, column, role, keys), strict=True):
            found[row][role] = clean_line(text)
    by_sheet = any(not key.column for key in understood.keys)
    anew = len(understood.sheets) > 1 and _serial(understood)
    for row in rows:
        if by_sheet:
            found[row]["department"] = grid.sheet
        elif anew and "rater" in found[row]:
            found[row]["rater"] = f"{grid.sheet} {found[row]['rater']}"
        if "rater" not in keys and not in_headings:
            found[row]["rater"] = f"{grid.sheet} {grid.source.numbers[row]}".strip()
    return found


def _key_texts(
    grid: Grid, rows: Sequence[int], column: int, role: str, keys: Mapping[str, int]
) -> Sequence[str]:
    """Texts of a key column; InputError for an empty cell where none may be."""
    texts = [line(grid.cell(row, column)) for row in rows]
    if role == "rater":
        return _raters(grid, rows, column, texts, "department" in keys)
    if role in ("department", "item"):
        texts = _down(texts)
    if role != "cluster":
        _refuse_empty(grid, rows, column, texts)
    return texts


def _serial(understood: Understood) -> bool:
    """Whether raters are named by numbers that begin anew on every sheet, rather than by their names."""
    heading = next((key.heading for key in understood.keys if key.role == "rater"), "")
    return bool(positions_of([heading], SERIAL))


def _raters(grid: Grid, rows: Sequence[int], column: int, texts: list[str], several_rows: bool) -> list[str]:
    """Names of raters: by the column, or by the row where every row is a rater and the column repeats or has
    gaps."""
    if is_lost := lost_digits(texts):
        at = next(i for i, text in enumerate(texts) if is_lost(text))
        zh, en = grid.place(rows[at], column)
        raise InputError(
            f"“{grid.file}”{zh}：Excel 已经把长代码当成数字，后几位丢失了；请把这一列设为“文本”后重新填写。",
            f"{grid.file}: {en}: Excel has taken long codes for numbers and lost their last "
            "digits; format the column as text.",
        )
    if several_rows:
        texts = _down(texts)
        _refuse_empty(grid, rows, column, texts)
        return texts
    counts = Counter(texts)
    whole = [text if text and counts[text] == 1 else "" for text in texts]
    if all(text.replace(".", "").isdigit() or not text for text in texts) or "" in texts:
        numbers = grid.source.numbers
        return [
            text or f"{texts[i]} ({numbers[row]})".strip()
            for i, (row, text) in enumerate(zip(rows, whole, strict=True))
        ]
    return texts


def _down(texts: list[str]) -> list[str]:
    """Texts filled downwards, as merged cells leave them."""
    found, last = [], ""
    for text in texts:
        last = text or last
        found.append(last)
    return found


def _refuse_empty(grid: Grid, rows: Sequence[int], column: int, texts: Sequence[str]) -> None:
    for row, text in zip(rows, texts, strict=True):
        if not text:
            zh, en = grid.place(row, column)
            raise InputError(
                f"“{grid.file}”{zh}：这一格是空的，请补上，或删去这一行。",
                f"{grid.file}: {en}: the cell is empty; fill it or delete the row.",
                row=grid.source.numbers[row],
            )


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
        found = []
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
        return found

    def _meaning(self, cell: Any) -> Meaning:
        key = (type(cell), cell)
        if key not in self._known:
            text = line(cell)
            given = Meaning("none", word=text) if text in self._none else self._vocabulary.meaning(cell)
            if text in self._points:
                given = Meaning("word", self._points[text], text)
            self._known[key] = given
        return self._known[key]

    def refuse_unknown(self) -> None:
        """Raise InputError for texts that are neither ratings nor known to be none."""
        if not self._unknown:
            return
        word, (row, column) = next(iter(self._unknown.items()))
        zh, en = self._grid.place(row, column)
        more = [f"{text[:30]}（{self._count[text]}）" for text in list(self._unknown)[:_SHOWN]]
        if is_error_value(word):
            raise InputError(
                f"“{self._grid.file}”{column_letters(column + 1)}{self._grid.source.numbers[row]} "
                f"格是 Excel 的错误值 {word}。",
                f"{self._grid.file}: cell "
                f"{column_letters(column + 1)}{self._grid.source.numbers[row]} holds the Excel error value "
                f"{word}.",
                row=self._grid.source.numbers[row],
            )
        raise InputError(
            f"“{self._grid.file}”{zh}的“{word[:60]}”不知道是多少分。这样的还有：{'、'.join(more)}。"
            f"请用 --levels 写出分数，如 {word[:12]}=60；不算评分的写 {word[:12]}=none。",
            f"{self._grid.file}: {en}: how many points {word[:60]!r} stands for is unknown. Such "
            f"texts: {', '.join(more)}. Give "
            f"points by --levels, such as {word[:12]}=60, or {word[:12]}=none if it is no rating.",
            row=self._grid.source.numbers[row],
        )
