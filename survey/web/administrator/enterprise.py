"""Pages of one enterprise of the roster: added, edited, retired, with its history."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import Conflict, in_full
from survey.language import gettext as _
from survey.models import Enterprise, Role
from survey.protocol.questionnaire import Stratum
from survey.services.roster import enterprises as rosters
from survey.services.roster import singly
from survey.web.administrator import roster_words
from survey.web.administrator.forms.roster import EnterpriseForm, RetireForm, enterprise_form
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.request import database, signed_in_user


@admin.route("/enterprises/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def new_enterprise() -> ResponseReturnValue:
    with database().read() as session:
        strata = rosters.strata_in_use(session)
    form, actor = enterprise_form(strata), signed_in_user().name
    if not form.validate_on_submit():
        return _form_page(form, strata), 400 if form.errors else 200
    row = form.row([stratum.name for stratum in strata])
    try:
        database().write(lambda s: singly.add(s, row, actor) and None)
    except Conflict as error:
        form.credit_code.errors = [error.say(_)]
        return _form_page(form, strata), error.status
    flash(_("已加入名录：%(name)s。", name=row.name), "success")
    return redirect(url_for("admin.enterprise", code=row.credit_code))


@admin.route("/enterprises/<code>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def enterprise(code: str) -> ResponseReturnValue:
    """Page of an enterprise with its form; what another administrator saved meanwhile is shown beside what
    was typed here."""
    with database().read() as session:
        found = rosters.get_enterprise(session, code)
        strata = _strata(rosters.strata_in_use(session), found)
    form, actor = enterprise_form(strata, _values(found), found.strata), signed_in_user().name
    del form.credit_code
    if not form.validate_on_submit():
        return _page(found, form, strata), 400 if form.errors else 200
    names = [stratum.name for stratum in strata]
    row, seen = form.row(names, found.credit_code), request.form.get("seen", "")
    try:
        changed = database().write(lambda s: singly.edit(s, found, row, seen, actor))
    except Conflict as error:
        form.form_errors.append(in_full(error, _))
        return _page(found, form, strata, theirs=True), error.status
    said = _("、").join(roster_words.field(name) for name in changed)
    flash(_("已修改：%(names)s。", names=said) if changed else _("没有改动。"), "success")
    return redirect(url_for("admin.enterprise", code=code))


@admin.post("/enterprises/<code>/retire")
@requires(Role.ADMINISTRATOR)
def retire_enterprise(code: str) -> ResponseReturnValue:
    """Retire the enterprise, or restore a retired one."""
    form, actor = RetireForm(), signed_in_user().name
    with database().read() as session:
        found = rosters.get_enterprise(session, code)
        strata = _strata(rosters.strata_in_use(session), found)
    if not form.validate():
        shown = enterprise_form(strata, _values(found), found.strata)
        return _page(found, shown, strata, retire=form), 400
    reason, retired = form.reason.data or "", not found.retired
    database().write(lambda s: singly.set_retired(s, found, reason, actor, retired=retired))
    flash(_("已停用。") if retired else _("已恢复。"), "success")
    return redirect(url_for("admin.enterprise", code=code))


def _strata(strata: Sequence[Stratum], found: Enterprise) -> tuple[Stratum, ...]:
    """Strata of the newest round, and those that only the enterprise has, with its one option."""
    names = {stratum.name for stratum in strata}
    own = [Stratum(n, n, (o,), (o,)) for n, o in found.strata.items() if n not in names]
    return (*strata, *own)


def _values(found: Enterprise) -> dict[str, str]:
    return {name: getattr(found, name) for name in ("name", "credit_code", "contact", "phone", "email")}


def _form_page(form: EnterpriseForm, strata: Sequence[Stratum]) -> str:
    return render_template("administrator/enterprise_new.html", form=form, strata=strata)


def _page(
    found: Enterprise,
    form: EnterpriseForm,
    strata: Sequence[Stratum],
    retire: RetireForm | None = None,
    *,
    theirs: bool = False,
) -> str:
    with database().read() as session:
        now = rosters.get_enterprise(session, found.credit_code)
        changes = singly.history(session, now)
    seen = "" if theirs else request.form.get("seen", "")
    facts = {"changes": [(one, roster_words.happened(one)) for one in changes], "theirs": theirs}
    return render_template(
        "administrator/enterprise.html",
        enterprise=now,
        seen=seen or singly.version(now),
        form=form,
        strata=strata,
        retire=retire or RetireForm(formdata=None),
        **facts,
    )
