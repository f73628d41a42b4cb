"""Contacts, telephones and mail addresses, of the roster and of key holders, are erased by the clock when
no round has needed them for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from survey.clock import COUNTY, today
from survey.database.engine import Database
from survey.models import AuditEvent, Enterprise, HolderContact, Round, State
from survey.services.operations.audit import hold, record

ERASED = "roster.erase_contacts"
CLOCK = "系统定时"
_CHANGED = ("roster.import", "roster.add", "roster.edit", "roster.restore")
_HAS_SOME = or_(Enterprise.contact != "", Enterprise.phone != "", Enterprise.email != "")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a round's page says of contacts and telephones: of how many enterprises there are some, the last
    day on which they are kept (None while a round collects), and the day after this round on which they were
    erased (None before)."""

    held: int
    until: date | None
    erased_on: date | None


def erase_when_over(database: Database, days: int) -> int:
    """Erase contacts and telephones when their last day is over; returns of how many enterprises.

    Names, credit codes and strata stay. Those of key holders go with the days after their own round, once it
    is opened or cancelled. The database leaves no bytes of them in its tables.
    """
    erased = database.write(lambda session: _erase(session, days))
    holders = database.write(lambda session: _erase_of_holders(session, days))
    for count, table in ((erased, Enterprise), (holders, HolderContact)):
        if count:
            database.kind.forget_old_rows(database, table.__tablename__)
    return erased


def keeping(session: Session, round: Round, days: int) -> Keeping:
    """How long the roster's contacts and telephones are kept, as a round's page says it."""
    held = session.scalar(select(func.count()).select_from(Enterprise).where(_HAS_SOME)) or 0
    erasures = select(AuditEvent.at).where(AuditEvent.action == ERASED).order_by(AuditEvent.number)
    after = (day for day in map(_day, session.scalars(erasures)) if day > round.closes_on)
    return Keeping(held, _kept_until(session, days), next(after, None))


def _erase(session: Session, days: int) -> int:
    hold(session)  # an import or a round that starts waits here: either it is seen, or it comes afterwards
    until = _kept_until(session, days)
    if until is None or today() <= until:
        return 0
    blank = (
        update(Enterprise).where(_HAS_SOME).values(contact="", phone="", email="").returning(Enterprise.id)
    )
    erased = len(session.execute(blank.execution_options(synchronize_session=False)).all())
    if erased:
        record(session, actor=CLOCK, action=ERASED, enterprises=erased, kept_until=until.isoformat())
    return erased


def _erase_of_holders(session: Session, days: int) -> int:
    over = Round.state.in_((State.OPENED, State.CANCELLED)), Round.closes_on < today() - timedelta(days=days)
    mine = HolderContact.round_id.in_(select(Round.id).where(*over))
    erased = len(session.execute(delete(HolderContact).where(mine).returning(HolderContact.user_id)).all())
    if erased:
        record(session, actor=CLOCK, action="contact.erase_holders", count=erased)
    return erased


def _kept_until(session: Session, days: int) -> date | None:
    """Last day: so many days after the last day of all real rounds, drafts too, and after the roster's last
    change."""
    if session.scalar(select(Round.id).where(Round.state == State.OPEN, ~Round.trial).limit(1)):
        return None
    ended = session.scalar(select(func.max(Round.closes_on)).where(~Round.trial))
    changes = select(AuditEvent.at).where(AuditEvent.action.in_(_CHANGED))
    changed = session.scalar(changes.order_by(AuditEvent.number.desc()).limit(1))
    known = [day for day in (ended, changed and _day(changed)) if day]
    return max(known, default=date.min) + timedelta(days=days)


def _day(moment: datetime) -> date:
    return moment.astimezone(COUNTY).date()
