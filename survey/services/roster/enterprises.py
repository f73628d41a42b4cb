"""Roster of the enterprises that can be invited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
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
PLAIN: Final[tuple[Literal["name", "contact", "phone", "email"], ...]] = ("name", "contact", "phone", "email")
FIELDS = (*PLAIN, "strata")
SORTS = ("name", "credit_code", "contact", "phone")
KnownRow = Row[tuple[object, ...]]  # columns of a known enterprise, by name
# Inserts into the table and not the class, so that a hundred thousand rows need no objects.
_INSERT = insert(Enterprise.__table__)  # type: ignore[arg-type]


class EnterpriseValues(TypedDict):
    """Values of an enterprise's `FIELDS`, as its row is written."""

    name: str
    contact: str
    phone: str
    email: str
    strata: dict[str, str]


@dataclass(frozen=True, slots=True)
class RosterImport:
    """Numbers of enterprises that an import added, changed, and found unchanged; `fields`: in how many a
    column (field or stratum) changed; `retired`: how many of those in the file are retired and stay so."""

    added: int
    updated: int
    unchanged: int
    fields: tuple[tuple[str, int], ...] = ()
    retired: int = 0


def import_roster(
    session: Session, rows: Sequence[RosterRow], actor: Actor, brings: Collection[str] | None = None
) -> RosterImport:
    """Add new enterprises and update known ones, by credit code; none is removed.

    `brings`: fields (as `FIELDS`) and strata that the file has a column for; no other is changed. None: all.
    """
    differences = _differences(session, rows, brings)
    if differences.added:
        session.execute(_INSERT, differences.added)
    if differences.changed:
        session.execute(update(Enterprise), differences.changed)
    result = differences.counts(len(rows))
    said: dict[str, Any] = {"added": result.added, "updated": result.updated}
    if result.fields:
        said["columns"] = dict(result.fields)
    record(session, actor=actor, action="roster.import", **said)
    return result


def foresee_import(
    session: Session, rows: Sequence[RosterRow], brings: Collection[str] | None = None
) -> RosterImport:
    """Numbers of enterprises that `import_roster` would add and change."""
    return _differences(session, rows, brings).counts(len(rows))


def strata_in_use(session: Session) -> tuple[Stratum, ...]:
    """Strata of the newest round, which a roster is checked against; the default ones before any round."""
    for round in session.scalars(
        select(Round).where(~Round.trial).order_by(Round.opens_on.desc(), Round.slug.desc()).limit(1)
    ):
        strata = questionnaire_of(round).strata
        if strata:
            return strata
    return STRATA


def every_row(session: Session) -> list[RosterRow]:
    """Rows of the whole roster without the retired, as files carry them."""
    columns = (Enterprise.credit_code, *(getattr(Enterprise, name) for name in FIELDS))
    query = select(*columns).where(~Enterprise.retired).order_by(Enterprise.name, Enterprise.id)
    return [RosterRow(**row._mapping) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class _Differences:
    """New enterprises, and changed ones, each as dictionaries of the values to write."""

    added: list[dict[str, object]]
    changed: list[dict[str, object]]
    fields: Counter[str]
    retired: int

    def counts(self, rows: int) -> RosterImport:
        added, changed = len(self.added), len(self.changed)
        fields = tuple(sorted(self.fields.items(), key=lambda item: (-item[1], item[0])))
        return RosterImport(added, changed, rows - added - changed, fields, self.retired)


def _differences(session: Session, rows: Sequence[RosterRow], brings: Collection[str] | None) -> _Differences:
    _refuse_repeated(rows)
    columns = ("id", "credit_code", "retired", *FIELDS)
    query = select(*(getattr(Enterprise, name) for name in columns))
    known = {row.credit_code: row for row in session.execute(query)}
    found = _Differences(
        [], [], Counter(), sum(known[r.credit_code].retired for r in rows if r.credit_code in known)
    )
    for row in rows:
        before = known.get(row.credit_code)
        if before is None:
            new = {"id": random_id(), "credit_code": row.credit_code, "retired": False, **values_of(row)}
            found.added.append(new)
            continue
        values = _updated(row, before, brings)
        different = changed_names(values_of(before), values)
        if different:
            found.fields.update(different)
            found.changed.append({"id": before.id, **values})
    return found


def _updated(row: RosterRow, before: KnownRow, brings: Collection[str] | None) -> EnterpriseValues:
    """Values of a known enterprise after the import of `row`."""
    if brings is None:
        return values_of(row)
    values = values_of(before)
    for name in PLAIN:
        if name in brings:
            values[name] = getattr(row, name)
    kept = {name: option for name, option in before.strata.items() if name not in brings}
    values["strata"] = kept | row.strata
    return values


def values_of(source: Enterprise | RosterRow | KnownRow) -> EnterpriseValues:
    """Values of `FIELDS`, by name, with the strata in a dictionary of their own."""
    return {
        "name": source.name,
        "contact": source.contact,
        "phone": source.phone,
        "email": source.email,
        "strata": dict(source.strata),
    }


def changed_names(before: EnterpriseValues, after: EnterpriseValues) -> list[str]:
    """Names of the fields and strata in which two sets of an enterprise's values differ."""
    plain = [name for name in PLAIN if before[name] != after[name]]
    old, new = before["strata"], after["strata"]
    return plain + [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def list_enterprises(
    session: Session, search: str = "", page: int = 1, per_page: int = PER_PAGE, sort: str = "name"
) -> Page[Enterprise]:
    """Page of enterprises that `matching` finds, sorted by one of `SORTS`; the retired
    come last."""
    query, total = select(Enterprise), select(func.count()).select_from(Enterprise)
    if search.strip():
        query, total = query.where(matching(search)), total.where(matching(search))
    order = getattr(Enterprise, sort) if sort in SORTS else Enterprise.name
    query = query.order_by(Enterprise.retired, order, Enterprise.id)
    return page_of(session, query, total=session.scalar(total) or 0, page=page, per_page=per_page)


def count_enterprises(session: Session) -> int:
    """Number of enterprises on the roster that can be invited."""
    return session.scalar(select(func.count()).select_from(Enterprise).where(~Enterprise.retired)) or 0


def longest_fields(session: Session) -> dict[str, str]:
    """The longest name and the longest contact of those who can be invited, as messages call them; "" before
    there is any."""
    columns = {"enterprise": Enterprise.name, "contact": Enterprise.contact}
    query = select(Enterprise).where(~Enterprise.retired)
    return {
        name: session.scalar(query.with_only_columns(column).order_by(func.length(column).desc()).limit(1))
        or ""
        for name, column in columns.items()
    }


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
