"""What hands do that nobody thought of: many taps, two browsers, coming back, erasing in another tab."""

from __future__ import annotations

import pytest
from nightly import NIGHTLY
from phone import pick, rate, receipt_of, tap, title_is
from phone import start as begin
from playwright.sync_api import Page, expect
from test_respond_records import BLOCKED, fill_in, kept
from test_respond_taps import Finger, button

pytestmark = pytest.mark.browser


def taps(page: Page, finger: Finger, name: str, times: int, gap: int) -> None:
    """So many taps in the place of one button, whatever is there by then."""
    where = button(page, name)
    where.scroll_into_view_if_needed()
    box = where.bounding_box()
    assert box is not None
    for _ in range(times):
        finger.down(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(30)
        finger.up()
        page.wait_for_timeout(gap - 30)


@pytest.mark.parametrize("gap", [100, 250, 400] if NIGHTLY else [100])
def test_many_taps_submit_nothing_and_lose_nothing(gap: int, visit, phone_server) -> None:
    page = visit(is_mobile=True)
    begin(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    title_is(page, "关于您的企业")
    page.locator("main:not(.fresh)").wait_for()
    finger = Finger(page)
    taps(page, finger, "下一步", 6, gap)
    page.wait_for_timeout(800)
    title_is(page, "看一遍再提交")
    assert phone_server.ballots == {}
    taps(page, finger, "提交", 4, gap)
    assert [receipt_of(page)] == phone_server.receipts()
    assert [record["receipt"] for record in kept(page).values()] == phone_server.receipts()


def test_opened_in_a_messenger_and_then_in_the_browser(visit, phone_server) -> None:
    """Looking uses nothing up; after collecting, the other browser says where the ballot is."""
    link = phone_server.link(phone_server.invite())
    messenger, browser = visit(), visit()
    messenger.goto(link)
    expect(messenger.locator("#start")).to_be_enabled()
    begin(browser, link)
    tap(messenger, "开始填写")
    title_is(messenger, "这个邀请码已经领取过选票")
    expect(messenger.locator("#stage")).to_contain_text("那个浏览器")
    assert kept(messenger) == {}
    fill_in(browser)
    tap(browser, "提交")
    assert [receipt_of(browser)] == phone_server.receipts()


def test_the_link_opened_again_after_casting(visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    tap(page, "提交")
    receipt = receipt_of(page)
    again = page.context.new_page()
    again.goto(link)
    tap(again, "查看本机的回执")
    assert receipt_of(again) == receipt
    again.go_back()
    title_is(again, "2026 年第四季度评议")
    for _ in range(3):
        page.go_back()
        page.wait_for_timeout(100)
        assert receipt_of(page) == receipt
    assert len(phone_server.posts) == 2


def test_coming_back_from_the_public_page(visit, phone_server) -> None:
    """From the browser's memory or anew: the screen, and what another tab did meanwhile."""
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    page.goto(f"{phone_server.url}/s/{phone_server.description.slug}/round.json")
    other = page.context.new_page()
    other.goto(link)
    tap(other, "继续填写")
    title_is(other, "看一遍再提交")
    tap(other, "提交")
    receipt = receipt_of(other)
    page.go_back()
    assert receipt_of(page) == receipt


def test_erased_in_one_tab_while_the_other_submits(visit, phone_server) -> None:
    """What was erased stays so; the tab that submitted says that it arrived."""
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    other = page.context.new_page()
    other.goto(link)
    tap(other, "继续填写")
    phone_server.faults += ["503"] * 50
    tap(page, "提交")
    expect(page.locator(".note.warn[role=status]")).to_be_visible()
    title_is(other, "选票保存在本机")  # it follows
    tap(other, "清除本机记录")
    title_is(other, "本机保存的选票")
    tap(other, "清除本机记录")
    title_is(other, "已清除")
    phone_server.faults.clear()
    page.evaluate("document.querySelector('#stage .bar .primary')?.click()")  # if it waits still
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]
    assert kept(page) == {}


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_is_wrong(years: int, visit, phone_server) -> None:
    page = visit()
    page.add_init_script(f"const now = Date.now; Date.now = () => now() + {years} * 31557600000;")
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})")
    begin(page, phone_server.link(phone_server.invite()))
    fill_in(page)
    tap(page, "提交")
    assert [receipt_of(page)] == phone_server.receipts()


