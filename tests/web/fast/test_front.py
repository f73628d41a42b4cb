"""What answers before Flask does not differ from Flask's own answers by a byte or a header."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import loops
import pytest
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from county import SECRET, SLUG, County
from county import Phone as Voter
from flask import Flask, request, session
from werkzeug.test import Client, TestResponse

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.protocol.crypto.encoding import b64u
from survey.services.rounds import lifecycle
from survey.services.voting import casting
from survey.web.fast import front
from survey.web.fast.front import Front
from survey.web.fast.kept import best_encoding
from survey.web.site.repeatable import repeatable


@pytest.fixture
def place(sqlite_database: Database, _cheap_keys: None) -> County:
    return County(sqlite_database).collecting()


@pytest.fixture
def app(place: County, tmp_path: Path) -> Flask:
    settings = Settings(tmp_path, place.database.url, "http://127.0.0.1", SECRET, insecure_http=True)
    return create_app(settings, place.database)


@pytest.fixture
def client(app: Flask) -> Client:
    return through_front(app)


class Phone(Client):
    """Reads every answer to its end, as a browser does."""

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        return super().open(*args, buffered=True, **kwargs)  # type: ignore[arg-type]


def through_front(app: Flask, **options: bool) -> Client:
    return Phone(ASGIMiddleware(Front(app)), **options)  # type: ignore[arg-type]


@pytest.fixture
def asked(app: Flask) -> list[str]:
    """Paths that Flask was asked for."""
    paths: list[str] = []

    @app.before_request
    def _note() -> None:
        paths.append(request.path)

    return paths


def everything(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted((name.lower(), value) for name, value in response.headers if name.lower() != "date")
    return response.status_code, headers, response.data


@pytest.mark.parametrize("encoding", ["br", "gzip", "", "br;q=0, gzip", "identity"])
def test_repeated_pages_are_flasks_own(app: Flask, asked: list[str], client: Client, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    paths = [f"/s/{SLUG}", f"/s/{SLUG}/round.json", app.extensions["pingyi.assets"].url("respond.css")]
    for path in paths:
        first, again = (client.get(path, headers=headers) for _ in range(2))
        assert everything(first) == everything(again)
        assert everything(first) == everything(Client(app).get(path, headers=headers))
        assert first.status_code == 200
        assert "Content-Security-Policy" in again.headers
    assert asked == [path for path in paths for _ in ("before the front", "by itself")]


def test_whoever_has_the_page_is_not_sent_it_again(client: Client) -> None:
    etag = client.get(f"/s/{SLUG}").headers["ETag"]
    assert client.get(f"/s/{SLUG}", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"/s/{SLUG}").status_code == 200
    assert client.head(f"/s/{SLUG}").data == b""


def test_a_page_is_not_repeated_after_its_second(
    client: Client, asked: list[str], place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.web.phone import page as survey_page

    clock = [1000.0]
    for module in (front, survey_page):
        monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    assert "开始填写" in client.get(f"/s/{SLUG}").text
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期", second="评议员0"))
    clock[0] += survey_page.PAGE_SECONDS + 0.1
    assert "已经取消" in client.get(f"/s/{SLUG}").text
    assert asked == [f"/s/{SLUG}"] * 2


async def ask(
    site: object,
    path: str,
    body: bytes = b"",
    method: str = "GET",
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """The body of the answer to one request, told in ASGI's events."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "headers": list(headers),
    }
    said: list[bytes] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, bytes]) -> None:
        said.append(event.get("body", b""))

    await site(scope, receive, send)  # type: ignore[operator]
    return b"".join(said)


async def send_ballot(site: Front, body: bytes) -> bytes:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return await ask(site, f"/s/{SLUG}/ballot", body, "POST", headers)


@pytest.mark.parametrize("holds", [True, False])
def test_a_crowd_at_an_expired_page_sends_one_to_flask(monkeypatch: pytest.MonkeyPatch, holds: bool) -> None:
    """Unless the answer is not to be repeated any more: then each is asked for."""
    clock, made = [1000.0], []
    monkeypatch.setattr(front, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    app = Flask("busy")

    @app.get("/page")
    def page() -> str:
        time.sleep(0.05)
        made.append(1)
        if holds or len(made) == 1:
            repeatable(clock[0] + 1)
        return str(len(made))

    async def crowd(site: Front) -> list[bytes]:
        return await asyncio.gather(*(ask(site, "/page") for _ in range(20)))

    async def visits() -> tuple[bytes, list[bytes]]:
        site = Front(app)
        first = await ask(site, "/page")
        clock[0] += 2
        return first, await crowd(site)

    first, answers = loops.run(visits())
    assert first == b"1"
    assert len(answers) == 20
    assert all(answers)
    assert len(made) == (2 if holds else 21)


def test_a_crowd_is_not_left_waiting_when_the_one_that_asked_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(front, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    app = Flask("failing")

    @app.get("/page")
    def page() -> str:
        time.sleep(0.05)
        repeatable(clock[0] + 1)
        return "page"

    async def visits() -> list[bytes | BaseException]:
        site = Front(app)
        await ask(site, "/page")
        clock[0] += 2
        first = asyncio.create_task(ask(site, "/page"))
        others = [asyncio.create_task(ask(site, "/page")) for _ in range(5)]
        await asyncio.sleep(0.01)
        first.cancel()
        return await asyncio.gather(first, *others, return_exceptions=True)

    first, *others = loops.run(visits())
    assert isinstance(first, asyncio.CancelledError)
    assert others == [b"page"] * 5


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

    client = through_front(app, use_cookies=False)
    assert [client.get("/careless").text for _ in range(2)] == ["0", "1"]
    assert [client.get("/query?a=1").text, client.get("/query?a=2").text] == ["2", "3"]
    assert [client.get("/broken").text for _ in range(2)] == ["4", "5"]


def posted(place: County, phone: Voter | None = None) -> bytes:
    """A ballot of a new phone, or another one of the same."""
    if phone is None:
        phone = place.phone()
        phone.collect()
    phone.seal()
    parts = phone.ballot().parts()
    return json.dumps({name: b64u(part) for name, part in parts.items()}).encode()


def cast(client: Client, body: bytes, content_type: str = "application/json") -> TestResponse:
    return client.post(f"/s/{SLUG}/ballot", data=body, content_type=content_type)


def test_ballots_are_taken_with_flasks_own_headers(client: Client, asked: list[str], place: County) -> None:
    bodies = [posted(place) for _ in range(3)]
    replies = [cast(client, body) for body in bodies]
    assert asked == [f"/s/{SLUG}/ballot"]
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json["receipt"] for reply in replies}) == 3
    assert sorted(replies[0].headers) == sorted(replies[2].headers)
    assert replies[2].headers["Cache-Control"] == "no-store"
    assert cast(client, bodies[2]).json == replies[2].json


