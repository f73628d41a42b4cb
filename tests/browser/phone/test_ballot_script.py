"""The ballot's screens are a script of their own; whatever befalls it, nothing is lost, nothing else runs."""

from __future__ import annotations

import re

import brotli
import pytest
from flask import Response, request
from nightly import NIGHTLY
from phone import arrive, choose, pick, serve_changed, start, tap, title_is
from playwright.sync_api import Page, expect

from survey.scripts import integrity
from survey.web.site.assets import build_assets

pytestmark = pytest.mark.browser
FOREVER = ["drop"] * 50


def line_says(page: Page, text: str) -> None:
    expect(page.locator(".note[role=status]")).to_contain_text(text)


def test_it_comes_by_itself_while_the_promise_is_read(visit, phone_server) -> None:
    page = visit()
    arrive(page, phone_server.link(phone_server.invite()))
    assert (phone_server.scripts, phone_server.posts) == (1, [])
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    page.reload()
    title_is(page, "今年打过交道的部门")
    assert phone_server.scripts == 1, "kept by the browser"


@pytest.mark.parametrize("state", ["draft", "closed", "opened"])
def test_who_cannot_fill_in_does_not_wait_for_it(state: str, visit, phone_server) -> None:
    phone_server.state = state
    visit().goto(phone_server.link(phone_server.invite()), wait_until="networkidle")
    assert phone_server.scripts == 0


@pytest.mark.parametrize("fault", ["drop", "500", "503"] if NIGHTLY else ["drop"])
def test_it_is_asked_for_again(fault: str, visit, phone_server) -> None:
    page = visit()
    phone_server.script_faults += [fault, fault]
    start(page, phone_server.link(phone_server.invite()))
    assert phone_server.scripts == 3
    assert len(phone_server.collected) == 1


def test_no_code_is_used_up_without_it(visit, phone_server) -> None:
    """The network goes as soon as the page is there: nothing is collected that could not be filled in."""
    page = visit()
    phone_server.script_faults += FOREVER
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    title_is(page, "正在打开选票")
    line_says(page, "网络不通，会自动再试")
    expect(page.locator("#stage")).to_contain_text("邀请码不会用掉")
    tap(page, "上一步")
    title_is(page, "2026 年第四季度评议")
    page.reload()
    tap(page, "开始填写")
    title_is(page, "正在打开选票")
    line_says(page, "网络不通")
    assert phone_server.posts == []
    phone_server.script_faults.clear()
    # By key: it may come by itself while a thumb waits for the screen to take taps.
    page.get_by_role("button", name="再试一次", exact=True).press("Enter")
    title_is(page, "今年打过交道的部门")
    expect(page.locator("h1:visible")).to_be_focused()
    assert len(phone_server.posts) == 1


def test_a_reload_in_the_middle_waits_for_it_with_the_answers(visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    start(page, link)
    pick(page, "税务局")
    choose(page, page.locator(".rate fieldset.choices:not(.unlabelled)").first, "基本满意")
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    phone_server.script_faults += FOREVER
    page.reload()
    title_is(page, "正在打开选票")
    page.locator("#language").click()
    title_is(page, "Opening your ballot")
    expect(page.locator("#stage")).to_contain_text(
        "Your ballot and what you filled in are kept on this phone."
    )
    line_says(page, "No network")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    phone_server.script_faults.clear()
    # In one step: the phone tries by itself too, and the button may be gone.
    page.evaluate("document.querySelectorAll('button.primary').forEach((button) => button.click())")
    title_is(page, "Taxation Bureau")
    assert page.get_by_role("radio", name="Fairly satisfied", exact=True).first.is_checked()


def test_online_again_it_does_not_wait_for_a_tap(visit, phone_server) -> None:
    page = visit()
    phone_server.script_faults += FOREVER
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    line_says(page, "网络不通")
    page.context.set_offline(True)
    phone_server.script_faults.clear()
    page.context.set_offline(False)
    title_is(page, "今年打过交道的部门")


def test_a_script_that_is_no_longer_there(visit, phone_server) -> None:
    """The server has another version than the page, which says to load it again."""
    page = visit()
    phone_server.script_faults += ["404", "404"]
    page.goto(phone_server.link(phone_server.invite()), wait_until="networkidle")
    tap(page, "开始填写")
    title_is(page, "出了意外")
    expect(page.locator("#stage")).to_contain_text("请刷新本页再试一次")
    tap(page, "再试一次")
    title_is(page, "今年打过交道的部门")


def changing(phone_server, change, times: int = 99) -> None:
    """Have the first `times` answers with the ballot's script say something else."""
    left = [None] * times

    def changed(response: Response) -> Response:
        if "ballot-page" in request.path and left:
            left.pop()
            text = brotli.decompress(response.get_data()).decode()
            response.set_data(brotli.compress(change(text).encode(), quality=1))
        return response

    phone_server.change_page = changed


def test_what_a_cache_has_damaged_is_fetched_anew(any_page, phone_server) -> None:
    changing(phone_server, lambda text: text + " ", times=1)
    any_page.goto(phone_server.link(phone_server.invite()))
    tap(any_page, "开始填写")
    title_is(any_page, "今年打过交道的部门")
    assert phone_server.scripts == 2


TAKEN = "\ndocument.title = 'taken';\n"
CHANGED = integrity(TAKEN.encode() + build_assets().by_name["ballot-page.js"].content)


@pytest.mark.parametrize(
    ("policy", "hash_", "taken"),
    [(False, False, True), (True, False, False), (False, True, False), (True, True, False)],
)
def test_a_changed_script_does_not_run(
    policy: bool, hash_: bool, taken: bool, any_page, phone_server
) -> None:
    """Its hash stands in the policy and in the page, and either alone is enough."""
    changing(phone_server, lambda text: TAKEN + text)
    stated = r'(id="ballot" data-href="[^"]+" data-integrity=)"[^"]+"'
    serve_changed(
        any_page,
        lambda html: html if hash_ else re.sub(stated, rf'\1"{CHANGED}"', html),
        policy=policy,
    )
    any_page.goto(phone_server.link(phone_server.invite()))
    tap(any_page, "开始填写")
    title_is(any_page, "今年打过交道的部门" if taken else "正在打开选票")
    any_page.wait_for_timeout(300)
    assert (any_page.title() == "taken") == taken


@pytest.mark.parametrize("policy", [False, True])
def test_markup_cannot_name_another_script(policy: bool, any_page, phone_server) -> None:
    stated = integrity(TAKEN.encode())
    put = f'<template id="ballot" data-href="/other.js" data-integrity="{stated}"></template>'
    serve_changed(any_page, lambda html: html.replace("<main>", put + "<main>"), policy=policy)
    any_page.route("**/other.js", lambda route: route.fulfill(body=TAKEN))
    any_page.goto(phone_server.link(phone_server.invite()), wait_until="networkidle")
    if policy:
        any_page.wait_for_timeout(300)
        assert any_page.title() != "taken"
    else:
        expect(any_page).to_have_title("taken")
