"""What a view has at hand: settings, database, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, session

from survey.clock import now
from survey.config import Settings
from survey.services.people import sign_ins

if TYPE_CHECKING:
    from survey.database.engine import Database
    from survey.models import LoginSession, User

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
