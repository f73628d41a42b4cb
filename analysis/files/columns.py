"""Reading of a table's columns by name as labels or numbers; errors name row and column."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.signs import KINDS, named, odd_signs
from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.files.amounts import amount
from analysis.files.rating_rows import code_text, lost_digits, one_spelling, totals, unanswered, without
from analysis.files.scores import score_words
from analysis.files.table import DataTable
from analysis.ranking.results import Note
from analysis.tables.headings import MOST_SHOWN, closest, shown
from analysis.tables.rows import is_error_value
from analysis.tables.worksheet_scan import column_letters

_SHOWN_ROWS: Final = 5
_LONGEST_SHOWN: Final = 60
_EXACT: Final = 10**15
Floats = NDArray[np.float64]


class ColumnReader:
    """Reader of a table's columns: finds them by name (or alias) and converts their cells, with errors in
    words."""

    def __init__(self, table: DataTable, names: Mapping[str, str]) -> None:
        self.table = table
        self._names = names
        self.notes: list[Note] = []
        self.words: dict[str, tuple[float, int]] = {}
        self.no_rating: dict[str, int] = {}

    def leave_out(self, missing: Sequence[str]) -> list[Note]:
        """Remove rows of totals and rows without a score from the table; returns notes about them."""
        items = self._cells("item") if self._find("item") is not None else ()
        items = items if len(set(filter(None, items))) > 1 else ()
        rows, notes = totals(
            self.table, [self._cells("rater"), self._cells("department"), items], self._cells("rater")
        )
        none, said = unanswered(self._cells("score"), missing)
        self.no_rating = dict(Counter(code_text(self._cells("score")[row]) for row in none))
        if gone := {*rows, *none}:
            self.table = without(self.table, gone)
        if not len(self.table):
            raise InputError("没有一行有评分。", "No row has a score.")
        return [*notes, *said]

    def leave_out_totals(self, key: str) -> tuple[Note, ...]:
        """Remove rows that have 合计 (total) in the column `key`; returns notes about them and about the
        table."""
        rows, notes = totals(self.table, [self._cells(key)])
        if rows:
            self.table = without(self.table, rows)
        if not len(self.table):
            raise InputError("没有一行有数据。", "No row has data.")
        return (*self.table.notes, *notes)

    def header(self, key: str) -> str:
        """Header of the column `key` as written in the file."""
        return self.table.header[self._index(key)]

    def names(self, key: str, zh: str, en: str) -> list[str]:
        """Names in a column, non-empty, with spellings of one name made equal (and a note on that)."""
        texts, notes = one_spelling(self.labels(key), zh, en)
        self.notes += notes
        if odd := {text: signs for text in set(texts) if not text.isalnum() and (signs := odd_signs(text))}:
            rows = [i for i, text in enumerate(texts) if text in odd]
            sign, name = named(odd[texts[rows[0]]][0])
            english = f"a name holds the character {sign} {KINDS.get(name, name)}"
            raise self.refuse(key, rows, f"名称里有不该有的字符{sign} {name}", english)
        if unseen := [i for i, text in enumerate(texts) if not text]:
            raise self.refuse(key, unseen, "这里只有看不见的字符", "there are only invisible characters")
        return texts

    def unused(self, known: Collection[str]) -> list[Note]:
        """Note on columns with a header that belong to none of the known keys."""
        used = {self._find(key) for key in known}
        left = [name for i, name in enumerate(self.table.header) if name and i not in used]
        if not left:
            return []
        return [
            Note(
                "unused_columns",
                f"没有用到的列：{'、'.join(left)}。",
                f"Columns not used: {', '.join(left)}.",
            )
        ]

    def place(self, key: str) -> int | None:
        """Index of the column `key`, None if the table has none."""
        return self._find(key)

    def optional(self, key: str, read: Callable[[str], Any]) -> Any:
        return read(key) if self._find(key) is not None else None

    def labels(self, key: str) -> list[str]:
        """Texts of a column, trimmed; InputError for an empty cell."""
        texts = self.texts(key)
        if empty := [i for i, text in enumerate(texts) if not text]:
            raise self.refuse(
                key,
                empty,
                "这一格是空的，请补上，或删去这一行",
                "the cell is empty; fill it or delete the row",
            )
        return texts

    def texts(self, key: str) -> list[str]:
        """Texts of a column, trimmed, "" for empty cells; whole numbers from Excel lose their ".0"."""
        texts = [cell.strip() if type(cell) is str else _label(cell) for cell in self._cells(key)]
        if wrong := {text for text in set(texts) if text.startswith("#") and is_error_value(text)}:
            at = [i for i, text in enumerate(texts) if text in wrong]
            raise self.refuse(key, at, *self._error_value(key, at[0], texts[at[0]]))
        if is_lost := lost_digits(texts):
            raise self.refuse(
                key,
                [i for i, text in enumerate(texts) if is_lost(text)],
                "Excel 已经把长代码当成数字，后几位丢失了，不同的会变成同一个；"
                "请把这一列设为“文本”后重新填写",
                "Excel has taken long codes for numbers and lost their last digits, so that several become "
                "one; format the column as text and fill it in again",
            )
        return texts

    def _error_value(self, key: str, row: int, shown: str) -> tuple[str, str]:
        cell = f"{column_letters(self._index(key) + 1)}{self.table.numbers[row]}"
        return f"{cell} 格是 Excel 的错误值 {shown}", f"cell {cell} holds the Excel error value {shown}"

    def keys(self, key: str) -> list[str]:
        """Labels of a column; InputError if one occurs in two rows."""
        texts = self.labels(key)
        if len(set(texts)) < len(texts):
            first = {text: i for i, text in reversed(list(enumerate(texts)))}
            again = [i for i, text in enumerate(texts) if first[text] != i]
            raise self.refuse(
                key, again, f"“{shown(texts[again[0]])}”重复出现", f"{shown(texts[again[0]])!r} appears again"
            )
        return texts

    def numbers(self, key: str) -> Floats:
        """Numbers of a column, (N,); InputError for a cell that is not a finite number."""
        cells = self._cells(key)
        try:
            values = np.array(cells, dtype=np.float64) if type(cells[0]) is not str else _parsed(cells)
        except (ValueError, TypeError):
            values = np.array([_number(cell) for cell in cells])
        if bool(np.isfinite(values).all()) and not any(isinstance(cell, bool) for cell in cells):
            return values
        bad = [
            i for i, cell in enumerate(cells) if isinstance(cell, bool) or not math.isfinite(_number(cell))
        ]
        shown = str(cells[bad[0]]).strip()[:_LONGEST_SHOWN]
        if is_error_value(shown):
            raise self.refuse(key, bad, *self._error_value(key, bad[0], shown))
        zh = f"“{shown}”不是数字" if shown else "这一格是空的；没有评分的行请删去"
        en = f"{shown!r} is not a number" if shown else "the cell is empty; delete rows without a rating"
        raise self.refuse(key, bad, zh, en)

    def scores(self, key: str, levels: Mapping[str, float]) -> Floats:
        """Scores of a column, (N,): numbers, or level words with their points (`levels`: given by the user),
        which a note lists."""
        cells = self._cells(key)
        words = score_words(cells, levels)
        if words.fault is not None:
            wrong = set(words.fault.cells)
            raise self.refuse(key, [i for i, cell in enumerate(cells) if cell in wrong], *words.fault.said)
        if words.points:
            self.notes.append(words.note())
            self.words = words.counted(cells)
            columns = list(self.table.columns)
            columns[self._index(key)] = [words.points.get(cell, cell) for cell in cells]
            self.table = replace(self.table, columns=columns)
        return self.numbers(key)

    def positive(self, key: str) -> Floats:
        """Numbers of a column, (N,); InputError for one that is not above zero."""
        values = self.numbers(key)
        if (bad := np.flatnonzero(values <= 0)).size:
            shown = f"{values[bad[0]]:g}"
            raise self.refuse(key, bad.tolist(), f"{shown} 应大于零", f"{shown} must be above zero")
        return values

    def refuse(self, key: str, rows: Sequence[int], zh: str, en: str) -> InputError:
        """Make the InputError about a column for the data rows `rows` (positions); it describes the first of
        them."""
        header = shown(self.table.header[self._index(key)])
        numbers = [self.table.numbers[i] for i in rows[:_SHOWN_ROWS]]
        listed = ", ".join(map(str, numbers))
        more_zh = (
            f"（第 {listed} 行{'等' if len(rows) > len(numbers) else ''}，共 {len(rows)} 处）"
            if len(rows) > 1
            else ""
        )
        more_en = (
            f" ({len(rows)} such rows: {listed}{' …' if len(rows) > len(numbers) else ''})"
            if len(rows) > 1
            else ""
        )
        sheet = self.table.sheets[rows[0]] if self.table.sheets else ""
        in_zh, in_en = (f"工作表“{sheet}”", f"Sheet {sheet!r}, row") if sheet else ("", "Row")
        name = self.table.name
        return InputError(
            f"“{name}”{in_zh}第 {numbers[0]} 行，“{header}”列：{zh}。{more_zh}",
            f"{name}: {in_en} {numbers[0]}, column {header!r}: {en}.{more_en}",
            row=numbers[0],
            column=header,
        )

    def _cells(self, key: str) -> Sequence[Any]:
        return self.table.columns[self._index(key)]

    def _index(self, key: str) -> int:
        index = self._find(key)
        if index is None:
            raise self._missing(key, ALIASES[key][0])
        return index

    def _find(self, key: str) -> int | None:
        named = self._names.get(key)
        if named is not None:
            return self._only(named, closest(self.table.header, [named.strip()]), key, required=True)
        own, *others = ALIASES[key]
        return self._only(
            own, closest(self.table.header, [own]) or closest(self.table.header, others), key, required=False
        )

    def _only(self, name: str, positions: Sequence[int], key: str, *, required: bool) -> int | None:
        if len(positions) > 1:
            both = [shown(self.table.header[i]) for i in positions[:_SHOWN_ROWS]]
            raise InputError(
                f"“{self.table.name}”有几列都像是“{key}”：“{'”“'.join(both)}”。"
                f"请改列名，或用 --{key} 指明一列。",
                f"{self.table.name}: several columns could be {key!r}: {', '.join(map(repr, both))}. "
                f"Rename them, or choose one by --{key}.",
                column=key,
            )
        if not positions and required:
            raise self._missing(key, name)
        return positions[0] if positions else None

    def _missing(self, key: str, name: str) -> InputError:
        have = [shown(name) for name in self.table.header[:MOST_SHOWN]]
        chinese = ALIASES[key][1] if len(ALIASES[key]) > 1 else key
        zh = f"“{self.table.name}”缺少“{name}”列（{chinese}）。文件中的列：{'、'.join(have)}。"
        en = f"{self.table.name} has no column {name!r}. Its columns: {', '.join(have)}."
        if key in ("rater", "department", "score") and key not in self._names:
            zh += f"列名不同的，请用 --{key} 指明。"
            en += f" If it has another name, give it by --{key}."
        if key == "rater":
            zh += "没有评议人列的表（如每个部门只有一个得分）不能比较部门：看不出哪些评分出自同一人。"
            en += (
                " Without raters (such as with one score a department) departments cannot be compared: "
                "which ratings come from one person is unknown."
            )
        return InputError(zh, en, column=name)


def _label(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.5E}"
    return "" if cell is None else str(cell).strip()


def _parsed(cells: Sequence[str]) -> Floats:
    if any("_" in cell for cell in cells):  # float() reads 1_000, people do not
        raise ValueError
    return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))


def _number(cell: Any) -> float:
    try:
        if isinstance(cell, str):
            number = amount(cell)
            return math.nan if number is None else number
        return float(cell)
    except (TypeError, ValueError):
        return math.nan
