"""What answers before Flask does not differ from Flask's own answers by a byte or a header."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from county import SECRET, SLUG, County
from flask import Flask, session
from werkzeug.test import Client, TestResponse

from survey import front
from survey.app import create_app
from survey.ballot.encoding import b64u
from survey.config import Settings
from survey.db import Database
from survey.front import Front, best_encoding
from survey.services import rounds
from survey.views.repeating import repeatable


@pytest.fixture
def place(sqlite_database: Database, _cheap_keys: None) -> County:
    return County(sqlite_database).collecting()


@pytest.fixture
def app(place: County, tmp_path: Path) -> Flask:
    settings = Settings(tmp_path, place.database.url, "http://127.0.0.1", SECRET, insecure_http=True)
    return create_app(settings, place.database)


@pytest.fixture
def asked(app: Flask) -> list[str]:
    """Paths that Flask was asked for."""
    paths: list[str] = []

    @app.before_request
    def _note() -> None:
        from flask import request

        paths.append(request.path)

    return paths


def everything(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    return response.status_code, sorted(response.headers), response.data


@pytest.mark.parametrize("encoding", ["br", "gzip", "", "br;q=0, gzip", "identity"])
def test_repeated_pages_are_flasks_own(app: Flask, asked: list[str], encoding: str) -> None:
    client, headers = Client(app), {"Accept-Encoding": encoding}
    paths = [f"/s/{SLUG}", f"/s/{SLUG}/round.json", app.extensions["pingyi.assets"].url("respond.css")]
    for path in paths:
        first, again = (client.get(path, headers=headers) for _ in range(2))
        assert everything(first) == everything(again)
        assert first.status_code == 200
        assert "Content-Security-Policy" in again.headers
    assert asked == paths


def test_whoever_has_the_page_is_not_sent_it_again(app: Flask) -> None:
    client = Client(app)
    etag = client.get(f"/s/{SLUG}").headers["ETag"]
    assert client.get(f"/s/{SLUG}", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"/s/{SLUG}").status_code == 200
    assert client.head(f"/s/{SLUG}").data == b""


def test_a_page_is_not_repeated_after_its_second(
    app: Flask, asked: list[str], place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.views import survey_page

    client, clock = Client(app), [1000.0]
    for module in (front, survey_page):
        monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    assert "开始填写" in client.get(f"/s/{SLUG}").text
    place.act(lambda s, r: rounds.cancel_round(s, r, "管理员", "改期"))
    clock[0] += survey_page.PAGE_SECONDS + 0.1
    assert "已经取消" in client.get(f"/s/{SLUG}").text
    assert asked == [f"/s/{SLUG}"] * 2


def test_nothing_personal_is_ever_repeated() -> None:
    """Even where a view says so by mistake: an answer that sets a cookie stays with whom it was for."""
    app = Flask("careless")
    app.secret_key = SECRET
    visits = iter(range(9))

    @app.get("/careless")
    def careless() -> str:
        session["visit"] = next(visits)
        repeatable()
        return str(session["visit"])

    @app.get("/query")
    def query() -> str:
        repeatable()
        return str(next(visits))

    @app.get("/broken")
    def broken() -> tuple[str, int]:
        repeatable()
        return str(next(visits)), 500

    app.wsgi_app = Front(app)  # type: ignore[method-assign]
    client = Client(app, use_cookies=False)
    assert [client.get("/careless").text for _ in range(2)] == ["0", "1"]
    assert [client.get("/query?a=1").text, client.get("/query?a=2").text] == ["2", "3"]
    assert [client.get("/broken").text for _ in range(2)] == ["4", "5"]


def posted(place: County) -> bytes:
    phone = place.phone()
    phone.collect()
    phone.seal()
    parts = {"message": phone.message, "signature": phone.signature, "sealed": phone.sealed}
    return json.dumps({name: b64u(part) for name, part in parts.items()}).encode()


def cast(client: Client, body: bytes, content_type: str = "application/json") -> TestResponse:
    return client.post(f"/s/{SLUG}/ballot", data=body, content_type=content_type)


def test_ballots_are_taken_with_flasks_own_headers(app: Flask, asked: list[str], place: County) -> None:
    client, bodies = Client(app), [posted(place) for _ in range(3)]
    replies = [cast(client, body) for body in bodies]
    assert asked == [f"/s/{SLUG}/ballot"]
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json["receipt"] for reply in replies}) == 3
    assert sorted(replies[0].headers) == sorted(replies[2].headers)
    assert replies[2].headers["Cache-Control"] == "no-store"
    assert cast(client, bodies[2]).json == replies[2].json


def test_refusals_are_said_by_flask(app: Flask, place: County) -> None:
    client, good, other = Client(app), posted(place), posted(place)
    assert cast(client, good).status_code == 200
    mixed = json.loads(other) | {"signature": json.loads(good)["signature"]}
    attacks = {
        "not json": (b"{", 400, "malformed"),
        "a list": (b"[]", 400, "malformed"),
        "deep": (b"[" * 200_000, 400, "malformed"),
        "not base64url": (other.replace(b'"sealed": "', b'"sealed": "+'), 400, "malformed"),
        "forged": (json.dumps(mixed).encode(), 403, "credential_invalid"),
        "another ballot": (good[:-40] + b"A" * 38 + b'"}', 409, "credential_spent"),
    }
    for name, (body, status, code) in attacks.items():
        reply = cast(client, body)
        assert (reply.status_code, reply.json["error"]) == (status, code), name
        assert reply.json["message"], name
    place.act(lambda s, r: rounds.cancel_round(s, r, "管理员", "改期"))
    assert cast(client, other).json["error"] == "round_cancelled"
    assert cast(client, other, "text/plain").status_code == 400


def test_a_failure_that_nobody_foresaw_says_nothing(
    app: Flask, place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, body = Client(app), posted(place)
    cast(client, posted(place))

    def fail(*_arguments: object) -> bytes:
        raise RuntimeError(body.decode())

    monkeypatch.setattr(front, "ballot_reply", fail)
    reply = cast(client, body)
    assert (reply.status_code, reply.json["error"]) == (500, "server_error")
    assert json.loads(body)["message"] not in reply.text


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br;q=0.000,gzip;q=0.1", "gzip"),
        ("BR", "br"),
        ("", ""),
        ("identity", ""),
        ("brotli", ""),
        ("deflate", ""),
    ],
)
def test_encodings(accepted: str, encoding: str) -> None:
    assert best_encoding(accepted) == encoding
