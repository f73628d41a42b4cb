"""The county's calendar: today's date, and the time for what staff do. Nothing about ballots has a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COUNTY = ZoneInfo("Asia/Shanghai")

_pretended: date | None = None


def now() -> datetime:
    """This moment, in UTC; only for sign-ins, jobs and the audit log."""
    return datetime.now(UTC)


def today() -> date:
    """The county's date, or the one that `pretend` set."""
    return _pretended or datetime.now(COUNTY).date()


@contextlib.contextmanager
def pretend(day: date) -> Iterator[None]:
    """Let this process believe that it is `day`; for the demonstration's past rounds and for tests."""
    global _pretended
    before, _pretended = _pretended, day
    try:
        yield
    finally:
        _pretended = before
