"""Nonsense and near-sense at every address: nothing may fail, only refuse.

Half of the requests are a page's own form with a few values replaced, so that they get past the first check.
"""

from __future__ import annotations

import gc
import io
import json
import os
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walking import browser, built, copied, served, signed_in
from whole_county import CLOSED, COLLECTING, DRAFT, OPENED, Whole

from survey.protocol.holders import keyfile
from survey.services.people import passwords

USUAL = 300
# `make nightly` asks for more, and for other ones every night.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", USUAL))
ROUNDS = [OPENED, COLLECTING, CLOSED, DRAFT]
# fmt: off
NASTY = [
    *("", " ", "0", "-1", "1", "2", "9" * 25, "1e999", "NaN", "Infinity", "-0.0", "٣", "²", "½"),
    *("\x00", "a\x00b", "\x7f", "\ud800", "\ufeff", "\u202e", "𝔘𝔫𝔦", "é", "🂡", "\r\nSet-Cookie: a=b", "\t"),
    *("9999-12-31", "0001-01-01", "2026-02-30", "2027-01-01", "-2026-01-01", "2026-W01-1"),
    *("../../etc/passwd", "..%2f..", "%00", "%", "%s%n", "{{7*7}}", "<script>", "'\"><", "' OR 1=1--"),
    *("=HYPERLINK(1)", "y", "on", "true", "null", "[]", "{}", "[[[[", "0" * 32, "f" * 32, "税务局", "公安局"),
    *("x" * 5000, "长" * 3000, "a\tb\tc", "gap\t态度\t公安局", "line\t\t公安局", *ROUNDS),
]
QUERIES = [
    *("page", "search", "sort", "a", "b", "kind", "copy", "next", "lang", "since", "until", "show", "actor"),
    *("subject", "period", "department"),
]
CONTENTS = [b"", b"\0" * 99, b"PK\3\4" + b"\xff" * 60, b"a,b\n1,2\n", b"\xff\xfe\0", b"{}", b"[" * 9999]
FILENAMES = ["a.xlsx", "a.csv", "a.key.json", "", "a\0.csv", "../../x.csv", "长" * 200 + ".csv", "a.xls"]
HEADER_NAMES = [
    *("Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Referer", "Range", "If-None-Match"),
    *("If-Modified-Since", "X-Forwarded-For", "X-Forwarded-Proto", "Origin", "Authorization"),
]
HEADER_VALUES = [
    *("", "*", "*/*;q=x", "en;q=0.5,zh;q=nan", "br;q=0, gzip", "bytes=9-1", '"x"', "W/", "x" * 2000, "\xff"),
]
# Parts of a form as no browser writes them.
DISPOSITIONS = [
    *("", "form-data", "form-data; name=", 'form-data; name=""', "form-data; name=title; name=body"),
    *("attachment", 'form-data; filename="a.csv"', "form-data; name*=utf-8''%00", 'form-data; name="\xff"'),
    *("form-data; name=file; filename*=utf-8''%2e%2e%2fa.csv", 'form-data; name="file"; filename=""'),
]
PART_TYPES = ["", "text/plain; charset=utf-16", "text/plain; charset=x", "multipart/mixed; boundary=c"]
TYPES = ["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "text/x; charset=x"]
MULTIPART = "multipart/form-data; boundary=b"
JSON_FIELDS = ("code", "blinded", "message", "signature", "sealed", "public_key", "proof")
# fmt: on
TEXTS = st.sampled_from(NASTY) | st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FILES = st.tuples(st.sampled_from(CONTENTS) | st.binary(max_size=60), st.sampled_from(FILENAMES))
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(HEADER_NAMES), st.sampled_from(HEADER_VALUES) | PRINTABLE, max_size=3
)
Form = list[tuple[str, str, str]]


