"""Departments that rounds know, and those that they became: what people pick from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line, name_key
from survey.errors import N_, InvalidInput
from survey.models import Role, Round, User
from survey.services.departments.lineage import read_lineage
from survey.texts import require_drawable

LONGEST = 60


def by_round(session: Session) -> list[tuple[str, list[str]]]:
    """Pairs (title of a round, names of its departments), newest round first."""
    rows = session.execute(
        select(Round.title, Round.questionnaire)
        .where(~Round.trial)
        .order_by(Round.opens_on.desc(), Round.slug.desc())
    )
    return [(title, [d["name"] for d in json.loads(text)["departments"]]) for title, text in rows]


def names(session: Session) -> list[str]:
    """Names that rounds know, newest round first, then those that only a succession names."""
    ends = [name for step in read_lineage(session).steps for name in (step.before, step.after)]
    rated = (name for _title, departments in by_round(session) for name in departments)
    return list(dict.fromkeys((*rated, *ends)))


def require(session: Session, name: str) -> str:
    """`name` as the rounds spell it; raises `InvalidInput` where none knows it."""
    known = names(session)
    if (found := spelled(name, known)) is None:
        raise InvalidInput(
            N_("没有哪一轮评议“%(name)s”，也没有部门改成这个名称。"),
            remedy=N_("请先在评议轮次里加上这个部门，或由评议员在“部门沿革”里登记它的新名称。"),
            name=name,
        )
    return found


def spelled(name: str, known: Collection[str]) -> str | None:
    """`name` as it stands in `known`, whatever its widths and spaces; None where it does not."""
    if (text := clean_line(name)) in known:
        return text
    return next((one for one in known if name_key(one) == name_key(text)), None)


def checked(name: str, known: Collection[str]) -> str:
    """Name of a department that may be new, cleaned as in a questionnaire; raises `InvalidInput`."""
    text = spelled(name, known) or clean_line(name)
    if not 0 < len(text) <= LONGEST:
        raise InvalidInput(N_("部门名称应为 1 到 %(longest)s 个字。"), longest=LONGEST)
    require_drawable([(N_("部门"), text)])
    return text


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Liaison who gets nothing new: no round knows the department, or it was merged into `into` on `on`."""

    user: User
    into: str = ""
    on: date | None = None


def misplaced(session: Session, people: Iterable[User]) -> list[Misplaced]:
    """Those among these liaisons whose department fits none that there is now."""
    lineage, known = read_lineage(session), set(names(session))
    found = []
    for user in people:
        ended = lineage.ended(user.department)
        if user.role == Role.LIAISON and ended:
            found.append(Misplaced(user, ended.after, ended.on))
        elif user.role == Role.LIAISON and user.department not in known:
            found.append(Misplaced(user))
    return found
