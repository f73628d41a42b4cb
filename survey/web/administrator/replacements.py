"""Pages for replacing a lost invitation: once for each enterprise, counted in public, and shown again in the
same browser until it is used."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from survey.documents.lists.issued import IssuedInvitation
from survey.errors import InvalidInput, PingyiError, in_full
from survey.language import gettext
from survey.language import gettext as _
from survey.models import Enterprise, Role, Round
from survey.services.invitations import replacing
from survey.services.roster import enterprises
from survey.services.rounds import contacts, lifecycle
from survey.services.voting import participation
from survey.web.administrator.forms.replacement import ReplacementForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.listing import list_query
from survey.web.site.request import database, settings, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEY = "replacements"
MOST_KEPT = 5
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class FirmToReplace:
    """Enterprise that a search found, and whether its invitation was replaced already."""

    enterprise: Enterprise
    replaced: bool


@admin.get("/rounds/<slug>/replacements")
@requires(Role.ADMINISTRATOR)
def replacements(slug: str) -> ResponseReturnValue:
    return _page(slug, ReplacementForm(formdata=None))


@admin.post("/rounds/<slug>/replacements/firm")
@requires(Role.ADMINISTRATOR)
def choose_firm(slug: str) -> ResponseReturnValue:
    """Page with an enterprise of a list filled in; by POST, since the desk's log keeps addresses, and whose
    link was lost must not be told by it."""
    return _page(slug, ReplacementForm(formdata=None, data={"credit_code": request.form.get("firm", "")}))


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
        form.credit_code.errors = [in_full(error, gettext)]
        return _page(slug, form), 400 if isinstance(error, InvalidInput) else error.status
    shown = _remember(slug, issued)
    if "file" in request.form:
        return attachment(content, f"换发链接-{slug}.xlsx", XLSX)
    return redirect(url_for("admin.replaced", slug=slug, shown=shown))


@admin.get("/rounds/<slug>/replaced/<shown>")
@requires(Role.ADMINISTRATOR)
def replaced(slug: str, shown: str) -> ResponseReturnValue:
    """New link of an enterprise, as long as this browser has it and it is not known to be used."""
    from survey.documents.lists.links_xlsx import composed

    with database().read() as s:
        found = lifecycle.get_round(s, slug)
        issued, office = _kept(s, found).get(shown), contacts.line_of(s, found)
    if issued is None:
        flash(_("这个链接已经用过，或者这个浏览器里没有。没有用过的可以再换一个，不占名额。"), "error")
        return redirect(url_for("admin.replacements", slug=slug))
    picture = segno.make_qr(issued.link, error="m").svg_data_uri(scale=5, border=3, light="white")
    message = composed(
        issued, round_title=found.title, body=found.body, closes_on=found.closes_on, contact=office
    )
    page = render_template(
        "administrator/replaced.html", round=found, issued=issued, picture=picture, message=message
    )
    return page, {"Cache-Control": "no-store"}


def _remember(slug: str, issued: IssuedInvitation) -> str:
    """Keep the code in this browser's cookie, so that reloading does not lose it; the server keeps none.
    Returns the name by which its page finds it."""
    others = {n: k for n, k in session.get(KEY, {}).items() if k[:2] != [slug, issued.credit_code]}
    name = secrets.token_hex(4)
    session[KEY] = dict(
        [*list(others.items())[1 - MOST_KEPT :], (name, [slug, issued.credit_code, issued.code])]
    )
    return name


def _kept(s: Session, round: Round) -> dict[str, IssuedInvitation]:
    """Replacements that this browser can still show, by name."""
    kept = {}
    for name, (slug, firm, code) in session.get(KEY, {}).items():
        enterprise = enterprises.find_enterprise(s, firm) if slug == round.slug else None
        if enterprise is not None:
            kept[name] = replacing.shown_again(s, round, enterprise, code, settings().base_url)
    return {name: issued for name, issued in kept.items() if issued is not None}


def _page(slug: str, form: ReplacementForm) -> str:
    want = list_query()
    with database().read() as s:
        found: Round = lifecycle.get_round(s, slug)
        count, most = replacing.replacements(s, found)
        rows, total = _firms(s, found, want.search) if want.search else ([], 0)
        chosen = enterprises.find_enterprise(s, form.credit_code.data or "")
        kept = _kept(s, found)
        again = replacing.replaced_among(s, found, [each.id for each in (*rows, chosen) if each])
    return render_template(
        "administrator/replacements.html",
        round=found,
        form=form,
        replaced=count,
        most=most,
        want=want,
        base_url=settings().base_url,
        total=total,
        kept=kept,
        rows=[FirmToReplace(each, each.id in again) for each in rows],
        chosen=chosen and FirmToReplace(chosen, chosen.id in again),
    )


def _firms(s: Session, round: Round, search: str) -> tuple[list[Enterprise], int]:
    """The first invited enterprises that a search finds, and the number of all."""
    listed = participation.enterprises(s, round, search, per_page=MOST_FOUND)
    return [enterprise for enterprise, _reported in listed.items], listed.total


def _replace(
    session: Session, slug: str, credit_code: str, base_url: str, actor: str
) -> tuple[bytes, IssuedInvitation]:
    from survey.documents.lists.links_xlsx import write_links

    found = lifecycle.get_round(session, slug)
    enterprise = enterprises.get_enterprise(session, credit_code)
    issued = replacing.replace_invitation(session, found, enterprise, base_url, actor)
    # Before the commit: a file that cannot be written replaces nothing.
    content = write_links(
        [issued],
        round_title=found.title,
        body=found.body,
        closes_on=found.closes_on,
        contact=contacts.line_of(session, found),
    )
    return content, issued
