"""A call, a reload, a lost reply, flight mode, a dead server: nothing is lost and nothing is cast twice."""

from __future__ import annotations

import pytest
from nightly import NIGHTLY
from phone import choose, pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# The post does not arrive, its reply does not, the server fails, it is busy.
FAULTS = ["drop", "lost", "500", "503"] if NIGHTLY else ["lost", "503"]
LISTEN = """() => {
  window.said = [];
  const lines = () => [...document.querySelectorAll('.note[role=status]')];
  const note = () => window.said.push(...lines().map((line) => line.textContent));
  new MutationObserver(note).observe(document.getElementById('stage'), {childList: true, subtree: true});
}"""


def fill_in(page, link: str) -> None:
    """Everything up to the review."""
    start(page, link)
    pick(page, "税务局")
    rate(page, "税务局", "满意", comment="排队久")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")


def expect_one_ballot(page, phone_server) -> None:
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]
    (ballot,) = phone_server.opened()
    assert [row for row in ballot.ratings if any(row)] == [(2,) * 6]
    assert list(ballot.comments.values()) == ["排队久"]


def test_opening_a_link_without_a_tap_spends_nothing(visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    page.goto(link)
    page.request.head(link)
    page.wait_for_timeout(300)
    assert phone_server.posts == []
    assert page.evaluate("document.cookie") == ""
    assert page.context.cookies() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_collecting_is_tried_again_with_the_same_message(fault, visit, phone_server) -> None:
    page = visit()
    phone_server.faults += [fault, fault]
    start(page, phone_server.link(phone_server.invite()))
    assert [fault for _, fault in phone_server.posts] == [fault, fault, ""]
    assert len(phone_server.collected) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_casting_is_tried_again_with_the_same_ballot(fault, visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    phone_server.faults += [fault, fault]
    page.evaluate(LISTEN)
    tap(page, "提交")
    expect_one_ballot(page, phone_server)
    said = page.evaluate("window.said")
    assert "正在提交，第 2 次尝试…" in said
    assert "正在提交，第 3 次尝试…" in said
    assert any("保存在本机，会自动再试" in text for text in said)


def test_a_reload_in_the_middle_keeps_screen_and_answers(visit, phone_server) -> None:
    page = visit()
    link = phone_server.link(phone_server.invite())
    start(page, link)
    pick(page, "税务局", "公安局")
    choose(page, page.locator(".rate fieldset.choices:not(.unlabelled)").first, "基本满意")
    page.get_by_label("存在的问题或建议").fill("写到一半")
    page.reload()
    title_is(page, "税务局")
    assert page.get_by_role("radio", name="基本满意", exact=True).first.is_checked()
    assert page.get_by_label("存在的问题或建议").input_value() == "写到一半"
    # The browser was killed: a new tab of the same phone, by the link of the message again.
    again = page.context.new_page()
    again.goto(link)
    tap(again, "继续填写")
    title_is(again, "税务局")
    assert len(phone_server.posts) == 1


def test_a_reload_while_collecting_asks_the_same_again(visit, phone_server) -> None:
    page = visit()
    phone_server.faults += ["lost"] * 20
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    expect(page.locator(".note.warn[role=status]")).to_be_visible()
    phone_server.faults.clear()
    page.reload()
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    assert len(phone_server.collected) == 1


def test_flight_mode_at_submit(visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    page.context.set_offline(True)
    tap(page, "提交")
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    assert phone_server.ballots == {}
    page.context.set_offline(False)
    expect_one_ballot(page, phone_server)


def stop_clock(page) -> None:
    """Once nothing covers the screen, for that goes by the clock too; a busy machine takes long to say so."""
    expect(page.locator("main.fresh")).to_have_count(0)
    page.clock.pause_at(page.evaluate("Date.now() + 5000"))


def test_try_again_does_not_wait(visit, phone_server) -> None:
    """While the clock stands still the phone does not try by itself: it is the button that does."""
    page = visit()
    page.clock.install()
    fill_in(page, phone_server.link(phone_server.invite()))
    phone_server.faults += ["503"]
    stop_clock(page)
    tap(page, "提交")
    while len(phone_server.posts) < 2:
        page.clock.run_for(20)
    expect(page.locator(".note.warn[role=status]")).to_contain_text("服务器正忙")
    page.wait_for_timeout(1_500)
    assert len(phone_server.posts) == 2
    # By key: while the clock stands still, the new screen is never looked at long enough to take a tap.
    page.get_by_role("button", name="再试一次", exact=True).press("Enter")
    page.clock.resume()
    expect_one_ballot(page, phone_server)


def test_a_reply_that_never_comes(visit, phone_server) -> None:
    """After twenty seconds the phone stops waiting and asks again."""
    page = visit()
    page.clock.install()
    fill_in(page, phone_server.link(phone_server.invite()))
    silent: list[str] = []

    def swallow(route) -> None:
        if silent:
            route.continue_()
        else:
            silent.append(route.request.post_data)

    page.route("**/ballot", swallow)
    stop_clock(page)
    tap(page, "提交")
    while not silent:
        page.clock.run_for(20)
    page.clock.fast_forward(19_000)
    expect(page.locator(".note[role=status]")).to_contain_text("正在提交")
    page.clock.fast_forward(2_000)
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    page.clock.resume()
    expect_one_ballot(page, phone_server)


def test_the_network_is_cut_in_the_middle_of_the_page(visit, phone_server) -> None:
    """The script stops half way: the page still says what it is and what to do, and a reload mends it."""
    page = visit()
    animations = page.context.new_cdp_session(page)
    animations.send("Animation.enable")
    animations.send("Animation.setPlaybackRate", {"playbackRate": 0})  # the note comes by one, after 8 s
    phone_server.cut_page = 3 / 4
    link = phone_server.link(phone_server.invite())
    page.goto(link, wait_until="commit")
    expect(page.get_by_text("匿名承诺")).to_be_visible(timeout=20_000)
    assert page.locator("#start").is_disabled()
    bar = page.locator("#home .bar")
    before = bar.bounding_box()
    animations.send("Animation.setPlaybackRate", {"playbackRate": 20})
    expect(page.locator("#resume-note")).to_be_visible(timeout=20_000)
    assert bar.bounding_box() != before
    expect(page.locator("#resume-note")).to_contain_text("刷新本页")
    animations.send("Animation.setPlaybackRate", {"playbackRate": 1})
    phone_server.cut_page = None
    page.wait_for_timeout(1500)  # until the server has cut: it waits a second
    page.reload()
    expect(page.locator("#resume-note")).to_be_hidden()
    expect(page.locator("#start")).to_be_enabled()
    assert bar.bounding_box() == before, "nothing moves when the script arrives"
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")


def test_submitting_later_after_a_reload(visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    phone_server.faults += ["lost"] * 20
    tap(page, "提交")
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    tap(page, "过些时候再提交")
    phone_server.faults.clear()
    sent = len(phone_server.posts)
    page.reload()
    title_is(page, "选票保存在本机")
    assert len(phone_server.posts) == sent
    tap(page, "继续提交")
    expect_one_ballot(page, phone_server)


def test_the_server_dies_and_comes_back(visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    phone_server.running.stop()
    tap(page, "提交")
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    phone_server.running.start()
    expect_one_ballot(page, phone_server)


def test_the_round_closes_before_submitting(visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    phone_server.state = "closed"
    tap(page, "提交")
    title_is(page, "本轮评议已经截止")
    expect(page.locator("#stage")).to_contain_text("已经填写的内容还在本机")


def test_a_server_with_another_key_is_refused(visit, phone_server) -> None:
    from survey.protocol.crypto.blind import RoundKey

    other = RoundKey.generate()
    phone_server.collect = lambda _database, _slug, _code, blinded: other.sign_blinded(
        (int.from_bytes(blinded) % (other.public.n // 2)).to_bytes(384)
    )
    from survey.web.phone import protocol

    protocol.collecting.collect = phone_server.collect  # undone by the server's own monkeypatch
    page = visit()
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    title_is(page, "安全检查没有通过")


def test_back_and_forward_walk_the_screens(visit, phone_server) -> None:
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    page.go_back()
    title_is(page, "今年打过交道的部门")
    assert page.get_by_role("checkbox", name="税务局").is_checked()
    page.go_back()
    title_is(page, "2026 年第四季度评议")
    page.go_forward()
    page.go_forward()
    title_is(page, "税务局")


def test_a_change_from_the_review_leads_back_to_it(visit, phone_server) -> None:
    page = visit()
    fill_in(page, phone_server.link(phone_server.invite()))
    page.get_by_role("button", name="修改：税务局").click()
    rate(page, "税务局", "不满意")
    title_is(page, "看一遍再提交")
    tap(page, "增减部门")
    choose(page, page.locator(".picks"), "公安局")
    tap(page, "下一步")
    rate(page, "公安局", "满意")
    title_is(page, "看一遍再提交")


def test_switching_language_keeps_the_answers(visit, phone_server) -> None:
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    choose(page, page.locator(".rate fieldset.choices:not(.unlabelled)").first, "满意")
    page.locator("#language").click()
    expect(page.get_by_text("Problems or suggestions")).to_be_visible()
    assert page.get_by_role("radio", name="Satisfied", exact=True).first.is_checked()
    page.locator("#language").click()
    expect(page.get_by_text("存在的问题或建议")).to_be_visible()


def test_same_for_all_can_be_undone(visit, phone_server) -> None:
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    items = page.locator(".rate fieldset.choices:not(.unlabelled)")
    choose(page, items.first, "不满意")
    page.locator(".same summary").click()
    choose(page, page.locator(".same"), "非常满意")
    assert page.locator(".rate fieldset.choices:not(.unlabelled) input:checked").count() == 6
    tap(page, "撤销")
    checked = page.locator(".rate fieldset.choices:not(.unlabelled) input:checked")
    assert checked.evaluate_all("all => all.map(i => i.value)") == ["4"]


def test_two_invitations_on_one_phone_keep_apart(visit, phone_server) -> None:
    page = visit()
    codes = [phone_server.invite() for _ in range(2)]
    for code in codes:
        start(page, phone_server.link(code))
        pick(page, "税务局")
        title_is(page, "税务局")
    assert len(phone_server.collected) == 2
    page.goto("about:blank")
    page.goto(phone_server.link(codes[0]))
    tap(page, "继续填写")
    title_is(page, "税务局")


def test_the_code_can_be_typed(visit, phone_server) -> None:
    page = visit()
    code = phone_server.invite()
    page.goto(phone_server.link("").rstrip("#"))
    tap(page, "开始填写")
    title_is(page, "输入邀请码")
    field = page.get_by_label("邀请码", exact=True)
    wrong = code[:5] + ("0" if code[5] != "0" else "2") + code[6:]
    field.fill(wrong)
    tap(page, "领取选票")
    expect(page.get_by_role("alert")).to_contain_text("有字符输错了")
    assert phone_server.posts == []
    field.fill(code.lower().replace("-", "  ").replace("0", "o").replace("1", "i"))
    tap(page, "领取选票")
    title_is(page, "今年打过交道的部门")


def test_plain_http_is_refused_openly(visit, phone_server) -> None:
    page = visit()
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.goto(phone_server.link(phone_server.invite()))
    title_is(page, "这个地址没有加密")


def test_without_bigint_the_browser_is_refused_openly(visit, phone_server) -> None:
    page = visit()
    page.add_init_script("delete window.BigInt; window.BigInt = undefined")
    page.goto(phone_server.link(phone_server.invite()))
    title_is(page, "这个浏览器不能保证匿名")
