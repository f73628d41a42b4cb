"""Job that reads a large roster: the report is stored beside the upload until it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from survey.documents.layout.progress import Progress, silent
from survey.errors import N_, NotFound
from survey.protocol.questionnaire import Stratum
from survey.services.operations.job_kinds import JobKind, Nothing, Running
from survey.services.operations.kept_files import delete_older

if TYPE_CHECKING:
    from survey.documents.uploads.roster_table import RosterReport

UPLOADS = "uploads"
"""Where uploads wait for their confirmation, below the data directory."""
KEPT_SECONDS = 3600


class ByHand(NamedTuple):
    """Columns (of the first sheet read) and sheets that the user chose, empty where they are to be found by
    their headings; and which option a value that is none stands for, by stratum and value."""

    places: Mapping[str, int] | None = None
    sheets: tuple[str, ...] = ()
    meanings: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class ReadingAsked:
    """Request for reading: name of the upload, strata to check against, and choice by hand."""

    upload: str
    strata: tuple[Stratum, ...]
    chosen: ByHand


def read(upload: Path, strata: Sequence[Stratum], chosen: ByHand, progress: Progress = silent) -> None:
    """Read the upload and store the report beside it; raises the errors of `read_roster`.

    Where no columns were recognised, the stored report has no rows, but sheets and headings to choose from.
    """
    from survey.documents.uploads.refusals import MissingColumns
    from survey.documents.uploads.roster_report import dump_report
    from survey.documents.uploads.roster_table import RosterReport, read_roster

    def keep(report: RosterReport) -> None:
        path = report_of(upload)
        path.touch(mode=0o600)
        path.write_text(dump_report(report), encoding="utf-8")

    report_of(upload).unlink(missing_ok=True)
    try:
        with upload.open("rb") as file:
            keep(read_roster(file, upload.name, strata, **chosen._asdict(), progress=progress))
    except MissingColumns as error:
        sheets, read_from, headings = error.offered
        keep(RosterReport((), (), (), 0, headings, sheets=sheets, read=(read_from,)))
        raise


def brings(report: RosterReport) -> tuple[str, ...]:
    """Fields (as of `Enterprise`) and strata that a file has a column for."""
    from survey.documents.uploads.roster_columns import CONTACT, CREDIT_CODE, EMAIL, NAME, PHONE

    names = {NAME: "name", CONTACT: "contact", PHONE: "phone", EMAIL: "email"}
    return tuple(names.get(name, name) for name in report.places if name != CREDIT_CODE)


def upload_of(data: Path, name: str) -> Path:
    """Path of an upload; raises `NotFound` when it was discarded, or swept after an hour."""
    upload = data / UPLOADS / name
    if not name or not upload.is_file():
        raise NotFound(N_("没有等待确认的文件，什么都没有导入。"), remedy=N_("请重新上传。"))
    return upload


def sweep(data: Path) -> None:
    """Delete uploads and their reports, full of names and phones, that are older than an hour."""
    delete_older(data / UPLOADS, KEPT_SECONDS)


def report_of(upload: Path) -> Path:
    """Path of the JSON report that `read` stores beside an upload."""
    return upload.with_name(f"{upload.name}.json")


def _run(running: Running[ReadingAsked, Nothing]) -> None:
    wanted = running.asked
    read(upload_of(running.data, wanted.upload), wanted.strata, wanted.chosen, running)


KIND = JobKind("roster", ReadingAsked, Nothing, _run)
"""Repeating it only makes the report anew."""
