"""One-time links with which a person sets the first password, or a new one after losing it.

The token stands in the link's fragment, which no server and no proxy's log sees; the table holds its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.db import Database
from survey.errors import N_, Forbidden
from survey.models import Enrolment, User
from survey.services import sign_ins, totp
from survey.services.accounts import get_user
from survey.services.audit import Actor, record
from survey.services.passwords import UNSET, check_password, hash_password

VALID = timedelta(days=3)
TOKEN_BYTES = 24
LONGEST_LINK = 400


class LinkInvalid(Forbidden):
    """Unknown, used or expired; which one is not said."""

    code = "link_invalid"
    remedy = N_("链接只能用一次，三天内有效。请联系系统管理员再发一个。")

    def __init__(self) -> None:
        super().__init__(N_("这个链接无效，或者已经用过。"))


def make_link(session: Session, user: User, base_url: str, now: datetime, *, actor: Actor) -> str:
    """A link for `user`; an earlier one stops working. The password stays until the link is used."""
    user = get_user(session, user.id)
    if not user.active:
        raise Forbidden(N_("这个账号已停用，不能发登录链接。"), remedy=N_("请先启用账号。"))
    session.execute(delete(Enrolment).where((Enrolment.user_id == user.id) | (Enrolment.expires_at < now)))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(Enrolment(token_hash=_hash(token), user_id=user.id, expires_at=now + VALID))
    record(session, actor=actor, action="user.enrolment_link", subject=user.name)
    return f"{base_url.rstrip('/')}/enrol#{token}"


def enrol(database: Database, token: str, password: str, now: datetime) -> User:
    """Set the password of the link's person and spend the link; every sign-in of theirs ends.

    Raises `LinkInvalid`, or `InvalidInput` for a weak password, which leaves the link as it was.
    """
    with database.read() as session:
        user = _owner(session, token, now)
    check_password(password, known=(user.name, user.body))
    hashed = hash_password(password)
    return database.write(lambda session: _spend(session, token, hashed, now))


def _spend(session: Session, token: str, hashed: str, now: datetime) -> User:
    user = _owner(session, token, now)
    taken = delete(Enrolment).where(Enrolment.user_id == user.id).returning(Enrolment.user_id)
    if session.execute(taken).first() is None:  # somebody was faster with the same link
        raise LinkInvalid
    user.password_hash = hashed
    sign_ins.end_all(session, user)
    record(session, actor=user, action="user.enrol", subject=user.name)
    return user


def reset(session: Session, user: User, base_url: str, now: datetime, *, actor: Actor) -> str:
    """After a loss of password or telephone: both stop working, sign-ins end, and a new link is returned."""
    user = get_user(session, user.id)
    user.password_hash = UNSET
    totp.remove(session, user)
    sign_ins.end_all(session, user)
    record(session, actor=actor, action="user.reset", subject=user.name)
    return make_link(session, user, base_url, now, actor=actor)


def _owner(session: Session, token: str, now: datetime) -> User:
    # Somebody may paste the whole link where its last part is asked for.
    token = token.strip()[:LONGEST_LINK].rpartition("#")[2]
    query = select(Enrolment, User).join(User, User.id == Enrolment.user_id)
    found = session.execute(query.where(Enrolment.token_hash == _hash(token), User.active)).first()
    if found is None or found[0].expires_at < now:
        raise LinkInvalid
    user: User = found[1]
    return user


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
