"""Bodies that people act for and that hold rounds: a list that only two people together can change."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line, name_key
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Body, User
from survey.texts import require_drawable

LONGEST = 80
SEPARATOR = re.compile(r"[、，,；;]+")


def listed(session: Session) -> list[str]:
    """Names of the bodies, sorted."""
    return list(session.scalars(select(Body.name).order_by(Body.name)))


def require(session: Session, name: str) -> str:
    """`name` unchanged, if it is on the list or empty; raises `InvalidInput`."""
    if name and session.get(Body, name) is None:
        raise InvalidInput(
            N_("机构名单里没有“%(name)s”。"),
            remedy=N_("请从名单里选；要加一个机构，由管理员在“变更确认”里提出，由评议员确认。"),
            name=name,
        )
    return name


def check_new(session: Session, name: str) -> str:
    """Cleaned name of a body that may be added; raises `InvalidInput` or `Conflict`."""
    name = clean_line(name)
    require_drawable([(N_("机构"), name)])
    if not 0 < len(name) <= LONGEST or SEPARATOR.search(name):
        raise InvalidInput(N_("机构名称应为 1 到 %(longest)s 个字，不含顿号和逗号。"), longest=LONGEST)
    same = [known for known in listed(session) if name_key(known) == name_key(name)]
    if same:
        raise Conflict(N_("机构名单里已经有“%(name)s”。"), name=same[0])
    return name


def ensure(session: Session, name: str) -> None:
    """Add a name to the list unless it is there; for setting up the machine, and for confirmed proposals."""
    if name and session.get(Body, name) is None:
        session.add(Body(name=name))
        session.flush()


def remove(session: Session, name: str) -> None:
    """Remove a name from the list; raises `Conflict` while somebody acts for that body."""
    if session.scalar(select(User.id).where(User.body == name, User.active).limit(1)):
        raise Conflict(N_("还有人代表“%(name)s”，不能从名单里去掉。"), name=name)
    found = session.get(Body, name)
    if found is not None:
        session.delete(found)
        session.flush()


def of_text(text: str) -> list[str]:
    """Names of bodies in the text that says who holds a round."""
    return [part for part in (clean_line(piece) for piece in SEPARATOR.split(text)) if part]
