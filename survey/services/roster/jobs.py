"""The jobs on an uploaded roster, reading and importing: found again, taken up when their process died."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from survey.database.engine import Database
from survey.errors import N_, NotFound
from survey.models import Job
from survey.services.operations import jobs
from survey.services.roster import importing as roster_importing
from survey.services.roster import reading as roster_reading

RUNS: dict[str, Callable[[Database, Path, Job], jobs.Run]] = {
    roster_reading.KIND: lambda _database, data, job: roster_reading.run_of(data, job),
    roster_importing.KIND: roster_importing.run_of,
}


def job_of(database: Database, data: Path, job_id: bytes) -> Job:
    """The job that reads or imports; one that a dead process left is taken up again. Raises `NotFound`."""
    with database.read() as session:
        job = session.get(Job, job_id)
    if job is None or job.kind not in RUNS:
        raise NotFound(N_("没有正在读取的名录。"), remedy=N_("请重新上传。"))
    jobs.resume(database, job, RUNS[job.kind](database, data, job))
    return job


def resume_all(database: Database, data: Path) -> None:
    """Take up all that a dead process left."""
    for kind, run_of in RUNS.items():
        jobs.resume_all(database, kind, partial(run_of, database, data))
