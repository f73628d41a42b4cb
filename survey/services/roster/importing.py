"""Job that imports a large roster, in one transaction: all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from survey.errors import N_
from survey.services.operations.job_kinds import JobKind, Running
from survey.services.roster.enterprises import RosterImport, import_roster
from survey.services.roster.reading import brings, report_of, upload_of


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """Request for an import: name of the upload whose faultless rows to import, and who asked."""

    upload: str
    actor: str


def _run(running: Running[ImportAsked, RosterImport]) -> None:
    from survey.documents.uploads.roster_report import load_report

    running(N_("写入名录"))
    upload = upload_of(running.data, running.asked.upload)
    report = load_report(report_of(upload).read_text(encoding="utf-8"))
    running.keep(lambda session: import_roster(session, report.rows, running.asked.actor, brings(report)))


KIND = JobKind("roster-import", ImportAsked, RosterImport, _run)
