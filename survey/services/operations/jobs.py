"""Jobs: long work that is started, found again by pages, resumed when its process died, and cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.database.kinds import kind_of
from survey.errors import N_, Conflict
from survey.models import Job
from survey.models.base import random_id
from survey.models.work import RUNNING
from survey.services.operations.job_kinds import Asked, JobKind, Result, Run, Running, Workplace
from survey.services.operations.job_threads import is_alive, launch

DEAD_AFTER = timedelta(seconds=60)
INTERRUPTED = N_("这项工作中断了（服务器重新启动过）。已完成的部分都保留着，请再做一次。")
_LOCK = 7023851


def start(
    place: Workplace,
    kind: JobKind[Asked, Result],
    asked: Asked,
    round_id: bytes | None = None,
    run: Run[Asked, Result] | None = None,
) -> bytes:
    """Start a job in a thread; returns its id. `run` replaces the kind's work where it needs keys, which are
    not stored.

    Raises `Conflict` while a job of this kind and round is running. Without a round, the same request while a
    job for it runs returns that job's id.
    """
    with place.database.read() as session:  # read first, since the writer may be busy with that very job
        before = newest(session, kind, round_id, asked)
    if before is not None and before.is_running and not is_dead(before, now()):
        return _joined(before)
    job_id, is_new = place.database.write(lambda session: _add(session, kind, round_id, asked))
    if is_new:
        launch(kind.name, Running(place, job_id, round_id, asked), run or kind.run)
    return job_id


def latest(
    place: Workplace, kind: JobKind[Asked, Result], round_id: bytes | None, asked: Asked | None = None
) -> Job | None:
    """Newest job of the kind for the round, or without a round for the same request; None without one.

    A job that a dead process left is resumed; if that is impossible, it is returned as failed, with what to
    do.
    """
    with place.database.read() as session:
        job = newest(session, kind, round_id, asked)
    return job and current(place, kind, job)


def current(place: Workplace, kind: JobKind[Asked, Result], job: Job) -> Job:
    """Job in its present state, resumed or returned as failed if its process is dead (see `latest`)."""
    if not is_dead(job, now()) or resume(place, kind, job):
        return job
    with place.database.read() as session:
        job = session.get_one(Job, job.id)
    if is_dead(job, now()):  # only in the returned object, not stored
        job.state, job.error = "failed", INTERRUPTED
    return job


def resume(place: Workplace, kind: JobKind[Asked, Result], job: Job) -> bool:
    """Resume a job that a dead process left; returns False when that is impossible, another process did, or
    the job is not dead."""
    moment = now()
    asked = kind.asked(job)
    if not is_dead(job, moment) or asked is None or not kind.can_resume(place.database, job):
        return False
    if not place.database.write(lambda session: _taken(session, job, moment, beat_at=moment)):
        return False
    launch(kind.name, Running(place, job.id, job.round_id, asked), kind.run)
    return True


def resume_all(place: Workplace, kind: JobKind[Asked, Result]) -> None:
    """Resume every job of this kind that a dead process left, if it can be."""
    with place.database.read() as session:
        left = list(session.scalars(select(Job).where(Job.kind == kind.name, Job.state.in_(RUNNING))))
    for job in left:
        resume(place, kind, job)


def cancel(database: Database, job_id: bytes) -> None:
    """Ask a job to stop at its next step; it then leaves nothing behind."""
    asked = update(Job).where(Job.id == job_id, Job.state.in_(RUNNING)).values(cancel_requested=True)
    database.write(lambda session: session.execute(asked) and None)


def newest(
    session: Session, kind: JobKind[Asked, Result], round_id: bytes | None, asked: Asked | None = None
) -> Job | None:
    """Newest job of the kind for the round, or without a round for the same request, as its row is stored;
    None without one."""
    query = select(Job).where(Job.kind == kind.name, Job.round_id == round_id)
    jobs = session.scalars(query.order_by(Job.created_at.desc()))
    return next((job for job in jobs if round_id is not None or kind.asked(job) == asked), None)


def is_dead(job: Job, moment: datetime) -> bool:
    """Whether the job's row says that it runs, but its process has been silent for `DEAD_AFTER`; a beat far
    ahead is of a wrong clock."""
    return job.is_running and abs(moment - job.beat_at) > DEAD_AFTER and not is_alive(job.id)


def _joined(job: Job) -> bytes:
    """Id of a running job, to answer the same request made again; raises `Conflict` for a job that works on a
    round, which must end first."""
    if job.round_id is not None:
        raise Conflict(N_("这项工作正在进行，请等它完成。"))
    return job.id


def _add(
    session: Session, kind: JobKind[Asked, Result], round_id: bytes | None, asked: Asked
) -> tuple[bytes, bool]:
    """Id of a new job and True, or of a job that does the same already and False."""
    kind_of(session).hold(session, _LOCK)  # of two simultaneous requests, the second finds the first's job
    moment = now()
    before = newest(session, kind, round_id, asked)
    if before is not None and before.is_running and not _gave_way(session, before, moment):
        return _joined(before), False
    job = Job(
        id=random_id(),
        kind=kind.name,
        round_id=round_id,
        state="running",
        parameters=msgspec.to_builtins(asked),
        created_at=moment,
        beat_at=moment,
    )
    session.add(job)
    session.flush()
    return job.id, True


def _gave_way(session: Session, job: Job, moment: datetime) -> bool:
    """Whether the job was dead and is now ended as failed, so that it is not resumed beside its successor."""
    return is_dead(job, moment) and _taken(session, job, moment, state="failed", error=INTERRUPTED)


def _taken(session: Session, job: Job, moment: datetime, **values: object) -> bool:
    """Set columns of a dead job's row; returns False when another process was faster."""
    silent = or_(Job.beat_at <= moment - DEAD_AFTER, Job.beat_at >= moment + DEAD_AFTER)
    mine = (Job.id == job.id, silent, Job.state.in_(RUNNING))
    return session.scalar(update(Job).where(*mine).values(**values).returning(Job.id)) is not None