def test_of_a_crowd_at_a_new_server_one_goes_to_flask(app: Flask, asked: list[str], place: County) -> None:
    bodies = [posted(place) for _ in range(5)]

    async def crowd() -> list[bytes]:
        site = Front(app)
        return await asyncio.gather(*(send_ballot(site, body) for body in bodies))

    replies = [json.loads(reply) for reply in loops.run(crowd())]
    assert len({reply["receipt"] for reply in replies}) == 5
    assert asked == [f"/s/{SLUG}/ballot"]


def test_a_first_ballot_that_is_refused_keeps_nobody_waiting(
    app: Flask, asked: list[str], place: County
) -> None:
    bodies = [b"{", *(posted(place) for _ in range(4))]

    async def crowd() -> list[bytes]:
        site = Front(app)
        return await asyncio.gather(*(send_ballot(site, body) for body in bodies))

    refused, *taken = [json.loads(reply) for reply in loops.run(crowd())]
    assert refused["error"] == "malformed"
    assert len({reply["receipt"] for reply in taken}) == 4


def test_refusals_are_said_by_flask(client: Client, place: County) -> None:
    phone = place.phone()
    phone.collect()
    good, again, other = posted(place, phone), posted(place, phone), posted(place)
    assert cast(client, good).status_code == 200
    mixed = json.loads(other) | {"signature": json.loads(good)["signature"]}
    attacks = {
        "not json": (b"{", 400, "malformed"),
        "a list": (b"[]", 400, "malformed"),
        "deep": (b"[" * 200_000, 400, "malformed"),
        "not base64url": (other.replace(b'"sealed": "', b'"sealed": "+'), 400, "malformed"),
        "forged": (json.dumps(mixed).encode(), 403, "credential_invalid"),
        "another ballot": (again, 409, "credential_spent"),
    }
    for name, (body, status, code) in attacks.items():
        reply = cast(client, body)
        assert (reply.status_code, reply.json["error"]) == (status, code), name
        assert reply.json["message"], name
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期", second="评议员0"))
    assert cast(client, other).json["error"] == "round_cancelled"
    assert cast(client, other, "text/plain").status_code == 400


def test_a_failure_that_nobody_foresaw_says_nothing(
    client: Client, place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = posted(place)
    cast(client, posted(place))

    def fail(*_arguments: object) -> list[object]:
        raise RuntimeError(body.decode())

    monkeypatch.setattr(casting, "insert", fail)
    reply = cast(client, body)
    assert (reply.status_code, reply.json["error"]) == (500, "server_error")
    assert json.loads(body)["message"] not in reply.text


def test_a_header_with_an_underscore_is_not_taken_for_a_proxys() -> None:
    """In WSGI's environment both would be HTTP_X_FORWARDED_FOR, and the stranger's might be believed."""
    app = Flask("curious")

    @app.post("/seen")
    def seen() -> dict[str, str]:
        return dict(request.headers)

    def posted_to(site: object) -> bytes:
        headers = [(b"x-forwarded-for", b"198.51.100.7"), (b"x_forwarded_for", b"203.0.113.9")]
        return loops.run(ask(site, "/seen", method="POST", headers=headers))

    assert b"203.0.113.9" in posted_to(WSGIMiddleware(app))
    answer = posted_to(Front(app))
    assert b"198.51.100.7" in answer
    assert b"203.0.113.9" not in answer


def test_what_a_proxy_says_of_the_scheme_is_not_mixed_up(
    app: Flask, asked: list[str], client: Client
) -> None:
    path = f"/s/{SLUG}"
    for scheme in ("http", "https", "https", "gopher", "gopher", "http, https", "http, https"):
        assert client.get(path, headers={"X-Forwarded-Proto": scheme}).status_code == 200
    assert asked == [path] * 6


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
    assert best_encoding(accepted.encode()) == encoding
