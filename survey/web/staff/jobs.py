"""What pages of long work have in common: where it is done, and how far it is."""

from __future__ import annotations

from flask import Response, jsonify

from survey.language import gettext as _
from survey.models import Job
from survey.services.operations.job_kinds import Workplace
from survey.web.site.request import database, settings


def workplace() -> Workplace:
    """Where this site's jobs work."""
    return Workplace(database(), settings().data)


def state_of(job: Job | None) -> Response:
    """What a page that follows a job asks for (static/js/desk/job.js)."""
    if job is None:
        return jsonify(state="done", step="", done=0, total=0)
    return jsonify(state=job.state, step=_(job.step) if job.step else "", done=job.done, total=job.total)
