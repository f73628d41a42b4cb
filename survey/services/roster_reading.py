"""Reading a large roster as a job: the report stands beside the upload until it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from survey.ballot.questionnaire import Stratum
from survey.db import Database
from survey.documents.progress import Progress, silent
from survey.errors import N_, NotFound
from survey.models import Job
from survey.services import jobs

KIND, IMPORTING = "roster", "roster-import"


def read(
    upload: Path, strata: Sequence[Stratum], places: Mapping[str, int] | None, progress: Progress = silent
) -> None:
    """Read the upload and keep its report beside it; raises what `read_roster` raises."""
    from survey.documents.roster_report import dump_report
    from survey.documents.roster_table import read_roster

    report_of(upload).unlink(missing_ok=True)
    with upload.open("rb") as file:
        report = read_roster(file, upload.name, strata, places=places, progress=progress)
    path = report_of(upload)
    path.touch(mode=0o600)
    path.write_text(dump_report(report), encoding="utf-8")


def start(
    database: Database, upload: Path, strata: Sequence[Stratum], places: Mapping[str, int] | None
) -> bytes:
    """`read` in the background; returns the job's id."""
    return jobs.start(database, KIND, None, lambda progress: read(upload, strata, places, progress))


def job_of(session: Session, job_id: bytes) -> Job:
    """The job that reads or imports, told as failed when its process died; raises `NotFound`."""
    job = jobs.by_id(session, job_id)
    if job is None or job.kind not in (KIND, IMPORTING):
        raise NotFound(N_("没有正在读取的名录。"), remedy=N_("请重新上传。"))
    return job


def report_of(upload: Path) -> Path:
    """Where the report of an upload stands."""
    return upload.with_name(f"{upload.name}.json")
