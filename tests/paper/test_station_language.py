"""English pages of the station mark Chinese names for screen readers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from survey.documents.paper.layout import Question, QuestionKind
from survey.paper.scans.judge import Doubt
from survey.paper.station.people import People
from survey.paper.web.app import create_app
from survey.services.people import passwords
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form

WORDS = "correct horse battery staple"


def test_chinese_on_english_pages_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 1024, 1))
    round = described(questionnaire(8, 1, 5))
    station = begun(tmp_path / "station", round)
    People(station).enrol("张三", WORDS)
    keep_form(station, invited(round, 1)[0].code, doubts={Question(QuestionKind.RATING, 2, 0): Doubt.FAINT})
    client = create_app(station, "key", frozenset({"localhost"})).test_client()
    client.get("/enter/key")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/people?lang=en").text)
    assert token
    client.post("/people", data={"csrf_token": token[1], "do": "on", "passphrase-0": WORDS})
    for path in ("/", "/scans", "/settle", "/cast", "/count", "/images", "/people"):
        page = client.get(path)
        assert page.status_code == 200, path
        marked = r'<head>.*?</head>|<(\w+)[^>]* lang="zh[^>]*>.*?</\1>'
        body = re.sub(marked, "", page.text, flags=re.DOTALL)
        assert '<html lang="en">' in page.text
        assert not re.search("[\u4e00-\u9fff]", re.sub(r"<[^>]*>", "", body)), path
    assert f'<span lang="zh">{round.questionnaire.departments[2].name}</span>' in client.get("/settle").text
