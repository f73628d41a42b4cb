"""Writing a large roster as a job: one transaction, so that all of it is there or none."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from survey.db import Database
from survey.errors import N_
from survey.models import Job
from survey.services import jobs
from survey.services.audit import Actor
from survey.services.roster_reading import IMPORTING, report_of
from survey.services.rosters import RosterImport, import_roster


def start(database: Database, upload: Path, actor: Actor) -> bytes:
    """Import the faultless rows of the upload's report in the background; returns the job's id."""
    return jobs.start(database, IMPORTING, None, partial(_run, database, upload, actor))


def result_of(job: Job) -> RosterImport:
    """What a finished job did."""
    return RosterImport(**job.parameters)


def _run(database: Database, upload: Path, actor: Actor, progress: jobs.Progress) -> None:
    from survey.documents.roster_report import load_report

    progress(N_("写入名录"))
    report = load_report(report_of(upload).read_text(encoding="utf-8"))

    def keep(session: Session) -> None:
        done = import_roster(session, report.rows, actor)
        job = session.get_one(Job, progress.job_id)
        job.parameters, job.done, job.total = asdict(done), len(report.rows), len(report.rows)

    database.write(keep)
