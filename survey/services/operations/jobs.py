"""Jobs: started, found again for every page to see, taken up when their process died, cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, update
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
    """Begin in a thread; returns the job's id. Work that needs keys is handed in as `run`, not kept.

    Raises `Conflict` while one of this kind and round is still running. Without a round, what is asked for
    again while it runs is that same job.
    """
    with place.database.read() as session:  # first, for the writer may be busy with that very job
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
    """The newest job of the round, or without one of those asked for the same.

    One that a dead process left is taken up again; where it cannot be, it is told as failed, with what to do.
    """
    with place.database.read() as session:
        job = newest(session, kind, round_id, asked)
    return job and current(place, kind, job)


def current(place: Workplace, kind: JobKind[Asked, Result], job: Job) -> Job:
    """The job as `latest` tells it."""
    if not is_dead(job, now()) or resume(place, kind, job):
        return job
    with place.database.read() as session:
        job = session.get_one(Job, job.id)
    if is_dead(job, now()):  # told, not stored
        job.state, job.error = "failed", INTERRUPTED
    return job


def resume(place: Workplace, kind: JobKind[Asked, Result], job: Job) -> bool:
    """Take up what a dead process left; False when it cannot be, when somebody else has, or when it lives."""
    moment = now()
    asked = kind.asked(job)
    if not is_dead(job, moment) or asked is None or not kind.can_resume(place.database, job):
        return False
    if not place.database.write(lambda session: _taken(session, job, moment, beat_at=moment)):
        return False
    launch(kind.name, Running(place, job.id, job.round_id, asked), kind.run)
    return True


def resume_all(place: Workplace, kind: JobKind[Asked, Result]) -> None:
    """Take up every job of this kind that a dead process left, if it can be."""
    with place.database.read() as session:
        left = list(session.scalars(select(Job).where(Job.kind == kind.name, Job.state.in_(RUNNING))))
    for job in left:
        resume(place, kind, job)


def cancel(database: Database, job_id: bytes) -> None:
    """Ask the work to stop at its next step; it then leaves nothing behind."""
    asked = update(Job).where(Job.id == job_id, Job.state.in_(RUNNING)).values(cancel_requested=True)
    database.write(lambda session: session.execute(asked) and None)


def newest(
    session: Session, kind: JobKind[Asked, Result], round_id: bytes | None, asked: Asked | None = None
) -> Job | None:
    """The newest job of the round, or without one of those asked for the same, as its row has it."""
    query = select(Job).where(Job.kind == kind.name, Job.round_id == round_id)
    jobs = session.scalars(query.order_by(Job.created_at.desc()))
    return next((job for job in jobs if round_id is not None or kind.asked(job) == asked), None)


def is_dead(job: Job, moment: datetime) -> bool:
    """Whether the job says that it runs, but its process has long been silent."""
    return job.is_running and moment - job.beat_at > DEAD_AFTER and not is_alive(job.id)


def _joined(job: Job) -> bytes:
    """Who asks for the same again is led to it; who asks for other work of the round has to wait."""
    if job.round_id is not None:
        raise Conflict(N_("这项工作正在进行，请等它完成。"))
    return job.id


def _add(
    session: Session, kind: JobKind[Asked, Result], round_id: bytes | None, asked: Asked
) -> tuple[bytes, bool]:
    """A new job's id and True, or that of the job that does the same already and False."""
    kind_of(session).hold(session, _LOCK)  # of two who press at once, the second finds the first one's job
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
    """What a dead process left is ended, and will not be taken up beside its successor."""
    return is_dead(job, moment) and _taken(session, job, moment, state="failed", error=INTERRUPTED)


def _taken(session: Session, job: Job, moment: datetime, **values: object) -> bool:
    """Set columns of a dead job's row; False when somebody else was faster."""
    mine = (Job.id == job.id, Job.beat_at <= moment - DEAD_AFTER, Job.state.in_(RUNNING))
    return session.scalar(update(Job).where(*mine).values(**values).returning(Job.id)) is not None
