"""The survey page on the wire: the same bytes for everybody, small, without cookies, safe for any text."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.request import Request, urlopen

import brotli
import pytest
from phone import arrive, pick, rate, receipt_of, serve_changed, tap, title_is
from phone_server import SLUG
from playwright.sync_api import expect

from survey.protocol.description import RoundDescription

ROOT = Path(__file__).resolve().parents[3]


def get(url: str, method: str = "GET", **headers: str):
    request = Request(url, headers={n.replace("_", "-"): v for n, v in headers.items()})  # noqa: S310 - loopback
    request.method = method
    return urlopen(request)  # noqa: S310


def post(url: str, body: bytes, content_type: str = "application/json"):
    from urllib.error import HTTPError

    headers = {"Content-Type": content_type, "Accept": "application/json"}
    request = Request(url, data=body, headers=headers)  # noqa: S310
    try:
        with urlopen(request) as response:  # noqa: S310
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_same_bytes_for_everybody(phone_server) -> None:
    url = phone_server.link("").rstrip("#")
    agents = (
        {"Accept_Language": "zh"},
        {"Accept_Language": "en", "User_Agent": "MicroMessenger", "Cookie": "pingyi=x"},
    )
    one, two = (get(url, **headers) for headers in agents)
    assert one.read() == two.read()
    for response in (one, two):
        assert "Set-Cookie" not in response.headers
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    again = get(url, "HEAD")
    assert again.headers["ETag"] == one.headers["ETag"]
    assert phone_server.posts == []


def test_etag_changes_with_the_state(phone_server) -> None:
    from urllib.error import HTTPError

    url = phone_server.link("").rstrip("#")
    etag = get(url).headers["ETag"]
    with pytest.raises(HTTPError, match="304"):
        get(url, If_None_Match=etag)
    phone_server.state = "closed"
    assert get(url, If_None_Match=etag).status == 200


def test_the_description_is_public(phone_server) -> None:
    served = json.load(get(f"{phone_server.url}/s/{SLUG}/round.json"))
    assert RoundDescription.from_dict(served) == phone_server.description


class Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs) -> None:
        if tag == "script":
            self.found.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1].get("type") == "application/json":
            self.data += data


def test_no_text_of_a_round_can_leave_its_place(phone_server) -> None:
    evil = "</script><script src=//evil></script><!--\u2028&lt;"
    phone_server.description = dataclasses.replace(phone_server.description, title=evil, body=evil)
    parser = Scripts()
    parser.feed(get(phone_server.link("").rstrip("#")).read().decode())
    assert [s.get("src", "") for s in parser.found if "evil" in str(s.get("src"))] == []
    assert parser.found == [
        {"type": "application/json", "id": "round"},
        {"type": "module"},
        {"nomodule": None},
    ]
    assert json.loads(parser.data.strip())["title"] == evil


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b'{"code": 7, "blinded": "AA"}', "application/json"),
        (b'{"code": "x", "blinded": "A+/"}', "application/json"),
        (b'{"code": "x", "blinded": "AA"}', "text/plain"),
        (b'{"code": "' + b"x" * 300_000 + b'"}', "application/json"),
    ],
)
def test_malformed_posts(phone_server, body: bytes, content_type: str) -> None:
    status, answer = post(f"{phone_server.url}/s/{SLUG}/credential", body, content_type)
    assert (status, answer["error"]) == (400, "malformed")
    assert phone_server.collected == {}


@pytest.mark.browser
def test_weight_and_requests(visit, phone_server) -> None:
    """To the first tap: at most 30 KB compressed in two requests; the whole path: at most 45 KB."""
    page = visit()
    seen: list[tuple[str, int]] = []
    page.on("response", lambda r: seen.append((r.url, r.request.sizes()["responseBodySize"])))
    arrive(page, phone_server.link(phone_server.invite()))
    assert all(url.startswith(phone_server.url) for url, _ in seen)
    assert [url.rpartition("/")[2].partition(".")[0] for url, _ in seen] == ["2026-q4", "ballot-page"]
    first = sum(size for _, size in seen)
    print(f"to the first tap: {first} bytes in {len(seen)} requests")
    assert first <= 30 * 1024, seen
    tap(page, "开始填写")
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    page.locator("#language").click()
    page.locator("#language").click()
    tap(page, "下一步")
    tap(page, "提交")
    receipt_of(page)
    total = sum(size for _, size in seen)
    print(f"whole path, both languages: {total} bytes in {len(seen)} requests")
    assert total <= 45 * 1024, seen


def test_only_what_is_known_by_its_hash_may_run(phone_server) -> None:
    response = get(phone_server.link("").rstrip("#"), Accept_Encoding="br")
    html, policy = brotli.decompress(response.read()).decode(), response.headers["Content-Security-Policy"]
    assert "'self'" not in re.findall(r"script-src [^;]+", policy)[0]
    texts = re.findall(r"<script (?:type=\"module\"|nomodule)>(.*?)</script>", html, re.DOTALL)
    assert len(texts) == 2
    fetched = re.findall(r'data-href="([^"]+\.js)" data-integrity="sha384-([^"]+)"', html)
    texts[1:1] = [get(phone_server.url + href).read().decode() for href, _ in fetched]
    digests = [base64.b64encode(hashlib.sha384(text.encode()).digest()).decode() for text in texts]
    assert digests == re.findall(r"'sha384-([^']+)'", policy.partition("style-src")[0])
    assert [stated for _, stated in fetched] == digests[1:3]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [("", "", True), ("\nbegin();\n", "\nbegin(); // changed\n", False)],
)
def test_a_changed_script_does_not_run(any_page, phone_server, old: str, new: str, runs: bool) -> None:
    def change(html: str) -> str:
        assert old in html
        return html.replace(old, new)

    serve_changed(any_page, change)
    any_page.goto(phone_server.link(phone_server.invite()), wait_until="networkidle")
    assert any_page.locator("#start").is_enabled() == runs


@pytest.mark.browser
def test_what_is_put_into_the_page_does_not_run(any_page, phone_server) -> None:
    """Markup that got in somehow: neither our own address nor an element of its own runs it."""
    put = "<script>document.title = 'taken'</script><script src='/taken.js'></script><p onclick='taken()'>"
    any_page.route("**/taken.js", lambda route: route.fulfill(body="document.title = 'taken'"))
    titles = {}
    for guarded in ("no", "yes"):
        serve_changed(any_page, lambda html: html.replace("<main>", put + "<main>"), policy=guarded == "yes")
        any_page.goto(phone_server.link(phone_server.invite()), wait_until="networkidle")
        titles[guarded] = any_page.title()
        any_page.goto("about:blank")
    assert titles["no"] == "taken"
    assert titles["yes"].startswith("2026 年第四季度评议")


@pytest.mark.browser
def test_published_vectors_in_chromium(visit) -> None:
    page = visit()

    def from_disk(route) -> None:
        path = ROOT / route.request.url.split("localhost/", 1)[1]
        kind = "text/javascript" if path.suffix in (".js", ".mjs") else "text/html"
        route.fulfill(body=path.read_bytes() if path.is_file() else b"<p>", content_type=kind)

    page.route("http://localhost/**", from_disk)
    page.goto("http://localhost/")
    vectors = [
        json.loads((ROOT / f"tests/phone/vectors/{name}.json").read_text())
        for name in ("rfc9474", "rfc9180-a3")
    ]
    run = """async (vectors) => (await import('/tests/phone/vectors.mjs')).runVectors(...vectors)"""
    assert page.evaluate(run, vectors) == 5


@pytest.mark.browser
def test_sixty_departments(visit, phone_server) -> None:
    from survey.services.rounds.defaults import default_questionnaire, make_department

    many = [make_department(f"第{i}号很长很长的部门名称管理委员会办公室", "行政管理") for i in range(60)]
    questionnaire = default_questionnaire(many)
    phone_server.description = dataclasses.replace(phone_server.description, questionnaire=questionnaire)
    page = visit(viewport={"width": 320, "height": 568})
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    expect(page.locator(".pick")).to_have_count(60)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
