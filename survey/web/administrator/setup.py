"""Pages that set up a draft step by step, and a preview of what phones will show."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.documents.uploads.departments_table import read_departments, write_departments
from survey.errors import N_, Conflict, Frozen, PingyiError, in_full
from survey.language import gettext as _
from survey.models import Role, Round, State
from survey.protocol.questionnaire import Department
from survey.services.people import accounts, bodies
from survey.services.rounds import contacts, descriptions, keyholders, lifecycle
from survey.services.rounds.blanking import foreseen
from survey.services.rounds.copying import copied_questionnaire
from survey.services.voting import reminders
from survey.web.administrator import setup_steps
from survey.web.administrator.forms.setup import DepartmentsFileForm
from survey.web.phone.page import page_sources, rendered
from survey.web.site import codes
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.request import database, signed_in_user
from survey.web.site.round_view import questionnaire_of
from survey.web.site.security import content_policy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Stale(Conflict):
    """Step not saved, because somebody else saved the same step after the page was opened."""

    code = "stale"
    remedy = N_("您填的还在下面，没有保存。请对照核对、补上需要的，再点一次“保存”就以您填的为准。")

    def __init__(self, who: str) -> None:
        super().__init__(N_("您打开这一页以后，%(who)s改过这一步。"), who=who)


@admin.get("/rounds/<slug>/setup/<name>")
@requires(Role.ADMINISTRATOR)
def setup(slug: str, name: str) -> ResponseReturnValue:
    found = _draft(slug)
    step = setup_steps.BY_NAME.get(name)
    if step is None:
        return redirect(url_for("admin.setup", slug=slug, name=setup_steps.STEPS[0].name))
    return _page(found, step, _form(found, step))


@admin.post("/rounds/<slug>/setup/<name>")
@requires(Role.ADMINISTRATOR)
def save_setup(slug: str, name: str) -> ResponseReturnValue:
    found = _draft(slug)
    step = setup_steps.BY_NAME.get(name, setup_steps.STEPS[0])
    form = _form(found, step)
    seen = request.form.get("version", "")
    if not form.validate():
        return _page(found, step, form, seen), 400
    try:
        changes = step.changes(form, questionnaire_of(found))
        slug = _change(slug, changes, step, seen)
    except PingyiError as error:
        form.form_errors.append(in_full(error, _))
        if not isinstance(error, Stale):
            return _page(found, step, form, seen), error.status
        now = _draft(slug)
        stored = setup_steps.differing(_form(now, step, typed=False), form)
        return _page(now, step, form, stored=stored), error.status
    flash(_("已保存。"), "success")
    stay = request.form.get("then") == "stay"
    following = step.name if stay else setup_steps.after(step.name)
    if following == setup_steps.LAST:
        return redirect(url_for("admin.witness", slug=slug))
    return redirect(url_for("admin.setup", slug=slug, name=following))


@admin.get("/rounds/<slug>/departments.xlsx")
@requires(Role.ADMINISTRATOR)
def export_departments(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    content = write_departments(questionnaire_of(found).departments)
    return attachment(content, f"被评部门-{slug}.xlsx", XLSX)


@admin.post("/rounds/<slug>/setup/departments/import")
@requires(Role.ADMINISTRATOR)
def import_departments(slug: str) -> ResponseReturnValue:
    found, form = _draft(slug), DepartmentsFileForm()
    back = redirect(url_for("admin.setup", slug=slug, name="departments"))
    if not _confirmed():
        return back
    if not form.validate():
        flash(str(form.file.errors[0]), "error")
        return back
    try:
        read = read_departments(form.file.data.stream)
    except PingyiError as error:
        flash(in_full(error, _), "error")
        return back
    departments = setup_steps.departments_of(read.rows)
    _replace_departments(slug, found, departments)
    for remark in read.remarks:
        flash(remark.say(_))
    flash(_("已换成文件中的 %(count)s 个部门。", count=len(departments)), "success")
    return back


@admin.post("/rounds/<slug>/setup/departments/copy")
@requires(Role.ADMINISTRATOR)
def copy_departments(slug: str) -> ResponseReturnValue:
    """Replace the departments of the draft by those of another round."""
    found = _draft(slug)
    if not _confirmed():
        return redirect(url_for("admin.setup", slug=slug, name="departments"))
    with database().read() as session:
        earlier = lifecycle.get_round(session, request.form.get("from", ""))
        departments = copied_questionnaire(session, earlier).departments
    _replace_departments(slug, found, departments)
    flash(_("已换成“%(title)s”的部门。", title=earlier.title), "success")
    return redirect(url_for("admin.setup", slug=slug, name="departments"))


@admin.get("/rounds/<slug>/preview")
@requires(Role.ADMINISTRATOR)
def preview(slug: str) -> ResponseReturnValue:
    """Page with what is missing before issuing, and the phone page in a frame of a phone's size."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        missing = lifecycle.missing_before_issuing(session, found, _)
        holders = keyholders.holders(session, found)
        people, warning = keyholders.people(session, found), keyholders.warning(session, found)
    page = make_response(
        render_template(
            "administrator/setup/preview.html",
            round=found,
            missing=missing,
            holders=holders,
            people=people,
            warning=warning,
            step="preview",
        )
    )
    page.headers["Content-Security-Policy"] = content_policy({"frame-src": "'self'"})
    return page


