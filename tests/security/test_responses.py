"""What every answer carries, and what none may: headers, cookies, inline code, secrets in addresses."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from walking import browser, copied, served, signed_in
from werkzeug.test import TestResponse
from whole_county import COLLECTING, Whole

from survey.paths import PACKAGE
from survey.services.people import throttle
from survey.services.rounds import lifecycle
from survey.web.fast import front
from survey.web.phone import protocol
from survey.web.site.security import MAX_UPLOAD

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
POLICY = ("default-src 'none'", "script-src 'self'", "object-src", "base-uri 'none'", "form-action 'self'")
# What a route may take out of its path, and a page out of its query: names and numbers, no secrets.
IN_PATHS = {
    "analysis",
    "composite",
    "proposal",
    "slug",
    "number",
    "index",
    "name",
    "file",
    "file_name",
    "person",
    "handle",
    "code",  # the credit code of an enterprise, which is public
    "shown",  # a name that only the browser with the cookie can use
}
IN_QUERIES = {
    *("next", "lang", "kind", "period", "department", "page", "search", "copy", "show", "sort", "stage"),
    *("actor", "subject", "since", "until", "a", "b", "words"),
}
UPLOADS = [
    "/admin/roster/import",
    "/review/indicators",
    "/s/2027-q1/ballot",
    "/s/2027-q1/credential",
    "/login",
]
SECRET_FIELDS = {"password", "old", "token", "code", "proof", "passphrase", "csrf_token"}


SHOWN = {"text/html", "application/json", "text/javascript", "text/css", "image/svg+xml", "image/png"}
LIST = "text/plain"  # the published receipts


def source_of(content: bytes) -> str:
    """What a content policy calls it."""
    return f"'sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}'"


class Page(HTMLParser):
    """Inline code, addresses and forms of a page.

    Elements whose text has one of the `known` hashes of a content policy are noted in `own` instead.
    """

    def __init__(self, html: str, known: Collection[str] = ()) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.own: list[str] = []
        self._known, self._inside = known, False
        self.addresses: list[str] = []
        self.fetched: list[str] = []
        self.forms: list[tuple[str, set[str]]] = []
        self.feed(html)

    def handle_data(self, text: str) -> None:
        source = source_of(text.encode())
        if self._inside and source in self._known:
            self.inline.pop()
            self.own.append(source)
        self._inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        data = given.get("type") == "application/json"  # not run by any browser
        self._inside = tag == "style" or (tag == "script" and "src" not in given and not data)
        if self._inside:
            self.inline.append(tag)
        self.addresses += [given[name] or "" for name in ("href", "src", "action") if name in given]
        self.fetched += [address for address in [given.get("data-href") or ""] if address.endswith(".js")]
        if tag == "form":
            self.forms.append(((given.get("method") or "get").lower(), set()))
        elif tag in ("input", "textarea", "select", "button") and given.get("name") and self.forms:
            self.forms[-1][1].add(given["name"] or "")


def pages(site: Flask, whole: Whole, sign_in) -> Iterator[tuple[str, TestResponse]]:
    """Every GET as everybody, among them refusals and what is not there."""
    clients = {"*": browser(site)} | {role: sign_in(user) for role, user in whole.users().items()}
    gets = [address for rule, address in whole.addresses(site) if "GET" in (rule.methods or ())]
    for who, client in clients.items():
        for address in [*gets, "/nothing", f"/public/{COLLECTING}", f"/s/{COLLECTING}"]:
            yield f"{who} {address}", client.get(address)


@pytest.fixture(scope="module")
def answers(
    whole_template: tuple[Path, Whole], tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, TestResponse]]:
    """All `pages` of a county, asked for once; forms carry their tokens."""
    folder = tmp_path_factory.mktemp("answers")
    whole = copied(whole_template, folder)
    site = served(whole, folder)
    site.config["WTF_CSRF_ENABLED"] = True
    found = list(pages(site, whole, lambda user: signed_in(site, whole, user)))
    whole.place.database.close()
    return found


def check_headers(name: str, answer: TestResponse, ancestors: str = "none") -> None:
    for header, value in HEADERS.items():
        assert answer.headers.get_all(header) == [value], (name, header)
    policies = answer.headers.get_all("Content-Security-Policy")
    assert len(policies) == 1, name
    policy = policies[0]
    assert "unsafe" not in policy, name
    assert "*" not in policy, name
    assert policy.split("; ")[0] == "default-src 'none'", name  # object-src falls back to it
    for part in POLICY[3:]:
        assert part in policy, (name, part)
    assert f"frame-ancestors '{ancestors}'" in policy, name
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), name
    assert "camera=()" in answer.headers["Permissions-Policy"], name
    assert not {"X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers.keys()), name


def test_every_answer_has_its_headers(answers) -> None:
    for name, answer in answers:
        preview = name.endswith("/preview/phone") and answer.status_code == 200
        check_headers(name, answer, "self" if preview else "none")


def failures(site: Flask, whole: Whole, sign_in, monkeypatch) -> Iterator[tuple[int, TestResponse]]:
    """Each status that a refusal can have, with an answer that should have it."""
    visitor, administrator = browser(site), sign_in(whole.place.administrator)
    name = next(iter(site.extensions["pingyi.assets"].by_file_name))
    asset, ballot = f"/static/{name}", f"/s/{COLLECTING}/ballot"
    yield 200, visitor.get(asset)
    yield 200, visitor.get(asset)  # repeated by the front
    yield 200, visitor.head(asset)
    yield 304, visitor.get(asset, headers={"If-None-Match": visitor.get(asset).headers["ETag"]})
    yield 302, visitor.get("/admin/")
    yield 308, visitor.get("/admin")
    yield 400, visitor.post(ballot, data="x")
    yield 400, visitor.get("/", headers={"Host": "a b"})
    yield 400, visitor.post("/login", data={"name": "a\0b"})
    yield 403, administrator.get("/review/")
    yield 404, visitor.get("/static/none.css")
    yield 404, visitor.get("/a\0b")
    yield 405, visitor.put(ballot)
    yield 413, administrator.post("/admin/roster/import", data=b"x" * (MAX_UPLOAD + 1))
    yield 415, administrator.post("/admin/roster/import", json={})
    for _ in range(throttle.FREE + 1):
        answer = visitor.post("/login", data={"name": "管理员", "password": "wrong password"})
    yield 429, answer
    monkeypatch.setattr(lifecycle, "list_rounds", lambda _session: 1 / 0)
    yield 500, visitor.get("/")
    monkeypatch.setattr(protocol, "ballot_of", lambda *_given: 1 / 0)
    yield 500, visitor.post(ballot, json={})


def test_every_kind_of_refusal_has_them_too(site: Flask, whole: Whole, sign_in, monkeypatch) -> None:
    for status, answer in failures(site, whole, sign_in, monkeypatch):
        assert answer.status_code == status, answer.request.path
        check_headers(f"{status} {answer.request.path}", answer)
        assert status < 400 or answer.headers["Cache-Control"] == "no-store", answer.request.path


def test_who_is_turned_away_without_flask_is_told_so_under_them_too() -> None:
    proxied = {"scheme": "http", "headers": [(b"x-forwarded-proto", b"https")]}
    for scope in (proxied, {"scheme": "https", "headers": []}):
        answer = {name.decode(): value.decode() for name, value in front.plain(503, scope).headers}
        assert {name: answer.get(name.lower()) for name in HEADERS} == HEADERS


def test_what_is_for_one_person_is_kept_nowhere(answers) -> None:
    for name, answer in answers:
        desk = re.match(r". /(admin|review|liaison|account|audit|login|enrol)", name)
        if desk:
            assert answer.headers["Cache-Control"] == "no-store", name
        elif "no-store" not in answer.headers["Cache-Control"]:
            assert "Set-Cookie" not in answer.headers, name


def test_every_answer_says_what_it_is(answers) -> None:
    for name, answer in answers:
        kind = answer.headers["Content-Type"]
        assert not kind.startswith("text/") or kind.endswith("; charset=utf-8"), (name, kind)
        if "html" in kind:
            assert answer.data.lower().lstrip().startswith(b"<!doctype html>") or answer.location, name


def test_what_is_no_page_is_a_download_under_our_name(answers) -> None:
    """RFC 6266 and 8187: one name in plain letters, one in all letters, neither able to end the header."""
    seen = set()
    for name, answer in answers:
        given = answer.headers.get("Content-Disposition", "")
        if answer.status_code != 200 or answer.mimetype in SHOWN or answer.mimetype == LIST:
            assert not given or answer.mimetype not in ("text/html",), name
            continue
        seen.add(name.partition(" ")[2])
        assert re.fullmatch(
            r"attachment; filename=\"[ -!#-\[\]-~]+\"; filename\*=UTF-8''[\w.%~!-]+", given
        ), (name, given)
    assert len(seen) >= 8


def allowed(answer: TestResponse) -> list[str]:
    """The sources of scripts and styles in an answer's content policy."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split("; ")]
    return [source for name, *sources in parts if name in ("script-src", "style-src") for source in sources]


