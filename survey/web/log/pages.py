"""Pages of the audit log, for administrators and for reviewers, who watch the administrators."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Role
from survey.services.operations import audit
from survey.web.log.details import details
from survey.web.site.access import requires
from survey.web.site.listing import list_query
from survey.web.site.request import database
from survey.wording import staff

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
READERS = (Role.ADMINISTRATOR, Role.REVIEWER)


@blueprint.get("/")
@requires(*READERS)
def log() -> ResponseReturnValue:
    asked = _filter()
    with database().read() as session:
        page = audit.list_events(session, list_query().page, wanted=asked)
        newest = audit.newest(session)
    given = {
        "kind": asked.kind,
        "actor": asked.actor,
        "subject": asked.subject,
        "since": asked.since or "",
        "until": asked.until or "",
    }
    return render_template("log/log.html", page=page, given=given, newest=newest, said=staff, details=details)


@blueprint.post("/verify")
@requires(*READERS)
def verify() -> ResponseReturnValue:
    """Verify the audit log's hash chain from the first entry to the last, flash the outcome, and go back to
    the log, which shows the newest entry's hash."""
    try:
        with database().read() as session:
            audit.verify_chain(session)
    except PingyiError as error:
        flash(error.say(_), "error")
    else:
        flash(_("已从第一条核对到最后一条：每一条都与前一条吻合。"), "success")
    return redirect(url_for("audit.log"))


def _filter() -> audit.AuditFilter:
    values = {name: request.args.get(name, "").strip()[:80] for name in ("kind", "actor", "subject")}
    kind = values["kind"] if values["kind"] in staff.subject_kinds() else ""
    return audit.AuditFilter(
        kind=kind,
        actor=values["actor"],
        subject=values["subject"],
        since=_day("since"),
        until=_day("until"),
    )


def _day(name: str) -> date | None:
    """Day in the query parameter `name`; None for nonsense, and for the first and last possible year."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None
