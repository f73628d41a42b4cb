"""While PostgreSQL cannot be reached, whoever looks is told so in words; what is in memory still holds."""

from __future__ import annotations

from datetime import date

import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from survey.web.phone import page as survey_page

NOBODY_LISTENS = "postgresql+psycopg://pingyi@127.0.0.1:1/pingyi"


@pytest.fixture
def stop(place: County, monkeypatch: pytest.MonkeyPatch):
    place.draft().issue().start()
    return lambda: monkeypatch.setattr(place.database, "engine", create_engine(NOBODY_LISTENS))


def test_every_page_is_503_in_words(stop, visitor: FlaskClient) -> None:
    stop()
    for address in ("/s/2026-q4", "/s/2026-q4%23x", "/", "/public/2026-q4", "/public/2026-q4/results"):
        answer = visitor.get(address)
        assert answer.status_code == 503, address
        assert "服务器暂时读不到数据" in answer.text
        assert "Traceback" not in answer.text
        assert "5432" not in answer.text
    english = visitor.get("/s/2026-q4", headers={"Accept-Language": "en"})
    assert "cannot read its data" in english.text
    asked = visitor.get("/s/2026-q4/round.json", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json["error"]) == (503, "busy")


def test_somebody_who_is_signed_in_sees_it_too(stop, place: County, sign_in) -> None:
    """The page must not ask the database who is looking."""
    browser = sign_in(place.administrator)
    stop()
    assert browser.get("/s/2026-q4").status_code == 503


def test_what_is_in_memory_is_still_served(stop, visitor: FlaskClient, monkeypatch) -> None:
    monkeypatch.setattr(survey_page, "PAGE_SECONDS", 0)
    before = visitor.get("/s/2026-q4")
    stop()
    after = visitor.get("/s/2026-q4")
    assert (after.status_code, after.data) == (200, before.data)
    monkeypatch.setattr(survey_page, "today", lambda: date(2200, 1, 1))
    assert 'data-state="closed"' in visitor.get("/s/2026-q4").text