def test_no_page_has_code_in_line_or_from_elsewhere(site: Flask, answers) -> None:
    """But the phone's, in it or fetched by it: our own code by its hash; nothing else may run or be worn."""
    visitor = browser(site)
    for name, answer in answers:
        if answer.mimetype == "text/html" and not answer.location:
            page = Page(answer.text, allowed(answer))
            assert page.inline == [], name
            phone = bool(re.search(r" /s/[\w-]+$|/preview/phone$", name)) and answer.status_code == 200
            own = page.own + [source_of(visitor.get(address).data) for address in page.fetched]
            assert sorted(allowed(answer)) == (sorted(own) if phone else ["'self'"] * 2), name
            assert len(page.own) == (4 if phone else 0), name
            # The ballot's screens, and those that are asked for later.
            assert len(page.fetched) == 2 * (phone and "/preview/" not in name), name
            for address in page.addresses:
                assert urlsplit(address).scheme in ("", "data"), (name, address)
                assert not address.startswith("//"), (name, address)


def test_every_form_that_changes_something_carries_its_token(answers) -> None:
    seen = 0
    for name, answer in answers:
        if answer.mimetype == "text/html" and "/s/" not in name and "/phone" not in name:
            for method, fields in Page(answer.text).forms:
                seen += method == "post"
                if method == "post":
                    assert "csrf_token" in fields, name
                else:
                    assert not fields & SECRET_FIELDS, name
    assert seen > 100


