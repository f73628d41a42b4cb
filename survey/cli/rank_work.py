"""What `pingyi rank` does once its options are read; imports numpy, so it loads only when called."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from analysis.electorates import Composite
from analysis.errors import InputError
from analysis.meeting import Meeting, for_meeting
from analysis.quality import rating_quality
from analysis.ranking import DEFAULT_SEED, Progress, rank, rank_estimates, silent
from analysis.ratings import Ratings
from analysis.results import Note, Ranking
from analysis.sensitivity import ranking_sensitivity
from survey.cli.rank_combine import combined
from survey.cli.rank_values import grade_lines, item_weights, population, table_or_column
from survey.documents.ranking_extras import (
    Extra,
    change_extra,
    electorates_extra,
    groups_extra,
    importance_extra,
    items_extra,
    overall_item,
    pairs_extra,
)
from survey.documents.ranking_files import (
    GroupRanking,
    Language,
    check_folder,
    ranking_files,
    write_files,
)
from survey.documents.ratings_table import (
    RatingsTable,
    clusters_of,
    groups_of,
    rater_groups_of,
    read_estimates,
    read_groups,
    read_numbers,
    read_rater_groups,
    read_ratings,
    strata_of,
    weights_of,
)

MOST_ANSWERS = 4_000_000
MOST_CELLS = 300  # departments of a matrix that can still be read
LARGE = 10_000_000  # ratings × departments: from here on the ranking takes seconds


def rank_to_folder(
    out: Path, language: Language, ratings: Path | None, estimates: Path | None, **options: Any
) -> str:
    """Write the ranking's files into `out`; the summary in words."""
    settings = {
        "level": options["level"],
        "seed": DEFAULT_SEED if options["seed"] is None else options["seed"],
        # As R's csranks does by default; with ratings the single step agrees with the shown intervals.
        "stepdown": estimates is not None if options["stepdown"] is None else options["stepdown"],
    }
    groups: list[GroupRanking] = []
    extras: list[Extra] = []
    found: Composite | None = None
    rated: Ratings | None = None
    if options["combine"]:
        found = combined(ratings or estimates, options, partial(_progress, language))
        check_folder(out)
        ranking, extras = found.ranking, [electorates_extra(found, language)]
        extras += _matrix(ranking, language) if options["charts"] == "all" else []
    elif estimates is not None and ratings is None:
        table = read_estimates(estimates)
        check_folder(out)
        ranking = rank_estimates(table.unit, table.estimate, table.se, joint=True, **settings)
        if options["charts"] == "all":
            extras = _matrix(ranking, language)
    elif ratings is not None and estimates is None:
        ranking, groups, extras, rated = _rank_ratings(ratings, out, language, options, settings)
    else:
        raise InputError(
            "请给出评分文件 RATINGS，或用 --estimates 给出估计值文件，二者选一；"
            "几个文件合成一个得分用 --combine。",
            "Name a file of ratings, or a file of estimates by --estimates: one of the two; or several files "
            "by --combine.",
        )
    part = None if found is not None else _meeting(ranking, rated, language, options)
    _progress(language, "绘图，写文件……", "Drawing and writing …")
    files = ranking_files(
        ranking,
        groups=groups,
        title=options["title"],
        language=language,
        warning_line=options["warning_line"],
        composite=found,
        all_pairs=options["pairs"],
        meeting=part,
    )
    for extra in extras:
        files |= extra.files()
    write_files(out, files)
    said = _summary(ranking, groups, language) if found is None else ""
    firm = [] if part is None else [note.text(language) for note in part.notes()]
    return "\n".join([*filter(None, [said]), *firm, *(e.summary for e in extras if e.summary)])


def _rank_ratings(
    path: Path, out: Path, language: Language, options: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Ranking, list[GroupRanking], list[Extra], Ratings]:
    _progress(language, "读取评分……", "Reading ratings …")
    names = {key[7:]: value for key, value in options.items() if key.startswith("column_") and value}
    weights_file = table_or_column(options["weights"], names, "weight")
    groups_file = table_or_column(options["groups"], names, "group")
    raters_file = table_or_column(options["rater_groups"], names, "rater_group")
    table = read_ratings(path, names, options["missing"])
    ratings = _ratings(table, weights_file, options)
    group_of = read_groups(groups_file) if groups_file else groups_of(table) if table.group else {}
    _check_groups(group_of, ratings)
    rater_groups = read_rater_groups(raters_file) if raters_file else rater_groups_of(table)
    before = _previous(options, names, language)
    check_folder(out)
    _progress(language, f"{ratings.n_ratings} 条评分，计算排名……", f"{ratings.n_ratings} ratings; ranking …")
    settings = {**settings, "threshold": options["threshold"]}
    present = {group_of[name] for name in ratings.department_names} if group_of else set()
    names_of_groups = [name for name in dict.fromkeys(group_of.values()) if name in present]
    groups = [_rank_group(name, group_of, ratings, settings) for name in names_of_groups]
    large = ratings.n_departments * ratings.n_ratings > LARGE
    tell: Progress = partial(_progress, language) if large else silent
    ranking = rank(ratings, **settings, progress=tell)
    notes = (
        *table.notes,
        *ranking.notes,
        *_repeated(ratings),
        *_without_careless(ratings, ranking, settings),
    )
    ranking = replace(ranking, notes=notes)
    extras = _extras(ratings, ranking, rater_groups, before, language, options, settings)
    return ranking, groups, extras, ratings


