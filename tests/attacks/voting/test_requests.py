"""What the server could measure of a request: its size, its headers, and which page it was given."""

from __future__ import annotations

import json
from secrets import token_hex

import pytest
from county import BASE_URL, SECRET, County, plain_answers
from flask import Flask, Response, request
from flask.testing import FlaskClient
from sqlalchemy import Date, DateTime, Time, inspect

from survey.app import create_app
from survey.config import Settings
from survey.models import Ballot, Comment, Invitation, OpenedBox
from survey.protocol.answers import Answers
from survey.protocol.crypto.encoding import b64u

VISITORS = [
    {},
    {"HTTP_USER_AGENT": "MicroMessenger/8", "REMOTE_ADDR": "203.0.113.7"},
    {"HTTP_COOKIE": "pingyi=abc; tracker=1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"},
    {"HTTP_REFERER": "https://mail.example/inbox?to=boss", "HTTP_ACCEPT_LANGUAGE": "en"},
    {"HTTP_IF_NONE_MATCH": '"other"', "HTTP_SEC_FETCH_DEST": "document"},
]


@pytest.fixture
def place(place_on_sqlite: County) -> County:
    return place_on_sqlite.collecting(slips=8)


@pytest.fixture
def browser(place: County, tmp_path) -> FlaskClient:
    settings = Settings(tmp_path, place.database.url, BASE_URL, SECRET, insecure_http=True)
    return create_app(settings, place.database).test_client()


def opposite_answers(place: County) -> list[Answers]:
    """The shortest and the longest that can be said."""
    questionnaire = place.description().questionnaire
    nothing = Answers(ratings=((1, 1),) + ((0, 0),) * 3, strata=(0,), comments={})
    everything = plain_answers(questionnaire, 3, dict.fromkeys(range(4), "长" * 80))
    return [nothing, everything]


def test_naive_answers_are_told_apart_by_their_length(place: County) -> None:
    """Naive: answers as JSON, encrypted without padding; length is kept by every cipher."""
    lengths = {len(json.dumps([a.ratings, a.comments], ensure_ascii=False)) for a in opposite_answers(place)}
    assert len(lengths) == 2


def test_every_ballot_and_every_request_has_one_length(place: County, browser: FlaskClient) -> None:
    ballots, credentials = set(), set()
    for answers in opposite_answers(place) * 2:
        phone = place.phone()
        collecting = json.dumps({"code": phone.sent, "blinded": b64u(phone.blinded)})
        phone.collect()
        phone.seal(answers)
        casting = json.dumps({name: b64u(part) for name, part in phone.ballot().parts().items()})
        answer = browser.post(f"/s/{place.slug}/ballot", data=casting, content_type="application/json")
        assert answer.status_code == 200
        credentials.add((len(collecting),))
        ballots.add((len(casting), len(answer.data), len(phone.sealed)))
    assert len(ballots) == len(credentials) == 1


def test_everybody_gets_the_same_bytes(place: County, browser: FlaskClient) -> None:
    """A page made for one visitor could hold another script, another key, or a mark."""
    for address in (f"/s/{place.slug}", f"/s/{place.slug}/round.json"):
        answers = [browser.get(address, environ_overrides=visitor) for visitor in VISITORS]
        assert len({answer.data for answer in answers}) == 1
        assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
        for answer in answers:
            assert "Set-Cookie" not in answer.headers
            assert answer.headers.get("ETag") == answers[0].headers.get("ETag"), "an ETag can be a cookie"


def test_a_naive_page_marks_its_visitors() -> None:
    """Naive: an ETag of one's own is a cookie that no cookie banner asks about."""
    naive = Flask("naive")

    @naive.get("/")
    def page() -> Response:
        return Response("same", headers={"ETag": request.headers.get("If-None-Match") or f'"{token_hex()}"'})

    answers = [naive.test_client().get("/") for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 3


def test_the_posts_set_nothing_either(place: County, browser: FlaskClient) -> None:
    phone = place.phone()
    sent = {"code": phone.sent, "blinded": b64u(phone.blinded)}
    answer = browser.post(f"/s/{place.slug}/credential", json=sent, environ_overrides=VISITORS[2])
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert set(answer.json) == {"blind_signature"}


def test_scripts_and_styles_come_from_here_alone(place: County, browser: FlaskClient) -> None:
    """A third party would see who fills in, and when."""
    page = browser.get(f"/s/{place.slug}")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    html = page.text
    assert not [part for part in ('src="http', "src='http", 'src="//', 'href="http') if part in html]


def test_no_column_could_hold_a_time_or_an_order() -> None:
    """Naive tables have created_at or a counter; a reader of the schema finds neither here."""
    for model in (Invitation, Ballot, Comment, OpenedBox):
        for column in inspect(model).columns:
            assert not isinstance(column.type, Date | DateTime | Time), column
            counts = column.type.python_type is int and column.name not in {"department", "valid"}
            assert not counts, column


def test_a_second_submission_cannot_be_timed_against_the_first(place: County, browser: FlaskClient) -> None:
    """ "Submit later": the ballot needs nothing that was said when the credential was collected."""
    phone = place.phone()
    phone.collect()
    phone.seal()
    elsewhere = {"REMOTE_ADDR": "192.0.2.200", "HTTP_USER_AGENT": "another browser"}
    sent = {name: b64u(part) for name, part in phone.ballot().parts().items()}
    assert not {phone.code, b64u(phone.blinded)} & set(sent.values())
    answer = browser.post(f"/s/{place.slug}/ballot", json=sent, environ_overrides=elsewhere)
    assert answer.status_code == 200
