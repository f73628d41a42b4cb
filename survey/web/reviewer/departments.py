"""Reviewers' page of what became of departments (部门沿革)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Role
from survey.services.departments import known, successions
from survey.services.departments.successions import NewSuccession
from survey.web.problems import words
from survey.web.reviewer.forms.departments import SuccessionForm
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.form_errors import refused
from survey.web.site.request import database, signed_in_user

PAGE = "reviewer/departments/page.html"


@review.get("/departments")
@requires(Role.REVIEWER)
def departments() -> ResponseReturnValue:
    form, facts = _form_and_facts()
    return render_template(PAGE, form=form, **facts)


@review.post("/departments")
@requires(Role.REVIEWER)
def enter_succession() -> ResponseReturnValue:
    user, day = signed_in_user(), today()
    form, facts = _form_and_facts()
    if not form.validate():
        return render_template(PAGE, form=form, **facts), 400
    names = ("before", "after", "kind", "on", "reason")
    new = NewSuccession(**{name: form[name].data for name in names})
    try:
        entry = database().write(lambda s: successions.enter(s, new, user, day))
    except PingyiError as error:
        return refused(PAGE, form, error, **facts)
    flash(_("已登记：%(said)s。", said=words.succession(entry)), "success")
    return redirect(url_for("review.departments"))


@review.post("/departments/withdraw")
@requires(Role.REVIEWER)
def withdraw_succession() -> ResponseReturnValue:
    user = signed_in_user()
    before, after = (request.form.get(name, "") for name in ("before", "after"))
    entry = database().write(lambda s: successions.withdraw(s, before, after, user))
    flash(_("已撤销：%(said)s。", said=words.succession(entry)), "success")
    return redirect(url_for("review.departments"))


def _form_and_facts() -> tuple[SuccessionForm, dict[str, object]]:
    form = SuccessionForm()
    with database().read() as session:
        names, entries = known.names(session), successions.listed(session)
        outdated = successions.outdated(session)
    form.offer(names)
    return form, {"entries": entries, "names": names, "outdated": outdated}
