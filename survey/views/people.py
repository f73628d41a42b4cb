"""People who may sign in: adding, changing, switching off, and links for those who lost their way in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for

from survey.clock import now
from survey.errors import Forbidden, NotFound, PingyiError
from survey.forms.people import PersonForm, PlaceForm
from survey.forms.state import ConfirmForm
from survey.models import Role, User
from survey.services import accounts, enrolment, people
from survey.services.passwords import UNSET
from survey.views import staff_words
from survey.views.context import database, requires, settings, signed_in_user
from survey.views.form_errors import refused
from survey.views.paging import wanted
from survey.views.translating import gettext as _

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")


@blueprint.get("/")
@requires(Role.ADMINISTRATOR)
def list_people() -> Any:
    want = wanted(people.SORTS)
    with database().read() as session:
        page = people.list_people(session, want.search, want.page, sort=want.sort)
    return render_template("people/list.html", page=page, want=want, role=staff_words.role, unset=UNSET)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def add() -> Any:
    form = PersonForm()
    form.role.choices = [("", _("请选择")), *((role.value, staff_words.role(role)) for role in Role)]
    if not form.validate_on_submit():
        return render_template("people/new.html", form=form), 400 if form.errors else 200
    try:
        base_url, actor = settings().base_url, signed_in_user().name
        user, link = database().write(lambda s: _add(s, form, base_url, actor))
    except PingyiError as error:
        return refused("people/new.html", form, error)
    return render_template("people/link.html", person=user, link=link, valid=enrolment.VALID.days)


@blueprint.route("/<person>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def edit(person: str) -> Any:
    user = _person(person)
    form = PlaceForm(data={"body": user.body, "department": user.department})
    form.role_of = user.role
    facts = {"person": user, "role": staff_words.role(user.role), "confirm": ConfirmForm(), "unset": UNSET}
    if not form.validate_on_submit():
        return render_template("people/edit.html", form=form, **facts), 400 if form.errors else 200
    place = {"body": form.body.data or "", "department": form.department.data or ""}
    actor = signed_in_user().name
    database().write(lambda s: accounts.update_user(s, user, actor=actor, **place))
    flash(_("已保存。"), "success")
    return redirect(url_for("people.list_people"))


@blueprint.post("/<person>/link")
@requires(Role.ADMINISTRATOR)
def link(person: str) -> Any:
    """A link for somebody who never enrolled; who did is reset, by a button of its own."""
    user, base_url, actor = _person(person), settings().base_url, signed_in_user().name
    if user.password_hash != UNSET:
        raise Forbidden(_("这个人已经设好密码。"), remedy=_("忘记密码或丢了手机时，请用“重设”。"))
    made = database().write(lambda s: enrolment.make_link(s, user, base_url, now(), actor=actor))
    return render_template("people/link.html", person=user, link=made, valid=enrolment.VALID.days)


@blueprint.post("/<person>/reset")
@requires(Role.ADMINISTRATOR)
def reset(person: str) -> Any:
    """After a loss: password and second factor stop working, a new link is shown once."""
    user, base_url, actor = _person(person), settings().base_url, signed_in_user()
    if user.id == actor.id:
        raise Forbidden(_("不能重设自己的账号。"), remedy=_("请在“我的账号”里修改，或请另一位管理员。"))
    if not ConfirmForm().validate():
        flash(_("请先勾选确认。"), "error")
        return redirect(url_for("people.edit", person=person))
    made = database().write(lambda s: enrolment.reset(s, user, base_url, now(), actor=actor.name))
    return render_template("people/link.html", person=user, link=made, valid=enrolment.VALID.days)


@blueprint.post("/<person>/deactivate")
@requires(Role.ADMINISTRATOR)
def deactivate(person: str) -> Any:
    user, actor = _person(person), signed_in_user()
    if user.id == actor.id:
        raise Forbidden(_("不能停用自己的账号。"), remedy=_("请另一位管理员来停用。"))
    database().write(lambda s: accounts.set_active(s, user, active=False, actor=actor.name))
    flash(_("已停用“%(name)s”，并让其退出登录。", name=user.name), "success")
    return redirect(url_for("people.list_people"))


@blueprint.post("/<person>/activate")
@requires(Role.ADMINISTRATOR)
def activate(person: str) -> Any:
    user, actor = _person(person), signed_in_user().name
    database().write(lambda s: accounts.set_active(s, user, active=True, actor=actor))
    flash(_("已启用“%(name)s”。", name=user.name), "success")
    return redirect(url_for("people.list_people"))


def _add(session: Any, form: PersonForm, base_url: str, actor: str) -> tuple[User, str]:
    user = accounts.create_user(
        session,
        name=form.name.data or "",
        role=form.role.data,
        password=None,
        body=form.body.data or "",
        department=form.department.data or "",
        actor=actor,
    )
    return user, enrolment.make_link(session, user, base_url, now(), actor=actor)


def _person(given: str) -> User:
    """The account whose key, in hexadecimal, stands in the address."""
    try:
        user_id = bytes.fromhex(given)
    except ValueError:
        abort(404)
    with database().read() as session:
        try:
            return accounts.get_user(session, user_id)
        except NotFound:
            abort(404)
