"""Preview robots, HEAD, GET and a browser that runs every script but taps nothing: none spends a link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import ARGUMENTS, CHROMIUM, MISSING
from county import BASE_URL, SECRET, County
from flask import Flask
from loops import in_thread
from served import running
from sqlalchemy import text

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database

METHODS = ("HEAD", "GET", "OPTIONS", "PROPFIND", "PUT", "DELETE", "PATCH", "TRACE")


@pytest.fixture
def place(place_on_sqlite: County) -> County:
    return place_on_sqlite.collecting(slips=3)


@pytest.fixture
def site(place: County, tmp_path: Path) -> Flask:
    settings = Settings(tmp_path, place.database.url, BASE_URL, SECRET, insecure_http=True)
    return create_app(settings, place.database)


def fingerprint(database: Database) -> str:
    """A digest of everything that is stored."""
    with database.read() as session:
        tables = ("invitation", "ballot", "round", "audit_event", "login_session")
        rows = [session.execute(text(f"SELECT * FROM {table}")).all() for table in tables]
    return hashlib.sha256(repr([sorted(map(repr, r)) for r in rows]).encode()).hexdigest()


def test_a_naive_link_is_spent_by_a_look(site: Flask, place: County) -> None:
    """Naive: the code stands in the path and opening it begins the answer."""
    used = set()
    naive = Flask("naive")
    naive.add_url_rule("/s/<code>", "s", lambda code: used.add(code) or "questions")
    naive.test_client().head(f"/s/{place.codes[0]}")
    assert used == {place.codes[0]}


def test_no_method_but_the_posts_changes_anything(site: Flask, place: County) -> None:
    before, client = fingerprint(place.database), site.test_client()
    code = place.codes[0]
    for method in METHODS:
        for address in ("", "/", f"/{code}", f"?code={code}", "/credential", "/ballot", "/round.json"):
            client.open(f"/s/{place.slug}{address}", method=method)
    for body in (None, "", "{}", f'{{"code": "{code}"}}', code):
        client.post(f"/s/{place.slug}", data=body, content_type="application/json")
        client.post(f"/s/{place.slug}/credential", data=body, content_type="application/json")
    assert fingerprint(place.database) == before


def test_a_form_of_another_site_cannot_collect(site: Flask, place: County) -> None:
    """A browser posts forms anywhere without asking; JSON it does not."""
    before = fingerprint(place.database)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        body = f'{{"code": "{place.codes[0]}", "blinded": "AA"}}'
        answer = site.test_client().post(f"/s/{place.slug}/credential", data=body, content_type=kind)
        assert answer.status_code == 400
    assert fingerprint(place.database) == before


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    with running(site) as at:
        yield at


def looked_at(link: str) -> tuple[list[str], list[str]]:
    """What a robot with a real browser posts and asks for."""
    from playwright.sync_api import sync_playwright

    posts: list[str] = []
    addresses: list[str] = []
    with sync_playwright() as playwright:
        robot = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = robot.new_page()
        page.on("request", lambda r: (posts if r.method != "GET" else addresses).append(r.url))
        page.goto(link, wait_until="networkidle")
        page.mouse.wheel(0, 3000)
        page.hover("button >> nth=0")
        page.reload(wait_until="networkidle")
        page.wait_for_timeout(300)
        robot.close()
    return posts, addresses


@pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)
def test_a_robot_with_a_real_browser(address: str, place: County) -> None:
    """WeChat's and the mail filters' robots run scripts, scroll, and wait; they do not tap 开始填写."""
    before = fingerprint(place.database)
    posts, addresses = in_thread(lambda: looked_at(f"{address}/s/{place.slug}#{place.codes[0]}"))
    assert posts == []
    assert addresses
    assert not [sent for sent in addresses if place.codes[0].split("-")[0] in sent.partition("#")[0]]
    assert fingerprint(place.database) == before
    assert place.phone(place.codes[0]).answer(), "the link still works"
