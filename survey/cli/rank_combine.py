"""`pingyi rank --combine`: several files, one index."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from analysis.electorates import Composite, composite
from analysis.errors import InputError
from analysis.ranking import DEFAULT_SEED
from analysis.ratings import Ratings
from survey.documents.ratings_table import read_points, read_ratings, strata_of

ALONE: Final = ("weights", "groups", "population", "rater_groups", "previous", "overall", "item_weights")
ENDINGS: Final = (".csv.gz", ".csv", ".xlsx", ".xls", ".tsv", ".txt")


def combined(other: Path | None, options: Mapping[str, Any], tell: Callable[[str, str], None]) -> Composite:
    """The composite of all `--combine FILE=WEIGHT`; `other`: a file named beside them, which is refused."""
    _refuse_others(other, options)
    files = [_named(value) for value in options["combine"]]
    names = {key[7:]: value for key, value in options.items() if key.startswith("column_") and value}
    parts: dict[str, Ratings | Mapping[str, float]] = {}
    weights: dict[str, float] = {}
    for path, weight in files:
        name = _stem(path)
        if name in parts:
            raise InputError(
                f"有两个文件都叫“{name}”，请改一个文件名。", f"Two files are called {name!r}; rename one."
            )
        tell(f"读取“{path.name}”……", f"Reading {path.name} …")
        parts[name], weights[name] = _read(path, names, options["missing"]), weight
    tell("计算综合得分……", "Computing the composite …")
    return composite(
        parts,
        weights,
        independent=options["different_raters"],
        level=options["level"],
        threshold=options["threshold"],
        seed=DEFAULT_SEED if options["seed"] is None else options["seed"],
    )


def _refuse_others(other: Path | None, options: Mapping[str, Any]) -> None:
    odd = [f"--{key.replace('_', '-')}" for key in ALONE if options[key] is not None]
    odd += ["--stepdown"] if options["stepdown"] else []
    odd += [str(other)] if other else []
    if odd:
        raise InputError(
            f"与 --combine 不能同时使用：{'、'.join(odd)}。",
            f"Not together with --combine: {', '.join(odd)}.",
        )


def _named(value: str) -> tuple[Path, float]:
    path, _, weight = value.rpartition("=")
    try:
        return Path(path.strip() or _bad(value)), float(weight.strip().removesuffix("%"))
    except ValueError:
        _bad(value)


def _bad(value: str) -> NoReturn:
    raise InputError(
        f"--combine 中的“{value}”看不懂，请写成 企业.csv=60。",
        f"Cannot read {value!r} in --combine; write it like firms.csv=60.",
    )


def _stem(path: Path) -> str:
    ending = next((e for e in ENDINGS if path.name.casefold().endswith(e)), "")
    return path.name[: len(path.name) - len(ending)]


def _read(path: Path, names: dict[str, str], missing: Sequence[str]) -> Ratings | Mapping[str, float]:
    """Ratings, or points where the file has no column of raters."""
    points = read_points(path, names)
    if points is not None:
        return points
    table = read_ratings(path, names, missing)
    return Ratings.from_columns(
        table.rater,
        table.department,
        table.score,
        item=table.item,
        stratum=strata_of(table) if table.stratum else None,
    )
