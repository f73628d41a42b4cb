"""Signing in and out, and the language of the desk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for

from survey.clock import now
from survey.errors import PingyiError
from survey.forms.login import LoginForm
from survey.language import LANGUAGES
from survey.models import Role, User
from survey.services import accounts
from survey.views.context import SESSION_TOKEN, current_user, database
from survey.views.local_paths import local_path
from survey.views.translating import gettext as _

blueprint = Blueprint("auth", __name__)
HOMES = {Role.ADMINISTRATOR: "admin.rounds", Role.REVIEWER: "review.rounds", Role.LIAISON: "public.index"}


@blueprint.get("/login")
def login() -> Any:
    user = current_user()
    if user is not None:
        return redirect(home_of(user))
    return render_template("auth/login.html", form=LoginForm())


@blueprint.post("/login")
def sign_in() -> Any:
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 400
    try:
        user = _authenticate(form.name.data, form.password.data)
    except PingyiError as error:
        form.form_errors.append(error.say(_) + error.say_remedy(_))
        return render_template("auth/login.html", form=form), error.status
    _remember(user)
    return redirect(local_path(request.args.get("next"), home_of(user)))


@blueprint.post("/logout")
def logout() -> Any:
    token = session.get(SESSION_TOKEN)
    if token:
        database().write(lambda s: accounts.end_session(s, token))
    language = session.get("language")
    session.clear()
    g.pop("user", None)
    if language:
        session["language"] = language
    flash(_("已退出。"))
    return redirect(url_for("public.index"))


@blueprint.post("/language")
def choose_language() -> Any:
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(local_path(request.form.get("next"), url_for("public.index")))


def home_of(user: User) -> str:
    """Where `user` lands after signing in."""
    return url_for(HOMES[Role(user.role)])


def _authenticate(name: str, password: str) -> User:
    with database().read() as reading:
        return accounts.authenticate(reading, name, password)


def _remember(user: User) -> None:
    """A new session for a new person: nothing of the visitor's old one is kept but the language."""
    language = request.args.get("lang") or session.get("language")
    token = database().write(lambda s: accounts.start_session(s, user, now()))
    session.clear()
    session[SESSION_TOKEN] = token
    if language in LANGUAGES:
        session["language"] = language
