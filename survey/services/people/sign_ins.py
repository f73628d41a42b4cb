"""Sign-ins: a random token in the cookie, its SHA-256 in the table, ended when idle or too old."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from survey.clock import AHEAD
from survey.models import LoginSession, User

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
# Between the password and the second factor.
PENDING = timedelta(minutes=10)
# Issuing, closing and opening want password or second factor as recent as this.
RECENT = timedelta(minutes=5)
# Writing every request's time would make each page view a write.
TOUCH = timedelta(minutes=1)
HANDLE_DIGITS = 16


def start_session(
    session: Session, user: User, now: datetime, *, pending: bool = False, browser: str = ""
) -> str:
    """Token of a new sign-in, for the cookie; `pending` until the second factor was given."""
    old = or_(LoginSession.seen_at < now - IDLE, LoginSession.started_at < now - ABSOLUTE)
    session.execute(delete(LoginSession).where(old))
    token = secrets.token_urlsafe(32)
    login = LoginSession(
        token_hash=_token_hash(token),
        user_id=user.id,
        started_at=now,
        seen_at=now,
        proved_at=now,
        pending=pending,
        browser=browser[:40],
    )
    session.add(login)
    session.flush()
    return token


def login_of(
    session: Session, token: str, now: datetime, *, touch: bool = True
) -> tuple[LoginSession, User] | None:
    """Sign-in with this token and its user; None when there is none or it ran out.

    Updates the time of the last visit, at most once a minute, unless `touch` is False; call it in a writing
    session then.
    """
    found = _find(session, token)
    if found is None or found[0].pending:
        return None
    login, _user = found
    if not _holds(login.seen_at, now, IDLE) or not _holds(login.started_at, now, ABSOLUTE):
        return None
    if touch and now - login.seen_at > TOUCH:
        login.seen_at = now
        session.flush()
    return found


def pending_user(session: Session, token: str, now: datetime) -> User | None:
    """User who gave the right password with this token and still has to give the second factor, within ten
    minutes; None otherwise."""
    found = _find(session, token)
    if found is None or not found[0].pending or not _holds(found[0].started_at, now, PENDING):
        return None
    return found[1]


def complete(session: Session, token: str, now: datetime) -> str:
    """Token of the full sign-in that replaces the pending one, after the right second factor."""
    found = _find(session, token)
    if found is None:
        raise ValueError("there is no such sign-in")
    login, user = found
    end_session(session, token)
    return start_session(session, user, now, browser=login.browser)


def prove(session: Session, token: str, now: datetime) -> str:
    """Record that password or second factor were given again; returns the new token of the sign-in."""
    new = secrets.token_urlsafe(32)
    proved = update(LoginSession).where(LoginSession.token_hash == _token_hash(token))
    values = {"token_hash": _token_hash(new), "proved_at": now}
    found = session.execute(proved.values(values).returning(LoginSession.user_id)).first()
    session.expire_all()
    return new if found else token  # another tab of this browser was faster


def is_recent(login: LoginSession, now: datetime, within: timedelta = RECENT) -> bool:
    """Whether password or second factor were last given at most `within` ago."""
    return login.proved_at is not None and _holds(login.proved_at, now, within)


def _holds(moment: datetime, now: datetime, within: timedelta) -> bool:
    """Whether `moment` is at most `within` ago, and not ahead."""
    return -AHEAD <= now - moment <= within


def end_session(session: Session, token: str) -> None:
    """End the sign-in with this token."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == _token_hash(token)))


def end_all(session: Session, user: User, *, but: str | None = None) -> int:
    """End every sign-in of `user` except that of the token `but`; returns how many ended."""
    mine = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        mine = mine.where(LoginSession.token_hash != _token_hash(but))
    ended = session.execute(mine.returning(LoginSession.token_hash)).all()
    session.expire_all()
    return len(ended)


def list_sessions(session: Session, user: User, now: datetime) -> list[LoginSession]:
    """Sign-ins of `user` that are complete (second factor given) and not expired, latest used first."""
    holds = (
        LoginSession.seen_at.between(now - IDLE, now + AHEAD),
        LoginSession.started_at.between(now - ABSOLUTE, now + AHEAD),
    )
    query = select(LoginSession).where(LoginSession.user_id == user.id, ~LoginSession.pending, *holds)
    return list(session.scalars(query.order_by(LoginSession.seen_at.desc())))


def handle(login: LoginSession) -> str:
    """Name of a sign-in for pages and forms, from which its token cannot be worked out."""
    return login.token_hash.hex()[:HANDLE_DIGITS]


def end_by_handle(session: Session, user: User, name: str, now: datetime) -> bool:
    """End the sign-in of `user` with this handle; returns False when there is none."""
    found = [login for login in list_sessions(session, user, now) if handle(login) == name]
    for login in found:
        session.delete(login)
    session.flush()
    return bool(found)


def _find(session: Session, token: str) -> tuple[LoginSession, User] | None:
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == _token_hash(token), User.active)
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
