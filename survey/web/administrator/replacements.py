"""Pages for replacing a lost invitation: once for each enterprise, counted in public, and shown only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey.documents.lists.issued import IssuedInvitation
from survey.errors import InvalidInput, PingyiError
from survey.language import gettext
from survey.models import Role, Round
from survey.services.invitations import issuing
from survey.services.roster import enterprises
from survey.services.rounds import lifecycle
from survey.web.administrator.forms.replacement import ReplacementForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.request import database, settings, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@admin.get("/rounds/<slug>/replacements")
@requires(Role.ADMINISTRATOR)
def replacements(slug: str) -> ResponseReturnValue:
    return _page(slug, ReplacementForm(formdata=None))


@admin.post("/rounds/<slug>/replacements")
@requires(Role.ADMINISTRATOR, fresh="admin.replacements")
def replace_invitation(slug: str) -> ResponseReturnValue:
    """Replace the invitation and show the new link, or send it as a file if that button was pressed; the old
    link stops working."""
    form = ReplacementForm()
    if not form.validate():
        return _page(slug, form), 400
    code, base_url, actor = form.credit_code.data, settings().base_url, signed_in_user().name
    try:
        content, issued = database().write(lambda s: _replace(s, slug, code, base_url, actor))
    except PingyiError as error:
        # Beside the field, with what was typed: the enterprise may still be on the telephone.
        form.credit_code.errors = [error.say(gettext), error.say_remedy(gettext)]
        return _page(slug, form), 400 if isinstance(error, InvalidInput) else error.status
    if "file" in request.form:
        return attachment(content, f"换发链接-{slug}.xlsx", XLSX)
    picture = segno.make_qr(issued.link, error="m").svg_data_uri(scale=5, border=3, light="white")
    return render_template("administrator/replaced.html", slug=slug, issued=issued, picture=picture)


def _page(slug: str, form: ReplacementForm) -> str:
    with database().read() as session:
        found: Round = lifecycle.get_round(session, slug)
        replaced, most = issuing.replacements(session, found)
    counts = {"replaced": replaced, "most": most}
    return render_template(
        "administrator/replacements.html", round=found, form=form, base_url=settings().base_url, **counts
    )


def _replace(
    session: Session, slug: str, credit_code: str, base_url: str, actor: str
) -> tuple[bytes, IssuedInvitation]:
    from survey.documents.lists.links_xlsx import write_links

    found = lifecycle.get_round(session, slug)
    enterprise = enterprises.get_enterprise(session, credit_code)
    issued = issuing.replace_invitation(session, found, enterprise, base_url, actor)
    # Before the commit: a file that cannot be written replaces nothing.
    content = write_links([issued], round_title=found.title, body=found.body, closes_on=found.closes_on)
    return content, issued
