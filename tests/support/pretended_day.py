"""Another day in the county, for as long as a test needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from unittest import mock

from survey import clock


@contextlib.contextmanager
def pretend(day: date) -> Iterator[None]:
    """The county's date is `day`; moments in UTC go on as they are."""

    class Pretended(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            moment = datetime.now(tz)
            return moment.replace(day.year, day.month, day.day) if tz is clock.COUNTY else moment

    with mock.patch.object(clock, "datetime", Pretended):
        yield
