"""Values of `pingyi rank`'s options as people type them: lists, weights, a column or a file."""

import re
from pathlib import Path

from analysis.errors import InputError
from survey.documents.ratings_table import read_numbers

TABLE_ENDINGS = (".csv", ".csv.gz", ".xlsx", ".xls", ".tsv", ".txt")


def grade_lines(value: str | None) -> list[float] | None:
    """90,80,70 as numbers."""
    if value is None:
        return None
    try:
        return [float(part) for part in filter(None, re.split(r"[,，;；、\s]+", value))]
    except ValueError:
        raise InputError(
            f"--grades 中的“{value}”看不懂，请写成 90,80,70。",
            f"Cannot read {value!r} in --grades; write it like 90,80,70.",
            column="grades",
        ) from None


def table_or_column(value: str | None, names: dict[str, str], key: str) -> Path | None:
    """A value that is a file, or ends like one, is a table; any other names a column of the ratings."""
    if value is None:
        return None
    if value.casefold().endswith(TABLE_ENDINGS) or Path(value).is_file():
        return Path(value)
    names[key] = value
    return None


def population(value: str | None) -> float | dict[str, float] | None:
    """Enterprises behind the roster: a number, or a table of them by stratum."""
    if value is None or not value.strip().isdecimal():
        return None if value is None else read_numbers(Path(value), "stratum", "population")
    return float(value)


def item_weights(value: str | None) -> dict[str, float] | None:
    """服务态度=2,办事效率=1 as numbers by item."""
    if value is None:
        return None
    weights = {}
    for part in filter(None, re.split(r"[,，;；]", value)):
        item, _, number = (piece.strip() for piece in part.rpartition("="))
        try:
            weights[item] = float(number)
        except ValueError:
            item = ""
        if not item:
            raise InputError(
                f"--item-weights 中的“{part}”看不懂，请写成 服务态度=2,办事效率=1。",
                f"Cannot read {part!r} in --item-weights; write it like attitude=2,speed=1.",
            )
    return weights
