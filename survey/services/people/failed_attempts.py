"""Failed sign-ins and refused pages, counted for an audit log that cannot be flooded (ASVS 5.0, 16.3.1 and
16.3.2).

Attempts are counted by account and hour, and each count becomes one entry: when its hour is over, or before
the entry that says that somebody did sign in. However many attempts a stranger makes, an hour adds two
entries for an account, and one for all names that are no account's. Those names are not stored: people type
their password into the wrong field.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from survey.clock import COUNTY, now
from survey.database.engine import Database
from survey.database.kinds import kind_of
from survey.models import FailedAttempt, User
from survey.services.operations.audit import hold, record
from survey.services.people.accounts import LoginFailed
from survey.services.people.second_factor import CodeWrong
from survey.services.people.throttle import TooManyTries

NOBODY = "未登录者"


class AttemptKind(StrEnum):
    """Kind of attempt that failed."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a secret
    CODE = "code"
    PAGE = "page"


@contextlib.contextmanager
def counted(database: Database, name: str, kind: AttemptKind) -> Iterator[None]:
    """Context that counts an attempt to sign in as `name` when it fails or has to wait; the error is raised
    again."""
    try:
        yield
    except (LoginFailed, CodeWrong, TooManyTries):
        database.write(lambda session: count(session, name, kind, now()))
        raise


def count(session: Session, name: str, kind: AttemptKind, moment: datetime) -> None:
    """Count one failed attempt of this kind in the hour of `moment`."""
    known = session.scalar(select(User.name).where(User.name == name.strip())) or ""
    insert = kind_of(session).insert(FailedAttempt)
    one = insert.values(name=known, kind=str(kind), hour=_hour(moment), count=1)
    key = ["name", "kind", "hour"]
    more = {"count": FailedAttempt.count + 1}
    session.execute(one.on_conflict_do_update(index_elements=key, set_=more))


def write_down(session: Session, moment: datetime) -> None:
    """Write counts of hours that are over into the audit log."""
    _write_down(session, FailedAttempt.hour != _hour(moment))


def write_down_of(session: Session, user: User) -> None:
    """Write counts of failed sign-ins as `user`, who has signed in now, into the audit log."""
    signing_in = FailedAttempt.kind != str(AttemptKind.PAGE)
    _write_down(session, (FailedAttempt.name == user.name) & signing_in)


def _write_down(session: Session, wanted: ColumnElement[bool]) -> None:
    hold(session)  # one process at a time, or two could deadlock on rows
    taken = session.execute(delete(FailedAttempt).where(wanted).returning(FailedAttempt)).scalars().all()
    for attempt in sorted(taken, key=lambda one: (one.hour, one.name, one.kind)):
        _record(session, attempt)


def _record(session: Session, attempt: FailedAttempt) -> None:
    hour = attempt.hour.astimezone(COUNTY).strftime("%Y-%m-%d %H:00–%H:59")
    if attempt.kind == AttemptKind.PAGE:
        record(session, actor=attempt.name, action="user.refused", tries=attempt.count, hour=hour)
        return
    record(
        session,
        actor=NOBODY,
        action="user.sign_in_failed",
        subject=attempt.name,
        factor=attempt.kind,
        tries=attempt.count,
        hour=hour,
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
