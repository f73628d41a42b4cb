"""Context of the present request: settings, database, and who is signed in."""

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
    """Settings and database that the application was made with."""

    settings: Settings
    database: Database


def pingyi() -> Pingyi:
    return cast(Pingyi, current_app.extensions["pingyi"])


def settings() -> Settings:
    return pingyi().settings


def database() -> Database:
    return pingyi().database


def current_login() -> tuple[LoginSession, User] | None:
    """Sign-in of this browser and its user, looked up once a request; None if nobody is signed in."""
    if "login" not in g:
        token = session.get(SESSION_TOKEN)
        g.login = database().write(lambda s: sign_ins.login_of(s, token, now())) if token else None
    return cast("tuple[LoginSession, User] | None", g.login)


def look_up_login() -> tuple[LoginSession, User] | None:
    """Sign-in as `current_login` finds it, without writing that it was seen."""
    if not (token := session.get(SESSION_TOKEN)):
        return None
    with database().read() as reading:
        return sign_ins.login_of(reading, token, now(), touch=False)


def current_user() -> User | None:
    """User who is signed in with this browser; None if nobody."""
    login = current_login()
    return login[1] if login else None


def signed_in_user() -> User:
    """User who is signed in, for views that `requires` protects; aborts with 401 if nobody is."""
    user = current_user()
    if user is None:
        abort(401)
    return user
