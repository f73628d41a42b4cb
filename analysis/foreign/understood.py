"""`Understood`: what was read from a file, as a value that can be shown, written, edited and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from analysis.errors import InputError
from analysis.foreign.layout import TOOLS

VERSION: Final = 1
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
    """Column that was not used; `why`: own (a column of the tool), empty, text, other."""

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
    >>> read = Understood("a.csv", (), "plain", (1,), 2, (), ())
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
        if not isinstance(content, Mapping) or content.get("version") != VERSION:
            raise InputError(
                f"这不是 --explain 写出的对应表（应有 version: {VERSION}）。",
                f"This is not a mapping as --explain writes it (it has version: {VERSION}).",
            )
        values = {f.name: content[f.name] for f in fields(cls) if f.name in content}
        _check(values)
        parts = {"keys": KeyColumn, "columns": AnswerColumn, "unused": Unused, "levels": Level}
        parts |= {"no_rating": NoRating, "left_out": LeftOut, "remarks": Remark}
        for name, kind in parts.items():
            values[name] = tuple(_made(kind, name, value) for value in values.get(name, ()))
        for name in ("sheets", "headings", "rated", "rated_items"):
            values[name] = tuple(values.get(name, ()))
        values["left_out"] = tuple(LeftOut(part.why, tuple(part.rows)) for part in values["left_out"])
        return cls(**values)


def _check(values: Mapping[str, Any]) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        **dict.fromkeys(("file", "tool"), str),
        **dict.fromkeys(("sheets", "headings", "keys", "columns"), (list, tuple)),
        "first": int,
    }
    for name, kind in kinds.items():
        if not isinstance(values.get(name), kind):
            raise _bad(name)
    for name in ("unused", "levels", "no_rating", "left_out", "rated", "rated_items", "remarks"):
        if not isinstance(values.get(name, ()), list | tuple):
            raise _bad(name)
    if values["tool"] not in TOOLS:
        raise _bad("tool")
    if values.get("best", "high") not in ("high", "low"):
        raise _bad("best")
    if not all(isinstance(row, int) and not isinstance(row, bool) for row in values["headings"]):
        raise _bad("headings")


def _made(kind: type, name: str, value: Any) -> Any:
    known = {f.name for f in fields(kind)}
    if not isinstance(value, Mapping) or not set(value) <= known:
        raise _bad(name)
    try:
        made = kind(**value)
    except TypeError as error:
        raise _bad(name) from error
    if isinstance(made, KeyColumn) and made.role not in ROLES:
        raise _bad("keys.role")
    if isinstance(made, Level) and (
        isinstance(made.points, bool) or not isinstance(made.points, int | float)
    ):
        raise _bad("levels.points")
    if isinstance(made, LeftOut) and not isinstance(made.rows, Sequence):
        raise _bad("left_out.rows")
    return made


def _bad(name: str) -> InputError:
    return InputError(
        f"对应表里的 {name} 不对，请照 --explain 写出的样子改。",
        f"The field {name} of the mapping is not as --explain writes it.",
        column=name,
    )
