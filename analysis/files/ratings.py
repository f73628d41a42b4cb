"""Reading of ratings, estimates, weights and groups from table files; errors name row and column."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import Coded
from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.files.columns import ColumnReader
from analysis.files.quick import quick_ratings
from analysis.files.rating_rows import totals
from analysis.files.reading import open_tables, read_table, table_from
from analysis.files.table import DataTable
from analysis.ranking.results import Note
from analysis.tables.cells import TableFile

Floats = NDArray[np.float64]
V = TypeVar("V", str, float)
_RATED: Final = (
    *("rater", "department", "score", "item"),
    *("group", "rater_group", "stratum"),
    "weight",
    "cluster",
)


@dataclass(frozen=True)
class RatingsTable:
    """Table of ratings, one per row: columns of length N; optional ones are None where the file has none.

    A rater may rate a department more than once: every row counts as a rating of its own.
    """

    rater: Sequence[str]
    department: Sequence[str]
    score: Floats
    item: Sequence[str] | None = None
    group: Sequence[str] | None = None
    rater_group: Sequence[str] | None = None
    stratum: Sequence[str] | None = None
    weight: Floats | None = None
    cluster: Sequence[str] | None = None
    numbers: Sequence[int] = field(default=(), repr=False)
    notes: tuple[Note, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    """Heading of the column by role, where a column was read."""
    levels: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    """Points of each word among the scores, and how often it stands there."""
    no_rating: Mapping[str, int] = field(default_factory=dict)
    """How often each text or code stands for no rating."""


class Numbers(dict[str, float]):
    """Mapping from key to number, with the file's row of each (`rows`) and notes about the reading."""

    rows: Mapping[str, int]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class EstimatesTable:
    """Table of units with estimate and standard error, columns of length D."""

    unit: list[str]
    estimate: Floats
    se: Floats
    notes: tuple[Note, ...] = ()


def read_ratings(
    path: Path, names: Mapping[str, str] | None = None, missing: Sequence[str] = ()
) -> RatingsTable:
    """Table read from a file of ratings in long format (one rating a row); `names` maps rater, department,
    score … to the headers in the file.

    Rows of totals and rows without an answer are left out and noted; `missing` are codes for no answer, or
    "none" if every number is a score.
    """
    named = names or {}
    quick = quick_long(path, named, missing)
    return quick if quick is not None else long_of(path, open_tables(path), named, missing)


def long_of(
    path: Path,
    source: TableFile,
    names: Mapping[str, str],
    missing: Collection[str] = (),
    levels: Mapping[str, float | None] | None = None,
) -> RatingsTable:
    """Same as `read_ratings`, of a file that has been opened; `levels`: points of words, None for no
    rating."""
    named, known = names, levels or {}
    wanted = [(named[key],) if key in named else ALIASES[key] for key in ("rater", "department", "score")]
    columns = ColumnReader(table_from(path, source, wanted), named)
    none = [word for word, points in known.items() if points is None]
    notes = [*columns.table.notes, *columns.unused(_RATED), *columns.leave_out([*missing, *none])]
    score = columns.scores("score", {word: points for word, points in known.items() if points is not None})
    return RatingsTable(
        rater=columns.names("rater", "评议人", "rater"),
        department=columns.names("department", "部门", "department"),
        score=score,
        item=columns.optional("item", lambda key: columns.names(key, "指标", "item")),
        group=columns.optional("group", lambda key: columns.names(key, "类别", "group")),
        rater_group=columns.optional("rater_group", columns.labels),
        stratum=columns.optional("stratum", columns.labels),
        weight=columns.optional("weight", columns.positive),
        cluster=columns.optional("cluster", columns.texts),
        numbers=columns.table.numbers,
        notes=(*notes, *columns.notes),
        headings={key: columns.header(key) for key in _RATED if columns.place(key) is not None},
        levels=columns.words,
        no_rating=columns.no_rating,
    )


def quick_long(path: Path, names: Mapping[str, str], missing: Collection[str]) -> RatingsTable | None:
    """Table of ratings from a large plain CSV to which no correction applies, and in which no further column
    may say something of its rows; None for other files."""

    def columns(
        header: Sequence[str], cells: Sequence[Sequence[str]], named: Mapping[str, str]
    ) -> ColumnReader:
        return ColumnReader(DataTable(path.name, tuple(header), cells, range(2, 2 + len(cells[0]))), named)

    def find(header: Sequence[str]) -> dict[str, int] | None:
        table = columns(header, [()] * len(header), names)
        places = {key: at for key in _RATED if (at := table.place(key)) is not None}
        called.update({key: header[at] for key, at in places.items()})
        return (
            places if {"rater", "department", "score"} <= set(places) and len(header) == len(places) else None
        )

    def clean(key: str, labels: list[str]) -> list[str]:
        table = columns([key], [labels], {})
        raters = labels if key == "rater" else ()
        return [] if totals(table.table, [labels], raters)[0] else table.names(key, key, key)

    if not path.is_file() or any(code.strip().casefold() != "none" for code in missing):
        return None
    called: dict[str, str] = {}
    found = quick_ratings(path, find, clean)
    if found is None:
        return None
    rows = range(2, 2 + len(found["score"]))
    return RatingsTable(**found, numbers=rows, headings=called)


