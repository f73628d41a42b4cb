"""Requests that another site makes a signed-in browser send, and ways back that lead to another site."""

from __future__ import annotations

import itertools
import re
from urllib.parse import urljoin, urlsplit

import pytest
from county import BASE_URL
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from walking import browser, stored
from whole_county import Whole

from survey.web.site.local_paths import local_path

EVIL = "https://evil.example"
EXPIRED = "页面已经过期"
PHONE = "/s/"
TRICKS = [EVIL, "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
# What a browser sends to another site without asking it first (Fetch Standard: CORS-safelisted).
SIMPLE_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
PIECES = ["/", "//", "\\", "evil.example", "https:", "javascript:", "@", "?", "#", ".", "..", "%2f", "%5c"]
PIECES += ["\t", "\n", "\r", "\x00", "\x01", " ", "　", "\u2028", "／", "pingyi.example", "next=", ":", "a"]


@pytest.fixture
def guarded(site: Flask) -> Flask:
    """The site with its protection on, as it is served."""
    site.config["WTF_CSRF_ENABLED"] = True
    return site


def posts(site: Flask, whole: Whole) -> list[str]:
    """Every address that changes something with a cookie; phones send none."""
    found = [address for rule, address in whole.addresses(site) if "POST" in (rule.methods or ())]
    return [address for address in found if not address.startswith(PHONE)]


def token_of(client: FlaskClient, address: str = "/account/password") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def test_nothing_is_done_without_the_token(guarded: Flask, whole: Whole, sign_in) -> None:
    """Attack: a form on another site, sent by the victim's browser with the victim's cookies."""
    before = stored(whole.place)
    for user in whole.users().values():
        client = sign_in(user)
        for address in posts(guarded, whole):
            answer = client.post(address, headers={"Origin": EVIL, "Referer": f"{EVIL}/"})
            assert answer.status_code == 400, address
            assert EXPIRED in answer.text, address
    assert stored(whole.place) == before


def test_an_attackers_own_token_does_not_help(guarded: Flask, whole: Whole, sign_in) -> None:
    """Attack: a genuine token, out of a session of the attacker's own."""
    theirs = token_of(browser(guarded), "/login")
    client = sign_in(whole.place.administrator)
    for address in posts(guarded, whole):
        answer = client.post(address, data={"csrf_token": theirs}, headers={"Referer": f"{BASE_URL}/"})
        assert EXPIRED in answer.text, address


def test_the_right_token_from_another_site_does_not_help(guarded: Flask, whole: Whole, sign_in) -> None:
    """Attack: a token that leaked. Over HTTPS the page before must be this site's as well."""
    client = sign_in(whole.place.administrator)
    for referrer in ({}, {"Referer": f"{EVIL}/"}, {"Referer": f"{BASE_URL}.evil.example/"}):
        data = {"csrf_token": token_of(client), "language": "en"}
        assert client.post("/language", data=data, headers=referrer).status_code == 400
    own = {"Referer": f"{BASE_URL}/"}
    assert client.post("/language", data=data, headers=own).status_code == 302


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
)
@pytest.mark.parametrize("step", ["credential", "ballot"])
def test_other_sites_cannot_post_for_a_phone(visitor: FlaskClient, kind: str, step: str) -> None:
    """Attack: what a browser sends to another site without asking first has one of these types."""
    answer = visitor.post(
        f"/s/2027-q1/{step}", data=b'{"code": "x"}', content_type=kind, headers={"Origin": EVIL}
    )
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_other_site_may_read_anything(site: Flask, whole: Whole, visitor: FlaskClient) -> None:
    for rule, address in whole.addresses(site):
        for method in ("OPTIONS", "GET" if "GET" in (rule.methods or ()) else "POST"):
            answer = visitor.open(address, method=method, headers={"Origin": EVIL})
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")], address


def host_of(location: str) -> str:
    """Where a browser goes from this site (WHATWG URL Standard §4.4: what it strips, and what is a slash)."""
    seen = location.strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None})
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", seen)
    if scheme is None or scheme[0].lower() in ("http:", "https:"):
        seen = seen.replace("\\", "/")
    parts = urlsplit(urljoin(f"{BASE_URL}/login", seen))
    return f"{parts.scheme}://{parts.netloc}"


def test_the_reading_of_locations_sees_through_tricks() -> None:
    for trick in (
        EVIL,
        "//evil.example",
        "/\\evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
    ):
        assert host_of(trick) == EVIL
    assert host_of("javascript:alert(1)").startswith("javascript:")


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=20))
@example("/\\evil.example")
@example("//evil.example")
@example("/\t/evil.example")
@example("/login\\..\\..//evil.example")
def test_no_way_back_leads_elsewhere(target: str) -> None:
    assert host_of(local_path(target, "/")) == BASE_URL


@pytest.mark.parametrize(
    "target", [EVIL, "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
def test_no_page_sends_to_another_site(
    site: Flask, whole: Whole, sign_in, visitor: FlaskClient, target: str
) -> None:
    """Attack: a link to this site whose `next` is the attacker's."""
    client = sign_in(whole.place.administrator)
    answers = [client.post("/language", data={"language": "en", "next": target})]
    for rule, address in whole.addresses(site):
        if "GET" in (rule.methods or ()):
            answers += [who.get(address, query_string={"next": target}) for who in (client, visitor)]
    for answer in answers:
        assert host_of(answer.location or "/") == BASE_URL


def test_nobody_is_sent_to_the_host_that_a_request_claims(site: Flask, whole: Whole, sign_in) -> None:
    """Attack: a host of the attacker's, so that an answer kept or mailed somewhere leads there."""
    clients = [browser(site), *map(sign_in, whole.users().values())]
    seen = 0
    gets = {address for rule, address in whole.addresses(site) if "GET" in (rule.methods or ())}
    near = {address.rstrip("/") or "/" for address in gets} | {f"/{address}" for address in gets}
    for client, path in itertools.product(clients, sorted(gets | near)):
        answer = client.get(path, base_url=EVIL, headers={"X-Forwarded-Host": "evil.example"})
        seen += answer.status_code in (301, 302, 308)
        assert "evil.example" not in str(answer.headers), path
        assert b"evil.example" not in answer.data, path
    assert seen > 100
