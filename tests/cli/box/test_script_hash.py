"""An auditor compares what browsers get with the sources; every way of serving something else is told."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from county import County
from flask import Flask

from survey.app import create_app
from survey.cli import main
from survey.cli.box import script_hash
from survey.cli.box.page_render import renderer
from survey.config import Settings
from survey.database.engine import Database
from survey.scripts import script_hashes
from survey.services.opening.box_files import export_box
from survey.services.rounds import extending, lifecycle
from survey.watch.served_page import carried, page_problems
from survey.watch.served_scripts import served_problems
from survey.web.phone import page as survey_page

pytestmark = pytest.mark.usefixtures("_cheap_keys")
URL = "https://pingyi.example/s/2026-q4"


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Flask:
    County(sqlite_database).collecting()
    settings = Settings(tmp_path, sqlite_database.url, "https://pingyi.example", "s" * 32)
    return create_app(settings, sqlite_database)


def getter(site: Flask) -> Callable[[str], bytes]:
    client = site.test_client()
    return lambda url: client.get(url.removeprefix("https://pingyi.example")).data


def problems(site: Flask, change: Callable[[str, bytes], bytes] = lambda _url, content: content) -> str:
    get = getter(site)
    found = served_problems(URL, script_hashes(), lambda url: change(url, get(url)))
    return "\n".join(problem.say() for problem in found)


def test_the_real_site_passes(site: Flask) -> None:
    assert problems(site) == ""


def test_hashes_are_what_browsers_compute(site: Flask) -> None:
    get = getter(site)
    page = get(URL).decode()
    text = page.partition('<script type="module">')[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha384(text.encode()).digest()).decode()
    assert script_hashes()["respond-page.js"] == f"sha384-{digest}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"</head>", b"<script>send(location.hash)</script></head>", "没有的程序：<script>"),
        (b"</head>", b'<script src="https://evil.example/x.js"></script></head>', "没有的程序"),
        (b"</head>", b'<SCRIPT SRC="/static/extra.0123456789abcdef.js"></SCRIPT></head>', "没有的程序"),
        (b"globalThis.pingyi", b"send(location.hash);globalThis.pingyi", "没有的程序：<script>"),
        (b"<script nomodule>", b"<script nomodule>send()", "没有的程序：<script>send()"),
        (b"<main>", b"<main onclick=send()>", "没有的程序：<main onclick>"),
        (b"<main>", b"<main><a href=' java\nscript:send()'>", "没有的程序：<a "),
        (b"<main>", b"<main><meta http-equiv=refresh content='0;//evil.example'>", "没有的程序：<meta>"),
        (b"<main>", b"<main><iframe srcdoc='x'></iframe>", "没有的程序：<iframe>"),
        (b"<main>", b"<main><!--><script>send()</script>-->", "没有的程序：<script>"),
        (b"<script", b"<pre", "里没有程序"),
    ],
)
def test_a_changed_page_is_told(site: Flask, old: bytes, new: bytes, said: str) -> None:
    assert said in problems(site, lambda url, content: content.replace(old, new) if url == URL else content)


def linked(page: bytes, address: str, stated: str) -> bytes:
    return page.replace(b"</head>", f'<script src="{address}" integrity="{stated}"></script></head>'.encode())


def test_a_script_beside_the_page_is_compared_too(site: Flask) -> None:
    address, own = site.extensions["pingyi.assets"].url("respond-page.js"), script_hashes()["respond-page.js"]

    def with_link(stated: str, tail: bytes) -> str:
        return problems(
            site,
            lambda url, content: (
                linked(content, address, stated) if url == URL else content + tail * ("respond-page" in url)
            ),
        )

    assert with_link(own, b"") == ""
    assert with_link(own, b" ") == "网站发出的 respond-page.js 内容不同。"
    assert "散列是“sha384-x" in with_link("sha384-x", b"")


def test_the_script_that_the_page_fetches_is_compared_too(site: Flask) -> None:
    own = script_hashes()["ballot-page.js"]

    def with_change(where: str, old: str, new: str) -> str:
        return problems(
            site,
            lambda url, content: content.replace(old.encode(), new.encode()) if where in url else content,
        )

    assert with_change("ballot-page", "addBallot();", "addBallot(); send();") == (
        "网站发出的 ballot-page.js 内容不同。"
    )
    assert "网页给 ballot-page.js 写的散列" in with_change(
        "/s/", f'-integrity="{own}"', '-integrity="sha384-x"'
    )
    assert "没有的程序：/static/other.js" in with_change(
        "/s/", "/static/ballot-page", "/static/other.js?ballot-page"
    )
    assert "//evil.example/static/ballot-page" in with_change(
        "/s/", '"/static/ballot', '"//evil.example/static/ballot'
    )


def test_an_export_says_which_scripts_were_served(
    site: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    place = County(sqlite_database, slug="2027-q1").populate_again(_people(sqlite_database))
    place.draft().issue(3).start().close()
    path = tmp_path / "box.jsonl"
    export_box(sqlite_database, "2027-q1", path)
    good = CliRunner().invoke(main, ["script-hash", "--export", str(path)])
    assert (good.exit_code, "✓" in good.output) == (0, True)
    other = f'"respond-page.js":"sha384-{"A" * 64}"'
    path.write_text(re.sub('"respond-page.js":"sha384-[^"]*"', other, path.read_text()))
    bad = CliRunner().invoke(main, ["script-hash", "--export", str(path)])
    assert bad.exit_code == 2
    assert "导出文件给 respond-page.js" in bad.output


def _people(database: Database) -> County:
    from sqlalchemy import select

    from survey.models import User

    people = County(database)
    with database.read() as session:
        users = session.scalars(select(User).order_by(User.name)).all()
    people.administrator = next(user for user in users if user.role == "administrator")
    people.reviewers = [user for user in users if user.role == "reviewer"]
    return people


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/s/y", "nonsense"])
def test_only_the_web_is_asked(url: str) -> None:
    refused = CliRunner().invoke(main, ["script-hash", "--url", url])
    assert refused.exit_code == 2
    assert "https://" in refused.output


def page_of(site: Flask) -> str:
    return getter(site)(URL).decode()


@pytest.fixture(scope="module")
def render() -> Callable[..., str]:
    return renderer()


def differs(page: str, render: Callable[..., str]) -> str:
    return "\n".join(problem.say() for problem in page_problems(page, render))


@pytest.mark.parametrize("state", ["open", "extended", "cancelled", "early", "due", "closed"])
def test_the_page_is_what_the_sources_make_of_its_round(
    sqlite_database: Database,
    tmp_path: Path,
    render: Callable[..., str],
    state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = County(sqlite_database).populate().draft().issue()
    if state != "due":
        place.start()
    settings = Settings(tmp_path, sqlite_database.url, "https://pingyi.example", "s" * 32)
    site = create_app(settings, sqlite_database)
    reason = "<b>因大雪</b> & 停电"
    if state == "extended":
        day = place.round().closes_on + timedelta(days=3)
        place.act(lambda s, r: extending.extend_round(s, r, day, reason, "管理员"))
    if state == "cancelled":
        place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", reason, second="评议员0"))
    if state == "early":
        before = place.round().opens_on - timedelta(days=1)
        monkeypatch.setattr(survey_page, "today", lambda: before)
    if state == "closed":
        place.close()
    page = page_of(site)
    assert differs(page, render) == ""
    told = carried(page)
    assert told is not None
    said = {"cancelled": reason}
    if state == "extended":
        said[state] = extending.extension_notice(place.round().closes_on, reason)
    assert told.announcement == said.get(state, "")
    assert told.description.frozen_digest() == place.description().frozen_digest()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("谁也不知道哪一张是谁填的", "管理员知道哪一张是谁填的", "管理员知道"),
        ("</main>", '<a href="//evil.example">点这里填写</a></main>', "evil.example"),
        ("--ink:#1b1f23", "--ink:#f5f6f4", "#f5f6f4"),
        ("</html>", "</html><p>", "</html><p>"),
        ("</html>", "", "</body>"),
    ],
)
def test_any_other_page_is_told_with_its_place(
    site: Flask, render: Callable[..., str], old: str, new: str, place: str
) -> None:
    page = page_of(site)
    assert old in page
    assert place in differs(page.replace(old, new), render)


@pytest.mark.parametrize("page", ["", "<p>", '<script type="application/json" id="round">{}</script>'])
def test_what_is_no_survey_page_is_told(render: Callable[..., str], page: str) -> None:
    assert differs(page, render) == "网页里没有轮次说明，无法与源代码比较。"


def test_the_command_compares_the_page_and_says_what_it_carries(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = getter(site)
    monkeypatch.setattr(script_hash, "_get", get)
    good = CliRunner().invoke(main, ["script-hash", "--url", URL])
    assert (good.exit_code, "✓" in good.output, "轮次说明的摘要  " in good.output) == (0, True, True)
    monkeypatch.setattr(script_hash, "_get", lambda url: get(url).replace("匿名承诺".encode(), b"."))
    bad = CliRunner().invoke(main, ["script-hash", "--url", URL])
    assert (bad.exit_code, "网页与源代码生成的不同" in bad.output) == (2, True)
