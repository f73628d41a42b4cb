"""Data frames of pandas, polars or pyarrow, read and made; none of them is imported before it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from analysis.values.arguments import refusal, several, shown, text

if TYPE_CHECKING:
    from analysis.ranking.pairs import Pairs
    from analysis.ranking.results import Ranking

Library = Literal["pandas", "polars", "pyarrow"]
LIBRARIES: tuple[Library, ...] = ("pandas", "polars", "pyarrow")


def columns_of(frame: Any) -> dict[str, Any]:
    """Columns by name of a mapping, a pandas or polars frame, or a pyarrow table.

    InputError for anything else.
    """
    if isinstance(frame, Mapping):
        found = dict(frame)
    elif hasattr(frame, "collect_schema") and hasattr(frame, "collect"):
        return columns_of(frame.collect())
    elif hasattr(frame, "column_names") and callable(getattr(frame, "column", None)):
        found = {name: frame.column(name) for name in frame.column_names}
    elif hasattr(frame, "columns") and hasattr(frame, "__getitem__"):
        names = list(frame.columns)
        if len(set(names)) < len(names):
            raise refusal("frame", "列名有重复。", "two columns have one name.")
        found = {name: frame[name] for name in names}
    else:
        got = shown(frame)
        raise refusal("frame", f"应是数据框，得到 {got}。", f"needs a data frame, not {got}.")
    return {str(name): column for name, column in found.items()}


def values_of(column: Any) -> list[Any] | np.ndarray[Any, Any]:
    """Values of a data frame's column: a numpy array if they are numbers, else a list of Python values."""
    if isinstance(column, np.ndarray | list | tuple):
        return column if isinstance(column, np.ndarray) else list(column)
    try:
        array = np.asarray(column)
    except (TypeError, ValueError):
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "OUT" and array.ndim == 1:
        return array
    for way in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, way):
            return list(getattr(column, way)())
    return list(array)


def chosen(columns: Mapping[str, Any], argument: str, name: str | None, default: str) -> Any:
    """Values of the column `name`, InputError if absent; without a name, of `default`, None if absent."""
    wanted = default if name is None else name
    if not isinstance(wanted, str):
        raise refusal(
            argument, f"应是列名，得到 {shown(wanted)}。", f"needs a column's name, not {shown(wanted)}."
        )
    if wanted in columns:
        return values_of(columns[wanted])
    if name is None:
        return None
    have = "、".join(columns)
    raise refusal(
        argument, f"没有“{wanted}”列；有：{have}。", f"there is no column {wanted!r}; there are: {have}."
    )


def long_columns(
    columns: Mapping[str, Any], names: Mapping[str, str | None], wide: bool | Sequence[str]
) -> dict[str, Any]:
    """Columns rater, department, score, item … of one length, ready for `Ratings.from_columns`.

    names: the frame's own name of each, None for the default. wide: the frame has a column per department
    (True: every column not named otherwise); it is then turned into one row per rating. InputError for a
    missing column.
    """
    found = {key: chosen(columns, key, name, key) for key, name in names.items()}
    if wide is False:
        for key in ("rater", "department", "score"):
            if found[key] is None:
                have = "、".join(columns)
                raise refusal(key, f"没有 {key} 列；有：{have}。", f"no column {key}; there are: {have}.")
        return found
    used = {names[key] or key for key in ("rater", "item", "weight", "stratum", "cluster")}
    departments = (
        [name for name in columns if name not in used] if wide is True else [*several(text)("wide", wide)]
    )
    lacking = [name for name in departments if name not in columns]
    if lacking or not departments:
        raise refusal(
            "wide", f"没有部门的列：{lacking}。", f"no columns of departments: {lacking}.", name=str(lacking)
        )
    row, department, score = melted(columns, departments)
    size = len(values_of(columns[departments[0]]))
    if found["rater"] is None:
        found["rater"] = np.arange(size)
    repeated = {
        key: taken(key, values, row, size)
        for key, values in found.items()
        if values is not None and key not in ("department", "score")
    }
    return {**repeated, "department": department, "score": score}


def taken(argument: str, values: Any, row: np.ndarray[Any, Any], size: int) -> Any:
    """Repeat the `size` values of a wide frame's rows for the ratings melted from it; row: (M,) row of each
    rating."""
    if len(values) != size:
        raise refusal(argument, f"应有 {size} 行。", f"needs {size} rows.")
    if isinstance(values, np.ndarray):
        return values[row]
    return [values[i] for i in row.tolist()]


def melted(columns: Mapping[str, Any], departments: Sequence[str]) -> tuple[np.ndarray[Any, Any], ...]:
    """Ratings of a wide frame without its empty cells: row (M,), department name (M,) and score (M,)."""
    from analysis.values.arrays import as_floats

    table = np.stack([as_floats(name, values_of(columns[name]), gaps=True) for name in departments], axis=1)
    row, place = np.nonzero(~np.isnan(table))
    return row, np.array(departments, dtype=object)[place], table[row, place]


def framed(columns: Mapping[str, Any], library: Library | None) -> Any:
    """Data frame of the named columns in `library`, or the first installed of pandas, polars, pyarrow."""
    for name in LIBRARIES if library is None else (library,):
        try:
            module = import_module(name)
        except ImportError:
            continue
        return module.table(columns) if name == "pyarrow" else module.DataFrame(columns)
    wanted = library or "pandas, polars, pyarrow"
    raise refusal("library", f"没有安装 {wanted}。", f"{wanted} is not installed.")


def department_columns(ranking: Ranking) -> dict[str, list[Any]]:
    """Columns of a table of ranked departments: one row each, best first."""
    rows = ranking.departments
    return {
        "rank": [d.rank for d in rows],
        "department": [d.name for d in rows],
        "best_rank": [d.rank_set[0] for d in rows],
        "worst_rank": [d.rank_set[1] for d in rows],
        "tier": [d.tier for d in rows],
        "adjusted": [d.adjusted for d in rows],
        "lower": [d.ci[0] for d in rows],
        "upper": [d.ci[1] for d in rows],
        "se": [d.se for d in rows],
        "mean": [d.mean for d in rows],
        "n": [d.n for d in rows],
        "vs_average": [d.vs_average for d in rows],
        "component": [d.component for d in rows],
    }


def pair_columns(pairs: Pairs) -> dict[str, Any]:
    """Columns of a table of pairs of departments, by name: one row each."""
    names = np.array(pairs.names, dtype=object)
    return {
        "a": names[pairs.a].tolist(),
        "b": names[pairs.b].tolist(),
        "difference": pairs.difference,
        "se": pairs.se,
        "df": pairs.df,
        "p_adjusted": pairs.p_adjusted,
        "lower": pairs.lower,
        "upper": pairs.upper,
        "significant": pairs.significant,
    }
