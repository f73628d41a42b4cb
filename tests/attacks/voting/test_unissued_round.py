"""A round that nobody was invited to yet: no answer tells a stranger that it exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from county import SECRET, County
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.config import Settings
from survey.protocol.crypto.encoding import b64u

DRAFT, UNKNOWN = "2026-q4", "2026-q5"
COLLECT = {"code": b64u(bytes(32)), "blinded": b64u(bytes([1]) * 384)}
CAST = {
    "message": b64u(bytes(137)),
    "signature": b64u(bytes(384)),
    "sealed": b64u(bytes(9)),
    "proof": b64u(bytes(64)),
}
LOOKS = (
    "/s/{}",
    "/s/{}/",
    "/s/{}/round.json",
    "/s/{}/credential",
    "/s/{}/ballot",
    "/s/{}%23AAAA",
    "/public/{}",
    "/public/{}/receipts.txt",
    "/public/{}/results",
    "/public/{}/results/1",
    "/public/{}/results/1/data.json",
)


@pytest.fixture
def stranger(place_on_sqlite: County, tmp_path: Path) -> FlaskClient:
    place = place_on_sqlite.populate().draft()
    assert place.slug == DRAFT
    settings = Settings(tmp_path, place.database.url, "http://127.0.0.1", SECRET, insecure_http=True)
    return create_app(settings, place.database).test_client()


def told(answer: TestResponse, slug: str) -> tuple[int, str, dict[str, str]]:
    """All of an answer, but for the name that was asked for."""
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    return answer.status_code, answer.text.replace(slug, "…"), headers


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("address", LOOKS)
def test_looking(stranger: FlaskClient, address: str, accept: str) -> None:
    answers = [
        told(stranger.get(address.format(slug), headers={"Accept": accept}), slug)
        for slug in (DRAFT, UNKNOWN)
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] in (404, 405)


@pytest.mark.parametrize(("post", "body"), [("credential", COLLECT), ("ballot", CAST)])
def test_posting(stranger: FlaskClient, post: str, body: dict[str, str]) -> None:
    """Naive: 403 round_not_open, which said that there is one, and what it will be called."""
    answers = [told(stranger.post(f"/s/{slug}/{post}", json=body), slug) for slug in (DRAFT, UNKNOWN)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
