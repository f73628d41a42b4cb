"""`Understood`: what was read from a file, as a value that can be shown, written, edited and applied."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from analysis.errors import InputError
from analysis.foreign.layout import TOOLS
from analysis.values.arguments import both, choice, optional, real, refusal, several, shown, text, whole
from analysis.values.records import entries, line, record

VERSION: Final = 1
MOST_ROWS: Final = 10_000_000
MOST_POINTS: Final = 1_000_000
WHY_UNUSED: Final = ("own", "empty", "text", "ticks", "other")
WHY_LEFT_OUT: Final = ("total", "note", "heading", "preview", "no_rating")
_COLUMN: Final = re.compile("[A-Z]{1,3}")
ROLES: Final = ("rater", "department", "item", "group", "rater_group", "stratum", "weight", "cluster")
Best = Literal["high", "low"]


@dataclass(frozen=True)
class AnswerColumn:
    """Column of ratings: its letters and heading, and the department, item or rater of all ratings in it
    (None where the column does not say)."""

    column: str
    heading: str
    department: str | None = None
    item: str | None = None
    rater: str | None = None


@dataclass(frozen=True)
class KeyColumn:
    """Column with the rater, department or other label shared by all ratings of a row; `role` is one of
    `ROLES`."""

    role: str
    column: str
    heading: str


@dataclass(frozen=True)
class Unused:
    """Column that was not used; `why`: own (a column of the tool), empty, text, ticks, other."""

    column: str
    heading: str
    why: str


@dataclass(frozen=True)
class Level:
    """Word or option code with the points it stands for, and how often it occurs."""

    word: str
    points: float
    count: int


@dataclass(frozen=True)
class NoRating:
    """Text or number that is no rating, and how often it occurs."""

    word: str
    count: int


@dataclass(frozen=True)
class LeftOut:
    """Rows (numbers of the file) that were left out; `why`: total, note, heading, preview, no_rating."""

    why: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Remark:
    """Sentence about what was joined, repeated, left out or hidden, in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Understood:
    """Reading of a file of ratings.

    `tool`: one of `TOOLS`; `headings`: rows of headings, `first`: first row of data (numbers of the file);
    without a key column `rater` every row is a rater of its own, unless headings name raters. `best`: "low"
    if the lowest number is the best. What was found: `rated` departments, `rated_items`, `lowest` and
    `highest` score as the file has them, `remarks`.

    >>> from analysis import Understood
    >>> from analysis.foreign.understood import AnswerColumn
    >>> column = AnswerColumn("B", "Tax Office", department="Tax Office")
    >>> read = Understood("a.csv", (), "plain", (1,), 2, (), (column,))
    >>> Understood.from_json(read.to_json()) == read
    True
    """

    file: str
    sheets: tuple[str, ...]
    tool: str
    headings: tuple[int, ...]
    first: int
    keys: tuple[KeyColumn, ...]
    columns: tuple[AnswerColumn, ...]
    unused: tuple[Unused, ...] = ()
    levels: tuple[Level, ...] = ()
    no_rating: tuple[NoRating, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    best: Best = "high"
    n_ratings: int = 0
    n_raters: int = 0
    rated: tuple[str, ...] = ()
    rated_items: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def departments(self) -> tuple[str, ...]:
        """Departments that the headings name, in their order."""
        return tuple(dict.fromkeys(c.department for c in self.columns if c.department is not None))

    @property
    def items(self) -> tuple[str, ...]:
        """Items that the headings name, in their order."""
        return tuple(dict.fromkeys(c.item for c in self.columns if c.item is not None))

    def to_json(self) -> dict[str, Any]:
        """Content as plain values for `json.dumps`; `from_json` reads it back."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, content: Any) -> Understood:
        """Reading from what `to_json` wrote, perhaps edited; raises InputError that names the field."""
        version = content.get("version") if isinstance(content, Mapping) else None
        if version != VERSION or isinstance(version, bool):
            raise InputError(
                f"这不是对应表（应有 version: {VERSION}）。",
                f"This is no mapping (which has version: {VERSION}).",
            )
        try:
            read: Understood = _RULE("", {name: content[name] for name in content if name != "version"})
            _refuse_contradictions(read)
        except InputError as error:
            zh, en = error.zh.removeprefix("参数 "), error.en
            raise InputError(f"对应表的 {zh}", f"The mapping's {en}", column=error.column) from error
        return read


def _letters(path: str, value: Any) -> str:
    """Rule: letters of a column, as a sheet has them; "" for none."""
    letters = line(path, value).strip().upper()
    if letters and not _COLUMN.fullmatch(letters):
        raise refusal(
            path,
            f"应是列的字母，如 G，得到 {shown(value)}。",
            f"needs letters, such as G, not {shown(value)}.",
        )
    return letters


_COUNT: Final = whole(0)
_ROW: Final = whole(1, MOST_ROWS)
_POINTS: Final = real(-MOST_POINTS, MOST_POINTS)
_COLUMN_AT: Final = {"column": _letters, "heading": line}
_RULE: Final = record(
    Understood,
    file=text,
    sheets=entries(text),
    tool=choice(*TOOLS),
    headings=both(entries(_ROW), several(_ROW)),
    first=_ROW,
    keys=entries(record(KeyColumn, "column", role=choice(*ROLES), **_COLUMN_AT)),
    columns=entries(
        record(
            AnswerColumn,
            "column",
            **_COLUMN_AT,
            department=optional(both(line, text)),
            item=optional(both(line, text)),
            rater=optional(both(line, text)),
        )
    ),
    unused=entries(record(Unused, "column", **_COLUMN_AT, why=choice(*WHY_UNUSED))),
    levels=entries(record(Level, "word", word=both(line, text), points=_POINTS, count=_COUNT)),
    no_rating=entries(record(NoRating, "word", word=both(line, text), count=_COUNT)),
    left_out=entries(record(LeftOut, "why", why=choice(*WHY_LEFT_OUT), rows=entries(_ROW))),
    best=choice("high", "low"),
    n_ratings=_COUNT,
    n_raters=_COUNT,
    rated=entries(text),
    rated_items=entries(text),
    lowest=optional(real()),
    highest=optional(real()),
    remarks=entries(record(Remark, zh=line, en=line)),
)


def _refuse_contradictions(read: Understood) -> None:
    """Raise InputError for fields that are right by themselves and not together."""
    roles = [key.role for key in read.keys]
    _refuse_twice("keys", roles, "role")
    words = [*(level.word for level in read.levels), *(none.word for none in read.no_rating)]
    _refuse_twice("levels", words, "word")
    if read.tool == "long":
        return
    if read.first <= max(read.headings):
        zh = f"第一行数据是第 {read.first} 行，应在表头（第 {max(read.headings)} 行）之后。"
        en = f"must come after the headings, which end in row {max(read.headings)}, not be {read.first}."
        raise refusal("first", zh, en)
    letters = [*(key.column for key in read.keys if key.column), *(part.column for part in read.columns)]
    _refuse_twice("columns", letters, "column")
    if not read.columns:
        raise refusal("columns", "没有一列是评分。", "names no column of ratings.")
    for place, column in enumerate(read.columns, 1):
        where = f"columns[{place}, {column.column}]"
        if not column.column:
            raise refusal(f"{where}.column", "应是列的字母，如 G。", "needs letters, such as G.")
        if column.department is None and "department" not in roles:
            zh = "是哪个部门没有写；不是评分的列，请删去这一项。"
            raise refusal(
                f"{where}.department", zh, "is missing; delete the entry if the column holds no ratings."
            )
        if column.department is not None and "department" in roles:
            zh = f"写了“{column.department}”，keys 又指定了部门列，只能用一个。"
            en = f"is {column.department!r}, while keys name a column of departments; use one of them."
            raise refusal(f"{where}.department", zh, en)


def _refuse_twice(field: str, values: Sequence[str], name: str) -> None:
    for value in dict.fromkeys(values):
        if (times := values.count(value)) > 1:
            zh = f"{name} “{value}”写了 {times} 次，只能一次。"
            raise refusal(field, zh, f"{name} {value!r} is given {times} times; once is needed.")
