"""Pages for the contact of the office, of all rounds or of one, and for the telephones of key holders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.contact import Contact
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import KeyHolder, Role, Round
from survey.services.rounds import contacts, keyholders, lifecycle
from survey.web.administrator.forms.contact import OfficeForm, RoundContactForm
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.form_errors import refused
from survey.web.site.request import database, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@admin.route("/contact", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def usual_contact() -> ResponseReturnValue:
    with database().read() as session:
        usual = contacts.usual(session)
    form, actor = OfficeForm(data=_values(usual)), signed_in_user()
    page = "administrator/setup/contact.html"
    if not form.validate_on_submit():
        return render_template(page, form=form), 400 if form.errors else 200
    try:
        database().write(lambda s: contacts.set_office(s, None, _wanted(form), actor))
    except PingyiError as error:
        return refused(page, form, error)
    flash(_("已保存。"), "success")
    return redirect(url_for("admin.rounds"))


@admin.route("/rounds/<slug>/contact", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def contact(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        listed, people = keyholders.holders(session, found), keyholders.people(session, found)
        known, own = contacts.of_holders(session, found), contacts.own(session, found)
        facts = {"round": found, "holders": listed, "people": people, "usual": contacts.usual(session)}
    rows = [known.get(holder.user_id) for holder in listed]
    texts = [{"person": r.person, "telephone": r.telephone} if r else {} for r in rows]
    form, page = RoundContactForm(data=_values(own) | {"holders": texts}), "administrator/setup/contact.html"
    if not form.validate_on_submit():
        return render_template(page, form=form, **facts), 400 if form.errors else 200
    try:
        _save(found, form, listed)
    except PingyiError as error:
        return refused(page, form, error, **facts)
    flash(_("已保存。"), "success")
    return redirect(url_for("admin.overview", slug=slug))


def _save(found: Round, form: RoundContactForm, listed: list[KeyHolder]) -> None:
    """Save all of the form, or nothing."""
    actor, rows = signed_in_user(), [row.form for row in form.holders]
    wanted = {
        holder.user_id: (row.person.data or "", row.telephone.data or "")
        for holder, row in zip(listed, rows, strict=False)
    }

    def save(session: Session) -> None:
        round = lifecycle.get_round(session, found.slug)
        contacts.set_office(session, round, _wanted(form), actor)
        contacts.set_holders(session, round, wanted, actor)

    database().write(save)


def _values(known: Contact | None) -> dict[str, object]:
    return {"name": known.name, "telephone": known.telephone, "hours": known.hours} if known else {}


def _wanted(form: OfficeForm) -> Contact:
    return Contact(form.name.data or "", form.telephone.data or "", form.hours.data or "")
