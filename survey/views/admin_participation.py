"""Which enterprises have collected their credential, as of the last daily batch; and lost links replaced."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from survey.clock import today
from survey.forms.state import ConfirmForm
from survey.models import Role
from survey.services import invitations, rosters, rounds
from survey.services import participation as participations
from survey.views.context import database, requires, settings, signed_in_user
from survey.views.desks import admin
from survey.views.downloads import XLSX, attachment
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


@admin.post("/rounds/<slug>/replace")
@requires(Role.ADMINISTRATOR)
def replace_invitation(slug: str) -> Any:
    """A new link for an enterprise that lost its own; the old one stops working. Once, and counted."""
    form = ConfirmForm()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "error")
        return redirect(url_for("admin.participation", slug=slug))
    credit_code, base_url = request.form.get("credit_code", ""), settings().base_url
    actor = signed_in_user().name
    content = database().write(lambda s: _replaced(s, slug, credit_code, base_url, actor))
    return attachment(content, f"换发链接-{slug}.xlsx", XLSX)


def _replaced(session: Any, slug: str, credit_code: str, base_url: str, actor: str) -> bytes:
    from survey.documents.links_xlsx import write_links

    found = rounds.get_round(session, slug)
    enterprise = rosters.get_enterprise(session, credit_code)
    issued = invitations.replace_invitation(session, found, enterprise, base_url, actor)
    return write_links([issued], round_title=found.title, body=found.body, closes_on=found.closes_on)
