"""Roster of the enterprises that can be invited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from survey.database.paging import Page, page_of
from survey.database.searching import contains
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import N_, InvalidInput
from survey.models import Enterprise, Round
from survey.models.base import random_id
from survey.protocol.questionnaire import Stratum
from survey.services.operations.audit import Actor, record
from survey.services.rounds.defaults import STRATA
from survey.services.rounds.descriptions import questionnaire_of

PER_PAGE = 50
FEWEST_DIGITS = 4
FIELDS = ("name", "contact", "phone", "strata")
SORTS = ("name", "credit_code", "contact", "phone")
# Inserts into the table and not the class, so that a hundred thousand rows need no objects.
_INSERT = insert(Enterprise.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class RosterImport:
    """Numbers of enterprises that an import added, changed, and found unchanged."""

    added: int
    updated: int
    unchanged: int


def import_roster(session: Session, rows: Sequence[RosterRow], actor: Actor) -> RosterImport:
    """Add new enterprises and update known ones, by credit code; none is removed."""
    added, changed = _differences(session, rows)
    if added:
        session.execute(_INSERT, added)
    if changed:
        session.execute(update(Enterprise), changed)
    result = RosterImport(len(added), len(changed), len(rows) - len(added) - len(changed))
    record(session, actor=actor, action="roster.import", added=result.added, updated=result.updated)
    return result


def foresee_import(session: Session, rows: Sequence[RosterRow]) -> RosterImport:
    """Numbers of enterprises that `import_roster` would add and change."""
    added, changed = _differences(session, rows)
    return RosterImport(len(added), len(changed), len(rows) - len(added) - len(changed))


def strata_in_use(session: Session) -> tuple[Stratum, ...]:
    """Strata of the newest round, which a roster is checked against; the default ones before any round."""
    for round in session.scalars(select(Round).order_by(Round.opens_on.desc(), Round.slug.desc()).limit(1)):
        strata = questionnaire_of(round).strata
        if strata:
            return strata
    return STRATA


def every_row(session: Session) -> list[RosterRow]:
    """Rows of the whole roster, as files carry them."""
    columns = (Enterprise.credit_code, *(getattr(Enterprise, name) for name in FIELDS))
    query = select(*columns).order_by(Enterprise.name, Enterprise.id)
    return [RosterRow(*row) for row in session.execute(query)]


def _differences(
    session: Session, rows: Sequence[RosterRow]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """New enterprises, and changed ones, each as dictionaries of the values to write."""
    _refuse_repeated(rows)
    columns = (Enterprise.credit_code, Enterprise.id, *(getattr(Enterprise, name) for name in FIELDS))
    known = {row.credit_code: row for row in session.execute(select(*columns))}
    added, changed = [], []
    for row in rows:
        values = {name: getattr(row, name) for name in FIELDS} | {"strata": dict(row.strata)}
        before = known.get(row.credit_code)
        if before is None:
            added.append({"id": random_id(), "credit_code": row.credit_code} | values)
        elif any(getattr(before, name) != value for name, value in values.items()):
            changed.append({"id": before.id} | values)
    return added, changed


def list_enterprises(
    session: Session, search: str = "", page: int = 1, per_page: int = PER_PAGE, sort: str = "name"
) -> Page[Enterprise]:
    """Page of enterprises that `matching` finds, sorted by one of `SORTS`."""
    query, total = select(Enterprise), select(func.count()).select_from(Enterprise)
    if search.strip():
        query, total = query.where(matching(search)), total.where(matching(search))
    order = getattr(Enterprise, sort) if sort in SORTS else Enterprise.name
    query = query.order_by(order, Enterprise.id)
    return page_of(session, query, total=session.scalar(total) or 0, page=page, per_page=per_page)


def count_enterprises(session: Session) -> int:
    """Number of enterprises on the roster."""
    return session.scalar(select(func.count()).select_from(Enterprise)) or 0


def find_enterprise(session: Session, credit_code: str) -> Enterprise | None:
    """Enterprise with this credit code; None without one."""
    return session.scalars(select(Enterprise).where(Enterprise.credit_code == credit_code.strip())).first()


def get_enterprise(session: Session, credit_code: str) -> Enterprise:
    """Enterprise with this credit code; raises `InvalidInput`."""
    found = find_enterprise(session, credit_code)
    if found is None:
        raise InvalidInput(N_("名录里没有信用代码为 %(code)s 的企业。"), code=credit_code)
    return found


def matching(words: str) -> ColumnElement[bool]:
    """SQL condition that name, credit code, contact or telephone contains `words`; telephones are compared
    as digits, too."""
    columns = (Enterprise.name, Enterprise.credit_code, Enterprise.contact, Enterprise.phone)
    chosen = [contains(column, words) for column in columns]
    digits = "".join(sign for sign in words if sign.isdecimal())
    if len(digits) >= FEWEST_DIGITS and not set(words) - set(digits) - set(" -－（）()+"):
        plain = func.replace(func.replace(Enterprise.phone, "-", ""), " ", "")
        chosen.append(plain.contains(digits))
    return or_(*chosen)


def _refuse_repeated(rows: Sequence[RosterRow]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.credit_code in seen:
            raise InvalidInput(N_("信用代码 %(code)s 在名录中重复。"), code=row.credit_code)
        seen.add(row.credit_code)
