"""An administrator who opens every page and file, before and after opening, in search of answers."""

from __future__ import annotations

import re

import pytest
from county import BASE_URL, SECRET, County, plain_answers
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.models import Ballot, Comment, Invitation, OpenedBox, User
from survey.protocol.crypto.encoding import b64u
from survey.services.opening import opening_job as openings
from survey.services.people import sign_ins
from survey.web.site.request import SESSION_TOKEN

COMMENT = "窗口态度生硬让我跑了三趟"
PHONES = 4
# Buttons that end a round or spend an invitation are pressed in other tests.
DECISIVE = re.compile("cancel|closing|extend|replace")
PARAMETERS = {
    "slug": "2026-q4",
    "name": "ranking.xlsx",
    "number": "1",
    "id": "0" * 32,
    "department": "0",
    "edition": "1",
    "proposal": "0" * 32,
}


@pytest.fixture
def place(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)
    place = place_on_sqlite.populate(enterprises=PHONES).draft().issue_attributed().start()
    for _ in range(PHONES):
        phone = place.phone()
        phone.answer(plain_answers(phone.description.questionnaire, 3, {0: COMMENT}))
    return place


@pytest.fixture
def site(place: County, tmp_path) -> Flask:
    settings = Settings(tmp_path, place.database.url, BASE_URL, SECRET, insecure_http=True)
    app = create_app(settings, place.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


def signed_in(site: Flask, place: County, user: User) -> FlaskClient:
    client = site.test_client()
    token = place.database.write(lambda s: sign_ins.start_session(s, user, now()))
    with client.session_transaction() as session:
        session[SESSION_TOKEN] = token
    return client


def addresses(site: Flask) -> list[tuple[str, str]]:
    """(method, address) of every route, with plausible parameters; what signs out comes last."""
    found = []
    for rule in site.url_map.iter_rules():
        address = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda m: PARAMETERS.get(m[1], "1"), rule.rule)
        found += [(method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return sorted(found, key=lambda entry: ("logout" in entry[1], entry))


def crawl(site: Flask, place: County, user: User, *, posts: bool = False) -> bytes:
    """Everything that this person is sent, and the headers."""
    client, seen = signed_in(site, place, user), []
    for method, address in addresses(site):
        pressed = posts and address.startswith("/admin/") and not DECISIVE.search(address)
        if method == "GET" or pressed:
            answer = client.open(address, method=method, follow_redirects=method == "GET")
            assert answer.status_code < 500, (method, address)
            seen += [answer.data, str(answer.headers).encode()]
    return b"\n".join(seen)


def secrets_of(place: County) -> dict[str, bytes]:
    """Whatever is kept of ballots, answers and invitations, in the forms in which a page could carry it."""
    with place.database.read() as session:
        values = {
            f"{column.name} {n}": bytes(value)
            for model in (Ballot, Invitation, OpenedBox)
            for n, row in enumerate(session.execute(select(model.__table__)).all())
            for column, value in zip(model.__table__.columns, row, strict=True)
            if isinstance(value, bytes) and column.name not in {"round_id", "enterprise_id", "digest"}
        }
        texts = {f"comment {n}": t.encode() for n, t in enumerate(session.scalars(select(Comment.text)))}
    forms = {f"{name} raw": value[:40] for name, value in values.items() if len(set(value)) > 1}
    forms |= {f"{name} hex": v[:16].hex().encode() for name, v in values.items() if len(set(v)) > 1}
    forms |= {f"{name} b64": b64u(v[:30]).encode() for name, v in values.items() if len(set(v)) > 1}
    return forms | texts | {"comment": COMMENT.encode()}


def found(secret: dict[str, bytes], content: bytes) -> list[str]:
    return sorted(name for name, value in secret.items() if value in content)


def test_while_collecting(site: Flask, place: County) -> None:
    content = crawl(site, place, place.administrator, posts=True)
    assert "企业000".encode() in content, "the crawl sees the administrator's pages"
    assert found(secrets_of(place), content) == []


def test_after_opening(site: Flask, place: County) -> None:
    place.close()
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    content = crawl(site, place, place.administrator)
    assert found(secrets_of(place), content) == []


def test_the_search_finds_what_a_reviewer_is_sent(site: Flask, place: County) -> None:
    """Naive: a desk on which one account may open everything. The reviewers' exports hold every ballot."""
    place.close()
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    content = crawl(site, place, place.reviewers[0])
    assert [name for name in found(secrets_of(place), content) if name.startswith("sealed")]


def test_nobody_signed_in_sees_nothing(site: Flask, place: County) -> None:
    place.close()
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    client = site.test_client()
    content = b"".join(client.get(a, follow_redirects=True).data for m, a in addresses(site) if m == "GET")
    assert found(secrets_of(place), content) == []
    assert "企业000".encode() not in content


def test_rights_cannot_be_claimed(site: Flask, place: County) -> None:
    """Fields, headers and cookies that ask to be a reviewer."""
    place.close()
    client = signed_in(site, place, place.administrator)
    for claim in ({"role": "reviewer"}, {"user_id": place.reviewers[0].id.hex()}, {"as": "reviewer"}):
        answer = client.get("/review/2026-q4/box.jsonl", query_string=claim, headers={"X-Role": "reviewer"})
        assert answer.status_code == 403
