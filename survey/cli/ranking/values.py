"""Parsing of `pingyi rank`'s option values: lists, weights, a column or a file."""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.ratings import Numbers, read_numbers
from survey.cli.ranking.bilingual import both
from survey.errors import N_

TABLE_ENDINGS: Final = (".csv", ".csv.gz", ".xlsx", ".xls", ".tsv", ".txt")
_COMMA: Final = re.compile(r"\s*[,，;；、]\s*|\s+")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FULL_MARKS: Final = (0, 1, 5, 10, 100, 1000)
_OF_RATINGS: Final = (
    *("weights", "groups", "population", "rater_groups", "previous", "overall", "item_weights"),
    *("same_raters", "column_group"),
)
_NOT_IN_PARTS: Final = (
    *_OF_RATINGS[:6],
    *("column_group", "column_stratum", "different_raters", "same_raters"),
    *("map_file", "as_tool", "departments", "levels", "items"),
)
UNUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "--combine": (*_OF_RATINGS, "stepdown", "map_file", "workers", "dask"),
    "--estimates": (
        *(*_OF_RATINGS, "workers", "dask"),
        "scale",
        *("threshold", "missing", "different_raters"),
        *(f"column_{name}" for name in ("rater", "department", "score", "item", "stratum")),
        *("column_weight", "column_cluster"),
        *("map_file", "as_tool", "departments", "levels", "best", "items"),
    ),
    "RATINGS": ("different_raters", "same_raters"),
    "--workers": (*_NOT_IN_PARTS, "dask"),
    "--dask": _NOT_IN_PARTS,
}
"""Options that have no effect, by way of ranking."""


def refuse_unused(mode: str, typed: Collection[str], options: Mapping[str, Any]) -> None:
    """Raise `InputError` for typed options that have no effect with this way of ranking."""
    unused = () if mode == "RATINGS" and options["previous"] is not None else UNUSED[mode]
    odd = [_option(name) for name in unused if name in typed and options.get(name, True) is not False]
    if odd and mode == "RATINGS":
        raise InputError(
            *both(
                N_("%(options)s 说的是两个文件的评议人，要与 --previous 或 --combine 一起使用。"), options=odd
            )
        )
    if options["different_raters"] and options["same_raters"]:
        raise InputError(*both(N_("--same-raters 和 --different-raters 只能声明一个。")))
    if odd:
        raise not_together(mode, odd)


def not_together(mode: str, odd: list[str]) -> InputError:
    """Error (InputError, not raised here) that the options `odd` cannot be used together with `mode`."""
    return InputError(*both(N_("与 %(mode)s 不能同时使用：%(odd)s。"), mode=mode, odd=odd))


def _option(name: str) -> str:
    names = {"map_file": "map", "as_tool": "as"}
    return f"--{names.get(name, name.removeprefix('column_').replace('_', '-'))}"


def column_names(options: Mapping[str, Any]) -> dict[str, str]:
    """Headings of columns by role (rater, department, score …) that the options name."""
    return {
        key.removeprefix("column_"): heading
        for key, heading in options.items()
        if key.startswith("column_") and heading
    }


@contextmanager
def naming(said: str, column: str = "") -> Iterator[None]:
    """Context in which errors name the file or option `said`; column: only errors about this argument."""
    try:
        yield
    except InputError as error:
        if column and error.column != column:
            raise
        zh = error.zh.removeprefix(f"参数 {column}：").removeprefix(f"{column} ")
        en = error.en.removeprefix(f"{column}: ").removeprefix(f"{column} ")
        named = both(N_("%(said)s：%(why)s"), said=said, why=(zh, en))
        raise InputError(
            zh if said in zh else named[0],
            en if said in en else named[1],
            row=error.row,
            column=error.column,
            name=error.name,
        ) from error


def grade_lines(value: str | None) -> tuple[float, ...] | None:
    """Grade lines as numbers, falling, from text such as "90,80,70"; None for None."""
    if value is None:
        return None
    parts = _COMMA.split(value.strip())
    if not all(map(_NUMBER.fullmatch, parts)):
        raise InputError(
            *both(N_("--grades 中的“%(value)s”看不懂，请写成 90,80,70。"), value=value),
            column="grades",
        )
    lines = tuple(map(float, parts))
    falling = sorted(set(lines), reverse=True)
    if list(lines) != falling:
        meant = ",".join(f"{line:g}" for line in falling)
        raise InputError(
            *both(
                N_("--grades %(value)s：等次线应从高到低，不重复，写成 %(meant)s。"), value=value, meant=meant
            ),
            column="grades",
        )
    return lines


def scale_ends(value: str | None) -> tuple[float, float] | None:
    """Worst and best mark from text such as "20,100"; None for None."""
    if value is None:
        return None
    parts = _COMMA.split(value.strip())
    if len(parts) != 2 or not all(map(_NUMBER.fullmatch, parts)) or not float(parts[0]) < float(parts[1]):
        raise InputError(
            *both(N_("--scale 中的“%(value)s”看不懂，请写最低分和最高分，如 20,100。"), value=value),
            column="scale",
        )
    return float(parts[0]), float(parts[1])


def refuse_out_of_reach(lines: Collection[float] | None, best: float) -> None:
    """Raise `InputError` for a grade line that no department can reach: above the full marks (`_FULL_MARKS`)
    that are next above the best score given."""
    full = next((marks for marks in _FULL_MARKS if marks >= best), math.inf)
    if lines and max(lines) > full:
        raise InputError(
            *both(
                N_("--grades 的 %(line)s 分没有部门能达到：评分最高是 %(best)s。等次线请按评分的分值写。"),
                line=f"{max(lines):g}",
                best=f"{best:g}",
            ),
            column="grades",
        )


def table_or_column(value: str | None, names: dict[str, str], key: str) -> Path | None:
    """Path of a table if the value is a file or ends like one; else None, and the value becomes a column
    name."""
    if value is None:
        return None
    if value.casefold().endswith(TABLE_ENDINGS) or Path(value).is_file():
        return Path(value)
    names[key] = value
    return None


def population(value: str | None) -> float | Numbers | None:
    """Roster size: one number, or a table by stratum from a file; None for None."""
    if value is None:
        return None
    if re.fullmatch(r"[+-]?[0-9.]+", value.strip()):
        if not value.strip().isdecimal() or not int(value):
            raise InputError(
                *both(N_("--population %(value)s：名录总数应是正整数，或者一个文件名。"), value=value),
                column="population",
            )
        return float(value)
    with naming("--population"):
        return read_numbers(Path(value), "stratum", "population")


def item_weights(value: str | None) -> dict[str, float] | None:
    """Weights by item from text such as "服务态度=2,办事效率=1"; None for None."""
    if value is None:
        return None
    weights = {}
    for part in filter(None, re.split(r"[,，;；]", value)):
        item, _, number = (piece.strip() for piece in part.rpartition("="))
        if not item or not _NUMBER.fullmatch(number):
            raise InputError(
                *both(N_("--item-weights 中的“%(part)s”看不懂，请写成 服务态度=2,办事效率=1。"), part=part)
            )
        if item in weights:
            raise InputError(*both(N_("--item-weights 中“%(item)s”写了两次。"), item=item))
        weights[item] = float(number)
    return weights
