"""`pingyi rank --combine`: several files ranked as one composite."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

from analysis.answers.ratings import Ratings
from analysis.answers.spelling import name_key
from analysis.electorates.composite import Composite, composite
from analysis.errors import InputError
from analysis.files.ratings import points_of
from analysis.files.reading import open_tables
from analysis.foreign.reading import read_any
from analysis.ranking.rank import DEFAULT_SEED
from analysis.ranking.results import Note
from survey.cli.ranking.bilingual import both
from survey.cli.ranking.equal_codes import of_electorates
from survey.cli.ranking.foreign import hints_of, tell
from survey.cli.ranking.ratings import ratings_of
from survey.cli.ranking.values import TABLE_ENDINGS, column_names, naming
from survey.documents.ranking.rated import repeated
from survey.errors import N_

Part = Ratings | Mapping[str, float]
Report = Callable[[str, str], None]
_WEIGHT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")


def combined(options: Mapping[str, Any], report: Report) -> tuple[Composite, dict[str, Part]]:
    """Read all `--combine FILE=WEIGHT` and rank them; returns the composite and its parts by name."""
    files = [_named(value) for value in options["combine"]]
    names = column_names(options)
    parts: dict[str, Part] = {}
    weights: dict[str, float] = {}
    notes: list[Note] = []
    for path, weight in files:
        name = _stem(path)
        if name in parts:
            raise InputError(*both(N_("有两个文件都叫“%(name)s”，请改一个文件名。"), name=name))
        report(*both(N_("读取“%(file)s”……"), file=path.name))
        with naming(path.name):
            parts[name], said = _read(path, names, options, report)
        weights[name] = weight
        notes += [Note(note.code, *_of_file(path.name, (note.zh, note.en))) for note in said]
        report(*_size(path.name, parts[name]))
    parts = _one_spelling(parts)
    rated = [part for part in parts.values() if isinstance(part, Ratings)]
    told = of_electorates(rated, different=options["different_raters"])
    notes += [] if told is None else [told]
    report(*both(N_("计算综合得分……")))
    found = composite(
        parts,
        weights,
        independent=options["different_raters"],
        level=options["level"],
        threshold=options["threshold"],
        seed=DEFAULT_SEED if options["seed"] is None else options["seed"],
    )
    ranking = replace(found.ranking, notes=(*notes, *found.ranking.notes))
    return replace(found, ranking=ranking), parts


def best_mark(parts: Mapping[str, Part]) -> float:
    """Highest score or point in all parts."""
    tops = [p.score.max() if isinstance(p, Ratings) else max(p.values()) for p in parts.values()]
    return float(max(tops))


def _named(value: str) -> tuple[Path, float]:
    path, _, weight = value.rpartition("=")
    if not path.strip() or not _WEIGHT.fullmatch(weight.strip()):
        _bad(value)
    number = float(weight.strip().removesuffix("%"))
    if number <= 0:
        raise InputError(*both(N_("--combine %(value)s：权重应大于零。"), value=value))
    return Path(path.strip()), number


def _bad(value: str) -> NoReturn:
    raise InputError(*both(N_("--combine 中的“%(value)s”看不懂，请写成 企业.csv=60。"), value=value))


def _stem(path: Path) -> str:
    endings = sorted(TABLE_ENDINGS, key=len, reverse=True)
    ending = next((e for e in endings if path.name.casefold().endswith(e)), "")
    return path.name[: len(path.name) - len(ending)]


def _read(
    path: Path, names: dict[str, str], options: Mapping[str, Any], report: Report
) -> tuple[Part, tuple[Note, ...]]:
    """Read a file as ratings, or as points if it has no column of raters; with notes about the reading."""
    source = open_tables(path)
    points = points_of(path, source, names)
    if points is not None:
        return points, points.notes
    found = read_any(path, hints_of(options, names, mapped=False), source)
    tell(found.understood, report)
    ratings = ratings_of(found.table)
    return ratings, (*found.table.notes, *repeated(ratings))


def _size(name: str, part: Part) -> tuple[str, str]:
    if not isinstance(part, Ratings):
        return _of_file(name, both(N_("%(count)s 个部门的分数。"), count=len(part)))
    counts = {"n": part.n_ratings, "raters": part.n_raters, "departments": part.n_departments}
    return _of_file(name, both(N_("%(n)s 条评分，%(raters)s 个评议人，%(departments)s 个部门。"), **counts))


def _of_file(name: str, said: tuple[str, str]) -> tuple[str, str]:
    return both(N_("“%(file)s”：%(said)s"), file=name, said=said)


def _one_spelling(parts: Mapping[str, Part]) -> dict[str, Part]:
    """Parts with one spelling for departments whose names differ between files only by width or brackets."""
    spelt: dict[str, str] = {}

    def one(name: str) -> str:
        return spelt.setdefault(name_key(name), name)

    return {
        key: replace(part, department_names=tuple(map(one, part.department_names)))
        if isinstance(part, Ratings)
        else {one(name): value for name, value in part.items()}
        for key, part in parts.items()
    }
