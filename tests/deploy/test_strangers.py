"""Through the shipped nginx before `pingyi serve`: strangers keep no phone from voting."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import served
from county import BASE_URL, SECRET, County, Phone
from stack import HOST, Stack, running

from survey.database.engine import Database

sys.path.append(str(Path(__file__).parents[1] / "attacks" / "voting"))
from test_held_up import SECONDS, VOTES, slowest, strangers

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_cheap_keys")]


class Proxied(served.Served):
    """A phone's way through nginx."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack.port, stack.gunicorn)
        self.stack = stack

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        return (*self.stack.send(method, path, body, headers or {}, "127.0.1.1"), {})


@pytest.fixture
def place(sqlite_database: Database) -> County:
    return County(sqlite_database).collecting(slips=2 * VOTES)


@pytest.fixture
def phones(place: County) -> list[Phone]:
    return served.phones_of(place)


@pytest.fixture
def site(place: County, phones: list[Phone], tmp_path: Path) -> Iterator[Proxied]:
    place.database.close()
    environment = {
        "PINGYI_DATA": str(tmp_path),
        "PINGYI_DATABASE_URL": place.database.url,
        "PINGYI_BASE_URL": BASE_URL,
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_TRUSTED_PROXIES": "1",
    }
    with running(tmp_path, "", environment, granian=True) as stack:
        yield Proxied(stack)


@pytest.mark.parametrize(("kind", "count"), [("login", 150), ("bodies", 100)])
def test_strangers_do_not_hold_phones_up(site: Proxied, phones: list[Phone], kind: str, count: int) -> None:
    quiet = slowest(site, phones[:VOTES])
    with strangers(kind, site, count, HOST):
        assert slowest(site, phones[VOTES:]) < max(SECONDS, 5 * quiet)


def test_a_network_that_tries_too_often_is_told_so(site: Proxied) -> None:
    found = [site.send("GET", "/login")[0] for _ in range(30)]
    assert found[:20] == [200] * 20
    assert 429 in found
    status, page, _ = site.send("GET", "/login")
    assert status == 429
    assert "请过一会儿再试" in page.decode()
    assert site.send("GET", "/s/2026-q4")[0] == 200


def test_a_phone_is_not_limited_whatever_its_address(site: Proxied) -> None:
    started = time.perf_counter()
    assert {site.send("GET", "/s/2026-q4")[0] for _ in range(200)} == {200}
    assert time.perf_counter() - started < 60
