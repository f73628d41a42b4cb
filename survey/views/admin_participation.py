"""Which enterprises have collected their credential, as of the last daily batch."""

from __future__ import annotations

from typing import Any

from flask import render_template

from survey.clock import today
from survey.models import Role
from survey.services import participation as participations
from survey.services import rounds
from survey.views.context import database, requires
from survey.views.desks import admin
from survey.views.paging import wanted
from survey.views.round_facts import bring_up_to_date


@admin.get("/rounds/<slug>/participation")
@requires(Role.ADMINISTRATOR)
def participation(slug: str) -> Any:
    bring_up_to_date(slug)
    want = wanted()
    with database().read() as session:
        found = rounds.get_round(session, slug)
        page = participations.enterprises(session, found, want.search, want.page)
        totals = participations.totals(session, found, today())
    return render_template(
        "admin/participation.html", round=found, page=page, totals=totals, search=want.search
    )
