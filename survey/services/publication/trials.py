"""Deletion of a trial round with all that came of it; only the audit log remembers that there was one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.errors import N_, Conflict, Forbidden
from survey.models import (
    Ballot,
    EditionFile,
    Invitation,
    Job,
    OpenedBox,
    Problem,
    ProblemEvent,
    ProblemFile,
    Publication,
    Round,
)
from survey.models.work import RUNNING
from survey.services.invitations import issuing_job, one_time_files
from survey.services.opening import receipts_file
from survey.services.operations.audit import Actor, record
from survey.services.rounds.lifecycle import get_round


def delete_trial(database: Database, data: Path, slug: str, actor: Actor) -> None:
    """Delete the trial round: set-up, keys, invitations, ballots, results, documents, and its files in the
    data directory.

    Raises `Forbidden` for a real round, `Conflict` while a job of it runs.
    """
    with database.read() as session:
        found = get_round(session, slug)
        handouts, receipts = _handouts(session, found), receipts_file.path_of(data, found)
    database.write(lambda session: _delete(session, get_round(session, slug), actor))
    for name in handouts:
        one_time_files.drop(data, name)
    receipts.unlink(missing_ok=True)


def _delete(session: Session, round: Round, actor: Actor) -> None:
    round = locked(session, round)
    if not round.trial:
        raise Forbidden(N_("这不是练习轮，不能整轮删除。"))
    if session.scalar(select(Job.id).where(Job.round_id == round.id, Job.state.in_(RUNNING)).limit(1)):
        raise Conflict(N_("这一轮还有一件事正在办，没有删除。"), remedy=N_("请等它办完再删。"))
    record(session, actor=actor, action="round.delete", subject=round.slug, title=round.title)
    session.flush()
    editions = select(Publication.id).where(Publication.round_id == round.id)
    session.execute(delete(EditionFile).where(EditionFile.publication_id.in_(editions)))
    # While the round stands, the triggers see that it is a trial.
    for table in (Publication, ProblemFile, ProblemEvent, Problem, OpenedBox, Ballot, Invitation):
        session.execute(delete(table).where(table.round_id == round.id))
    session.execute(delete(Round).where(Round.id == round.id))
    session.expunge(round)


def _handouts(session: Session, round: Round) -> list[str]:
    """Names of the files with secrets that jobs of the round left to be fetched."""
    jobs = session.scalars(select(Job).where(Job.round_id == round.id, Job.kind == issuing_job.KIND.name))
    return [made.file for job in jobs if (made := issuing_job.KIND.result(job))]
