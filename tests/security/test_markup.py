"""Markup in everything that somebody can type: pages show it, and no browser runs it."""

from __future__ import annotations

import re
from contextlib import suppress

from flask import Flask
from sqlalchemy import String, Text, text
from sqlalchemy.exc import DBAPIError
from test_responses import Page, allowed, pages
from whole_county import Whole

from survey.models.base import Base

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'
# Words of the program's own, which no form takes.
OWN = {
    *("action", "subject", "state", "mode", "period", "kind", "role", "stage", "decision", "source", "step"),
    *("password_hash", "slug", "media_type", "questionnaire", "content", "department"),
    *("words", "seed", "credit_code"),
}
# Frozen by triggers, as what was opened and published is; the round's own words are changed before that.
FROZEN = {"opened_box", "publication", "artifact", "audit_event"}


def typed() -> list[tuple[str, str]]:
    """(table, column) of every text that comes from outside."""
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text) and column.name not in OWN and table.name not in FROZEN
    ]


def poison(whole: Whole) -> set[str]:
    """Put the markup into all of them, as far as the database lets us; returns where it went."""
    done = set()
    for table, column in typed():
        change = text(f'UPDATE "{table}" SET {column} = :evil || substr({column}, 1, 8)')
        with suppress(DBAPIError):
            whole.place.database.write(lambda s, c=change: s.execute(c, {"evil": EVIL}) and None)
            done.add(f"{table}.{column}")
    return done


def test_markup_in_every_text_stays_text(site: Flask, whole: Whole, sign_in) -> None:
    """Attack: stored cross-site scripting, by an enterprise, a liaison or an administrator."""
    assert Page(EVIL).inline == ["script", "img onerror"], "the search sees what a browser would run"
    done = poison(whole)
    assert done >= {
        "enterprise.name",
        "comment.text",
        "problem.task",
        "problem.measures",
        "user_account.name",
    }
    shown = 0
    for name, answer in pages(site, whole, sign_in):
        if answer.mimetype == "text/html" and not answer.location:
            page = Page(answer.text, allowed(answer))
            assert page.inline == [], name
            assert "<script>alert" not in answer.text, name
            assert not re.search(r"<img[^>]+onerror", answer.text), name
            assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(\d*)", answer.text), name
            shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown > 20
