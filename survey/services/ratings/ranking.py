"""Job that ranks an uploaded file of ratings and makes its files, which are stored with the analysis."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey.clock import today
from survey.documents.media_types import media_type
from survey.errors import N_, InvalidInput
from survey.models import RatingAnalysisFile
from survey.services.operations import own_process
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running
from survey.services.ratings.analyses import by_id, upload_of
from survey.services.ratings.labels import on_page
from survey.services.ratings.reading import Choices, choices_of, read

if TYPE_CHECKING:
    from analysis.files.ratings import RatingsTable
    from survey.documents.ranking.report import Told

MOST_DEPARTMENTS: Final = 300
MOST_RATINGS: Final = 500_000
"""More take more memory and time than the server that collects ballots has to spare."""


def _run(running: Running[ById, Nothing]) -> None:
    key = running.asked.id
    with running.database.read() as session:
        analysis = by_id(session, key)
    asked = upload_of(running.data, key), choices_of(analysis), analysis.title, analysis.threshold
    files, said = own_process.work_out(running, _ranked_files, *asked)
    running.keep(lambda session: keep(session, key, said, files))


def _ranked_files(
    path: Path, choices: Choices, title: str, threshold: int, report: Callable[..., None]
) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """What `documents` makes of an uploaded file."""
    from analysis.errors import InputError

    try:
        report(N_("读取评分"))
        table = read(path, choices).table
        report(N_("计算排名"))
        told = ranked(table, title, threshold)
    except InputError as error:
        raise InvalidInput.bilingual(*on_page(error.zh, error.en)) from error
    report(N_("制作图表和文档"))
    return documents(told)


KIND = JobKind("ratings-rank", ById, Nothing, _run)
"""Asked for with the analysis' id. Repeating it gives the same files, as long as the upload is there."""


def ranked(table: RatingsTable, title: str, threshold: int) -> Told:
    """Ranking of the table with what belongs to its report; raises `InputError`, or `InvalidInput` for more
    than this server ranks."""
    from dataclasses import replace

    from analysis.files.ratings import as_ratings, groups_of
    from analysis.meeting.summary import for_meeting
    from analysis.ranking.rank import DEFAULT_SEED, rank
    from survey.documents.ranking.extras import items_extra, pairs_extra
    from survey.documents.ranking.rated import RankSettings, rank_groups, repeated
    from survey.documents.ranking.report import Told

    ratings = as_ratings(table)
    if ratings.n_departments > MOST_DEPARTMENTS or ratings.n_ratings > MOST_RATINGS:
        raise InvalidInput(
            N_("这里最多排 %(departments)s 个部门、%(ratings)s 条评分。"),
            remedy=N_("更大的文件请用命令 pingyi rank。"),
            departments=MOST_DEPARTMENTS,
            ratings=MOST_RATINGS,
        )
    settings = RankSettings(level=0.95, seed=DEFAULT_SEED, threshold=threshold, stepdown=False, scale=None)
    ranking = rank(ratings, **settings)
    ranking = replace(ranking, notes=(*table.notes, *repeated(ratings), *ranking.notes))
    groups = rank_groups(groups_of(table) if table.group else {}, ratings, settings)
    items = [items_extra(ratings, ranking, threshold)] if ratings.item is not None else []
    extras = [pairs_extra(ranking), *items]
    return Told(ranking, groups, title, for_meeting(ranking, ratings), None, extras)


def documents(told: Told) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Files of a ranking by name, and its sentences by language."""
    from survey.documents.edition.file_bulletin import ranking_bulletin
    from survey.documents.ranking.files import ranking_files
    from survey.documents.ranking.report import LANGUAGES, ranking_report, said

    files = ranking_files(told.ranking, groups=told.groups, title=told.title, meeting=told.meeting)
    files["report.html"] = ranking_report(told)
    files["bulletin.docx"] = ranking_bulletin(told, files["ranking.png"], today())
    return files, {language: said(told, language) for language in LANGUAGES}


def keep(session: Session, key: str, said: dict[str, list[str]], files: dict[str, bytes]) -> Nothing:
    """Store the sentences and files of a ranking with the analysis `key`, in place of earlier ones."""
    analysis = by_id(session, key)
    analysis.said = said
    session.execute(delete(RatingAnalysisFile).where(RatingAnalysisFile.analysis_id == analysis.id))
    session.add_all(
        RatingAnalysisFile(analysis_id=analysis.id, name=name, media_type=media_type(name), content=content)
        for name, content in files.items()
    )
    return Nothing()
