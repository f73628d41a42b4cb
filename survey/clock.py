"""The county's calendar: today's date, and the time for what staff do. Nothing about ballots has a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COUNTY = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC; only for sign-ins, jobs and the audit log."""
    return datetime.now(UTC)


def today() -> date:
    """The county's date."""
    return datetime.now(COUNTY).date()


def day_text(day: date | str, language: str = "zh") -> str:
    """A day, or its ISO form, as pages and documents write it: 2026年7月1日 without leading zeros
    (GB/T 9704-2012 §7.3.5.4), 2026-07-01 in English."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()
