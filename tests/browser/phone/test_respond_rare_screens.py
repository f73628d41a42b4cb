"""Screens that few people meet, in English and at twice the text size: in their language, and whole."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator

import axe
import pytest
from phone import choose, title_is
from playwright.sync_api import Page, expect
from test_respond_records import FULL, keep, kept
from test_respond_screens import DOUBLE, cut_off, small_targets

pytestmark = pytest.mark.browser

NIGHTLY = os.environ.get("NIGHTLY") == "1"
SMALL = {"viewport": {"width": 320, "height": 568}}
ENGLISH = """try { localStorage.setItem('pingyi-look', '{"language": "en"}'); } catch (error) {}"""
REFUSALS = (
    *("code_mistyped", "code_unknown", "invitation_used", "invitation_replaced", "round_not_open"),
    *("round_closed", "round_opened", "round_cancelled", "credential_invalid", "credential_spent"),
    *("comments_too_long", "malformed"),
)
NUMBER = "-XXXX-XXXX-XXXX-XXXX"  # what a link has behind its code
# Of the round itself, as it was written in Chinese.
OWN_NAMES = re.compile("评 ?议|2026 年第四季度评议|县人大常委会、县政协|中文|窗口")


class Look:
    """One phone in English or with large text or both, and what is wrong with what it shows."""

    def __init__(self, visit: Callable[..., Page], *, english: bool, double: bool) -> None:
        self.english = english
        self.page = visit(**SMALL)
        for script in [ENGLISH] * english + [DOUBLE] * double:
            self.page.add_init_script(script)
        self.complaints: list[str] = []

    def go(self, link: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(link)
        if self.english:
            self.page.get_by_text("中文", exact=True).wait_for()

    def tap(self, selector: str) -> None:
        self.page.locator("main:not(.fresh):not([aria-busy])").wait_for()
        self.page.locator(selector).click()

    def check(self, name: str) -> None:
        page = self.page
        page.locator("main:not(.fresh):not([aria-busy])").wait_for()
        found = axe.violations(page)
        self.complaints += [f"{name}: {v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.complaints += [f"{name}: {wide} px wider than the screen"] if wide > 0 else []
        self.complaints += [f"{name}: cut off: {text}" for text in cut_off(page)]
        self.complaints += [f"{name}: small target {text}" for text in small_targets(page)]
        if self.english:
            left = OWN_NAMES.sub("", page.locator("body").inner_text())
            self.complaints += [f"{name}: {text}" for text in re.findall("[^\n]*[\u4e00-\u9fff][^\n]*", left)]


@pytest.fixture(params=["en-double", *(["en", "zh-double"] if NIGHTLY else [])])
def look(request: pytest.FixtureRequest, visit: Callable[..., Page]) -> Iterator[Look]:
    look = Look(visit, english="en" in request.param, double="double" in request.param)
    yield look
    assert "\n".join(look.complaints) == ""


def filled_in(look: Look, link: str) -> None:
    """As far as the look-over, with one department."""
    page = look.page
    look.go(link)
    look.tap("#start")
    page.locator(".picks").first.wait_for()
    choose(page, page.locator(".picks"), "Taxation Bureau" if look.english else "税务局")
    look.tap("#stage .bar .primary")
    look.tap(".rate fieldset.choices:not(.unlabelled) >> nth=0 >> label.choice >> nth=0")
    look.tap("#stage .bar .primary")
    look.check("warning")
    for _ in range(2):
        title = page.locator("#stage h1").inner_text()
        look.tap("#stage .bar .primary")
        expect(page.locator("#stage h1")).not_to_have_text(title)
    page.locator("#stage .card").first.wait_for()


def test_a_browser_that_keeps_nothing(look: Look, phone_server) -> None:
    look.page.add_init_script(FULL)
    look.go(phone_server.link(phone_server.invite()))
    look.tap("#start")
    look.page.locator("#stage h1").wait_for()
    look.check("keeps nothing")


def test_what_is_kept_and_after_closing(look: Look, phone_server) -> None:
    page, link = look.page, phone_server.link(phone_server.invite())
    filled_in(look, link)
    look.check("look-over")
    look.tap("#stage button.wide >> nth=1")
    page.locator("#stage .note.warn").wait_for()
    look.check("erase a draft")
    ((name, draft),) = kept(page).items()
    look.go(link)
    look.check("start with a draft")
    look.go(link.split("#")[0])
    look.tap("#other")
    page.locator("#stage .note.warn").wait_for()
    look.check("somebody else's draft")
    look.go(link)
    look.tap("#start")
    page.locator("#stage .card").first.wait_for()
    phone_server.faults += ["lost"] * 30
    look.tap("#stage .primary.wide")
    page.locator(".note.warn[role=status]").wait_for()
    look.check("no reply")
    sealed = kept(page)[name]
    look.go(link)
    look.tap("#start")
    page.locator("#stage h1").wait_for()
    look.check("submit later")
    look.tap("#stage .bar .small")
    page.locator("#stage .note.warn").wait_for()
    look.check("erase a sealed ballot")
    receipt = phone_server.receipts()[0]
    lists = {"now": ""}
    page.route("**/receipts.txt", lambda route: route.fulfill(body=lists["now"]))
    page.route("**/results", lambda route: route.fulfill(status=200))
    for standing, record in {"receipt": {"receipt": receipt}, "sealed": sealed, "credential": draft}.items():
        for state in ("closed", "opened", "cancelled"):
            phone_server.state = state
            keep(page, {name: record})
            look.go(link)
            page.locator("#stage h1").wait_for()
            look.check(f"{standing} when {state}")
            if standing == "credential" or state != "closed":
                continue
            for text in ("", receipt):
                lists["now"] = text
                look.tap("#stage button.primary")
                page.locator(".note:not(.working)").filter(has_text=receipt).wait_for()
                look.check(f"{standing} looked up")
    phone_server.state = "closed"
    keep(page, {link[: -len(NUMBER)][-2:]: {"receipt": receipt}})
    look.go(link)
    page.locator("#stage h1").wait_for()
    look.check("an older record")


def test_refusals(look: Look, phone_server) -> None:
    page = look.page
    said = {"error": ""}
    for address in ("**/credential", "**/ballot"):
        page.route(
            address,
            lambda route: route.fulfill(status=409, content_type="application/json", body=json.dumps(said)),
        )
    for refusal in REFUSALS:
        said["error"] = refusal
        look.go(phone_server.link(phone_server.invite()))
        look.tap("#start")
        page.locator(f"[data-problem={refusal}]").filter(has=page.locator("h1")).wait_for()
        look.check(refusal)
    page.unroute("**/credential")
    filled_in(look, link := phone_server.link(phone_server.invite()))
    for refusal in (
        "round_closed",
        "round_cancelled",
        "credential_spent",
        "credential_invalid",
        "comments_too_long",
    ):
        said["error"] = refusal
        record = next(item for item in kept(page).items() if "credential" in item[1])
        look.tap("#stage .primary.wide")
        page.locator(f"[data-problem={refusal}]").filter(has=page.locator("h1")).wait_for()
        look.check(f"{refusal} when submitting")
        keep(page, {record[0]: record[1]})
        look.go(link)
        look.tap("#start")
        page.locator("#stage .card").first.wait_for()


@pytest.mark.parametrize("state", ["draft", "closed", "opened", "cancelled"])
def test_a_round_that_does_not_collect(state: str, look: Look, phone_server) -> None:
    phone_server.state = state
    look.go(phone_server.link(phone_server.invite()))
    look.check(state)


def test_a_code_that_is_cut_short(look: Look, phone_server) -> None:
    look.go(phone_server.link(phone_server.invite())[: -len(NUMBER) - 5])
    title_is(look.page, "Enter your invitation code" if look.english else "输入邀请码")
    look.check("cut short")


def test_a_number_that_is_cut_short_pins_nothing(look: Look, phone_server) -> None:
    look.go(phone_server.link(phone_server.invite())[:-5])
    look.page.locator("#unpinned").wait_for()
    look.check("number cut short")
