"""Writing a large roster as a job: one transaction, so that all of it is there or none."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.errors import N_
from survey.models import Job
from survey.services.operations import jobs
from survey.services.operations.audit import Actor
from survey.services.roster.enterprises import RosterImport, import_roster
from survey.services.roster.reading import report_of, upload_of

KIND = "roster-import"


def start(database: Database, upload: Path, actor: str) -> bytes:
    """Import the faultless rows of the upload's report in the background; returns the job's id."""
    asked = {"upload": upload.name, "actor": actor}
    return jobs.start(database, KIND, None, partial(_run, database, upload, actor), asked)


def run_of(database: Database, data: Path, job: Job) -> jobs.Run:
    """The same work again, from the job's row; nothing was written unless the row says that it is done."""
    actor = str(job.parameters.get("actor", ""))
    return lambda progress: _run(database, upload_of(data, job), actor, progress)


def result_of(job: Job) -> RosterImport:
    """What a finished job did."""
    return RosterImport(**job.parameters["result"])


def _run(database: Database, upload: Path, actor: Actor, progress: jobs.Progress) -> None:
    from survey.documents.uploads.roster_report import load_report

    progress(N_("写入名录"))
    report = load_report(report_of(upload).read_text(encoding="utf-8"))

    def keep(session: Session) -> None:
        """The rows and the job's success in one transaction: never one without the other."""
        job = session.get_one(Job, progress.job_id, with_for_update=True)
        if job.state not in jobs.RUNNING:
            raise jobs.JobCancelled
        done = import_roster(session, report.rows, actor)
        job.parameters = job.parameters | {"result": asdict(done)}
        job.state, job.error, job.beat_at = "done", "", now()
        job.done = job.total = len(report.rows)

    database.write(keep)