def _meeting(
    ranking: Ranking, ratings: Ratings | None, language: Language, options: Mapping[str, Any]
) -> Meeting:
    """First and last, grades, and how many ballots carry what is declared."""
    if ratings is not None:
        _progress(language, "检查结论靠几张选票支撑……", "How many ballots carry the statements …")
    counts = {"first": options["first"], "last": options["last"]}
    return for_meeting(ranking, ratings, lines=grade_lines(options["grades"]), **counts)


def _previous(options: Mapping[str, Any], names: dict[str, str], language: Language) -> Ratings | None:
    """The round before, read with the same column names as far as it has them."""
    if options["previous"] is None:
        return None
    _progress(language, "读取上一轮评分……", "Reading the round before …")
    kept = {key: name for key, name in names.items() if key in ("rater", "department", "score", "item")}
    return _ratings(
        read_ratings(options["previous"], kept, options["missing"]), None, {**options, "population": None}
    )


def _extras(
    ratings: Ratings,
    ranking: Ranking,
    rater_groups: Mapping[str, str],
    before: Ratings | None,
    language: Language,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> list[Extra]:
    """What was asked for beside the ranking: all charts that the columns allow, or those with own options."""
    every = options["charts"] == "all"
    overall = options["overall"] or (overall_item(ratings) if every else None)
    extras = _matrix(ranking, language) if every else []
    if every and ratings.item is not None:
        extras.append(items_extra(ratings, ranking, language, settings["threshold"]))
    if overall is not None:
        extras.append(importance_extra(ratings, overall, language, settings))
    if rater_groups and (every or options["rater_groups"]):
        extras.append(groups_extra(ratings, rater_groups, language, settings))
    if before is not None:
        extras.append(change_extra(before, ratings, language, settings))
    return extras


def _matrix(ranking: Ranking, language: Language) -> list[Extra]:
    if len(ranking.departments) <= MOST_CELLS:
        return [pairs_extra(ranking, language)]
    _progress(
        language, "部门太多，不画两两比较图。", "Too many departments for the matrix of pairs; not drawn."
    )
    return []


def _without_careless(ratings: Ratings, ranking: Ranking, settings: Mapping[str, Any]) -> tuple[Note, ...]:
    """Where many raters may be careless: what the ranking would be without them, for moderate data."""
    answers = ratings.n_raters * ratings.n_departments * max(len(ratings.item_names), 1)
    if answers > MOST_ANSWERS or all(note.code != "careless" for note in ranking.notes):
        return ()
    try:
        found = ranking_sensitivity(ratings, rating_quality(ratings).flagged, **settings)
    except InputError:
        return ()
    return (Note("careless_sensitivity", found.summary("zh"), found.summary("en")),)


def _ratings(table: RatingsTable, weights_file: Path | None, options: Mapping[str, Any]) -> Ratings:
    weight = read_numbers(weights_file, "rater", "weight") if weights_file else None
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
        population=population(options["population"]),
        item_weights=item_weights(options["item_weights"]),
    )


def _check_groups(group_of: Mapping[str, str], ratings: Ratings) -> None:
    lacking = [name for name in ratings.department_names if name not in group_of] if group_of else []
    if lacking:
        raise InputError(
            f"这些部门没有类别：{'、'.join(lacking[:10])}。请在类别表中补上。",
            f"No group is given for: {', '.join(lacking[:10])}. Add them to the table of groups.",
            column="group",
        )


def _rank_group(
    name: str, group_of: Mapping[str, str], ratings: Ratings, settings: Mapping[str, Any]
) -> GroupRanking:
    """A group that cannot be ranked on its own is kept with the reason; the overall ranking still stands."""
    members = [group_of[department] == name for department in ratings.department_names]
    part = ratings.take_departments(np.array(members))
    if ratings.stratum is None and ratings.population is None:
        part = part.take(np.unique(part.rater))
    try:
        return GroupRanking(name, rank(part, **settings))
    except InputError as error:
        return GroupRanking(name, None, (Note("group_not_ranked", error.zh, error.en),))


def _repeated(ratings: Ratings) -> tuple[Note, ...]:
    key = ratings.rater.astype(np.int64) * ratings.n_departments + ratings.department
    if ratings.item is not None:
        key = key * len(ratings.item_names) + ratings.item
    count = ratings.n_ratings - np.unique(key).size
    if not count:
        return ()
    zh = f"有 {count} 条评分是同一评议人对同一部门的再次评分，每条都计入。"
    en = f"{count} ratings repeat a rater and department (and item); every one of them counts."
    return (Note("repeated_ratings", zh, en),)


def _summary(ranking: Ranking, groups: list[GroupRanking], language: Language) -> str:
    parts = []
    for group in groups:
        text = group.ranking.summary(language) if group.ranking else group.notes[0].text(language)
        parts.append(f"【{group.name}】\n{text}")
    if parts:
        parts.append("【全部部门】" if language == "zh" else "[All departments]")
    return "\n".join([*parts, ranking.summary(language)])


def _progress(language: str, zh: str, en: str) -> None:
    click.echo(zh if language == "zh" else en, err=True)
