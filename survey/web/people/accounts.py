"""Pages of the people who may sign in: add, change, deactivate, and make links
for those who cannot get in.

Changes that concern a reviewer are only proposed here; another reviewer confirms them (`changes`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey.clock import now
from survey.errors import Forbidden, NotFound, PingyiError
from survey.language import gettext as _
from survey.models import ProposalKind, Role, User
from survey.services.departments import known as departments
from survey.services.people import accounts, bodies, enrolment, listing, proposals
from survey.services.people.passwords import UNSET
from survey.web.account.proving import first_error, proven
from survey.web.people.forms.people import PersonForm, PlaceForm
from survey.web.site.access import requires
from survey.web.site.form_errors import refused
from survey.web.site.forms.proof import ProvenConfirmForm, ProvenForm
from survey.web.site.listing import list_query
from survey.web.site.request import database, settings, signed_in_user
from survey.wording import staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")


@blueprint.get("/")
@requires(Role.ADMINISTRATOR)
def list_people() -> ResponseReturnValue:
    want = list_query(listing.SORTS)
    with database().read() as session:
        page = listing.list_people(session, want.search, want.page, sort=want.sort)
        waiting = proposals.count_waiting(session)
        misplaced = departments.misplaced(session, accounts.list_users(session, Role.LIAISON))
    return render_template(
        "people/list.html",
        page=page,
        want=want,
        role=staff.role,
        unset=UNSET,
        waiting=waiting,
        misplaced=misplaced,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    form = PersonForm()
    form.role.choices = [("", _("请选择")), *((role.value, staff.role(role)) for role in Role)]
    with database().read() as session:
        form.offer(bodies.listed(session), departments.names(session))
    if not (form.validate_on_submit() and proven(form)):
        return render_template("people/new.html", form=form), 400 if form.errors else 200
    try:
        return _proposed_person(form) if proposals.needs_two(form.role.data) else _added_person(form)
    except PingyiError as error:
        return refused("people/new.html", form, error)


@blueprint.route("/<person>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def edit(person: str) -> ResponseReturnValue:
    user = _person(person)
    form = PlaceForm(data={"body": user.body, "department": user.department})
    form.role_of = user.role
    with database().read() as session:
        form.offer(bodies.listed(session), departments.names(session), user.body)
        misplaced = departments.misplaced(session, [user])
    facts = {
        "person": user,
        "role": staff.role(user.role),
        "confirm": ProvenConfirmForm(prefix="act"),
        "unset": UNSET,
        "two": proposals.needs_two(user.role),
        "misplaced": misplaced,
    }
    if not (form.validate_on_submit() and proven(form)):
        return render_template("people/edit.html", form=form, **facts), 400 if form.errors else 200
    body = form.body.data or ""
    if proposals.needs_two(user.role):
        return _propose(ProposalKind.PERSON_PLACE, user, body)
    actor, department = signed_in_user().name, form.department.data or ""
    database().write(lambda s: accounts.update_user(s, user, actor=actor, body=body, department=department))
    flash(_("已保存。"), "success")
    return redirect(url_for("people.list_people"))


@blueprint.post("/<person>/link")
@requires(Role.ADMINISTRATOR)
def link(person: str) -> ResponseReturnValue:
    """Make a sign-in link for somebody who never enrolled; one who did must be reset instead."""
    user, base_url, actor = _person(person), settings().base_url, signed_in_user().name
    if user.password_hash != UNSET:
        raise Forbidden(_("这个人已经设好密码。"), remedy=_("忘记密码或丢了手机时，请用“重设”。"))
    if back := _unproven(person, ProvenForm(prefix="act")):
        return back
    if proposals.needs_two(user.role):
        return _propose(ProposalKind.PERSON_LINK, user)
    made = database().write(lambda s: enrolment.make_link(s, user, base_url, now(), actor=actor))
    return _link_page(user, made)


@blueprint.post("/<person>/reset")
@requires(Role.ADMINISTRATOR)
def reset(person: str) -> ResponseReturnValue:
    """Reset an account after a loss: password and second factor stop working,
    and a new link is shown once."""
    user, base_url, actor = _person(person), settings().base_url, signed_in_user()
    if user.id == actor.id:
        raise Forbidden(_("不能重设自己的账号。"), remedy=_("请在“我的账号”里修改，或请另一位管理员。"))
    if back := _unproven(person, ProvenConfirmForm(prefix="act")):
        return back
    if proposals.needs_two(user.role):
        return _propose(ProposalKind.PERSON_RESET, user)
    made = database().write(lambda s: enrolment.reset(s, user, base_url, now(), actor=actor.name))
    return _link_page(user, made)


@blueprint.post("/<person>/deactivate")
@requires(Role.ADMINISTRATOR)
def deactivate(person: str) -> ResponseReturnValue:
    user, actor = _person(person), signed_in_user()
    if user.id == actor.id:
        raise Forbidden(_("不能停用自己的账号。"), remedy=_("请另一位管理员来停用。"))
    if back := _unproven(person, ProvenForm(prefix="act")):
        return back
    database().write(partial(_switch_off, user=user, actor=actor.name))
    flash(_("已停用“%(name)s”，并让其退出登录。", name=user.name), "success")
    return redirect(url_for("people.list_people"))


def _switch_off(session: Session, user: User, actor: str) -> None:
    accounts.require_reviewers_left(session, user)
    accounts.set_active(session, user, active=False, actor=actor)


@blueprint.post("/<person>/activate")
@requires(Role.ADMINISTRATOR)
def activate(person: str) -> ResponseReturnValue:
    user, actor = _person(person), signed_in_user().name
    if back := _unproven(person, ProvenForm(prefix="act")):
        return back
    if proposals.needs_two(user.role):
        return _propose(ProposalKind.PERSON_ACTIVATE, user)
    database().write(lambda s: accounts.set_active(s, user, active=True, actor=actor))
    flash(_("已启用“%(name)s”。", name=user.name), "success")
    return redirect(url_for("people.list_people"))


def _unproven(person: str, form: ProvenForm) -> Response | None:
    """Redirect to the person's page, with a message on what is missing, unless the form is valid and the user
    has proven who they are; None when they have."""
    if form.validate() and proven(form):
        return None
    flash(first_error(form), "error")
    return redirect(url_for("people.edit", person=person))


def _propose(kind: ProposalKind, user: User, body: str = "") -> ResponseReturnValue:
    proposer = signed_in_user()
    made, code = database().write(
        lambda s: proposals.propose_change(s, proposer, kind, user, now(), body=body)
    )
    return _proposed_page(made.subject, code)


def _proposed_person(form: PersonForm) -> ResponseReturnValue:
    proposer, name, body = signed_in_user(), form.name.data or "", form.body.data or ""
    made, code = database().write(
        lambda s: proposals.propose_person(s, proposer, name=name, body=body, now=now())
    )
    return _proposed_page(made.subject, code)


def _added_person(form: PersonForm) -> ResponseReturnValue:
    base_url, actor = settings().base_url, signed_in_user().name
    user, made = database().write(lambda s: _add(s, form, base_url, actor))
    return _link_page(user, made)


def _proposed_page(name: str, code: str) -> str:
    return render_template("people/proposed.html", name=name, code=code)


def _link_page(user: User, made: str) -> str:
    return link_page(user, made, url_for("people.list_people"))


def link_page(user: User, link: str, back: str, *, with_code: bool = False) -> str:
    """Page that shows an enrolment link once; with_code: for the reviewer who confirmed it, who needs the
    administrator's code too."""
    with database().read() as session:
        person = accounts.get_user(session, user.id)
    return render_template(
        "people/link.html",
        person=person,
        link=link,
        valid=enrolment.VALID.days,
        fingerprint=enrolment.fingerprint(person),
        back=back,
        with_code=with_code,
    )


def _add(session: Session, form: PersonForm, base_url: str, actor: str) -> tuple[User, str]:
    user = accounts.create_user(
        session,
        name=form.name.data or "",
        role=form.role.data,
        password=None,
        body=form.body.data or "",
        department=form.department.data or "",
        actor=actor,
    )
    return user, enrolment.make_link(session, user, base_url, now(), actor=actor, part_of="user.create")


def _person(given: str) -> User:
    """Account whose id, in hexadecimal, stands in the address; aborts with 404."""
    try:
        user_id = bytes.fromhex(given)
    except ValueError:
        abort(404)
    with database().read() as session:
        try:
            return accounts.get_user(session, user_id)
        except NotFound:
            abort(404)
