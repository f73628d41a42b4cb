"""Pages of one's own account: password, second factor, recovery codes, sign-ins, and proving again who one
is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.clock import now
from survey.errors import Forbidden, NotFound, PingyiError
from survey.language import gettext as _
from survey.models import Role, User
from survey.services.operations.audit import record
from survey.services.people import accounts, enrolment, sign_ins
from survey.services.people import second_factor as totp
from survey.web.account import proving
from survey.web.account.forms.account import PasswordForm, ProofForm, RenewForm, SetUpForm
from survey.web.account.sign_in import check_password, home_of
from survey.web.site.access import owes_second_factor, requires
from survey.web.site.form_errors import refused
from survey.web.site.local_paths import local_path
from survey.web.site.qr_picture import qr_picture
from survey.web.site.request import SESSION_TOKEN, database, settings, signed_in_user
from survey.wording import staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("account", __name__, url_prefix="/account")
EVERYBODY = tuple(Role)
blueprint.add_app_template_filter(staff.moment, "moment")


@blueprint.get("/")
@requires(*EVERYBODY)
def overview() -> ResponseReturnValue:
    user = signed_in_user()
    with database().read() as reading:
        facts = {
            "sessions": sign_ins.list_sessions(reading, user, now()),
            "recovery_codes": totp.count_recovery_codes(reading, user),
            "fingerprint": enrolment.fingerprint(user) if user.role != Role.LIAISON else "",
        }
    return render_template("account/overview.html", handle=sign_ins.handle, own=proving.own_handle(), **facts)


@blueprint.route("/password", methods=["GET", "POST"])
@requires(*EVERYBODY)
def password() -> ResponseReturnValue:
    form, user = PasswordForm(), signed_in_user()
    if not form.validate_on_submit():
        return _page("account/password.html", form)
    try:
        check_password(user.name, form.old.data, proving.own_handle())
        accounts.change_password(database(), user, form.old.data, form.password.data, keep=_token())
    except PingyiError as error:
        return refused("account/password.html", form, error)
    flash(_("密码已修改，其他地方的登录都已退出。"), "success")
    return redirect(url_for("account.overview"))


@blueprint.route("/second-factor", methods=["GET", "POST"])
@requires(*EVERYBODY, fresh="account.second_factor")
def second_factor() -> ResponseReturnValue:
    """Page that sets up a second factor: scan the QR code, type one code, keep the recovery codes."""
    user, form, secret_key = signed_in_user(), SetUpForm(), settings().secret_key
    if user.totp_secret is not None:
        return redirect(url_for("account.overview"))
    secret = database().write(lambda s: totp.begin(s, user, secret_key))
    facts = {
        "secret": secret,
        "picture": qr_picture(totp.provisioning_uri(user, secret)),
        "owed": owes_second_factor(user),
    }
    if not form.validate_on_submit():
        return _page("account/second_factor.html", form, **facts)
    try:
        typed, keep = form.code.data, _token()
        codes = database().write(lambda s: totp.confirm(s, user, typed, now(), secret_key))
    except PingyiError as error:
        return refused("account/second_factor.html", form, error, **facts)
    database().write(lambda s: sign_ins.end_all(s, user, but=keep))
    return render_template("account/recovery_codes.html", codes=codes, home=home_of(user))


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
@requires(*EVERYBODY)
def recovery_codes() -> ResponseReturnValue:
    """Page that replaces the recovery codes by new ones, after the password."""
    user, form = signed_in_user(), RenewForm()
    if user.totp_secret is None:
        return redirect(url_for("account.second_factor"))
    if not form.validate_on_submit():
        return _page("account/renew.html", form)
    try:
        check_password(user.name, form.password.data, proving.own_handle())
    except PingyiError as error:
        return refused("account/renew.html", form, error)
    codes = database().write(lambda s: _renew(s, user))
    return render_template("account/recovery_codes.html", codes=codes, home=home_of(user))


@blueprint.post("/second-factor/remove")
@requires(*EVERYBODY)
def remove_second_factor() -> ResponseReturnValue:
    """Remove the second factor, after the password, and go to setting up another one."""
    user, form = signed_in_user(), RenewForm()
    if not form.validate():
        return _page("account/renew.html", form)
    check_password(user.name, form.password.data, proving.own_handle())
    database().write(lambda s: _remove(s, user))
    flash(_("原来的验证器已停用。"), "success")
    return redirect(url_for("account.second_factor"))


@blueprint.post("/sessions/<handle>/end")
@requires(*EVERYBODY, fresh="account.overview")
def end_session(handle: str) -> ResponseReturnValue:
    user = signed_in_user()
    if handle == proving.own_handle():
        raise Forbidden(_("这是您正在用的登录，请按“退出”。"))
    if not database().write(lambda s: sign_ins.end_by_handle(s, user, handle, now())):
        raise NotFound(_("这个登录已经不在了。"))
    flash(_("已让那里退出登录。"), "success")
    return redirect(url_for("account.overview"))


@blueprint.post("/sessions/end-others")
@requires(*EVERYBODY, fresh="account.overview")
def end_other_sessions() -> ResponseReturnValue:
    user, keep = signed_in_user(), _token()
    database().write(lambda s: sign_ins.end_all(s, user, but=keep))
    flash(_("其他地方的登录都已退出。"), "success")
    return redirect(url_for("account.overview"))


@blueprint.route("/prove", methods=["GET", "POST"])
@requires(*EVERYBODY)
def prove() -> ResponseReturnValue:
    """Page that asks for password or second factor again before a grave step."""
    form, user = ProofForm(), signed_in_user()
    if not form.validate_on_submit():
        return _page("account/prove.html", form)
    try:
        proving.prove(user, form.proof.data)
    except PingyiError as error:
        return refused("account/prove.html", form, error)
    token = _token()
    session[SESSION_TOKEN] = database().write(lambda s: sign_ins.prove(s, token, now()))
    return redirect(local_path(request.args.get("next"), home_of(user)))


def _renew(writing: Session, user: User) -> list[str]:
    codes = totp.renew_recovery_codes(writing, user)
    record(writing, actor=user, action="user.recovery_codes", subject=user.name)
    return codes


def _remove(writing: Session, user: User) -> None:
    totp.remove(writing, accounts.get_user(writing, user.id))
    record(writing, actor=user, action="user.second_factor_removed", subject=user.name)


def _page(template: str, form: FlaskForm, **facts: object) -> ResponseReturnValue:
    return render_template(template, form=form, **facts), 400 if form.errors else 200


def _token() -> str:
    return str(session[SESSION_TOKEN])
