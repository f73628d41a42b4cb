"""Clock of the county: today's date, and the moment of what staff do. Nothing about ballots has a time."""

from __future__ import annotations

import ctypes
import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

COUNTY = ZoneInfo("Asia/Shanghai")
# Linux: adjtimex(2) returns TIME_ERROR while the clock is not synchronized.
TIME_ERROR = 5
TIMEX_BYTES = 256


AHEAD = timedelta(minutes=1)
"""A stored moment further ahead than this was written by a clock that was wrong, and has no effect."""


def now() -> datetime:
    """Current moment in UTC; only for sign-ins, jobs and the audit log."""
    return datetime.now(UTC)


def today() -> date:
    """The county's date."""
    return datetime.now(COUNTY).date()


def day_text(day: date | str, language: str = "zh") -> str:
    """Text of a day (a date or an ISO text) on pages and in documents: 2026年7月1日 without leading zeros
    (GB/T 9704-2012 §7.3.5.4), in English 2026-07-01."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()


def is_synchronized() -> bool | None:
    """Whether the kernel says that the clock is synchronized; None where it cannot be asked."""
    if os.uname().sysname != "Linux":
        return None
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else bool(state != TIME_ERROR)
