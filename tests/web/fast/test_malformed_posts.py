"""The two posts answer a program in the documented form whatever it sends, before Flask and in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from a2wsgi import ASGIMiddleware
from county import SECRET, SLUG, County
from werkzeug.test import Client

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.protocol.crypto.encoding import b64u
from survey.web.fast.front import Front
from survey.web.phone.protocol import BODY_LIMIT

JSON = "application/json"
# What a browser sends with a form: it would rather have a page.
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def place(sqlite_database: Database, _cheap_keys: None) -> County:
    return County(sqlite_database).collecting()


@pytest.fixture(params=["front", "flask"])
def client(request: pytest.FixtureRequest, place: County, tmp_path: Path) -> Client:
    settings = Settings(tmp_path, place.database.url, "http://127.0.0.1", SECRET, insecure_http=True)
    app = create_app(settings, place.database)
    return Client(ASGIMiddleware(Front(app))) if request.param == "front" else app.test_client()


@pytest.fixture
def bodies(place: County) -> dict[str, dict[str, str]]:
    """What an honest phone would post, by address."""
    phone = place.phone()
    collecting = {"code": phone.sent, "blinded": b64u(phone.blinded)}
    phone.collect()
    ballot = phone.seal().ballot().parts()
    return {"credential": collecting, "ballot": {name: b64u(part) for name, part in ballot.items()}}


def refused(client: Client, address: str, body: bytes, content_type: str = JSON) -> None:
    for headers in ({}, BROWSER):
        path = f"/s/{SLUG}/{address}"
        with client.post(path, data=body, content_type=content_type, headers=headers) as answer:
            assert (answer.status_code, answer.json and answer.json["error"]) == (400, "malformed")
            assert answer.json.keys() == {"error", "message", "remedy"}
            assert "32 MB" not in answer.text


@pytest.mark.parametrize("address", ["credential", "ballot"])
def test_another_type(client: Client, bodies: dict[str, dict[str, str]], address: str) -> None:
    good = json.dumps(bodies[address]).encode()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
        refused(client, address, good, content_type)


@pytest.mark.parametrize("address", ["credential", "ballot"])
def test_too_long(client: Client, bodies: dict[str, dict[str, str]], address: str) -> None:
    refused(client, address, json.dumps(bodies[address] | {"more": "x" * BODY_LIMIT}).encode())


@pytest.mark.parametrize("address", ["credential", "ballot"])
def test_a_name_twice(client: Client, bodies: dict[str, dict[str, str]], address: str) -> None:
    """Naive: the last of them counts, as with other readers the first; a bystander sees another request."""
    body = json.dumps(bodies[address])[1:]
    for name in bodies[address]:
        escaped = f"\\u{ord(name[0]):04x}{name[1:]}"
        for twice in (f'{{"{name}": "AA", ', f'{{"{escaped}": "AA", ', f'{{"{name}": 1, "unread": 1, '):
            refused(client, address, (twice + body).encode())


def test_a_field_missing_or_of_a_wrong_length(client: Client, bodies: dict[str, dict[str, str]]) -> None:
    ballot = bodies["ballot"]
    for name in ballot:
        refused(client, "ballot", json.dumps({n: v for n, v in ballot.items() if n != name}).encode())
        for value in (None, 1, "", "AA", ballot[name] + "AAAA", ballot[name][:-4]):
            refused(client, "ballot", json.dumps(ballot | {name: value}).encode())


def test_unread_fields_are_ignored(client: Client, bodies: dict[str, dict[str, str]]) -> None:
    more = {"unread": {"a": [1, None, {"b": 'say "no"'}]}, "other": "\\"}
    path = f"/s/{SLUG}/ballot"
    answer = client.post(path, data=json.dumps(bodies["ballot"] | more), content_type=JSON)
    assert answer.status_code == 200