class Forms(HTMLParser):
    """The forms of a page as a browser would send them: address → (type, name, value)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, Form] = {}
        self._form: Form = []
        self._open = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = self.found.setdefault(given.get("action", ""), [])
        elif tag in ("input", "button") and "name" in given:
            self._form.append((given.get("type", "text"), given["name"], given.get("value", "")))
        elif tag == "textarea":
            self._open = given.get("name", "")
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._form.append(("option", self._select, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._form.append(("text", self._open, data))
            self._open = ""


class Target:
    """The site, its routes, the forms its pages show, and everybody's browser."""

    def __init__(self, site: Flask, whole: Whole) -> None:
        self.site, self.whole = site, whole
        self.users = {"*": None} | whole.users()
        self.forms: dict[str, Form] = {}
        for who in self.users:
            client = self.client(who)
            for address in self.read():
                answer = client.get(address)
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    for action, form in Forms(answer.text).found.items():
                        self.forms[action or address] = form

        self.routes = sorted(
            (rule.rule, method, tuple(sorted(rule.arguments)))
            for rule in site.url_map.iter_rules()
            for method in (rule.methods or set()) & {"GET", "POST"}
        )

    def read(self) -> list[str]:
        """What GET asks for, each address once: many routes name no round."""
        rules = [rule.rule for rule in self.site.url_map.iter_rules() if "GET" in (rule.methods or ())]
        return list(dict.fromkeys(self.whole.address(rule, slug=slug) for rule in rules for slug in ROUNDS))

    def client(self, who: str) -> Any:
        """A browser that is signed in still, whatever was sent before."""
        user = self.users[who]
        return signed_in(self.site, self.whole, user) if user else browser(self.site)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(
    request: pytest.FixtureRequest,
    whole_template: tuple[Path, Whole],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """The county on each database: PostgreSQL refuses texts and numbers that SQLite takes."""
    folder = tmp_path_factory.mktemp("fuzz")
    if request.param == "sqlite":
        whole = copied(whole_template, folder)
    else:
        server = request.getfixturevalue("postgresql")
        whole = built(server.copy(request.getfixturevalue("postgresql_template")))
    yield Target(served(whole, folder), whole)
    for thread in threading.enumerate():
        if thread.name.startswith("pingyi-open"):
            thread.join(20)
    whole.place.database.close()


def owner(rule: str) -> st.SearchStrategy[str]:
    """Mostly somebody who is let in."""
    fitting = {"/admin": "A", "/audit": "A", "/review": "R", "/liaison": "L", "/account": "ARL"}
    usual = next((whose for start, whose in fitting.items() if rule.startswith(start)), "*")
    return st.sampled_from(usual * 4 + "*ARL")


def paths(draw: Any, target: Target, rule: str, names: tuple[str, ...]) -> str:
    given = {"slug": draw(st.sampled_from(ROUNDS))}
    for name in names:
        if draw(st.integers(0, 7)) == 0:
            given[name] = quote(draw(TEXTS), safe="", errors="surrogatepass") or "x"
    return target.whole.address(rule, **given)


def body_of(draw: Any, target: Target, address: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["form", "form", "form", "json", "raw", "parts"]))
    if kind == "parts":
        return {"data": parts_of(draw, target.forms.get(address, [])), "content_type": MULTIPART}
    if kind == "raw":
        return {"data": draw(st.binary(max_size=80)), "content_type": draw(st.sampled_from(TYPES))}
    if kind == "json":
        known = draw(st.dictionaries(st.sampled_from(JSON_FIELDS), TEXTS, max_size=5))
        content = draw(st.sampled_from([known, draw(JSON)]))
        return {"data": json.dumps(content), "content_type": "application/json"}
    form: dict[str, list[Any]] = {}
    for kind, name, value in target.forms.get(address, []):
        if kind in ("option", "radio") and name in form and draw(st.booleans()):
            continue
        spoilt = draw(st.integers(0, 4)) == 0
        form.setdefault(name, [])
        if kind == "file":
            content, filename = draw(FILES)
            form[name].append((io.BytesIO(content), filename))
        else:
            form[name].append(_encodable(draw(TEXTS)) if spoilt else value)
    for name in draw(st.lists(TEXTS, max_size=2)):
        form[_encodable(name)] = [_encodable(draw(TEXTS))]
    return {"data": form}


def parts_of(draw: Any, form: Form) -> bytes:
    """A multipart body of the form's own fields and of parts that are not quite parts."""
    given = [f'form-data; name="{name}"' for _kind, name, _value in form]
    given += draw(st.lists(st.sampled_from(DISPOSITIONS), max_size=3))
    body = b""
    for disposition in given:
        heads = f"Content-Disposition: {disposition}\r\nContent-Type: {draw(st.sampled_from(PART_TYPES))}\r\n"
        body += b"--b\r\n" + heads.encode() + b"\r\n" + draw(st.binary(max_size=6)) + b"\r\n"
    return body + draw(st.sampled_from([b"--b--\r\n", b"--b--", b"--b", b""]))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def ask(draw: Any, target: Target, rule: str, method: str, names: tuple[str, ...]) -> None:
    who = draw(owner(rule))
    address = paths(draw, target, rule, names)
    options: dict[str, Any] = {"headers": draw(HEADERS), "method": method}
    if method == "POST":
        options |= body_of(draw, target, address)
    if method == "GET" or draw(st.integers(0, 5)) == 0:
        query = draw(st.lists(st.tuples(st.sampled_from(QUERIES), TEXTS), max_size=3))
        address += "?" + "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in query)
    answer = target.client(who).open(address, **options)
    content = answer.data.lower()
    assert answer.status_code < 500, (who, address, options)
    assert b"traceback (most recent" not in content
    assert b"sqlalchemy" not in content


@pytest.fixture(autouse=True, scope="module")
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patched.setattr(passwords, "_hasher", quick)
        patched.setattr(keyfile, "_MOST_ITERATIONS", 1000)
        yield


@pytest.fixture
def _leftovers() -> Iterator[None]:
    """Werkzeug leaves the file of a form that ends too early to the garbage collector."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")
@pytest.mark.usefixtures("_leftovers")
@pytest.mark.timeout(7200 if EXAMPLES > USUAL else 200)
@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == USUAL,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_nothing_makes_an_address_fail(target: Target, data: st.DataObject) -> None:
    rule, method, names = data.draw(st.sampled_from(target.routes))
    ask(data.draw, target, rule, method, names)
