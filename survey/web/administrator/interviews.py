"""Telephone interviews: the office reads the questions to an enterprise without a smartphone and taps its
answers on the phone's page, in a link of its own that this desk keeps nothing of."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from survey.errors import InvalidInput, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role
from survey.services.invitations import replacing
from survey.services.roster import enterprises
from survey.services.rounds import lifecycle
from survey.services.voting import participation
from survey.web.administrator.forms.interview import InterviewForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.listing import list_query
from survey.web.site.request import database, settings, signed_in_user

MARK = "&interview"
"""Behind the code in the address: the phone's page warns, and keeps nothing after the ballot is in."""
MOST_FOUND = 20


@admin.get("/rounds/<slug>/interview")
@requires(Role.ADMINISTRATOR)
def interview(slug: str) -> ResponseReturnValue:
    return _page(slug, InterviewForm(formdata=None))


@admin.post("/rounds/<slug>/interview/firm")
@requires(Role.ADMINISTRATOR)
def interview_firm(slug: str) -> ResponseReturnValue:
    """Page with an enterprise of a list filled in; by POST, since the desk's log keeps addresses."""
    return _page(slug, InterviewForm(formdata=None, data={"credit_code": request.form.get("firm", "")}))


@admin.post("/rounds/<slug>/interview")
@requires(Role.ADMINISTRATOR, fresh="admin.interview")
def begin_interview(slug: str) -> ResponseReturnValue:
    """Show the link once; the enterprise's own stops working."""
    form, actor, base_url = InterviewForm(), signed_in_user().name, settings().base_url
    if not form.validate():
        return _page(slug, form), 400
    try:
        issued = database().write(
            lambda s: replacing.replace_invitation(
                s,
                lifecycle.get_round(s, slug),
                enterprises.get_enterprise(s, form.credit_code.data or ""),
                base_url,
                actor,
                interview=True,
            )
        )
    except PingyiError as error:
        form.credit_code.errors = [in_full(error, _)]
        return _page(slug, form), 400 if isinstance(error, InvalidInput) else error.status
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    page = render_template(
        "administrator/collecting/interview_link.html",
        round=found,
        name=issued.enterprise_name,
        link=issued.link + MARK,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(slug: str, form: InterviewForm) -> str:
    want = list_query()
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        replaced, most = replacing.replacements(session, found)
        rows = participation.enterprises(session, found, want.search, per_page=MOST_FOUND).items
        chosen = enterprises.find_enterprise(session, form.credit_code.data or "")
        held = replacing.interviews(session, found)
    return render_template(
        "administrator/collecting/interview.html",
        round=found,
        form=form,
        want=want,
        rows=[enterprise for enterprise, _reported in rows] if want.search else [],
        chosen=chosen,
        left=max(most - replaced, 0),
        held=held,
    )
