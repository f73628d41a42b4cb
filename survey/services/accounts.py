"""Accounts of staff and their sign-ins."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, Forbidden, InvalidInput
from survey.models import LoginSession, Role, User
from survey.services.audit import Actor, record

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
# Writing every request's time would make each page view a write.
TOUCH = timedelta(minutes=1)
SHORTEST_PASSWORD = 10
LONGEST_NAME = 80

_hasher = PasswordHasher()
# Verified against when there is no such user, so that both answers take the same work.
_DECOY = _hasher.hash(secrets.token_hex(16))


class LoginFailed(Forbidden):
    """Name or password are wrong; which one is not said."""

    code = "login_failed"
    remedy = N_("请核对后再试。忘记密码请联系系统管理员重设。")

    def __init__(self) -> None:
        super().__init__(N_("用户名或密码不对。"))


def create_user(
    session: Session, *, name: str, role: str, password: str, body: str = "", actor: Actor = "命令行"
) -> User:
    """Add an account; raises `InvalidInput` or `Conflict`."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(N_("用户名应为 1 到 %(longest)s 个字。"), longest=LONGEST_NAME)
    if role not in set(Role):
        raise InvalidInput(N_("没有“%(role)s”这种角色，可选：%(roles)s。"), role=role, roles="、".join(Role))
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(N_("密码至少 %(shortest)s 个字符。"), shortest=SHORTEST_PASSWORD)
    if session.scalar(select(User.id).where(User.name == name)):
        raise Conflict(N_("用户“%(name)s”已经存在。"), name=name)
    user = User(name=name, role=str(role), body=body.strip(), password_hash=_hasher.hash(password))
    session.add(user)
    session.flush()
    record(session, actor=actor, action="user.create", subject=name, role=str(role))
    return user


def authenticate(session: Session, name: str, password: str) -> User:
    """The account of this name and password; raises `LoginFailed`."""
    user = session.scalars(select(User).where(User.name == name.strip())).first()
    try:
        _hasher.verify(user.password_hash if user else _DECOY, password)
    except (VerificationError, InvalidHashError):
        raise LoginFailed from None
    if user is None or not user.active:
        raise LoginFailed
    return user


def start_session(session: Session, user: User, now: datetime) -> str:
    """A new sign-in's token for the cookie; only its hash is kept."""
    session.execute(delete(LoginSession).where(LoginSession.seen_at < now - IDLE))
    token = secrets.token_urlsafe(32)
    session.add(LoginSession(token_hash=_token_hash(token), user_id=user.id, started_at=now, seen_at=now))
    session.flush()
    return token


def user_of_session(session: Session, token: str, now: datetime) -> User | None:
    """Whose sign-in this is; None when there is none or it ran out (2 h idle, 12 h in all).

    Notes the visit, at most once a minute; call it in a writing session.
    """
    found = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == _token_hash(token), User.active)
    ).first()
    if found is None:
        return None
    login, user = found
    if now - login.seen_at > IDLE or now - login.started_at > ABSOLUTE:
        return None
    if now - login.seen_at > TOUCH:
        login.seen_at = now
        session.flush()
    return user


def end_session(session: Session, token: str) -> None:
    """Sign out."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == _token_hash(token)))


def list_users(session: Session, role: str | None = None) -> list[User]:
    """Active accounts by name; of one role when given."""
    query = select(User).where(User.active).order_by(User.name)
    return list(session.scalars(query.where(User.role == str(role)) if role else query))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
