"""What a view has at hand: settings, database, who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from flask import abort, current_app, g, redirect, request, session, url_for

from survey.clock import now
from survey.config import Settings
from survey.services import failures, sign_ins

if TYPE_CHECKING:
    from survey.db import Database
    from survey.models import LoginSession, Role, User

P = ParamSpec("P")
R = TypeVar("R")
SESSION_TOKEN = "token"  # noqa: S105 - the name of a field, not a secret


@dataclass(frozen=True, slots=True)
class Pingyi:
    """What the application was made with."""

    settings: Settings
    database: Database


def pingyi() -> Pingyi:
    return cast(Pingyi, current_app.extensions["pingyi"])


def settings() -> Settings:
    return pingyi().settings


def database() -> Database:
    return pingyi().database


def current_login() -> tuple[LoginSession, User] | None:
    """The sign-in of this browser and whose it is, looked up once a request."""
    if "login" not in g:
        token = session.get(SESSION_TOKEN)
        g.login = database().write(lambda s: sign_ins.login_of(s, token, now())) if token else None
    return cast("tuple[LoginSession, User] | None", g.login)


def current_user() -> User | None:
    """Who is signed in with this browser."""
    login = current_login()
    return login[1] if login else None


def signed_in_user() -> User:
    """Who is signed in, in a view that `requires` somebody."""
    user = current_user()
    if user is None:
        abort(401)
    return user


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Let only these roles in; others are sent to sign in, or told that this page is not theirs.

    Who owes a second factor, or a fresh proof before a grave step, is sent to give it first.
    """
    from survey.views.proof import missing_proof

    def decorate(view: Callable[P, R]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            user = current_user()
            if user is None:
                target = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("auth.login", next=target))
            if user.role not in roles:
                database().write(lambda s: failures.count(s, user.name, failures.Kind.PAGE, now()))
                abort(403)
            return missing_proof() or view(*args, **kwargs)

        return guarded

    return decorate
