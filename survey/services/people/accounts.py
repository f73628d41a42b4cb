"""Accounts of staff: creating, authenticating, changing and deactivating them."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line
from survey.database.engine import Database
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.models import Role, User
from survey.services.departments import known
from survey.services.operations.audit import Actor, record
from survey.services.people import bodies, sign_ins
from survey.services.people.passwords import UNSET, check_password, hash_password, is_password
from survey.texts import require_drawable

LONGEST_NAME = 80
FEWEST_REVIEWERS = 2


class LoginFailed(Forbidden):
    """Name or password is wrong; which one is not said."""

    code = "login_failed"
    remedy = N_("请核对后再试。忘记密码请联系系统管理员重设。")

    def __init__(self) -> None:
        super().__init__(N_("用户名或密码不对。"))


def create_user(
    session: Session,
    *,
    name: str,
    role: str,
    password: str | None,
    body: str = "",
    department: str = "",
    actor: Actor = "命令行",
    **noted: object,
) -> User:
    """New account; with password None nobody can sign in until an enrolment link was used.

    noted: further details for the audit log. Raises `InvalidInput` or `Conflict`.
    """
    name, body, department = clean_line(name), clean_line(body), clean_line(department)
    require_drawable([(N_("单位"), body), (N_("所属部门"), department)])
    check_name(session, name)
    if role not in set(Role):
        raise InvalidInput(N_("没有“%(role)s”这种角色，可选：%(roles)s。"), role=role, roles="、".join(Role))
    department = _department_of(session, role, department)
    if password is not None:
        check_password(password, known=(name, body))
    hashed = UNSET if password is None else hash_password(password)
    user = User(name=name, role=str(role), body=body, department=department, password_hash=hashed)
    user.enrolment = secrets.token_bytes(32)
    session.add(user)
    if role != Role.LIAISON:
        bodies.ensure(session, body)
    session.flush()
    record(session, actor=actor, action="user.create", subject=name, **about(user), **noted)
    return user


def check_name(session: Session, name: str) -> None:
    """Raise `InvalidInput` or `Conflict` for a user name that cannot be given."""
    require_drawable([(N_("用户名"), name)])
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(N_("用户名应为 1 到 %(longest)s 个字。"), longest=LONGEST_NAME)
    if session.scalar(select(User.id).where(User.name == name)):
        raise Conflict(N_("用户“%(name)s”已经存在。"), name=name)


def about(user: User) -> dict[str, str]:
    """Role and body of a user, for entries of the audit log."""
    return {"role": user.role, "body": user.body}


def authenticate(session: Session, name: str, password: str) -> User:
    """Account with this name and password; raises `LoginFailed`."""
    typed = {name.strip(): 0, clean_line(name): 1}
    users = session.scalars(select(User).where(User.name.in_(typed)))
    user = min(users, key=lambda known: typed[known.name], default=None)
    usable = user is not None and user.active and user.password_hash != UNSET
    if not is_password(user.password_hash if user and usable else None, password) or user is None:
        raise LoginFailed
    return user


def change_password(database: Database, user: User, old: str, new: str, *, keep: str | None = None) -> None:
    """Change a person's own password, which needs the old one, and end every sign-in except that of token
    `keep`.

    Raises `Forbidden` or `InvalidInput`. The password is hashed before the writer is asked: no ballot waits
    for it.
    """
    with database.read() as session:
        stored = get_user(session, user.id).password_hash
    if not is_password(stored, old):
        raise Forbidden(N_("现在的密码不对，没有修改。"), remedy=N_("请核对后再试。"))
    if new == old:
        raise InvalidInput(N_("新密码与现在的相同，没有修改。"))
    check_password(new, known=(user.name, user.body))
    hashed = hash_password(new)
    database.write(lambda session: _change(session, user, hashed, keep))


def _change(session: Session, user: User, hashed: str, keep: str | None) -> None:
    get_user(session, user.id).password_hash = hashed
    sign_ins.end_all(session, user, but=keep)
    record(session, actor=user, action="user.change_password", subject=user.name)


def update_user(
    session: Session, user: User, *, body: str, department: str, actor: Actor, **noted: object
) -> User:
    """Change the body and department that a person acts for. Name and role stay: the audit log and keys refer
    to them."""
    user = get_user(session, user.id)
    body = clean_line(body)
    require_drawable([(N_("单位"), body)])
    user.body = body[:LONGEST_NAME]
    user.department = _department_of(session, user.role, clean_line(department))
    record(session, actor=actor, action="user.update", subject=user.name, **about(user), **noted)
    return user


def set_active(session: Session, user: User, *, active: bool, actor: Actor, **noted: object) -> User:
    """Activate or deactivate an account, never the last administrator's; every
    sign-in of that account ends."""
    user = get_user(session, user.id)
    if user.active == active:
        return user
    if not active and user.role == Role.ADMINISTRATOR and len(list_users(session, Role.ADMINISTRATOR)) == 1:
        raise Conflict(N_("这是最后一位管理员，不能停用。"), remedy=N_("请先添加另一位管理员。"))
    user.active = active
    sign_ins.end_all(session, user)
    action = "user.activate" if active else "user.deactivate"
    record(session, actor=actor, action=action, subject=user.name, **about(user), **noted)
    return user


def require_reviewers_left(session: Session, user: User) -> None:
    """Raise `Conflict` where fewer than two reviewers who can sign in would be left without `user`.

    Changes of people take a reviewer who is there: one administrator alone must not send them all away.
    """
    others = [u for u in list_users(session, Role.REVIEWER) if u.id != user.id and u.password_hash != UNSET]
    if user.role == Role.REVIEWER and user.password_hash != UNSET and len(others) < FEWEST_REVIEWERS:
        raise Conflict(
            N_("停用以后，能登录的评议员不到 %(fewest)s 位，不能停用。"),
            remedy=N_("请先添加另一位评议员，由在任的评议员确认，等其设好密码。"),
            fewest=FEWEST_REVIEWERS,
        )


def get_user(session: Session, user_id: bytes) -> User:
    """Account with this id in the present session, also an inactive one; raises `NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(N_("没有这个账号。"))
    return user


def list_users(session: Session, role: str | None = None, *, inactive: bool = False) -> list[User]:
    """Active accounts by name; only of `role` if given; with `inactive` also inactive ones."""
    query = select(User).order_by(User.name)
    if not inactive:
        query = query.where(User.active)
    return list(session.scalars(query.where(User.role == str(role)) if role else query))


def _department_of(session: Session, role: str, department: str) -> str:
    if role != Role.LIAISON:
        return ""
    if not department:
        raise InvalidInput(N_("部门联络员要写明属于哪个部门。"), remedy=N_("请照评议轮次中的部门名称填写。"))
    return known.require(session, department)
