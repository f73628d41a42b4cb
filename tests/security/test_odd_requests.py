"""Requests that no browser sends: every address refuses them in words."""

from __future__ import annotations

import pytest
from county import SECRET
from flask import Flask
from walking import browser, stored
from whole_county import Whole

from survey.web.site.security import is_host

EVIL = "https://evil.example"
PARTS = {
    "a part without a name": b"form-data",
    "a file without a name": b'form-data; filename="a.csv"',
    "an empty name": b'form-data; name=""; filename="a.csv"',
}


CLIMBING = [
    *("../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd"),
    *(
        "..%5c..%5cetc%5cpasswd",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "file:%2f%2f%2fetc%2fpasswd",
        "..%252fetc",
    ),
    *("..;/..;/etc/passwd", "facts.json%00.png", "../secret.key", "..%2fsecret.key", "..%2fwhole.sqlite3"),
]
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@pytest.mark.parametrize("what", PARTS)
def test_a_form_with_nameless_parts(site: Flask, whole: Whole, sign_in, what: str) -> None:
    """The parser gives such a part the name None, which is no text to search."""
    body = b"--b\r\nContent-Disposition: " + PARTS[what] + b"\r\n\r\nx\r\n--b--\r\n"
    for client in (browser(site), *map(sign_in, whole.users().values())):
        for rule, address in whole.addresses(site):
            if "POST" in (rule.methods or ()):
                answer = client.post(address, data=body, content_type="multipart/form-data; boundary=b")
                assert answer.status_code < 500, address


def test_a_name_that_climbs_leads_nowhere(site: Flask, whole: Whole, sign_in) -> None:
    """Attack: a file of the server's, the secret or the database itself, by a name in the address."""
    clients = [browser(site), *map(sign_in, whole.users().values())]
    seen = 0
    for rule in site.url_map.iter_rules():
        for argument in rule.arguments & {"name", "file_name"}:
            for climbing in CLIMBING:
                address = whole.address(rule.rule, **{argument: climbing})
                for client in clients:
                    answer = client.get(address)
                    seen += 1
                    assert answer.status_code in (302, 308, 403, 404, 405), address
                    assert b"root:" not in answer.data, address
                    assert SECRET.encode() not in answer.data, address
    assert seen > 200


def test_no_header_or_field_turns_looking_into_acting(site: Flask, whole: Whole, sign_in) -> None:
    """Attack: a link or a picture on another site that claims to be a form."""
    pages = {rule.rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    before = stored(whole.place)
    for client in map(sign_in, whole.users().values()):
        for rule, address in whole.addresses(site):
            if rule.rule not in pages:
                headers = dict.fromkeys(OVERRIDES, "POST")
                answer = client.get(f"{address}?_method=POST&method=POST", headers=headers)
                assert answer.status_code == 405, address
    assert stored(whole.place) == before


@pytest.mark.parametrize(
    "claimed", ["//evil.example/x", "/x?a=1&a=2&a=3", "/" + "x" * 5000, "/%", "/%zz", "/%ff"]
)
def test_addresses_that_are_none(site: Flask, whole: Whole, sign_in, claimed: str) -> None:
    for client in (browser(site), *map(sign_in, whole.users().values())):
        assert client.get(claimed).status_code in (308, 404)


def test_the_first_of_two_fields_does_not_outrank_the_second(whole: Whole, sign_in) -> None:
    """Attack: parameter pollution; what was checked must be what is used."""
    administrator = sign_in(whole.place.administrator)
    path = f"/login?next=/admin/&next={EVIL}"
    assert EVIL not in (administrator.get(path).location or "")
    answer = administrator.post("/language", data={"language": ["en", "zh"], "next": ["/anonymity", EVIL]})
    assert answer.location == "/anonymity"
    answer = administrator.post("/language", data={"language": ["en", "zh"], "next": [EVIL, "/anonymity"]})
    assert answer.location == "/"


NO_HOSTS = [
    *("a..b", "..", ".", "x" * 300, f"{'a' * 64}.b", ".".join(["abc"] * 90), "-a.b", "a-.b"),
    *(
        "[",
        "[::1",
        "[x]",
        "a b",
        "a/b",
        "a?b",
        "a@b",
        "a\\b",
        "a%00",
        "\xff.b",
        "a:x",
        "a:",
        "a:1:2",
        "a,b",
        "a\tb",
    ),
]
HOSTS = [
    "pingyi.example",
    "127.0.0.1:8000",
    "localhost",
    "[::1]:8000",
    "xn--fiq228c.example",
    "a_b.example",
    "a.b.",
]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_is_none_is_refused_in_words(site: Flask, host: str) -> None:
    """Attack: a name that the router cannot read; the server itself would answer, without our headers."""
    client = browser(site)
    for path in ("/", "/admin", "/login", "//x", "/static/x", "/s/2027-q1/ballot", "/nothing"):
        for method in ("GET", "POST"):
            answer = client.open(path, method=method, environ_overrides={"HTTP_HOST": host})
            assert answer.status_code == 400, (method, path)
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("host", ["xn--zz--", "xn--zz-a.example"])
def test_a_host_in_punycode_that_decodes_to_nothing(host: str) -> None:
    """Werkzeug's own client cannot send it."""
    assert not is_host(host)


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_that_are_some_are_served(site: Flask, host: str) -> None:
    assert browser(site).get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200
