"""Enrolment links: one-time links with which a person sets the first password,
or a new one after losing it.

The token stands in the link's fragment, which no server and no proxy's log sees; the table holds its SHA-256.
A reviewer's link comes from another reviewer and works only with a code that comes from the administrator.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.clock import AHEAD
from survey.database.engine import Database
from survey.errors import N_, Forbidden
from survey.models import Enrolment, User
from survey.protocol.crypto.encoding import ALPHABET
from survey.services.operations.audit import Actor, record
from survey.services.people import second_factor, sign_ins
from survey.services.people.accounts import about, get_user
from survey.services.people.passwords import UNSET, check_password, hash_password

VALID = timedelta(days=3)
TOKEN_BYTES = 24
LONGEST_LINK = 400
CODE_LENGTH = 10  # 50 bits: not to be guessed over the network
FINGERPRINT_DIGITS = 20


class LinkInvalid(Forbidden):
    """Link that is unknown, used or expired; which one is not said."""

    code = "link_invalid"
    remedy = N_("链接只能用一次，三天内有效。请联系系统管理员再发一个。")

    def __init__(self) -> None:
        super().__init__(N_("这个链接无效，或者已经用过。"))


class CodeMissing(Forbidden):
    """Link that is valid, with a code that is wrong or missing."""

    code = "code_missing"
    remedy = N_("开户码由管理员交给您，链接由评议员交给您，两样都要。")

    def __init__(self) -> None:
        super().__init__(N_("开户码不对，没有设置密码。"))


def new_code() -> tuple[str, bytes]:
    """Pair (enrolment code for the person, its hash for the table)."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{signs[:5]}-{signs[5:]}", _hash(signs)


def fingerprint(user: User) -> str:
    """Digits that identify an enrolment and are written on paper; another link, body or role gives others. ""
    before any link."""
    if user.enrolment is None:
        return ""
    said = "\0".join(("pingyi enrolment", user.name, user.role, user.body)).encode()
    return hashlib.sha256(said + b"\0" + user.id + user.enrolment).hexdigest()[:FINGERPRINT_DIGITS]


def make_link(
    session: Session,
    user: User,
    base_url: str,
    now: datetime,
    *,
    actor: Actor,
    code_hash: bytes | None = None,
    **noted: object,
) -> str:
    """New enrolment link for `user`; an earlier one stops working. The password
    stays until the link is used.

    With `code_hash` the link works only together with that code.
    """
    user = get_user(session, user.id)
    if not user.active:
        raise Forbidden(N_("这个账号已停用，不能发登录链接。"), remedy=N_("请先启用账号。"))
    session.execute(delete(Enrolment).where((Enrolment.user_id == user.id) | (Enrolment.expires_at < now)))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    user.enrolment = _hash(token)
    link = Enrolment(token_hash=_hash(token), user_id=user.id, expires_at=now + VALID, code_hash=code_hash)
    session.add(link)
    record(session, actor=actor, action="user.enrolment_link", subject=user.name, **about(user), **noted)
    return f"{base_url.rstrip('/')}/enrol#{token}"


def enrol(database: Database, token: str, password: str, now: datetime, code: str = "") -> User:
    """Set the password of the link's owner and use the link up; every sign-in of that person ends.

    Raises `LinkInvalid`, or `CodeMissing` or `InvalidInput` for a weak password, which leave the link as it
    was.
    """
    with database.read() as session:
        user = _owner(session, token, now)
        _check_code(session, user, code)
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


def reset(
    session: Session,
    user: User,
    base_url: str,
    now: datetime,
    *,
    actor: Actor,
    code_hash: bytes | None = None,
    **noted: object,
) -> str:
    """New enrolment link after a loss of password or telephone: password and second factor stop working,
    sign-ins end."""
    user = get_user(session, user.id)
    user.password_hash = UNSET
    second_factor.remove(session, user)
    sign_ins.end_all(session, user)
    record(session, actor=actor, action="user.reset", subject=user.name, **about(user), **noted)
    return make_link(
        session, user, base_url, now, actor=actor, code_hash=code_hash, part_of="user.reset", **noted
    )


def _check_code(session: Session, user: User, typed: str) -> None:
    """Raise `CodeMissing` where the link needs a code and another was typed."""
    wanted = session.scalar(select(Enrolment.code_hash).where(Enrolment.user_id == user.id))
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())[:LONGEST_LINK]
    signs = signs.replace("O", "0").replace("I", "1").replace("L", "1")
    if wanted is not None and not hmac.compare_digest(_hash(signs), wanted):
        raise CodeMissing


def _owner(session: Session, token: str, now: datetime) -> User:
    # Somebody may paste the whole link where its last part is asked for.
    token = token.strip()[:LONGEST_LINK].rpartition("#")[2]
    query = select(Enrolment, User).join(User, User.id == Enrolment.user_id)
    found = session.execute(query.where(Enrolment.token_hash == _hash(token), User.active)).first()
    if found is None or not now <= found[0].expires_at <= now + VALID + AHEAD:
        raise LinkInvalid
    user: User = found[1]
    return user


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
