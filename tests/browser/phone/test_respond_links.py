"""Links as messengers hand them on: the page finds the code in what is left of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nightly import NIGHTLY
from phone import tap, title_is
from phone_server import SLUG
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
TABLE = json.loads((Path(__file__).parents[2] / "data" / "mangled_links.json").read_text("utf-8"))


def links(base: str, code: str) -> dict[str, str]:
    """Every mangled link of the table, with this code."""
    wide = "".join(c if c == "-" else chr(ord(c) + 0xFEE0) for c in code)
    forms = {
        "base": base,
        "slug": SLUG,
        "upper": SLUG.upper(),
        "code": code,
        "spaced": code.replace("-", "%20"),
        "wide": wide,
        "gbk": "".join(f"%{byte:02X}" for byte in wide.encode("gbk")),
        "lower": code.lower(),
        "alike": code.replace("0", "O").replace("1", "l"),
        "bare": code.replace("-", ""),
        "thin": code.replace("-", "\u200b"),
    }
    return {template: template.format(**forms) for template in TABLE}


@pytest.mark.parametrize("pinned", [True, False])
def test_the_code_is_found_in_every_mangled_link(visit, phone_server, pinned: bool) -> None:
    """And taken out of the path, so that a reload does not send it once more; with its number if any."""
    page = visit()
    code = phone_server.invite()
    whole = f"{code}-{phone_server.description.check_number}" if pinned else code
    assert len(TABLE) >= 30
    found = list(links(phone_server.url, whole).items())
    # tests/web/phone/test_mangled_links.py sends every one of them to the server every time.
    for template, link in found if NIGHTLY else found[::2] if pinned else found[1::5]:
        page.goto("about:blank")
        page.goto(link)
        expect(page.locator("#start")).to_be_enabled()
        assert page.url == f"{phone_server.url}/s/{SLUG}#{whole}", template
        said = "与链接里的核对号一致" if pinned else "链接里没有核对号"
        expect(page.locator("#pinned")).to_contain_text(said)
        assert code not in page.locator("body").inner_text()
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    assert "#" not in page.url


def test_what_holds_no_code_is_no_dead_page(visit, phone_server) -> None:
    """A person can still begin, or is told that the link is damaged and types."""
    page = visit()
    code = phone_server.invite()
    for rest in (
        "#%",
        "#wechat_redirect",
        "#%E0%A4%A",
        f"#{code[:-2]}",
        f"#{code[:-1]}%A3",
        f"%23{code[:20]}",
    ):
        page.goto("about:blank")
        page.goto(f"{phone_server.url}/s/{SLUG}{rest}")
        if not page.locator("#code").is_visible():
            tap(page, "开始填写")
        title_is(page, "输入邀请码")
    page.get_by_label("邀请码", exact=True).fill(f"请点 {phone_server.link(code)} ，谢谢")
    tap(page, "领取选票")
    title_is(page, "今年打过交道的部门")
