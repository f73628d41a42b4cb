"""What this phone keeps: by whole code, in one tab or two, where it can be kept, and erased when asked to."""

from __future__ import annotations

import json

import pytest
from phone import choose, pick, rate, receipt_of, tap, title_is
from phone import start as begin
from phone_server import ROUND_ID
from playwright.sync_api import Page, expect

from survey.protocol import codes

pytestmark = pytest.mark.browser

FULL = """(() => {
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    if (value.length > 300) throw new DOMException('full', 'QuotaExceededError');
    return set.call(this, key, value);
  };
})()"""
BLOCKED = (
    "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError'); }})"
)
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})"
# At one moment in both, if it is not too late by then.
SUBMIT = """(when) => { setTimeout(() => {
  const button = document.querySelector('#stage .button.primary.wide');
  if (button) button.click();
}, when - Date.now()); }"""
KEPT = "Object.entries(localStorage).filter(([key]) => key.startsWith('pingyi:'))"


def colliding(server) -> tuple[str, str]:
    """Two invitations whose codes end in the same two check characters."""
    seen: dict[str, str] = {}
    while True:
        code = codes.new_code()
        other = seen.setdefault(code[-2:], code)
        if other != code:
            for one in (code, other):
                server._known[server.hash_of(one)] = one
            return other, code


def kept(page: Page) -> dict[str, dict]:
    return {key.split(":")[-1]: json.loads(text) for key, text in page.evaluate(KEPT)}


def keep(page: Page, records: dict[str, dict]) -> None:
    """Instead of what is there."""
    page.evaluate(
        "(all) => { localStorage.clear(); for (const [k, v] of all) localStorage.setItem(k, v); }",
        [[f"pingyi:{ROUND_ID}:{name}", json.dumps(record)] for name, record in records.items()],
    )


def fill_in(page: Page) -> None:
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")


def test_two_firms_with_the_same_check_characters(visit, phone_server) -> None:
    one, other = colliding(phone_server)
    page = visit()
    begin(page, phone_server.link(one))
    fill_in(page)
    page.goto("about:blank")
    begin(page, phone_server.link(other))
    assert page.locator(".pick input:checked").count() == 0
    assert len(phone_server.collected) == 2
    names = list(kept(page))
    assert len(names) == 2
    for name in names:
        assert len(name) == 22
    stored = phone_server.hash_of(one).hex()
    assert stored[:16] not in repr(names), "the server's own hash would tell whose record it is"
    page.goto("about:blank")
    page.goto(phone_server.link(one))
    tap(page, "继续填写")
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    receipt = receipt_of(page)
    page.goto("about:blank")
    page.goto(phone_server.link(other))
    tap(page, "继续填写")
    title_is(page, "今年打过交道的部门")
    assert receipt not in page.locator("body").inner_text()


def test_a_record_under_its_old_name_is_for_its_own_code_only(visit, phone_server) -> None:
    one, other = colliding(phone_server)
    page = visit()
    begin(page, phone_server.link(one))
    fill_in(page)
    (record,) = kept(page).values()
    keep(page, {one[-2:]: record})
    page.goto("about:blank")
    begin(page, phone_server.link(other))
    assert page.locator(".pick input:checked").count() == 0
    page.goto("about:blank")
    page.goto(phone_server.link(one))
    tap(page, "开始填写")
    title_is(page, "本机有一份旧记录")
    assert "税务局" not in page.locator("#stage").inner_text()
    tap(page, "是我填的，打开")
    title_is(page, "看一遍再提交")
    assert one[-2:] not in kept(page)


def test_an_unfinished_request_under_its_old_name(visit, phone_server) -> None:
    page = visit()
    one, other = colliding(phone_server)
    phone_server.faults += ["lost"] * 20
    page.goto(phone_server.link(one))
    tap(page, "开始填写")
    expect(page.locator(".note.warn[role=status]")).to_contain_text("不会重复领取")
    (record,) = kept(page).values()
    assert record["pending"]["code"] == one
    keep(page, {one[-2:]: record})
    phone_server.faults.clear()
    for code in (other, one):
        page.goto("about:blank")
        begin(page, phone_server.link(code))
    assert len(phone_server.collected) == 2


@pytest.mark.parametrize("storage", [FULL, BLOCKED], ids=["full", "blocked"])
def test_no_code_is_used_up_where_nothing_can_be_kept(storage: str, visit, phone_server) -> None:
    page = visit()
    page.add_init_script(storage)
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    title_is(page, "这个浏览器存不住内容")
    assert phone_server.posts == []
    tap(page, "先不领了")
    tap(page, "开始填写")
    tap(page, "就在这里填，一次填完")
    title_is(page, "今年打过交道的部门")
    fill_in(page)
    page.go_back()
    title_is(page, "关于您的企业")
    page.go_forward()
    title_is(page, "看一遍再提交")
    expect(page.locator("#saved")).to_contain_text("不允许保存")
    expect(page.get_by_text("换个网络")).to_have_count(0)
    tap(page, "提交")
    assert receipt_of(page) in phone_server.receipts()


