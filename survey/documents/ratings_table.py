"""Ratings, estimates, weights and groups from tables, refused with row and column where they do not fit."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from survey.documents.tables import Table, read_table

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "rater": ("rater", "评议人", "企业", "企业名称", "评议企业"),
    "department": ("department", "部门", "部门名称", "单位", "被评议部门"),
    "score": ("score", "分数", "得分", "评分", "打分"),
    "item": ("item", "指标", "评议指标"),
    "group": ("group", "类别", "部门类别"),
    "rater_group": ("rater_group", "评议人类别", "企业类别"),
    "stratum": ("stratum", "分层", "层"),
    "weight": ("weight", "权重"),
    "cluster": ("cluster", "群", "所属集团"),
    "unit": ("unit", "单位", "部门", "名称"),
    "estimate": ("estimate", "估计值", "得分"),
    "se": ("se", "标准误"),
    "population": ("population", "总体数", "总数"),
}
_SHOWN_ROWS: Final = 5
Floats = NDArray[np.float64]
V = TypeVar("V", str, float)


@dataclass(frozen=True)
class RatingsTable:
    """One rating a row: columns of length N; optional ones are None where the file has none.

    A rater may rate a department more than once: every row is a rating of its own, none is dropped.
    """

    rater: list[str]
    department: list[str]
    score: Floats
    item: list[str] | None = None
    group: list[str] | None = None
    rater_group: list[str] | None = None
    stratum: list[str] | None = None
    weight: Floats | None = None
    cluster: list[str] | None = None
    numbers: Sequence[int] = field(default=(), repr=False)


@dataclass(frozen=True)
class EstimatesTable:
    """Units with an estimate and its standard error each, columns of length D."""

    unit: list[str]
    estimate: Floats
    se: Floats


def read_ratings(path: Path, names: Mapping[str, str] | None = None) -> RatingsTable:
    """Ratings in long format; `names` maps rater, department, score … to the headers in the file."""
    columns = _Columns(read_table(path), names or {})
    return RatingsTable(
        rater=columns.labels("rater"),
        department=columns.labels("department"),
        score=columns.numbers("score"),
        item=columns.optional("item", columns.labels),
        group=columns.optional("group", columns.labels),
        rater_group=columns.optional("rater_group", columns.labels),
        stratum=columns.optional("stratum", columns.labels),
        weight=columns.optional("weight", columns.numbers),
        cluster=columns.optional("cluster", columns.texts),
        numbers=columns.table.numbers,
    )


def read_estimates(path: Path) -> EstimatesTable:
    """Columns unit, estimate, se; every unit once, every standard error positive."""
    columns = _Columns(read_table(path), {})
    table = EstimatesTable(columns.keys("unit"), columns.numbers("estimate"), columns.numbers("se"))
    if (bad := np.flatnonzero(table.se <= 0)).size:
        raise columns.refuse("se", bad.tolist(), "标准误必须大于零", "a standard error must be above zero")
    return table


def read_numbers(path: Path, key: str, value: str) -> dict[str, float]:
    """A two-column table such as rater, weight as a mapping; every key once."""
    columns = _Columns(read_table(path), {})
    return dict(zip(columns.keys(key), columns.numbers(value).tolist(), strict=True))


def read_points(path: Path, names: Mapping[str, str]) -> dict[str, float] | None:
    """Outside points, department and score, every department once; None where the table has raters."""
    table = read_table(path)
    known = {key: name for key, name in names.items() if key in ("department", "score")}
    raters = names.get("rater", "").strip().casefold()
    if any(h.casefold() in {*ALIASES["rater"], raters} - {""} for h in table.header):
        return None
    columns = _Columns(table, known)
    return dict(zip(columns.keys("department"), columns.numbers("score").tolist(), strict=True))


def read_groups(path: Path) -> dict[str, str]:
    """A table department, group as a mapping; every department once."""
    columns = _Columns(read_table(path), {})
    return dict(zip(columns.keys("department"), columns.labels("group"), strict=True))


def read_rater_groups(path: Path) -> dict[str, str]:
    """A table rater, rater_group (or group) as a mapping; every rater once."""
    columns = _Columns(read_table(path), {})
    key = "group" if columns.optional("rater_group", columns.labels) is None else "rater_group"
    return dict(zip(columns.keys("rater"), columns.labels(key), strict=True))


def rater_groups_of(table: RatingsTable) -> dict[str, str]:
    """The group of every rater, from the column rater_group; empty without such a column."""
    if table.rater_group is None:
        return {}
    return _one_each(table, table.rater, table.rater_group, "rater_group", "评议人", "rater")


def groups_of(table: RatingsTable) -> dict[str, str]:
    """The group of every department, from the column group."""
    return _one_each(table, table.department, table.group or (), "group", "部门", "department")


def weights_of(table: RatingsTable) -> dict[str, float]:
    """The weight of every rater, from the column weight."""
    weights = () if table.weight is None else table.weight.tolist()
    return _one_each(table, table.rater, weights, "weight", "评议人", "rater")


def strata_of(table: RatingsTable) -> dict[str, str]:
    """The stratum of every rater, from the column stratum."""
    return _one_each(table, table.rater, table.stratum or (), "stratum", "评议人", "rater")


def clusters_of(table: RatingsTable) -> dict[str, str]:
    """The cluster of every rater, from the column cluster; blank for a rater that belongs to none."""
    return _one_each(table, table.rater, table.cluster or (), "cluster", "评议人", "rater")


def _one_each(
    table: RatingsTable, keys: Sequence[str], values: Sequence[V], column: str, zh: str, en: str
) -> dict[str, V]:
    """Value by key; refused, with its row, where a key has two values."""
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


class _Columns:
    """Finds columns by name and turns cells into labels or numbers, or says which cells will not."""

    def __init__(self, table: Table, names: Mapping[str, str]) -> None:
        self.table = table
        self._names = names

    def optional(self, key: str, read: Callable[[str], Any]) -> Any:
        return read(key) if self._find(key) is not None else None

    def labels(self, key: str) -> list[str]:
        """Texts without outer space, none of them empty."""
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
        """Texts without outer space, "" where a cell is empty; whole numbers from Excel lose their `.0`."""
        return [cell.strip() if type(cell) is str else _label(cell) for cell in self._cells(key)]

    def keys(self, key: str) -> list[str]:
        """Labels that stand in one row each."""
        texts = self.labels(key)
        if len(set(texts)) < len(texts):
            first = {text: i for i, text in reversed(list(enumerate(texts)))}
            again = [i for i, text in enumerate(texts) if first[text] != i]
            raise self.refuse(
                key, again, f"“{texts[again[0]]}”重复出现", f"{texts[again[0]]!r} appears again"
            )
        return texts

    def numbers(self, key: str) -> Floats:
        """Finite numbers (N,)."""
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
        shown = str(cells[bad[0]]).strip()
        zh = f"“{shown}”不是数字" if shown else "这一格是空的；没有评分的行请删去"
        en = f"{shown!r} is not a number" if shown else "the cell is empty; delete rows without a rating"
        raise self.refuse(key, bad, zh, en)

    def refuse(self, key: str, rows: Sequence[int], zh: str, en: str) -> InputError:
        """The error for data rows `rows` (positions) of one column, the first of them described."""
        header = self.table.header[self._index(key)]
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
        return InputError(
            f"第 {numbers[0]} 行，“{header}”列：{zh}。{more_zh}",
            f"Row {numbers[0]}, column {header!r}: {en}.{more_en}",
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
            return self._only(named, self._positions([named.strip()]), key, required=True)
        own, *others = ALIASES[key]
        return self._only(own, self._positions([own]) or self._positions(others), key, required=False)

    def _positions(self, wanted: Sequence[str]) -> list[int]:
        folded = {name.casefold() for name in wanted}
        return [i for i, name in enumerate(self.table.header) if name.casefold() in folded]

    def _only(self, name: str, positions: Sequence[int], key: str, *, required: bool) -> int | None:
        if len(positions) > 1:
            both = "”“".join(self.table.header[i] for i in positions)
            raise InputError(
                f"有几列都像是“{key}”：“{both}”。请改列名，或用 --{key} 指明一列。",
                f"Several columns could be {key!r}: “{both}”. Rename them, or choose one by --{key}.",
                column=key,
            )
        if not positions and required:
            raise self._missing(key, name)
        return positions[0] if positions else None

    def _missing(self, key: str, name: str) -> InputError:
        have = "、".join(self.table.header)
        chinese = ALIASES[key][1] if len(ALIASES[key]) > 1 else key
        return InputError(
            f"“{self.table.name}”缺少“{name}”列（{chinese}）。文件中的列：{have}。",
            f"{self.table.name} has no column {name!r}. Its columns: {have}.",
            column=name,
        )


def _label(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _parsed(cells: Sequence[str]) -> Floats:
    if any("_" in cell for cell in cells):  # float() reads 1_000, people do not
        raise ValueError
    return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))


def _number(cell: Any) -> float:
    try:
        return math.nan if isinstance(cell, str) and "_" in cell else float(cell)
    except (TypeError, ValueError):
        return math.nan
