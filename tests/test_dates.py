"""A day is written in one way on all pages and documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from survey.clock import day_text

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("day", [date(2026, 7, 1), "2026-07-01"])
def test_a_day_is_as_officials_write_it_and_iso_in_english(day: date | str) -> None:
    assert day_text(day) == "2026年7月1日"
    assert day_text(day, "en") == "2026-07-01"


@pytest.mark.parametrize("part", ["survey", "templates", "static/js"])
def test_nothing_else_puts_a_day_into_words(part: str) -> None:
    for file in (ROOT / part).rglob("*"):
        if file.suffix not in (".py", ".html", ".js", ".typ") or file.name in ("clock.py", "language.js"):
            continue
        text = file.read_text(encoding="utf-8")
        assert not any(sign in text for sign in (".month}", "%-d", "toLocaleDateString", "%(month)s月")), file
