"""Enterprises of the roster that may belong to one owner, as they share a telephone or a legal person.

The ranking counts every enterprise as an opinion of its own, and a ballot can never say whose it is. Whoever
makes the roster is told, and can invite one of each owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.documents.uploads.roster_table import RosterReport
from survey.models import Enterprise

SHOWN_GROUPS, SHOWN_NAMES = 50, 8


@dataclass(frozen=True, slots=True)
class Shared:
    """Group of enterprises with one telephone or legal person (kind: phone,
    person); `names`: the first few."""

    kind: str
    value: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    """Largest groups, number of all groups, and number of enterprises in some group."""

    groups: tuple[Shared, ...]
    total: int
    enterprises: int


def owners(session: Session, report: RosterReport) -> Owners:
    """Groups that the roster would have after the import of the report's rows, largest first."""
    columns = (Enterprise.credit_code, Enterprise.name, Enterprise.phone)
    rows = {code: (name, phone) for code, name, phone in session.execute(select(*columns))}
    rows |= {row.credit_code: (row.name, row.phone) for row in report.rows}
    phones = [(code, phone) for code, (_name, phone) in rows.items()]
    persons = [(row.credit_code, report.persons.get(row.credit_code, "")) for row in report.rows]
    names = {code: name for code, (name, _phone) in rows.items()}
    members: set[str] = set()
    found: list[Shared] = []
    for kind, pairs in (("phone", phones), ("person", persons)):
        for value, codes in _several(pairs):
            members.update(codes)
            shown = tuple(names[code] for code in codes[:SHOWN_NAMES])
            found.append(Shared(kind, value, len(codes), shown))
    found.sort(key=lambda one: (-one.count, one.kind, one.value))
    return Owners(tuple(found[:SHOWN_GROUPS]), len(found), len(members))


def _several(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    by_value: dict[str, list[str]] = {}
    for code, value in pairs:
        if value:
            by_value.setdefault(value, []).append(code)
    groups: Mapping[str, list[str]] = {value: codes for value, codes in by_value.items() if len(codes) > 1}
    yield from groups.items()