@pytest.mark.parametrize("locks", ["", NO_LOCKS], ids=["web locks", "lease"])
def test_two_tabs_that_collect_at_once(locks: str, visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    tabs = [page, page.context.new_page()]
    for tab in tabs:
        tab.add_init_script(locks)
        tab.goto(link)
        expect(tab.locator("#start")).to_be_enabled()
    for tab in tabs:
        tab.evaluate("document.getElementById('start').click()")
    for tab in tabs:
        title_is(tab, "今年打过交道的部门")
    assert len(phone_server.collected) == 1
    (record,) = kept(page).values()
    assert record["credential"]
    assert "pending" not in record
    choose(page, page.locator(".picks"), "税务局")
    expect(tabs[1].locator(".pick input:checked")).to_have_count(1)


@pytest.mark.parametrize("locks", ["", NO_LOCKS], ids=["web locks", "lease"])
def test_two_tabs_that_submit_cast_one_ballot(locks: str, visit, phone_server) -> None:
    page = visit()
    page.add_init_script(locks)
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    other = page.context.new_page()
    other.add_init_script(locks)
    other.goto(link)
    tap(other, "继续填写")
    title_is(other, "看一遍再提交")
    for tab in (page, other):
        tab.evaluate(SUBMIT, page.evaluate("Date.now() + 700"))
    receipts = {receipt_of(tab) for tab in (page, other)}
    assert receipts == set(phone_server.receipts())
    assert len(receipts) == 1


def test_a_stale_tab_never_overwrites_the_receipt(visit, phone_server) -> None:
    """Even one that heard nothing of the other: it sees what is kept before it writes."""
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    stale = page.context.new_page()
    stale.add_init_script("addEventListener('storage', (event) => event.stopImmediatePropagation(), true)")
    stale.goto(link)
    tap(stale, "继续填写")
    stale.get_by_role("button", name="修改：税务局").click()
    title_is(stale, "税务局")
    title_is(page, "税务局")  # it follows
    for _ in range(2):
        tap(page, "下一步")
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    receipt = receipt_of(page)
    stale.get_by_label("存在的问题或建议").fill("改一改")
    title_is(stale, "提交成功，谢谢您")
    assert receipt_of(stale) == receipt
    assert [record.get("receipt") for record in kept(page).values()] == [receipt]
    tap(page, "清除本机记录")
    title_is(page, "已清除")
    stale.reload()
    assert kept(stale) == {}


def test_a_draft_can_be_erased(visit, phone_server) -> None:
    page = visit()
    begin(page, phone_server.link(phone_server.invite()))
    fill_in(page)
    tap(page, "清除本机记录")
    title_is(page, "本机保存的选票")
    expect(page.locator("#stage")).to_contain_text("邀请码也不能再领一次")
    tap(page, "上一步")
    title_is(page, "看一遍再提交")
    tap(page, "清除本机记录")
    title_is(page, "本机保存的选票")
    tap(page, "清除本机记录")
    title_is(page, "已清除")
    assert kept(page) == {}


def test_somebody_else_leaves_the_draft_alone(visit, phone_server) -> None:
    page = visit()
    first, second = phone_server.invite(), phone_server.invite()
    begin(page, phone_server.link(first))
    fill_in(page)
    page.goto("about:blank")
    page.goto(phone_server.link("").rstrip("#"))
    tap(page, "不是我填的，或者想清除")
    tap(page, "输入邀请码")
    title_is(page, "输入邀请码")
    page.reload()
    title_is(page, "输入邀请码")
    page.get_by_label("邀请码", exact=True).fill(second)
    tap(page, "领取选票")
    title_is(page, "今年打过交道的部门")
    assert page.locator(".pick input:checked").count() == 0
    assert len(kept(page)) == 2


def test_a_receipt_of_somebody_else_is_not_in_the_way(visit, phone_server) -> None:
    page = visit()
    begin(page, phone_server.link(phone_server.invite()))
    fill_in(page)
    tap(page, "提交")
    receipt = receipt_of(page)
    page.goto("about:blank")
    page.goto(phone_server.link("").rstrip("#"))
    tap(page, "开始填写")
    title_is(page, "输入邀请码")
    page.goto("about:blank")
    page.goto(phone_server.link("").rstrip("#"))
    tap(page, "查看本机的回执")
    assert receipt_of(page) == receipt


def test_nothing_is_cut_from_a_comment(visit, phone_server) -> None:
    """Neither while a word is being composed nor at the limit; what is too long is not sent on."""
    page = visit()
    begin(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    limit = phone_server.description.questionnaire.comment_chars
    field = page.get_by_label("存在的问题或建议")
    field.fill("久" * limit)
    session = page.context.new_cdp_session(page)
    field.focus()
    page.keyboard.press("End")
    session.send("Input.imeSetComposition", {"text": "paidui", "selectionStart": 6, "selectionEnd": 6})
    assert field.input_value() == "久" * limit + "paidui"
    session.send("Input.insertText", {"text": "排队"})
    assert field.input_value() == "久" * limit + "排队"
    choose(page, page.locator(".rate fieldset.choices:not(.unlabelled)").first, "满意")
    tap(page, "下一步")
    title_is(page, "税务局")
    expect(page.locator("#live")).to_contain_text("多了 2 字")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert field.get_attribute("aria-invalid") == "false"
    rate(page, "税务局", "满意")
    title_is(page, "关于您的企业")


def test_after_closing_one_tap_checks_the_ballot(visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    tap(page, "提交")
    receipt = receipt_of(page)
    others = [f"0000-0000-0000-000{i}" for i in range(3)]
    lists = {"now": others}
    page.route("**/receipts.txt", lambda route: route.fulfill(body="\n".join(sorted(lists["now"])) + "\n"))
    page.route("**/results", lambda route: route.fulfill(status=200))
    phone_server.state = "closed"
    page.goto("about:blank")
    page.goto(link)
    title_is(page, "您的选票已经提交")
    expect(page.locator("#stage")).to_contain_text("持钥人一起开箱")
    expect(page.get_by_role("link", name="看结果")).to_be_visible()
    tap(page, "查查我的选票在不在")
    expect(page.get_by_role("status").filter(has_text=receipt)).to_contain_text("清单里没有")
    lists["now"] = [*others, receipt]
    tap(page, "查查我的选票在不在")
    expect(page.get_by_role("status").filter(has_text=receipt)).to_contain_text("共 4 张")
    tap(page, "清除本机记录")
    tap(page, "上一步")
    title_is(page, "您的选票已经提交")
    tap(page, "清除本机记录")
    title_is(page, "本机保存的选票")
    tap(page, "清除本机记录")
    title_is(page, "已清除")
    assert kept(page) == {}


def test_after_closing_a_ballot_whose_reply_was_lost(visit, phone_server) -> None:
    """It is looked for by the receipt that the phone works out itself; a draft is said not to count."""
    page = visit()
    link = phone_server.link(phone_server.invite())
    begin(page, link)
    fill_in(page)
    phone_server.faults += ["lost"] * 20
    tap(page, "提交")
    expect(page.locator(".note.warn[role=status]")).to_be_visible()
    phone_server.state = "opened"
    page.route("**/results", lambda route: route.fulfill(status=404))
    page.route("**/receipts.txt", lambda route: route.fulfill(body=phone_server.receipts()[0] + "\n"))
    page.goto("about:blank")
    page.goto(link)
    title_is(page, "选票封好了，没有确认送达")
    tap(page, "查查我的选票在不在")
    expect(page.get_by_role("status").filter(has_text=phone_server.receipts()[0])).to_contain_text("找到了")
    (name,) = kept(page)
    keep(
        page,
        {name: {"credential": {}, "answers": {"picked": [], "ratings": {}, "comments": {}, "strata": []}}},
    )
    page.goto("about:blank")
    page.goto(link)
    title_is(page, "这张选票没有提交")


def test_after_closing_an_old_receipt_is_asked_about_too(visit, phone_server) -> None:
    page = visit()
    page.goto(phone_server.link(code := phone_server.invite()))
    keep(page, {code[-2:]: {"receipt": "0000-0000-0000-0000"}})
    phone_server.state = "closed"
    page.goto("about:blank")
    page.goto(phone_server.link(code))
    title_is(page, "本机有一份旧记录")
    assert "0000-0000" not in page.locator("#stage").inner_text()
    tap(page, "不是我填的")
    title_is(page, "2026 年第四季度评议")
    page.goto("about:blank")
    page.goto(phone_server.link(code))
    tap(page, "是我填的，打开")
    assert receipt_of(page) == "0000-0000-0000-0000"


def test_a_telephone_interview_is_said_and_leaves_nothing_behind(visit, phone_server) -> None:
    """Without the mark the receipt stays on the computer, and with it that somebody answered here."""
    page = visit()
    for mark in ("", "&interview"):
        page.goto("about:blank")
        begin(page, phone_server.link(phone_server.invite()) + mark)
        said = page.get_by_text("听得到答案")
        expect(said).to_have_count(1 if mark else 0)
        fill_in(page)
        if mark:
            page.reload()  # a call that was cut off: nothing is lost before the ballot is in
            title_is(page, "看一遍再提交")
            expect(said).to_be_visible()
        tap(page, "提交")
        receipt = receipt_of(page)
        records = kept(page)
        if not mark:
            assert [record["receipt"] for record in records.values()] == [receipt]
            page.evaluate("localStorage.clear()")
    assert records == {}
    expect(page.get_by_text("请把回执号念给企业")).to_be_visible()
    page.reload()
    assert receipt not in page.locator("body").inner_text()
