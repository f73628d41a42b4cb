"""While PostgreSQL is really stopped, every page of everybody says so, and all are back when it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
from flask import Flask
from walking import ask, browser, built, served, signed_in
from whole_county import Whole

from survey.database.engine import Database
from survey.database.migrations import upgrade

pytestmark = pytest.mark.postgresql

# Asks the database nothing: a style, the step after a password that nobody gave; the promise and two forms.
# Whether the site is ready is told to machines (tests/web/test_watching_itself.py).
NEEDS_NONE = {"/static/nothing.css", "/login/code", "/health/live", "/health/ready", "/help/office.pdf"}
FOR_STRANGERS = {"/anonymity", "/login", "/enrol", "/help/", "/help/office"}


@pytest.fixture(scope="module")
def stoppable() -> Iterator[postgres.PostgreSQL]:
    """A server of its own: the others' is not stopped under them."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("NO POSTGRESQL: not installed")
    with postgres.server(binaries) as running:
        yield running


def pages(site: Flask, whole: Whole) -> list[str]:
    return sorted({address for rule, address in whole.addresses(site) if "GET" in (rule.methods or ())})


def test_every_page_says_that_the_data_cannot_be_read(stoppable: postgres.PostgreSQL, tmp_path: Path) -> None:
    url = stoppable.create("whole")
    empty = Database(url)
    upgrade(empty.engine)
    empty.close()
    whole = built(url)
    site = served(whole, tmp_path)
    clients = {letter: signed_in(site, whole, user) for letter, user in whole.users().items()}
    clients["-"] = browser(site)
    before = {who: ask(client, "GET", "/").status_code for who, client in clients.items()}
    assert set(before.values()) == {200}

    stoppable.stop()
    try:
        odd = {}
        for who, client in clients.items():
            for address in pages(site, whole):
                answer = ask(client, "GET", address)
                sent_to_sign_in = answer.status_code == 302 and "/login" in answer.location
                if address in NEEDS_NONE or (who == "-" and (sent_to_sign_in or address in FOR_STRANGERS)):
                    continue
                if (answer.status_code, "服务器暂时读不到数据" in answer.text) != (503, True):
                    odd[who, address] = answer.status_code
                assert "Traceback" not in answer.text
                assert "psycopg" not in answer.text
        assert odd == {}
    finally:
        stoppable.restart()
    for who, client in clients.items():
        assert ask(client, "GET", "/").status_code == 200, who
    whole.place.database.close()
