"""`pingyi rank RATINGS`: reading one file of ratings with its options, and ranking it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.quality import rating_quality
from analysis.answers.ratings import Ratings
from analysis.compare.sensitivity import ranking_sensitivity
from analysis.errors import InputError, NothingToRankError
from analysis.files.ratings import (
    Numbers,
    RatingsTable,
    as_ratings,
    groups_of,
    rater_groups_of,
    read_groups,
    read_numbers,
    read_rater_groups,
    weights_of,
)
from analysis.foreign.reading import read_any
from analysis.model.cells import cells_of
from analysis.ranking.rank import Progress, rank, silent
from analysis.ranking.results import Note, Ranking
from analysis.ranking.selection import raters_and_compared
from survey.cli.ranking.bilingual import both
from survey.cli.ranking.foreign import hints_of, tell
from survey.cli.ranking.values import (
    column_names,
    item_weights,
    naming,
    population,
    refuse_out_of_reach,
    table_or_column,
)
from survey.documents.ranking.files import GroupRanking, check_folder
from survey.documents.ranking.rated import RankSettings, rank_groups, repeated
from survey.errors import N_

MOST_ANSWERS: Final = 4_000_000
LARGE: Final = 10_000_000  # ratings × departments from which the ranking takes seconds


@dataclass(frozen=True)
class Read:
    """Input of `pingyi rank`: ratings, groups of departments and of raters, and the previous round."""

    ratings: Ratings
    group_of: Mapping[str, str]
    rater_groups: Mapping[str, str]
    before: Ratings | None
    notes: tuple[Note, ...]


def read_all(path: Path, options: Mapping[str, Any], report: Progress) -> Read:
    """Read all files and columns that the options name, and check them against the ratings."""
    report(*both(N_("读取评分……")))
    names = column_names(options)
    weights_file = table_or_column(options["weights"], names, "weight")
    groups_file = table_or_column(options["groups"], names, "group")
    raters_file = table_or_column(options["rater_groups"], names, "rater_group")
    found = read_any(path, hints_of(options, names))
    tell(found.understood, report)
    table = found.table
    refuse_out_of_reach(options["grades"], float(table.score.max()))
    ratings = ratings_of(table, weights_file, options["population"], options["item_weights"])
    with naming("--groups"):
        group_of = read_groups(groups_file) if groups_file else groups_of(table) if table.group else {}
        _check_groups(group_of, ratings)
    with naming("--rater-groups"):
        rater_groups = read_rater_groups(raters_file) if raters_file else rater_groups_of(table)
    return Read(
        ratings, group_of, rater_groups, _previous(options, names, report), (*table.notes, *repeated(ratings))
    )


def rank_read(
    read: Read, out: Path, report: Progress, settings: RankSettings
) -> tuple[Ranking, list[GroupRanking]]:
    """Rank all departments, and those within each group of departments."""
    ratings, group_of = read.ratings, read.group_of
    check_folder(out)
    report(*both(N_("%(n)s 条评分，计算排名……"), n=ratings.n_ratings))
    groups = rank_groups(group_of, ratings, settings)
    large = ratings.n_departments * ratings.n_ratings > LARGE
    try:
        ranking = rank(ratings, **settings, progress=report if large else silent)
    except NothingToRankError as error:
        raise _with_counts(error, ratings, settings["threshold"]) from error
    notes = (*read.notes, *ranking.notes, *_without_careless(ratings, ranking, settings))
    return replace(ranking, notes=notes), groups


def _with_counts(error: NothingToRankError, ratings: Ratings, threshold: int) -> InputError:
    """Error with the departments' numbers of raters added, if some are below the threshold.

    The owner of a file may know these numbers; a public page may not report them.
    """
    counts = raters_and_compared(cells_of(ratings))
    if ratings.n_departments < 2 or min(int(n.min()) for n in counts) >= threshold:
        return error
    raters, compared = map(_from_to, counts)
    said = both(
        N_(
            "%(why)s各部门的评议人有 %(raters)s 个，其中还评过别的部门的有 %(compared)s 个。"
            "门槛可以用 --threshold 改。"
        ),
        why=(error.zh, error.en),
        raters=raters,
        compared=compared,
    )
    return NothingToRankError(*said)


def _from_to(counts: NDArray[np.intp]) -> tuple[str, str]:
    low, high = int(counts.min()), int(counts.max())
    return (str(low), str(low)) if low == high else both(N_("%(low)s 至 %(high)s"), low=low, high=high)


def ratings_of(
    table: RatingsTable,
    weights_file: Path | None = None,
    roster: str | None = None,
    items: str | None = None,
) -> Ratings:
    """`Ratings` from a table, with weights, roster sizes and item weights from the options."""
    weight: Mapping[str, float] | None = None
    if weights_file:
        with naming("--weights"):
            weight = read_numbers(weights_file, "rater", "weight")
            _complete(weight, table.rater, weights_file.name)
    elif table.weight is not None:
        weight = weights_of(table)
    sizes = population(roster)
    with _named_by_option(sizes, roster):
        return as_ratings(table, weight=weight, population=sizes, item_weights=item_weights(items))


def _complete(weight: Mapping[str, float], raters: Any, name: str) -> None:
    lacking = [rater for rater in dict.fromkeys(raters) if rater not in weight]
    if lacking:
        raise InputError(
            *both(N_("“%(file)s”没有这些评议人的权重：%(raters)s。请补上。"), file=name, raters=lacking[:10]),
            column="weight",
            name=lacking[0],
        )


@contextmanager
def _named_by_option(sizes: float | Numbers | None, roster: str | None) -> Iterator[None]:
    """Context in which errors about roster sizes or item weights name their option, file and row."""
    with ExitStack() as stack:
        stack.enter_context(naming("--item-weights", "item_weights"))
        stack.enter_context(naming(f"--population {roster}", "population"))
        try:
            yield
        except InputError as error:
            row = sizes.rows.get(error.name or "") if isinstance(sizes, Numbers) else None
            if error.column != "population" or row is None:
                raise
            raise InputError(
                *both(N_("第 %(row)s 行，%(why)s"), row=row, why=(error.zh, error.en)),
                row=row,
                column="population",
                name=error.name,
            ) from error


def _previous(options: Mapping[str, Any], names: dict[str, str], report: Progress) -> Ratings | None:
    """Ratings of the previous round, read with the same column names; None if not given."""
    if options["previous"] is None:
        return None
    report(*both(N_("读取上一轮评分……")))
    kept = {key: name for key, name in names.items() if key in ("rater", "department", "score", "item")}
    with naming("--previous"):
        found = read_any(options["previous"], hints_of(options, kept, mapped=False))
        tell(found.understood, report)
        return ratings_of(found.table, items=options["item_weights"])


def _check_groups(group_of: Mapping[str, str], ratings: Ratings) -> None:
    lacking = [name for name in ratings.department_names if name not in group_of] if group_of else []
    if lacking:
        raise InputError(
            *both(N_("这些部门没有类别：%(departments)s。请在类别表中补上。"), departments=lacking[:10]),
            column="group",
        )


def _without_careless(ratings: Ratings, ranking: Ranking, settings: RankSettings) -> tuple[Note, ...]:
    """Note on how the ranking changes without careless raters, if many are flagged and data are not too
    large."""
    answers = ratings.n_raters * ratings.n_departments * max(len(ratings.item_names), 1)
    if answers > MOST_ANSWERS or all(note.code != "careless" for note in ranking.notes):
        return ()
    try:
        found = ranking_sensitivity(ratings, rating_quality(ratings).flagged, **settings)
    except InputError:
        return ()
    return (Note("careless_sensitivity", found.summary("zh"), found.summary("en")),)
