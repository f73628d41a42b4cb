"""Helpers for pages on jobs: the workplace of this site, and the state of a job as JSON."""

from __future__ import annotations

from flask import Response, jsonify

from survey.language import gettext as _
from survey.models import Job
from survey.services.operations.job_kinds import Workplace
from survey.web.site.request import database, settings


def workplace() -> Workplace:
    """Workplace for jobs: this site's database and data directory."""
    return Workplace(database(), settings().data)


def state_of(job: Job | None) -> Response:
    """State and progress of the job as JSON for static/js/desk/job.js; done for None."""
    if job is None:
        return jsonify(state="done", step="", done=0, total=0)
    return jsonify(state=job.state, step=_(job.step) if job.step else "", done=job.done, total=job.total)
