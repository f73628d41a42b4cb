"""Issuing invitations. The file is made before anything is kept: a failed file issues nothing."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_wtf import FlaskForm

from survey.clock import today
from survey.forms.invitations import AttributedForm, SlipsForm
from survey.models import Role
from survey.services import invitations, participation, rosters, rounds
from survey.views.context import database, requires, settings, signed_in_user
from survey.views.desks import admin
from survey.views.downloads import PDF, XLSX, attachment


@admin.get("/rounds/<slug>/invitations", endpoint="invitations")
@requires(Role.ADMINISTRATOR)
def invitations_page(slug: str) -> Any:
    return _page(slug, AttributedForm(prefix="attributed"), SlipsForm(prefix="slips"))


@admin.post("/rounds/<slug>/invitations/attributed")
@requires(Role.ADMINISTRATOR)
def issue_attributed(slug: str) -> Any:
    form = AttributedForm(prefix="attributed")
    if not form.validate():
        return _page(slug, form, SlipsForm(prefix="slips", formdata=None)), 400
    base_url, actor = settings().base_url, signed_in_user().name
    content = database().write(lambda s: _links(s, slug, base_url, actor))
    return attachment(content, f"邀请链接-{slug}.xlsx", XLSX)


@admin.post("/rounds/<slug>/invitations/slips")
@requires(Role.ADMINISTRATOR)
def issue_slips(slug: str) -> Any:
    form = SlipsForm(prefix="slips")
    if not form.validate():
        return _page(slug, AttributedForm(prefix="attributed", formdata=None), form), 400
    count, per_page = form.count.data, form.per_page.data
    base_url, actor = settings().base_url, signed_in_user().name
    content = database().write(lambda s: _slips(s, slug, count, per_page, base_url, actor))
    return attachment(content, f"无记名票-{slug}.pdf", PDF)


def _page(slug: str, attributed: FlaskForm, slips: FlaskForm) -> str:
    with database().read() as session:
        found = rounds.get_round(session, slug)
        facts = {
            "round": found,
            "missing": rounds.missing_before_issuing(session, found),
            "totals": participation.totals(session, found, today()),
            "enterprises": rosters.count_enterprises(session),
        }
    return render_template("admin/invitations.html", attributed=attributed, slips=slips, **facts)


def _links(session: Any, slug: str, base_url: str, actor: str) -> bytes:
    from survey.documents.links_xlsx import write_links

    found = rounds.get_round(session, slug)
    issued = invitations.issue_attributed(session, found, base_url, actor)
    return write_links(issued, round_title=found.title, body=found.body, closes_on=found.closes_on)


def _slips(session: Any, slug: str, count: int, per_page: int, base_url: str, actor: str) -> bytes:
    from survey.documents.slips import write_slips

    found = rounds.get_round(session, slug)
    issued = invitations.issue_slips(session, found, base_url, count, actor)
    return write_slips(
        issued, round_title=found.title, body=found.body, closes_on=found.closes_on, per_page=per_page
    )