def test_addresses_carry_no_secret(site: Flask, whole: Whole, answers) -> None:
    """Addresses end up in histories, logs and referrers: no code, token or password may be in one."""
    found = {name for rule in site.url_map.iter_rules() for name in rule.arguments}
    assert found <= IN_PATHS
    sources = "".join(path.read_text() for path in (PACKAGE / "web").rglob("*.py"))
    asked = set(re.findall(r"request\.args(?:\.get\(|\[)\"(\w+)\"", sources))
    assert asked <= IN_QUERIES
    secrets = [*whole.codes, *_cookies(answers)]
    assert len(secrets) > 10
    for name, answer in answers:
        addresses = [answer.location or ""]
        if answer.mimetype == "text/html" and not answer.location:
            addresses += Page(answer.text).addresses
        for address in addresses:
            assert not [secret for secret in secrets if secret in address], (name, address)
            assert set(parse_qs(urlsplit(address).query)) <= IN_QUERIES, (name, address)


def _cookies(answers: list[tuple[str, TestResponse]]) -> set[str]:
    lines = [line for _, answer in answers for line in answer.headers.get_all("Set-Cookie")]
    return {line.partition(";")[0].partition("=")[2] for line in lines} - {""}


def test_cookies_are_for_this_host_over_https_only(site: Flask, visitor: FlaskClient) -> None:
    site.config["WTF_CSRF_ENABLED"] = True
    [line] = visitor.get("/login").headers.get_all("Set-Cookie")
    name, *attributes = line.replace(" ", "").split(";")
    assert name.startswith("__Host-pingyi=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert "Domain" not in line


@pytest.mark.parametrize(
    "address", ["/admin/roster/import", "/review/indicators", "/s/2027-q1/ballot", "/login"]
)
@pytest.mark.parametrize("declared", [True, False])
def test_nothing_larger_than_the_limit_is_read(whole: Whole, sign_in, address: str, declared: bool) -> None:
    """Attack: a body without end, with its length declared or sent in chunks."""
    user = whole.users()["R" if address.startswith("/review") else "A"]
    endless = Endless()
    kind = "application/json" if "/s/" in address else "multipart/form-data; boundary=b"
    environ = {"wsgi.input": endless, "wsgi.input_terminated": True, "CONTENT_TYPE": kind}
    if declared:
        environ["CONTENT_LENGTH"] = str(MAX_UPLOAD + 1)
    answer = sign_in(user).post(address, environ_overrides=environ)
    assert answer.status_code in (400, 413)
    assert endless.given <= (1 << 20 if "/s/" in address else MAX_UPLOAD + (1 << 20))


class Endless:
    """A body that never ends; counts what was taken of it."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        size = 1 << 16 if size < 0 else min(size, 1 << 16)
        self.given += size
        assert self.given < 1 << 28, "read on and on"
        return b"x" * size

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)
