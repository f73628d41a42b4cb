"""Pages for signing in by password and second factor, signing out, enrolling, and choosing the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from survey.clock import now
from survey.errors import PingyiError
from survey.language import gettext as _
from survey.models import Role, User
from survey.services.operations.audit import record
from survey.services.people import (
    accounts,
    enrolment,
    failed_attempts,
    passwords,
    second_factor,
    sign_ins,
    throttle,
)
from survey.web.account.browsers import browser_name
from survey.web.account.devices import device_of, remember_device
from survey.web.account.forms.account import CodeForm, EnrolForm
from survey.web.account.forms.login import LoginForm
from survey.web.languages import LANGUAGES
from survey.web.site.form_errors import refused
from survey.web.site.forms import half_filled
from survey.web.site.local_paths import local_path
from survey.web.site.request import SESSION_TOKEN, current_user, database, settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("auth", __name__)
HOMES = {Role.ADMINISTRATOR: "admin.rounds", Role.REVIEWER: "review.rounds", Role.LIAISON: "liaison.home"}
PENDING_TOKEN = "pending"  # noqa: S105 - the name of a field, not a secret


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    user = current_user()
    if user is not None:
        return redirect(home_of(user))
    return render_template("account/login.html", form=LoginForm())


@blueprint.post("/login")
def sign_in() -> ResponseReturnValue:
    form = LoginForm()
    if not form.validate():
        return render_template("account/login.html", form=form), 400
    try:
        user = _authenticate(form.name.data, form.password.data)
    except PingyiError as error:
        return refused("account/login.html", form, error)
    if user.totp_secret is not None:
        _keep(PENDING_TOKEN, _start(user, pending=True))
        return redirect(url_for("auth.code", next=request.args.get("next")))
    return _welcome(user, _start(user))


@blueprint.route("/login/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """Page that asks for the second factor, within ten minutes after the right password."""
    token, user = _pending()
    if user is None:
        return redirect(url_for("auth.login", next=request.args.get("next")))
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("account/code.html", form=form), 400 if form.errors else 200
    try:
        check_code(user, form.code.data, device_of(user.name))
    except PingyiError as error:
        return refused("account/code.html", form, error)
    return _welcome(user, database().write(lambda s: sign_ins.complete(s, token, now())))


@blueprint.route("/enrol", methods=["GET", "POST"])
def enrol() -> ResponseReturnValue:
    """Page that sets a password through a one-time link; a script takes the token out of the address."""
    form = EnrolForm()
    if not form.validate_on_submit():
        return render_template("account/enrol.html", form=form), 400 if form.errors else 200
    try:
        user = enrolment.enrol(database(), form.token.data, form.password.data, now(), form.code.data or "")
    except PingyiError as error:
        return refused("account/enrol.html", form, error)
    flash(_("密码已设好，请登录。"), "success")
    session.pop(SESSION_TOKEN, None)
    g.pop("login", None)
    return remember_device(make_response(redirect(url_for("auth.login"))), user)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    token = session.get(SESSION_TOKEN)
    if token:
        database().write(lambda s: sign_ins.end_session(s, token))
    language = session.get("language")
    session.clear()
    g.pop("login", None)
    if language:
        session["language"] = language
    flash(_("已退出。"))
    return redirect(url_for("public.index"))


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(local_path(request.form.get("next"), url_for("public.index")))


def home_of(user: User) -> str:
    """Address of the page on which `user` lands after signing in, by role."""
    return url_for(HOMES[Role(user.role)])


def check_code(user: User, typed: str, device: str | None) -> None:
    """Check a code of the second factor of `user` and use it up; raises `CodeWrong` or `TooManyTries`."""
    secret = settings().secret_key
    buckets = throttle.code_buckets(secret, user.id, request.remote_addr or "", device)
    with failed_attempts.counted(database(), user.name, failed_attempts.AttemptKind.CODE):
        database().write(lambda s: throttle.take(s, buckets, now()))
        database().write(lambda s: second_factor.check(s, user, typed, now(), secret))
    database().write(lambda s: throttle.clear(s, buckets))


def check_password(name: str, password: str, device: str | None) -> User:
    """Account with this name and password; raises `LoginFailed` or `TooManyTries`. `device`: proof of a known
    browser, or None."""
    buckets = throttle.login_buckets(settings().secret_key, name, request.remote_addr or "", device)
    # Entered first, so that a refused attempt costs neither a write nor a wait.
    with (
        passwords.room(known=device is not None),
        failed_attempts.counted(database(), name, failed_attempts.AttemptKind.PASSWORD),
    ):
        database().write(lambda s: throttle.take(s, buckets, now()))
        with database().read() as reading:
            user = accounts.authenticate(reading, name, password)
    database().write(lambda s: throttle.clear(s, buckets))
    return user


def _authenticate(name: str, password: str) -> User:
    return check_password(name, password, device_of(name))


def _pending() -> tuple[str, User | None]:
    token = session.get(PENDING_TOKEN, "")
    with database().read() as reading:
        return token, sign_ins.pending_user(reading, token, now()) if token else None


def _start(user: User, *, pending: bool = False) -> str:
    browser = browser_name()
    return database().write(
        lambda s: sign_ins.start_session(s, user, now(), pending=pending, browser=browser)
    )


def _keep(field: str, token: str) -> None:
    """Replace the browser's session by a new one that holds `token` under `field`, the language, and a
    half-filled form."""
    language = request.args.get("lang") or session.get("language")
    kept = {name: session[name] for name in (half_filled.KEY, half_filled.OWNER) if name in session}
    session.clear()
    session.update(kept)
    session[field] = token
    if language in LANGUAGES:
        session["language"] = language


def _welcome(user: User, token: str) -> Response:
    _keep(SESSION_TOKEN, token)
    session[half_filled.OWNER] = user.id.hex()
    database().write(lambda s: _record_sign_in(s, user))
    target = redirect(local_path(request.args.get("next"), home_of(user)))
    return remember_device(make_response(target), user)


def _record_sign_in(writing: Session, user: User) -> None:
    failed_attempts.write_down_of(writing, user)
    record(writing, actor=user, action="user.sign_in", subject=user.name)
