"""Ratings of any file for users of the library."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from analysis.answers.ratings import Ratings
from analysis.files.ratings import as_ratings
from analysis.foreign.hints import Ambiguous, Hints
from analysis.foreign.layout import TOOLS
from analysis.foreign.lists import departments_from
from analysis.foreign.reading import ReadFile, read_any
from analysis.foreign.understood import ROLES, Best, Understood
from analysis.values.arguments import (
    checked,
    choice,
    instance,
    optional,
    real,
    refusal,
    several,
    shown,
    text,
)
from analysis.values.arguments import (
    mapping as mapping_of,
)

_MOST_QUESTIONS: Final = 6
Departments = Mapping[str, str] | Collection[str]


def _a_path(name: str, value: Any) -> Path:
    if not isinstance(value, str | os.PathLike) or not str(value).strip():
        raise refusal(name, f"应是文件的路径，得到 {shown(value)}。", f"needs a path, not {shown(value)}.")
    path = Path(value)
    try:
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        raise refusal(name, f"没有文件 {shown(value)}。", f"there is no file {shown(value)}.")
    return path


def _names(name: str, value: Any) -> Any:
    """Rule: names of departments, perhaps none, or heading → department."""
    if isinstance(value, Mapping):
        several(text, 0)(name, value.keys())
        return mapping_of(text)(name, value)
    return several(text, 0)(name, value)


def _points(name: str, value: Any) -> Any:
    """Rule: word → points, None for no rating."""
    checked_values = mapping_of(optional(real()))(name, value)
    several(text, 0)(name, list(checked_values))
    return checked_values


def _ends(name: str, value: Any) -> tuple[float, float]:
    """Rule: the worst and the best mark there is."""
    ends = several(real(), 2)(name, value)
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise refusal(
            name,
            f"应是最低分和最高分，如 (0, 100)，得到 {shown(value)}。",
            f"needs the lowest and the highest mark, such as (0, 100), not {shown(value)}.",
        )
    return float(ends[0]), float(ends[1])


def _code(name: str, value: Any) -> str:
    """Rule: a code for no answer, a text or a number."""
    return f"{real()(name, value):.15g}" if isinstance(value, int | float) else text(name, value)


def _columns(name: str, value: Any) -> Any:
    """Rule: role of a long table (score or one of `ROLES`) → heading of its column."""
    found = mapping_of(text)(name, value)
    if not set(found) <= {"score", *ROLES}:
        raise refusal(
            name,
            f"列只能是 score、{'、'.join(ROLES)}，得到 {shown(list(found))}。",
            f"names columns score, {', '.join(ROLES)} only, not {shown(list(found))}.",
        )
    return found


_ARGUMENTS = checked(
    path=_a_path,
    tool=optional(choice(*TOOLS)),
    departments=_names,
    levels=optional(_points),
    best=optional(choice("high", "low")),
    mapping=optional(instance("foreign.understood.Understood")),
    scale=optional(_ends),
    missing=several(_code, 0),
    columns=optional(_columns),
    items=several(text, 0),
)


@_ARGUMENTS
def read_ratings(
    path: str | os.PathLike[str],
    *,
    tool: str | None = None,
    departments: Departments = (),
    levels: Mapping[str, float | None] | None = None,
    best: Best | None = None,
    mapping: Understood | None = None,
    scale: tuple[float, float] | None = None,
    missing: Collection[str | float] = (),
    columns: Mapping[str, str] | None = None,
    items: Collection[str] = (),
) -> Ratings:
    """Read ratings from a file in any known layout: a long table, the export of a survey tool, a grid.

    tool: where the file comes from, if it cannot be told (`analysis.foreign.layout.TOOLS`); departments:
    their names, or code in headings → name; levels: points of words, None for no rating; best: "low" if the
    lowest number is the best; mapping: what `understand_ratings` gave, perhaps edited; scale: the worst and
    the best mark there is, for all raters alike, asked for where some have marks up to 10 and others several
    times as high; missing: codes for no answer, such as -3, or "none" if what looks like a code is a score;
    columns: heading of the column rater, department, score, item …, if it is not the usual one; items: those
    that count, all if there are none. Raises InputError; of class `analysis.foreign.hints.Ambiguous` where
    the file fits two readings.

    >>> import pathlib, tempfile
    >>> from analysis import read_ratings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "answers.csv")
    ...     _ = path.write_text("No.,Tax Office,Police Department\\n1,excellent,fair\\n2,good,n/a\\n")
    ...     read_ratings(path).score
    array([100.,  60.,  80.])
    """
    return as_ratings(
        _read(path, tool, departments, levels, best, mapping, scale, missing, columns, items).table
    )


@_ARGUMENTS
def understand_ratings(
    path: str | os.PathLike[str],
    *,
    tool: str | None = None,
    departments: Departments = (),
    levels: Mapping[str, float | None] | None = None,
    best: Best | None = None,
    mapping: Understood | None = None,
    scale: tuple[float, float] | None = None,
    missing: Collection[str | float] = (),
    columns: Mapping[str, str] | None = None,
    items: Collection[str] = (),
) -> Understood:
    """Mapping by which `read_ratings` would read a file, to be looked at or edited; takes the same arguments
    and raises the same errors.

    >>> import pathlib, tempfile
    >>> from analysis import understand_ratings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "answers.csv")
    ...     _ = path.write_text("No.,Tax Office,Police Department\\n1,excellent,fair\\n2,good,n/a\\n")
    ...     [(level.word, level.points) for level in understand_ratings(path).levels]
    [('excellent', 100.0), ('good', 80.0), ('fair', 60.0)]
    """
    return _read(path, tool, departments, levels, best, mapping, scale, missing, columns, items).understood


def first_reading(path: Path, hints: Hints) -> tuple[ReadFile, list[Ambiguous]]:
    """File read by the first of the readings that it leaves open, and the questions that it leaves; raises a
    question that has no answer to be chosen."""
    questions: list[Ambiguous] = []
    for _ in range(_MOST_QUESTIONS):
        try:
            return read_any(path, hints), questions
        except Ambiguous as error:
            if not error.choices or not error.choices[0][0]:
                raise
            questions.append(error)
            hints = _answered(hints, *error.choices[0])
    return read_any(path, hints), questions


def _answered(hints: Hints, name: str, value: str) -> Hints:
    """`Hints` with one more answer, as the choices of a question give it."""
    if name in ("score", *ROLES):
        return replace(hints, keys={**hints.keys, name: value})
    answers: dict[str, Callable[[], Any]] = {
        "departments": lambda: departments_from(value.split("\n")),
        "items": lambda: value.split("\n"),
        "missing": lambda: (*hints.missing, *value.split(",")),
        "scale": lambda: tuple(map(float, value.split(","))),
    }
    answer: dict[str, Any] = {name: answers[name]() if name in answers else value}
    return replace(hints, **answer)


def _read(
    path: str | os.PathLike[str],
    tool: str | None,
    departments: Departments,
    levels: Mapping[str, float | None] | None,
    best: Best | None,
    mapping: Understood | None,
    scale: tuple[float, float] | None,
    missing: Collection[str | float],
    columns: Mapping[str, str] | None,
    items: Collection[str],
) -> ReadFile:
    named = departments if isinstance(departments, Mapping) else {name: name for name in departments}
    codes = tuple(map(str, missing))
    hints = Hints(tool, named, levels or {}, mapping, best, columns or {}, codes, scale, tuple(items))
    return read_any(Path(path), hints)
