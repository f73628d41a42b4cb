"""Can a stranger make the front keep a wrong answer, and repeat it to everybody else?"""

from __future__ import annotations

import gzip
from dataclasses import dataclass

import brotli
import pytest
from a2wsgi import ASGIMiddleware
from county import BASE_URL
from flask import Flask
from werkzeug.test import Client, TestResponse
from whole_county import COLLECTING

from survey.web.fast.flask_pool import Answer
from survey.web.fast.front import Front
from survey.web.fast.kept import MOST, Kept, Key, Ready, best_encoding

PAGE = f"/s/{COLLECTING}"
# What phones, old phones and programs say that they can unpack.
HONEST = {"br": "gzip, deflate, br", "gzip": "gzip", "": ""}
PLAIN = {"": bytes, "br": brotli.decompress, "gzip": gzip.decompress}
ENCODINGS = [
    *("*", "identity, *;q=0", "br;\tq=0", "gzip;\tq=0", "br;q=0, *", "gzip;q=x", "br;q=nan", "br;q=-1"),
    *("br ; q = 0", '"br"', "br;q=0;x=1", "br;x=1;q=0", 'br;q="0"', "gzip;q=1.5", "br;q=", "br;q=1e-9", "BR"),
    *(
        "gzip;q=0.0000001",
        ";q=0",
        "br;;q=0",
        "br;q=0.0.0",
        "br,br;q=0",
        "br;q=0,br",
        "gzip;q=0,gzip",
        "x" * 4000,
    ),
]
HEADERS = [
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-For": "evil.example", "Forwarded": "host=evil.example;proto=http"},
    {"X-Original-URL": "/login", "X-Rewrite-URL": "/login", "X-HTTP-Method-Override": "POST"},
    {"Accept-Language": "en"},
    {"Accept": "application/json"},
    {"Cookie": "__Host-pingyi=x; lang=en", "Authorization": "Basic eDp4"},
    {"If-Match": '"x"', "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"If-Range": '"x"', "TE": "trailers", "Upgrade": "h2c", "Content-Length": "0"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Cache-Control": "no-cache"},
]


Seen = dict[tuple[str, str], tuple[int, bytes, dict[str, str]]]


@dataclass(frozen=True)
class Site:
    """The site behind its front, as `pingyi serve` runs it."""

    app: Flask
    front: Front

    def get(self, address: str, headers: dict[str, str]) -> TestResponse:
        client = Client(ASGIMiddleware(self.front))  # type: ignore[arg-type]
        return client.get(address, headers=headers, base_url=BASE_URL, buffered=True)

    def forget(self) -> None:
        """As if nobody had asked for anything yet."""
        self.front._kept.clear()
        self.app.extensions.pop("pingyi.pages", None)


@pytest.fixture
def fronted(site: Flask) -> Site:
    return Site(site, Front(site))


def addresses(site: Site) -> list[str]:
    """What the front repeats."""
    assets = sorted(site.app.extensions["pingyi.assets"].by_file_name)
    return [PAGE, f"{PAGE}/round.json", *(f"/static/{name}" for name in assets if "respond" in name)]


def seen(site: Site, address: str, accepted: str) -> tuple[int, bytes, dict[str, str]]:
    """What an honest phone gets; its headers without the time."""
    answer = site.get(address, {"Accept-Encoding": accepted})
    return answer.status_code, answer.data, {k.lower(): v for k, v in answer.headers if k.lower() != "date"}


def everything(site: Site) -> Seen:
    return {(a, name): seen(site, a, text) for a in addresses(site) for name, text in HONEST.items()}


@pytest.fixture
def proper(fronted: Site) -> Seen:
    """What everybody should get: on a site on which nobody tried anything."""
    found = everything(fronted)
    for (address, name), (status, body, headers) in found.items():
        assert status == 200, address
        assert headers.get("content-encoding", "") == name, address
        assert PLAIN[name](body) == found[address, ""][1], address
    return found


def spoilt(site: Site, proper: Seen, headers: dict[str, str], query: str = "") -> list[str]:
    """Addresses that answer others wrongly after somebody was the first to ask with these headers."""
    site.forget()
    for address in addresses(site):
        for accepted in HONEST.values():
            site.get(address + query, {"Accept-Encoding": accepted} | headers)
    found = everything(site)
    return [
        f"{address} for {name or 'plain'}"
        for (address, name) in proper
        if found[address, name] != proper[address, name]
    ]


def test_by_a_list_of_encodings_that_two_readers_understand_differently(fronted: Site, proper: Seen) -> None:
    """Attack: be the first, and have packed bytes kept for those who cannot unpack them, or the reverse."""
    found = {trick: spoilt(fronted, proper, {"Accept-Encoding": trick}) for trick in ENCODINGS}
    assert {trick[:40]: names for trick, names in found.items() if names} == {}


def test_by_a_header(fronted: Site, proper: Seen) -> None:
    """Attack: a host, a language, a cookie or a condition of the attacker's in everybody's answer."""
    found = [(headers, spoilt(fronted, proper, headers)) for headers in HEADERS]
    assert [entry for entry in found if entry[1]] == []


def test_by_a_query(fronted: Site, proper: Seen) -> None:
    queries = ("?lang=en", "?", "?x=<script>", "?lang=en&lang=zh")
    found = {query: spoilt(fronted, proper, {}, query) for query in queries}
    assert {query: names for query, names in found.items() if names} == {}


def test_strangers_do_not_fill_the_memory(fronted: Site, proper: Seen) -> None:
    """Attack: a thousand addresses, encodings and hosts, each kept as an answer of its own."""
    kept = len(fronted.front._kept)
    for number in range(60):
        tricks = {"Accept-Encoding": f"x{number}", "Host": f"h{number}", "X-Forwarded-Proto": f"p{number}"}
        for address in (PAGE, f"{PAGE}?{number}", f"{PAGE}/{number}", f"{PAGE}%20{number}", PAGE.upper()):
            fronted.get(address, tricks)
    assert len(fronted.front._kept) <= kept


def test_nor_do_the_many_ways_to_write_one_address(fronted: Site, proper: Seen) -> None:
    """Attack: each is answered, so each was kept for ever; 1,500 of them were 103 MB."""
    kept = len(fronted.front._kept)
    for address in addresses(fronted):
        for slashes in range(2, 30):
            fronted.get("/" * slashes + address.lstrip("/"), {"Accept-Encoding": "br"})
    assert len(fronted.front._kept) <= kept


def test_whatever_is_kept_is_bounded() -> None:
    """Even where some day a view calls answers without number the same for everybody."""
    answer = Answer(200, [], b"")
    kept = Kept()
    for number in range(2 * MOST):
        kept.put(Key(f"/{number}", "", "http", b""), Ready(float("inf"), answer))
    assert len(kept) == MOST


def test_a_long_list_of_encodings_is_not_remembered(fronted: Site) -> None:
    best_encoding.cache_clear()
    fronted.get(PAGE, {"Accept-Encoding": "x" * 100_000})
    assert best_encoding.cache_info().currsize == 0
