"""List of the enterprises that have or have not collected their credential, as of the last daily batch, and
the file of those to remind."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.models import Role
from survey.services.invitations import sampling
from survey.services.rounds import contacts, lifecycle
from survey.services.voting import participation as participations
from survey.services.voting import reminders as running
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.listing import list_query
from survey.web.site.request import database


@admin.get("/rounds/<slug>/participation")
@requires(Role.ADMINISTRATOR)
def participation(slug: str) -> ResponseReturnValue:
    want, missing = list_query(participations.SORTS), request.args.get("show") == "missing"
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        facts = {
            "page": participations.enterprises(
                session, found, want.search, want.page, missing=missing, sort=want.sort
            ),
            "totals": participations.totals(session, found, today()),
            "strata": running.by_stratum(session, found),
            "sample": sampling.sample_of(session, found),
        }
    return render_template(
        "administrator/participation.html", round=found, want=want, missing=missing, **facts
    )


@admin.get("/rounds/<slug>/reminders.xlsx")
@requires(Role.ADMINISTRATOR)
def reminders(slug: str) -> ResponseReturnValue:
    """Download of the enterprises to remind, the same file all day, since participation changes only with the
    daily batch."""
    from survey.documents.lists.reminders_xlsx import write_reminders

    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        rows, office = running.to_remind(session, found), contacts.line_of(session, found)
    content = write_reminders(
        rows,
        round_title=found.title,
        body=found.body,
        closes_on=found.closes_on,
        as_of=found.participation_on,
        contact=office,
    )
    return attachment(content, f"催办名单-{slug}-{found.participation_on or today()}.xlsx", XLSX)
