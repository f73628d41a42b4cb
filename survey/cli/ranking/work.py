"""Work of `pingyi rank` after its options are parsed; imports numpy, so it is imported only when called."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from analysis.answers.ratings import Ratings
from analysis.electorates.composite import Composite
from analysis.errors import InputError
from analysis.files.ratings import read_estimates
from analysis.meeting.grading import LINES
from analysis.meeting.summary import BEST, Meeting, for_meeting
from analysis.ranking.rank import DEFAULT_SEED, Progress, rank_estimates
from analysis.ranking.results import Ranking
from survey.cli.ranking.combine import best_mark, combined
from survey.cli.ranking.equal_codes import of_rounds
from survey.cli.ranking.foreign import explain as explained
from survey.cli.ranking.parted import in_parts, rank_in_parts
from survey.cli.ranking.ratings import Read, rank_read, read_all
from survey.cli.ranking.values import (
    grade_lines,
    naming,
    not_together,
    refuse_out_of_reach,
    refuse_unused,
    scale_ends,
)
from survey.documents.ranking.extras import (
    Extra,
    change_extra,
    electorates_extra,
    groups_extra,
    importance_extra,
    items_extra,
    overall_item,
    pairs_extra,
)
from survey.documents.ranking.files import GroupRanking, Language, check_folder, ranking_files, write_files
from survey.documents.ranking.rated import RankSettings
from survey.documents.ranking.report import Told, ranking_report
from survey.errors import N_
from survey.language import gettext as _
from survey.language import in_both

MOST_CELLS: Final = 300  # most departments of a readable matrix of pairs
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """Ranking with all that accompanies it; rated: its ratings, if it comes from one file of ratings."""

    ranking: Ranking
    extras: tuple[Extra, ...] = ()
    groups: tuple[GroupRanking, ...] = ()
    rated: Ratings | None = None
    composite: Composite | None = None
    lines: tuple[float, ...] | None = None
    scale: tuple[float, float] | None = None


def rank_or_explain(
    out: Path | None, language: Language, ratings: tuple[Path, ...], *, explain: bool, **options: Any
) -> str:
    """Do what the command was called for: rank into `out`, or say how the file is read; returns what to
    print."""
    if explain:
        if parted := in_parts(options):
            raise not_together(parted, ["--explain"])
        if len(ratings) != 1:
            raise InputError(*in_both(N_("--explain 要有一个评分文件。")))
        return explained(ratings[0], out, options, partial(_progress, language))
    if out is None:
        raise InputError(*in_both(N_("请用 --out 给出结果写入的文件夹。")))
    return rank_to_folder(out, language, ratings, **options)


def rank_to_folder(
    out: Path,
    language: Language,
    ratings: tuple[Path, ...],
    estimates: Path | None,
    typed: Collection[str] = (),
    **options: Any,
) -> str:
    """Rank, write the files into `out`, and return the summary to print; typed: options given explicitly."""
    report = partial(_progress, language)
    found = _ranked(out, language, ratings, estimates, typed, options)
    meeting = _meeting(found, report, options)
    report(*in_both(N_("绘图，写文件……")))
    files = ranking_files(
        found.ranking,
        groups=found.groups,
        title=options["title"],
        language=language,
        warning_line=options["warning_line"],
        composite=found.composite,
        all_pairs=options["pairs"],
        meeting=meeting,
    )
    for extra in found.extras:
        files |= extra.files(language)
    told = Told(found.ranking, found.groups, options["title"], meeting, options["warning_line"], found.extras)
    files["report.html"] = ranking_report(told, language)
    write_files(out, files)
    return "\n".join(_said(found, meeting, language, typed, options))


def _ranked(
    out: Path,
    language: Language,
    ratings: tuple[Path, ...],
    estimates: Path | None,
    typed: Collection[str],
    options: dict[str, Any],
) -> Found:
    """Rank in the way that the options ask for: a composite, given estimates, or ratings, whole or in
    parts."""
    options["grades"] = grade_lines(options["grades"])
    if options["combine"]:
        refuse_unused("--combine", typed, options)
        return _combine(ratings[0] if ratings else estimates, out, language, options)
    if estimates is not None and not ratings:
        refuse_unused("--estimates", typed, options)
        return _rank_given(estimates, out, language, options)
    if ratings and estimates is None and (parted := in_parts(options)):
        refuse_unused(parted, typed, options)
        return _rank_in_parts(ratings, out, language, options)
    if len(ratings) > 1:
        raise InputError(
            *in_both(N_("几个评分文件要分批计算，请加上 --workers（如 --workers 2）或 --dask。"))
        )
    if ratings and estimates is None:
        refuse_unused("RATINGS", typed, options)
        return _rank(ratings[0], out, language, options)
    wanted = N_(
        "请给出评分文件 RATINGS，或用 --estimates 给出估计值文件，二者选一；"
        "几个文件合成一个得分用 --combine。"
    )
    raise InputError(*in_both(wanted))


def _seed(options: Options) -> int:
    return DEFAULT_SEED if options["seed"] is None else int(options["seed"])


def _combine(other: Path | None, out: Path, language: Language, options: Options) -> Found:
    """Rank the composite of several files; `other`: a further file, which is refused."""
    if other is not None:
        raise not_together("--combine", [str(other)])
    found, parts = combined(options, partial(_progress, language))
    best = best_mark(parts)
    refuse_out_of_reach(options["grades"], best)
    check_folder(out)
    extras = [electorates_extra(found)]
    extras += _matrix(found.ranking, language) if options["charts"] == "all" else []
    lines = options["grades"] or (LINES if best == BEST else None)
    return Found(found.ranking, tuple(extras), composite=found, lines=lines)


def _rank_given(path: Path, out: Path, language: Language, options: Options) -> Found:
    table = read_estimates(path)
    check_folder(out)
    # Stepdown by default, as in R's csranks; with ratings the single step, which agrees with the intervals.
    stepdown = options["stepdown"] is not False
    given = {"level": options["level"], "seed": _seed(options)}
    ranking = rank_estimates(table.unit, table.estimate, table.se, joint=True, stepdown=stepdown, **given)
    ranking = replace(ranking, notes=(*table.notes, *ranking.notes))
    extras = _matrix(ranking, language) if options["charts"] == "all" else []
    return Found(ranking, tuple(extras), lines=options["grades"])


def _settings(options: Options) -> RankSettings:
    with naming("--scale"):
        scale = scale_ends(options["scale"])
    return RankSettings(
        level=options["level"],
        seed=_seed(options),
        threshold=options["threshold"],
        stepdown=bool(options["stepdown"]),
        scale=scale,
    )


def _rank(path: Path, out: Path, language: Language, options: Options) -> Found:
    report, settings = partial(_progress, language), _settings(options)
    read = read_all(path, options, report)
    ranking, groups = rank_read(read, out, report, settings)
    extras = _extras(read, ranking, language, options, settings)
    given = {"lines": options["grades"], "scale": settings["scale"]}
    return Found(ranking, tuple(extras), tuple(groups), read.ratings, **given)


def _rank_in_parts(paths: tuple[Path, ...], out: Path, language: Language, options: Options) -> Found:
    report, settings = partial(_progress, language), _settings(options)
    ranking = rank_in_parts(paths, out, report, settings, options)
    extras = _matrix(ranking, language) if options["charts"] == "all" else []
    return Found(ranking, tuple(extras), lines=options["grades"], scale=settings["scale"])


def _meeting(found: Found, report: Progress, options: Options) -> Meeting:
    """Results for the meeting: first and last, grades, and how many ballots carry the statements."""
    if found.rated is not None:
        report(*in_both(N_("检查结论靠几张选票支撑……")))
    counts = {"first": options["first"], "last": options["last"]}
    given = {"lines": found.lines, "scale": found.scale, "line": options["warning_line"]}
    return for_meeting(found.ranking, found.rated, **given, **counts)


def _said(
    found: Found, meeting: Meeting, language: Language, typed: Collection[str], options: Options
) -> list[str]:
    """Lines to print: the ranking in sentences, notes for the meeting, summaries of the extras."""
    ranking = [_summary(found.ranking, found.groups, language)] if found.composite is None else []
    notes = [note.text(language) for note in meeting.notes()]
    missing = [
        _not_listed(message, options[end], found.ranking)
        for end, message in NOT_LISTED.items()
        if end in typed and options[end] and getattr(meeting, end) is None
    ]
    extras = [said for extra in found.extras if (said := extra.summary(language))]
    return [*ranking, *notes, *missing, *extras] if found.composite is None else [*extras, *notes, *missing]


NOT_LISTED: Final = {
    "first": N_("没有列前 %(count)s 名（--first）：%(why)s。"),
    "last": N_("没有列后 %(count)s 名（--last）：%(why)s。"),
}


def _not_listed(message: str, count: int, ranking: Ranking) -> str:
    """Sentence on why the first or last departments that were asked for are not listed."""
    if ranking.n_components > 1:
        return _(message, count=count, why=_("参加排名的部门分成互不相连的几组，各组之间不能比较"))
    return _(message, count=count, why=_("参加排名的只有 %(count)s 个", count=len(ranking.departments)))


def _extras(
    read: Read, ranking: Ranking, language: Language, options: Options, settings: RankSettings
) -> list[Extra]:
    """Extra files beside the ranking: all charts that the data allow, or those asked for by options."""
    every, ratings = options["charts"] == "all", read.ratings
    overall = options["overall"] or (overall_item(ratings) if every else None)
    extras = _matrix(ranking, language) if every else []
    if every and ratings.item is not None:
        extras.append(items_extra(ratings, ranking, settings["threshold"]))
    if overall is not None:
        extras.append(importance_extra(ratings, overall, settings))
    if read.rater_groups and (every or options["rater_groups"]):
        extras.append(groups_extra(ratings, read.rater_groups, settings))
    if read.before is not None:
        different, same = options["different_raters"], options["same_raters"]
        with naming("--same-raters", "same_raters"):
            told = of_rounds(read.before, ratings, different=different, same=same)
            declared = {"independent": different, "same_raters": same}
            extras.append(change_extra(read.before, ratings, settings, told=told, **declared))
    return extras


def _matrix(ranking: Ranking, language: Language) -> list[Extra]:
    if len(ranking.departments) <= MOST_CELLS:
        return [pairs_extra(ranking)]
    _progress(language, *in_both(N_("部门太多，不画两两比较图。")))
    return []


def _summary(ranking: Ranking, groups: Collection[GroupRanking], language: Language) -> str:
    parts = []
    for group in groups:
        text = group.ranking.summary(language) if group.ranking else group.notes[0].text(language)
        parts.append("\n".join((_("【%(name)s】", name=group.name), text)))
    if parts:
        parts.append(_("【%(name)s】", name=_("全部部门")))
    return "\n".join([*parts, ranking.summary(language)])


def _progress(language: str, zh: str, en: str) -> None:
    click.echo(zh if language == "zh" else en, err=True)