@admin.get("/rounds/<slug>/preview/phone")
@requires(Role.ADMINISTRATOR)
def phone_preview(slug: str) -> ResponseReturnValue:
    """Page that phones will show while collecting, with a script that sends nothing."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        description = descriptions.describe(session, found)
        names = [holder.name for holder in keyholders.holders(session, found)]
        contact = contacts.of_round(session, found)
    page = make_response(rendered(description, preview=True, holders=names, contact=contact))
    sources = page_sources() | {"frame-ancestors": "'self'"}
    page.headers["Content-Security-Policy"] = content_policy(sources)
    page.headers["X-Frame-Options"] = "SAMEORIGIN"
    return page


def _confirmed() -> bool:
    """Whether the tick was set that all departments may be replaced; flashes a message if not."""
    if request.form.get("confirm") == "yes":
        return True
    flash(_("没有替换：请先勾选“会全部换掉”。"), "error")
    return False


def _draft(slug: str) -> Round:
    """Round that can still be set up; raises `Frozen` otherwise."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    if found.frozen or found.state != State.DRAFT:
        raise Frozen(N_("邀请已经签发，设置不能再改。"), remedy=N_("如果必须修改，请取消本轮，另建一轮。"))
    return found


def _form(found: Round, step: setup_steps.SetupStep, *, typed: bool = True) -> FlaskForm:
    """Form of the step, filled with what was sent (`typed`) or with what is stored."""
    with database().read() as session:
        values = _values(session, found, step)
    form = step.form(data=values) if typed else step.form(formdata=None, data=values)
    if step.name == "keys":
        with database().read() as session:
            reviewers = accounts.list_users(session, Role.REVIEWER)
        form.offer([(u.id.hex(), codes.holder(u.body, u.name), u.body or u.name) for u in reviewers])
    if step.name == "basics":
        with database().read() as session:
            others = [r for r in lifecycle.list_rounds(session) if r.id != found.id]
            form.body.offer(bodies.listed(session), found.body)
        form.refuse_titles(setup_steps.titles_of(others))
    return form


def _values(session: Session, found: Round, step: setup_steps.SetupStep) -> dict[str, object]:
    values = step.values(found, questionnaire_of(found))
    if step.name == "keys":
        values |= {"holders": [h.user_id.hex() for h in keyholders.holders(session, found)]}
    return values


def _version(session: Session, found: Round, step: setup_steps.SetupStep) -> str:
    """Digest (16 hex digits) of the stored values of the step; a form sent with another one was filled in
    before somebody else changed them."""
    return hashlib.sha256(repr(_values(session, found, step)).encode()).hexdigest()[:16]


def _page(
    found: Round, step: setup_steps.SetupStep, form: FlaskForm, seen: str = "", stored: Sequence[str] = ()
) -> str:
    with database().read() as session:
        facts: dict[str, object] = {"version": seen or _version(session, found, step), "stored": stored}
    if step.name == "keys":
        with database().read() as session:
            facts["kept"] = foreseen(session, questionnaire_of(found))
    if step.name == "departments":
        with database().read() as session:
            facts["others"] = [r for r in lifecycle.list_rounds(session) if r.slug != found.slug]
        facts["file"] = DepartmentsFileForm()
        facts["groups"] = questionnaire_of(found).groups
        facts["count"] = len(questionnaire_of(found).departments)
    return render_template(
        f"administrator/setup/{step.name}.html", round=found, form=form, step=step.name, **facts
    )


def _change(
    slug: str, changes: lifecycle.RoundChanges, step: setup_steps.SetupStep | None = None, seen: str = ""
) -> str:
    """Store the changes and return the round's slug; raises `Stale` if the step no longer has the version
    `seen`."""
    actor = signed_in_user().name

    def change(session: Session) -> str:
        found = lifecycle.get_round(session, slug)
        if step is not None and seen and seen != _version(session, found, step):
            raise Stale(reminders.last_change(session, found))
        return lifecycle.update_round(session, found, changes, actor).slug

    return database().write(change)


def _replace_departments(slug: str, found: Round, departments: tuple[Department, ...]) -> None:
    _change(slug, {"questionnaire": replace(questionnaire_of(found), departments=departments)})
