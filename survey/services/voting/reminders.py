"""Progress of a round that collects: by stratum, whom to remind, and what has happened so far.

Participation here comes from the last daily batch, so that a second look on the same day tells nothing new.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, select
from sqlalchemy.orm import Session

from survey.clock import COUNTY
from survey.models import AuditEvent, Enterprise, Invitation, Round
from survey.services.invitations.sampling import UNKNOWN

# What staff did to a round; what only says that somebody signed in or looked is left out.
SHOWN = (
    "round.create",
    "round.update",
    "sample.draw",
    "key.prove",
    "round.set_witness",
    "round.remove_witness",
    "round.freeze",
    "invitation.issue",
    "invitation.reissue",
    "round.start",
    "round.extend",
    "invitation.replace",
    "invitation.renew",
    "round.propose_closing",
    "round.withdraw_closing",
    "round.close",
    "round.cancel",
    "round.restored",
    "round.open",
    "publication.propose",
    "publication.withdraw",
    "publication.confirm",
)
COUNTED = ("round.update", "sample.draw", "invitation.replace", "invitation.renew")


@dataclass(frozen=True, slots=True)
class Option:
    """Option of a stratum with its invited enterprises; `collected` in steps, None where it is withheld."""

    name: str
    invited: int
    collected: int | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Action on a round on a day; `count` times in a row by the same person."""

    day: date
    action: str
    actor: str
    detail: dict[str, object]
    count: int = 1


def by_stratum(session: Session, round: Round) -> dict[str, list[Option]]:
    """Attributed invitations by option, for every stratum of the roster, as of the last daily batch.

    `collected` is rounded down in steps of the threshold; options with fewer enterprises than that are
    withheld, and with a single one of these the next larger too, so that no total gives it away.
    """
    invited: dict[str, Counter[str]] = {}
    collected: dict[str, Counter[str]] = {}
    rows = _per_combination(session, round)
    names = dict.fromkeys(name for strata, *_ in rows for name in strata)
    for strata, count, reported in rows:
        for name in names:
            option = strata.get(name) or UNKNOWN
            invited.setdefault(name, Counter())[option] += count
            collected.setdefault(name, Counter())[option] += reported
    return {name: _options(invited[name], collected[name], round.threshold) for name in names}


def to_remind(session: Session, round: Round) -> list[Enterprise]:
    """Invited enterprises that had not collected at the last daily batch, by name."""
    missing = _per_enterprise(round, Enterprise).having(func.max(_as_number()) == 0)
    rows = session.execute(missing.order_by(Enterprise.name, Enterprise.id)).all()
    return [row[0] for row in rows]


def history(session: Session, round: Round) -> list[Happening]:
    """Actions of staff on the round, earliest first; repeated ones on one day are counted together."""
    events = select(AuditEvent).where(_of(round), AuditEvent.action.in_(SHOWN))
    found: list[Happening] = []
    for event in session.scalars(events.order_by(AuditEvent.number)):
        day = event.at.astimezone(COUNTY).date()
        last = found[-1] if found else None
        again = last is not None and (last.day, last.action, last.actor) == (day, event.action, event.actor)
        count = last.count + 1 if last is not None and again and event.action in COUNTED else 1
        if count > 1:
            found.pop()
        found.append(Happening(day, event.action, event.actor, event.detail, count))
    return found


def last_change(session: Session, round: Round) -> str:
    """Name of who changed the settings of the round last; "" when nobody did."""
    query = select(AuditEvent.actor).where(_of(round), AuditEvent.action == "round.update")
    return session.scalar(query.order_by(AuditEvent.number.desc()).limit(1)) or ""


def _of(round: Round) -> ColumnElement[bool]:
    """Condition for entries of the log on this round: a deleted draft of its slug was another, so that only
    those from the newest making on count."""
    mine = AuditEvent.subject == round.slug
    made = select(func.max(AuditEvent.number)).where(mine, AuditEvent.action == "round.create")
    return and_(mine, AuditEvent.number >= func.coalesce(made.scalar_subquery(), 0))


T = TypeVar("T")


def _per_combination(session: Session, round: Round) -> list[tuple[dict[str, str], int, int]]:
    """Rows (strata, enterprises invited, enterprises that had collected): few
    rows, however many enterprises."""
    strata = cast(Enterprise.strata, Text).label("strata")  # PostgreSQL does not group by JSON
    each = _per_enterprise(round, strata).subquery()
    reported = each.c[1]
    query = select(each.c.strata, func.count(), func.sum(reported)).group_by(each.c.strata)
    rows = session.execute(query.order_by(each.c.strata))
    return [(json.loads(text), count, int(collected)) for text, count, collected in rows]


def _per_enterprise(round: Round, column: ColumnElement[T] | type[T]) -> Select[T, int]:
    # One that was replaced has two rows; it has collected when either was.
    return (
        select(column, func.max(_as_number()))
        .join(Invitation, Invitation.enterprise_id == Enterprise.id)
        .where(Invitation.round_id == round.id)
        .group_by(Enterprise.id)
    )


def _as_number() -> ColumnElement[int]:
    return case((Invitation.collected_reported, 1), else_=0)


def _options(invited: Counter[str], collected: Counter[str], step: int) -> list[Option]:
    order = sorted(invited, key=lambda name: (name == UNKNOWN, -invited[name], name))
    small = [name for name in order if invited[name] < step]
    if len(small) == 1:
        larger = sorted((name for name in order if name not in small), key=lambda name: invited[name])
        small += larger[:1]
    return [
        Option(name, invited[name], None if name in small else collected[name] - collected[name] % step)
        for name in order
    ]
