"""The files of open data are made once an edition, and each edition has its own."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from opened import made_up_facts

from survey.models import Publication
from survey.services.publication import open_data
from survey.services.publication.open_data_tables import SHEETS


def edition(number: int, **changes: Any) -> Publication:
    content = {
        "format": "pingyi-publication",
        "version": 1,
        "round": {"slug": "x", "title": "", "body": ""},
        "departments": [],
        "facts": made_up_facts("x"),
        "themes": [],
        "comments": {"税务局": [{"text": "私", "themes": []}]},
        "problems": [],
        "indicators": [],
    }
    values = {
        "edition": number,
        "digest": bytes([number]) * 32,
        "content": json.dumps(content),
        "correction": "",
    }
    return Publication(**(values | {"published_on": date(2026, 12, 1)} | changes))


def test_a_page_that_anybody_may_ask_for_does_not_work_it_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack: asking for the results of a large county again and again, half a second of work each."""
    made: list[int] = []
    real = open_data.write_csv
    monkeypatch.setattr(open_data, "write_csv", lambda *given: made.append(1) or real(*given))
    first = open_data.open_data(edition(11))
    assert len(made) == len(SHEETS) + 1
    assert open_data.open_data(edition(11)) == first
    assert open_data.open_data_file(edition(11), "ranking.csv") in first
    assert len(made) == len(SHEETS) + 1


def test_each_edition_has_its_own() -> None:
    plain, corrected = (
        json.loads(open_data.open_data_file(edition(12, **changes), "data.json")[2])
        for changes in ({}, {"correction": "改正"})
    )
    assert (plain["publication"]["correction"], corrected["publication"]["correction"]) == ("", "改正")
    other = json.loads(open_data.open_data_file(edition(13), "data.json")[2])
    assert other["publication"]["digest"] == "0d" * 32
    assert "comments" not in plain
