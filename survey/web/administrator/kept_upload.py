"""Storage of an uploaded roster, or list of codes, between preview and confirmation: in the data directory,
for an hour, one a visitor.

The browser's signed session holds the random file name, so that nobody else can confirm the upload.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from flask import session

from survey.errors import N_, NotFound
from survey.models import Job
from survey.services.operations import jobs
from survey.services.roster import importing, reading
from survey.services.roster.reading import UPLOADS, report_of, sweep
from survey.web.site.request import database, settings
from survey.web.staff.jobs import workplace

if TYPE_CHECKING:
    from survey.documents.uploads.roster_table import RosterReport


KEY = "upload"


def keep_upload(content: bytes, filename: str) -> Path:
    """Store `content` as this visitor's upload and return the path; an earlier upload is deleted."""
    drop_upload()
    name = secrets.token_hex(16)
    path = _folder() / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    session[KEY] = {"name": name, "filename": filename[:120]}
    return path


def kept_upload() -> tuple[Path, str]:
    """Path and original file name of this visitor's upload; raises `NotFound` when it is gone."""
    kept = session.get(KEY)
    if kept is None or not (_folder() / kept["name"]).is_file():
        raise NotFound(N_("没有等待确认的文件，什么都没有导入。"), remedy=N_("请重新上传。"))
    return _folder() / kept["name"], str(kept["filename"])


def kept_report(*, unread: bool = False) -> tuple[RosterReport, str]:
    """Report of the reader on this visitor's upload, and the file name; raises `NotFound`.

    With `unread`, also a report without rows, which has sheets and headings to choose from.
    """
    from survey.documents.uploads.roster_report import load_report

    path, filename = kept_upload()
    if report_of(path).is_file():
        report = load_report(report_of(path).read_text(encoding="utf-8"))
        if report.total or unread:
            return report, filename
    raise NotFound(N_("没有等待确认的文件，什么都没有导入。"), remedy=N_("请重新上传。"))


def follow_job(job_id: bytes) -> None:
    """Store in the session which job works on this visitor's upload."""
    session[KEY] = session[KEY] | {"job": job_id.hex()}


def followed_job() -> Job:
    """Job that reads or imports this visitor's upload; raises `NotFound`."""
    kept = session.get(KEY) or {}
    with database().read() as looking:
        job = looking.get(Job, bytes.fromhex(kept.get("job", "")))
    if job is None:
        raise NotFound(N_("没有正在读取的名录。"), remedy=N_("请重新上传。"))
    if job.kind == importing.KIND.name:
        return jobs.current(workplace(), importing.KIND, job)
    return jobs.current(workplace(), reading.KIND, job)


def drop_upload() -> None:
    """Delete this visitor's upload, and every upload older than an hour."""
    kept = session.pop(KEY, None)
    if kept:
        path = _folder() / kept["name"]
        for file in (path, report_of(path)):
            file.unlink(missing_ok=True)
    sweep(settings().data)


def _folder() -> Path:
    folder = settings().data / UPLOADS
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