def test_a_tap_while_the_keyboard_is_open(visit, phone_server) -> None:
    """The field loses the focus and the screen its keyboard; nothing of the comment is lost."""
    page = visit(is_mobile=True)
    begin(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    rate_all = page.locator(".rate fieldset.choices:not(.unlabelled)")
    for i in range(rate_all.count()):
        rate_all.nth(i).locator("label.choice").first.click()
    page.set_viewport_size({"width": 390, "height": 430})  # what a keyboard leaves
    page.get_by_label("存在的问题或建议").fill("窗口少")
    page.get_by_label("存在的问题或建议").focus()
    box = button(page, "下一步").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 430
    finger = Finger(page)
    finger.down(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.set_viewport_size({"width": 390, "height": 844})
    finger.up()
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # of the page's own time: after the tap
    if page.locator("h1:visible").inner_text() == "税务局":  # the bar had moved away under the finger
        tap(page, "下一步")
    title_is(page, "关于您的企业")
    (record,) = kept(page).values()
    assert list(record["answers"]["comments"].values()) == ["窗口少"]


def test_pulling_down_where_nothing_is_kept_asks_first(visit, phone_server) -> None:
    page = visit()
    page.add_init_script(BLOCKED)
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    tap(page, "就在这里填，一次填完")
    fill_in(page)
    assert page.evaluate("getComputedStyle(document.documentElement).overscrollBehaviorY") == "none"
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog"):
        page.evaluate("setTimeout(() => location.reload())")
    assert asked == ["beforeunload"]
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    assert [receipt_of(page)] == phone_server.receipts()
    page.reload()
    assert asked == ["beforeunload"]


def test_a_draft_is_asked_about_before_it_is_erased_from_a_refusal(visit, phone_server) -> None:
    page = visit()
    begin(page, phone_server.link(phone_server.invite()))
    fill_in(page)
    phone_server.state = "cancelled"
    tap(page, "提交")
    title_is(page, "本轮评议已经取消")
    tap(page, "清除本机记录")
    title_is(page, "本机保存的选票")
    assert len(kept(page)) == 1
    tap(page, "清除本机记录")
    title_is(page, "已清除")
    assert kept(page) == {}


def another_firms(visit, phone_server, context_page: Page) -> None:
    """Leave an unfinished ballot of another firm on the same device."""
    page = context_page.context.new_page()
    begin(page, phone_server.link(phone_server.invite()))
    pick(page, "公安局")
    title_is(page, "公安局")
    page.close()


def test_another_language_on_the_receipt_of_an_interview(visit, phone_server) -> None:
    """Nothing is kept of it: the number stays, and no other firm's ballot takes its place."""
    page = visit()
    another_firms(visit, phone_server, page)
    begin(page, phone_server.link(phone_server.invite()) + "&interview")
    fill_in(page)
    tap(page, "提交")
    receipt = receipt_of(page)
    tap(page, "English")
    title_is(page, "Submitted. Thank you")
    assert page.locator("#receipt-code").inner_text() == receipt


def test_going_back_after_erasing_shows_nobody_elses_ballot(visit, phone_server) -> None:
    page = visit()
    another_firms(visit, phone_server, page)
    begin(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    page.evaluate(
        "localStorage.removeItem(Object.keys(localStorage).find(k => k.endsWith(history.state.slot)))"
    )
    page.go_back()
    expect(page.locator("#start")).to_be_visible()
    assert "公安局" not in page.locator("#stage").inner_text()


def test_storage_that_is_emptied_in_the_middle_of_choosing(visit, phone_server) -> None:
    page = visit()
    begin(page, phone_server.link(phone_server.invite()))
    page.evaluate("localStorage.clear()")
    page.locator(".picks label").first.click()
    title_is(page, "已清除")
    tap(page, "English")
    title_is(page, "Cleared")
