"""The page in WebKit, the engine of every iPhone: the whole way, and nothing runs but by a known hash."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from flask import Response
from phone_server import PhoneServer
from webkit import WebKit, webkit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def safari() -> Iterator[WebKit]:
    with webkit() as browser:
        yield browser


def test_from_the_link_to_the_receipt(safari: WebKit, phone_server: PhoneServer, screenshots: Path) -> None:
    safari.goto(phone_server.link(phone_server.invite()))
    safari.tap("开始填写")
    safari.title_is("今年打过交道的部门")
    safari.tap("税务局", "label.pick")
    safari.tap("下一步")
    safari.title_is("税务局")
    safari.tap("各项感受都一样？一次选完", "summary")
    safari.tap("满意", ".same label")
    safari.until("document.querySelectorAll('.rate input:checked').length >= 6")
    safari.reload()
    safari.title_is("税务局")
    assert safari.run("return document.querySelectorAll('.rate input:checked').length") >= 6
    safari.tap("English")
    safari.tap("Next")
    safari.title_is("About your firm")
    safari.tap("中文")
    safari.tap("下一步")
    safari.title_is("看一遍再提交")
    safari.tap("提交")
    receipt = safari.until("(document.getElementById('receipt-code') || {}).textContent")
    safari.picture(screenshots / "webkit-receipt.png")
    assert [receipt] == phone_server.receipts()
    (answers,) = phone_server.opened()
    assert {level for row in answers.ratings for level in row} == {0, 2}
    safari.tap("清除本机记录")
    safari.title_is("已清除")
    assert "draft" not in safari.run("return JSON.stringify(localStorage)")


PUT = "<script>document.title = 'taken'</script>"
CASES = [
    ("as it is", lambda page: page, True, "2026"),
    (
        "changed",
        lambda page: page.replace("\nbegin();\n", "\nbegin(); // x\n"),
        False,
        "2026",
    ),
    ("with markup put in", lambda page: page.replace("<main>", f"{PUT}<main>"), True, "2026"),
    ("the same under a lax policy", lambda page: page.replace("<main>", f"{PUT}<main>"), True, "taken"),
]


@pytest.mark.parametrize(("name", "change", "begins", "title"), CASES, ids=[case[0] for case in CASES])
def test_nothing_runs_but_what_has_a_known_hash(
    safari: WebKit,
    phone_server: PhoneServer,
    name: str,
    change: Callable[[str], str],
    begins: bool,
    title: str,
) -> None:
    def changed(response: Response) -> Response:
        plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(
            response.headers.pop("Content-Encoding", "")
        )
        body = response.get_data()
        response.set_data(change((plain(body) if plain else body).decode()))
        if "lax" in name:
            response.headers["Content-Security-Policy"] = "script-src 'unsafe-inline'"
        return response

    phone_server.change_page = changed
    safari.goto(phone_server.link(phone_server.invite()))
    safari.until("document.readyState === 'complete'")
    if begins:
        safari.until("!document.getElementById('start').disabled")
    else:
        time.sleep(0.5)  # in which the script would have run
        assert safari.run("return document.getElementById('start').disabled")
    assert safari.run("return document.title").startswith(title)
