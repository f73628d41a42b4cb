"""Several people added at once, by the rules for one: reviewers are only proposed, another reviewer confirms
each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line, name_key
from survey.errors import N_, InvalidInput, PingyiError
from survey.models import Role, User
from survey.services.departments import known
from survey.services.people import accounts, bodies, enrolment, proposals


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Person to add; `role` may be anything that was typed."""

    name: str
    role: str
    body: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What is handed to a person: a sign-in link, or of a reviewer the enrolment code; and what is written
    down of an administrator."""

    person: NewPerson
    link: str = ""
    code: str = ""
    fingerprint: str = ""


def problems(session: Session, people: Sequence[NewPerson]) -> list[dict[str, PingyiError]]:
    """For each person what is wrong, by field; empty where they can be added."""
    departments = known.names(session)
    reviewers = len(accounts.list_users(session, Role.REVIEWER))
    seen: dict[str, int] = {}
    found = []
    for place, person in enumerate(people, start=1):
        wrong = _wrong(session, person, departments, reviewers)
        first = seen.setdefault(name_key(person.name), place)
        if first != place:
            said = N_("“%(name)s”在第 %(first)s 行已经有了，用户名不能重复。")
            wrong["name"] = InvalidInput(said, name=person.name, first=first)
        found.append(wrong)
    return found


def add(
    session: Session, people: Sequence[NewPerson], actor: User, base_url: str, now: datetime
) -> list[Added]:
    """Add administrators and liaisons, and propose reviewers; all of them, or none.

    Raises what `problems` names, as the rules may have changed since.
    """
    return [_one(session, person, actor, base_url, now) for person in people]


def _one(session: Session, person: NewPerson, actor: User, base_url: str, now: datetime) -> Added:
    bodies.require(session, person.body)
    if proposals.needs_two(person.role):
        _made, code = proposals.propose_person(session, actor, name=person.name, body=person.body, now=now)
        return Added(person, code=code)
    user = accounts.create_user(
        session,
        name=person.name,
        role=person.role,
        password=None,
        body=person.body,
        department=person.department,
        actor=actor.name,
    )
    link = enrolment.make_link(session, user, base_url, now, actor=actor.name, part_of="user.create")
    written = enrolment.fingerprint(user) if user.role != Role.LIAISON else ""
    return Added(person, link=link, fingerprint=written)


def _wrong(
    session: Session, person: NewPerson, departments: Sequence[str], reviewers: int
) -> dict[str, PingyiError]:
    found: dict[str, PingyiError] = {}
    try:
        accounts.check_name(session, clean_line(person.name))
    except PingyiError as error:
        found["name"] = error
    try:
        bodies.require(session, person.body)
    except PingyiError as error:
        found["body"] = error
    if person.role == Role.REVIEWER and not person.body:
        found["body"] = InvalidInput(N_("请选择评议员代表的单位。"))
    if person.role == Role.REVIEWER and reviewers < accounts.FEWEST_REVIEWERS:
        found["role"] = InvalidInput(N_("还没有两位评议员：头两位在服务器上当面登记，见运行手册。"))
    if person.role not in set(Role):
        found["role"] = InvalidInput(N_("请选择角色。"))
    if person.role == Role.LIAISON and known.spelled(person.department, departments) is None:
        said = N_("没有哪一轮评议这个部门。请先在评议轮次里加上它，或者删去这一行，以后再添加。")
        found["department"] = InvalidInput(said)
    return found
