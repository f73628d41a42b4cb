"""What phones ask over HTTP, as docs/formats.md says it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey.clock import COUNTY
from survey.errors import Phrase
from survey.protocol.crypto.blind import finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.witness.posting import is_acknowledged, seal_post
from survey.protocol.witness.statements import Statement
from survey.witness import clock
from survey.witness.app import create_app
from survey.witness.errors import NotTaken
from tests.witness.witnessed import BOX, Place


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return create_app(place.witness.store).test_client()


def post(client: FlaskClient, place: Place, name: str, body: Any, **options: Any) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Content-Type": "text/plain;charset=UTF-8", "Origin": BOX} | options
    return client.post(f"/{place.description.id}/{name}", data=data, headers=headers)


def stamp_request(place: Place, phone: Any) -> dict[str, str]:
    return {
        "code": b64u(phone.half),
        "description": place.description.frozen_digest(),
        "stamp": b64u(phone.blinded[0]),
        "ticket": b64u(phone.blinded[1]),
    }


def test_stamp_and_ballot(client: FlaskClient, place: Place) -> None:
    phone = place.phone()
    reply = post(client, place, "stamp", stamp_request(place, phone))
    assert reply.status_code == 200
    assert reply.json == post(client, place, "stamp", stamp_request(place, phone)).json
    assert reply.headers["Access-Control-Allow-Origin"] == BOX
    assert reply.headers["Cache-Control"] == "no-store"
    for place_of, name in enumerate(("stamp", "ticket")):
        message = getattr(phone, f"{name}_message")
        blind_signature = unb64u(reply.json[name])
        signature = finalize(phone.keys[place_of], message, blind_signature, phone.inverses[place_of])
        setattr(phone, name, signature)
    blob = seal_post(place.description, phone.ballot(phone.seal()))
    body = {
        "ticket_message": b64u(phone.ticket_message),
        "ticket_signature": b64u(phone.ticket),
        "blob": b64u(blob),
    }
    reply = post(client, place, "ballot", body)
    assert is_acknowledged(
        place.description, bytes.fromhex(reply.json["hash"]), unb64u(reply.json["signature"])
    )
    statement = client.get(f"/{place.description.id}/statement.json")
    Statement.from_json(statement.data).check(place.description)


def test_refusals_are_in_words_and_readable_by_the_page(client: FlaskClient, place: Place) -> None:
    good = stamp_request(place, place.phone())
    cases: list[tuple[str, Any, int, str]] = [
        ("stamp", good | {"description": "0" * 64}, 409, "description_differs"),
        ("stamp", good | {"description": "x"}, 400, "malformed"),
        ("stamp", good | {"code": b64u(bytes(32))}, 404, "code_unknown"),
        ("stamp", good | {"code": b64u(bytes(31))}, 400, "malformed"),
        ("stamp", good | {"stamp": "=="}, 400, "malformed"),
        ("stamp", "[]", 400, "malformed"),
        ("stamp", b"\xff", 400, "malformed"),
        ("stamp", json.dumps(good)[:-1] + ',"code":""}', 400, "malformed"),
        ("stamp", "x" * (256 * 1024 + 1), 400, "malformed"),
        ("ballot", {"blob": "", "ticket_message": "", "ticket_signature": ""}, 400, "malformed"),
    ]
    for name, body, status, error in cases:
        reply = post(client, place, name, body)
        assert (reply.status_code, reply.json["error"]) == (status, error)
        assert reply.json["message"]
        assert reply.headers["Access-Control-Allow-Origin"] == BOX
    english = post(client, place, "stamp", cases[0][1], **{"Accept-Language": "en"}).json["message"]
    assert english.isascii()


def test_nothing_else_is_answered(client: FlaskClient, place: Place) -> None:
    body = json.dumps(stamp_request(place, place.phone()))
    typed = client.post(f"/{place.description.id}/stamp", data=body, content_type="application/json")
    assert typed.json["error"] == "malformed"
    for path in ("/", f"/{'0' * 32}/statement.json", "/x/stamp", f"/{place.description.id}/else"):
        assert client.get(path).status_code in (404, 405)
    missing = client.post(f"/{'0' * 32}/stamp", data=body, content_type="text/plain")
    assert (missing.status_code, missing.json["error"]) == (404, "not_found")
    assert "Access-Control-Allow-Origin" not in missing.headers


def test_a_failure_says_nothing_of_what_was_sent(
    client: FlaskClient, place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("survey.witness.stamping.stamp", fails)
    reply = post(client, place, "stamp", stamp_request(place, place.phone()))
    assert (reply.status_code, reply.json["error"]) == (503, "busy")
    assert "secret" not in caplog.text + reply.text


def test_a_round_that_cannot_be_handed_over_holds_up_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = replace(place.witness.round, id=b"b" * 16), place.witness.round
    monkeypatch.setattr(clock, "all_rounds", lambda _store: [broken, sound])
    handed: list[bytes] = []

    def hand_over(_store: Any, round_id: bytes) -> tuple[int, int]:
        if round_id == broken.id:
            raise NotTaken("票箱机的应答看不懂。")
        handed.append(round_id)
        return 0, 0

    monkeypatch.setattr(clock.handing_over, "hand_over", hand_over)
    monkeypatch.setattr(clock.handing_over, "note_day", lambda *_given: False)
    clock.HandingOverClock(place.witness.store, "03:00").turn(datetime(2026, 11, 2, 4, tzinfo=COUNTY))
    assert handed == [sound.id]


def test_the_clock_hands_over_once_a_day(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fail = [True]

    def send(round: Any, batch: Any) -> Any:
        if fail[0]:
            raise NotTaken("票箱机的应答看不懂。")
        return place.box(round, batch)

    original = clock.handing_over.hand_over
    monkeypatch.setattr(clock.handing_over, "hand_over", lambda s, r: original(s, r, send=send))
    monkeypatch.setattr(clock, "compare_lists", lambda *_given: (True, Phrase("")))
    ticking = clock.HandingOverClock(place.witness.store, "03:00")
    day = datetime(2026, 11, 2, tzinfo=COUNTY)
    place.posted(3)
    ticking.turn(day.replace(hour=2, minute=59))
    assert place.witness.now().batches == 0
    ticking.turn(day.replace(hour=3))  # put together, but not taken
    fail[0] = False
    place.posted(3)
    ticking.turn(day.replace(hour=3, minute=5))  # sent again, without those that came after three
    assert [len(batch.blobs) for batch in place.box.batches] == [3]
    ticking.turn(day.replace(day=3, hour=4))
    assert [len(batch.blobs) for batch in place.box.batches] == [3, 3]