def read_estimates(path: Path) -> EstimatesTable:
    """Read a file with columns unit, estimate, se; units must be distinct, se positive; totals are left
    out."""
    columns = ColumnReader(read_table(path), {})
    notes = columns.leave_out_totals("unit")
    unit, estimate, se = columns.keys("unit"), columns.numbers("estimate"), columns.positive("se")
    return EstimatesTable(unit, estimate, se, notes)


def read_numbers(path: Path, key: str, value: str) -> Numbers:
    """Read a two-column table, such as rater and weight: positive numbers by distinct keys; totals are left
    out."""
    columns = ColumnReader(read_table(path), {})
    return _numbers(columns, key, columns.leave_out_totals(key), columns.positive, value)


def points_of(path: Path, source: TableFile, names: Mapping[str, str]) -> Numbers | None:
    """Points of departments from outside (department, score), of a file that has been opened; None if the
    table has a column of raters, or is no such table."""
    table = table_from(path, source)
    known = {key: name for key, name in names.items() if key in ("department", "score")}
    raters = names.get("rater", "").strip().casefold()
    if any(h.casefold() in {*ALIASES["rater"], raters} - {""} for h in table.header):
        return None
    columns = ColumnReader(table, known)
    if columns.place("department") is None or columns.place("score") is None:
        return None
    return _numbers(columns, "department", columns.leave_out_totals("department"), columns.numbers, "score")


def _numbers(
    columns: ColumnReader, key: str, notes: tuple[Note, ...], read: Callable[[str], Floats], value: str
) -> Numbers:
    keys = columns.keys(key)
    found = Numbers(zip(keys, read(value).tolist(), strict=True))
    found.rows, found.notes = dict(zip(keys, columns.table.numbers, strict=True)), notes
    return found


def read_groups(path: Path) -> dict[str, str]:
    """Read a table of department and group as a mapping; InputError if a department occurs twice."""
    columns = ColumnReader(read_table(path), {})
    return dict(zip(columns.keys("department"), columns.labels("group"), strict=True))


def read_rater_groups(path: Path) -> dict[str, str]:
    """Read a table of rater and rater_group (or group) as a mapping; InputError if a rater occurs twice."""
    columns = ColumnReader(read_table(path), {})
    key = "group" if columns.optional("rater_group", columns.labels) is None else "rater_group"
    return dict(zip(columns.keys("rater"), columns.labels(key), strict=True))


def rater_groups_of(table: RatingsTable) -> dict[str, str]:
    """Group by rater, from the column rater_group; {} without that column."""
    if table.rater_group is None:
        return {}
    return _one_each(table, table.rater, table.rater_group, "rater_group", "评议人", "rater")


def groups_of(table: RatingsTable) -> dict[str, str]:
    """Group by department, from the column group."""
    return _one_each(table, table.department, table.group or (), "group", "部门", "department")


def weights_of(table: RatingsTable) -> dict[str, float]:
    """Weight by rater, from the column weight."""
    weights = np.empty(0) if table.weight is None else table.weight
    quick = _at_once(table.rater, weights)
    return quick or _one_each(table, table.rater, weights.tolist(), "weight", "评议人", "rater")


def strata_of(table: RatingsTable) -> dict[str, str]:
    """Stratum by rater, from the column stratum."""
    return _one_each(table, table.rater, table.stratum or (), "stratum", "评议人", "rater")


def clusters_of(table: RatingsTable) -> dict[str, str]:
    """Cluster by rater, from the column cluster; "" for a rater without one."""
    return _one_each(table, table.rater, table.cluster or (), "cluster", "评议人", "rater")


def as_ratings(
    table: RatingsTable,
    *,
    weight: Mapping[str, float] | None = None,
    population: float | Mapping[str, float] | None = None,
    item_weights: Mapping[str, float] | None = None,
) -> Ratings:
    """`Ratings` with all columns of the table; `weight`: by rater, in place of the column of weights."""
    if weight is None and table.weight is not None:
        weight = weights_of(table)
    return Ratings.from_columns(
        table.rater,
        table.department,
        table.score,
        item=table.item,
        weight=weight,
        stratum=strata_of(table) if table.stratum else None,
        cluster=clusters_of(table) if table.cluster else None,
        population=population,
        item_weights=item_weights,
    )


def _at_once(keys: Sequence[str], values: NDArray[Any]) -> dict[str, Any] | None:
    """Value by key, quickly, from columns of codes; None for other columns or if a key has two values."""
    if not isinstance(keys, Coded):
        return None
    first = np.zeros(len(keys.names), dtype=values.dtype)
    first[keys.codes] = values
    if (first[keys.codes] != values).any():
        return None
    return dict(zip(keys.names, first.tolist(), strict=True))


def _one_each(
    table: RatingsTable, keys: Sequence[str], values: Sequence[V], column: str, zh: str, en: str
) -> dict[str, V]:
    """Value by key; InputError naming the row if a key has two values."""
    if isinstance(values, Coded) and (codes := _at_once(keys, values.codes)) is not None:
        return {key: values.names[int(code)] for key, code in codes.items()}
    found: dict[str, V] = {}
    for row, (key, value) in enumerate(zip(keys, values, strict=True)):
        if found.setdefault(key, value) != value:
            number = table.numbers[row]
            raise InputError(
                f"第 {number} 行，{column} 列：{zh}“{key}”是“{value}”，前面却是“{found[key]}”。"
                f"每个{zh}只能有一个值。",
                f"Row {number}, column {column}: {en} {key!r} has {value!r}, but had {found[key]!r} before. "
                f"Give one value per {en}.",
                row=number,
                column=column,
                name=key,
            )
    return found
