"""Who would read what is handed to a department."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict
from survey.models import Role, User
from survey.services.departments.lineage import read_lineage
from survey.services.people.passwords import UNSET


@dataclass(frozen=True, slots=True)
class DepartmentReader:
    """Liaison of `department` by its present name; `enrolled`: has set a password and can sign in."""

    name: str
    department: str
    enrolled: bool


def readers(session: Session, department: str) -> list[DepartmentReader]:
    """Active liaisons who see what is handed to this department, by name."""
    lineage = read_lineage(session)
    query = select(User).where(User.role == Role.LIAISON, User.active, User.department != "")
    return [
        DepartmentReader(user.name, user.department, user.password_hash != UNSET)
        for user in session.scalars(query.order_by(User.name))
        if department in lineage.inherited(user.department)
    ]


def unheard(session: Session, departments: Collection[str]) -> list[str]:
    """Those among these departments that have no active liaison."""
    lineage = read_lineage(session)
    query = select(User.department).where(User.role == Role.LIAISON, User.active, User.department != "")
    heard = frozenset[str]().union(*(lineage.inherited(name) for name in session.scalars(query.distinct())))
    return [name for name in departments if name not in heard]


def require_readers(session: Session, department: str, *, confirmed: bool) -> None:
    """Raise `Conflict` where nobody would read what is handed to this department, unless that is known."""
    if not confirmed and not readers(session, department):
        raise Conflict(
            N_("“%(name)s”还没有联络员，转过去没有人会看到。"),
            remedy=N_("请管理员在“人员”里添加这个部门的联络员；仍要转办的，请勾选确认。"),
            name=department,
        )
