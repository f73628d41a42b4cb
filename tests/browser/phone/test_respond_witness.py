"""A round with a witness: either origin may be slow or dead, and nothing is lost or given twice."""

from __future__ import annotations

import json
import re

import brotli
import pytest
from flask import Response
from nightly import NIGHTLY
from phone import arrive, pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import expect
from witnessed import lists

from survey.contact import Contact
from survey.protocol.codes import parse_code
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.witness import taking

pytestmark = pytest.mark.browser

STATUS = ".note[role=status]"
STAMP, BALLOT = "stamp", "ballot"
KEPT = """() => {
  const name = Object.keys(localStorage).find((key) => key.startsWith('pingyi:'));
  return JSON.parse(localStorage.getItem(name));
}"""
WATCH = """window.said = [];
addEventListener('DOMContentLoaded', () => {
  const lines = () => [...document.querySelectorAll('.note[role=status]')];
  const note = () => window.said.push(...lines().map((line) => line.textContent));
  new MutationObserver(note).observe(document.getElementById('stage'), {childList: true, subtree: true});
});"""


def fill_in(page, link: str) -> None:
    """Everything up to the review."""
    start(page, link)
    answer(page)


def answer(page) -> None:
    pick(page, "税务局")
    rate(page, "税务局", "满意", comment="排队久")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")


def expect_one_ballot(page, two_machines) -> None:
    receipt = receipt_of(page)
    found = two_machines.handed_over()
    assert list(found) == [receipt], "the phone computed the receipt that the box computes"
    assert [row for row in found[receipt].ratings if any(row)] == [(2,) * 6]
    assert set(page.evaluate(KEPT)) == {"receipt", "posted"}, "neither answers, nor the key, nor the ticket"


def exchanged(response: Response) -> Response:
    """The page with another quorum."""
    if "text/html" in response.content_type:
        text = brotli.decompress(response.get_data()).decode()
        assert '"quorum":2' in text
        response.set_data(text.replace('"quorum":2', '"quorum":1'))
        del response.headers["Content-Encoding"]
    return response


def bodies(two_machines, path: str) -> list[dict[str, str]]:
    return [json.loads(body) for where, body in two_machines.posts if where.endswith(path)]


def test_the_whole_way(visit, two_machines) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(response.request.sizes()["responseBodySize"]))
    arrive(page, two_machines.link())
    expect(page.locator(".promise")).to_contain_text("另一家单位的监票机")
    expect(page.locator("#home")).to_contain_text("监票单位：县政协办公室")
    expect(page.locator("body > script[type=module]")).to_have_count(2)
    fetched = [url for url in asked if not url.startswith("data:")]
    assert len(fetched) == 2, "page and ballot's script, before the first tap"
    print(f"to the first tap: {sum(sizes)} bytes")
    assert sum(sizes) <= 30 * 1024
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    assert two_machines.box.posts == [(f"/s/{two_machines.box.description.slug}/credential", "")]
    answer(page)
    tap(page, "提交")
    expect_one_ballot(page, two_machines)
    expect(page.locator("#stage")).to_contain_text("移交票箱")
    assert len(two_machines.box.posts) == 1, "the box was not told of the ballot"
    assert [path.rsplit("/", 1)[1] for path, _ in two_machines.posts] == [STAMP, BALLOT]
    headers = {url.split("/")[2] for url in asked if not url.startswith("data:")}
    witness = two_machines.witness.offer.address
    assert headers == {two_machines.box.url.split("/")[2], witness.split("/")[2]}


def test_weight_and_requests(visit, two_machines) -> None:
    """To the first tap: at most 30 KB compressed in two requests, as in a round of one machine."""
    page = visit()
    two_machines.box.contact = Contact("县评议办王主任", "0310-1234567转8", "工作日 9:00–17:00")
    seen: list[int] = []
    page.on("response", lambda r: seen.append(r.request.sizes()["responseBodySize"]))
    arrive(page, two_machines.link())
    print(f"to the first tap: {sum(seen)} bytes in {len(seen)} requests")
    assert (len(seen), sum(seen) <= 30 * 1024) == (2, True), seen


def test_the_policy_names_the_witness_and_nobody_else(visit, two_machines) -> None:
    page = visit()
    policy = page.goto(two_machines.link()).headers["content-security-policy"]
    found = re.search(r"connect-src ([^;]+)", policy)
    assert found
    assert found[1].split() == ["'self'", two_machines.witness.offer.address]


def test_a_round_without_one_asks_nobody_else(visit, phone_server) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer_to = page.goto(phone_server.link(phone_server.invite()))
    assert "connect-src 'self';" in answer_to.headers["content-security-policy"]
    assert "witness-page" not in answer_to.text().split('<script type="module">')[0]
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    answer(page)
    tap(page, "提交")
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]
    assert "混成一批" not in page.locator("#stage").inner_text()
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {phone_server.url.split("/")[2]}
    assert not any("witness" in url for url in asked)


@pytest.mark.parametrize("fault", ["drop", "lost", "503"] if NIGHTLY else ["lost"])
def test_both_posts_are_sent_again_as_they_were(fault, visit, two_machines) -> None:
    page = visit()
    page.add_init_script(WATCH)
    two_machines.faults += [fault, fault]
    start(page, two_machines.link())
    said = page.evaluate("window.said")
    assert any(text.startswith("监票机没有答复，会自动再试，不会重复领取") for text in said)
    assert len({json.dumps(body) for body in bodies(two_machines, STAMP)}) == 1
    assert len(bodies(two_machines, STAMP)) == 3
    assert len(two_machines.box.posts) == 1, "who has answered is not asked again"
    answer(page)
    two_machines.faults += [fault, fault]
    tap(page, "提交")
    expect_one_ballot(page, two_machines)
    assert len({json.dumps(body) for body in bodies(two_machines, BALLOT)}) == 1
    assert any("选票已封好，保存在本机，会自动再试" in text for text in page.evaluate("window.said"))


def test_a_dead_witness_then_a_reload(visit, two_machines) -> None:
    """The box has not been asked: the code still works on another phone. The same messages go out again."""
    page = visit()
    two_machines.running.stop()
    link = two_machines.link()
    page.goto(link)
    tap(page, "开始填写")
    expect(page.locator(STATUS)).to_contain_text("监票机没有答复")
    assert not two_machines.box.collected
    pending = page.evaluate(KEPT)["pending"]
    assert {"message", "blinded", "inverse", "key", "stamp", "ticket"} <= set(pending)
    two_machines.running.start()
    page.reload()
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    assert len(two_machines.box.collected) == 1
    sent = {(body["stamp"], body["ticket"]) for body in bodies(two_machines, STAMP)}
    assert sent == {(pending["stamp"]["blinded"], pending["ticket"]["blinded"])}
    assert "pending" not in page.evaluate(KEPT)
    answer(page)
    tap(page, "提交")
    expect_one_ballot(page, two_machines)


def test_a_dead_box_and_a_stamp_then_a_reload(visit, two_machines) -> None:
    page = visit()
    two_machines.box.faults += ["lost"] * 20
    page.goto(two_machines.link())
    tap(page, "开始填写")
    expect(page.locator(STATUS)).to_contain_text("网络不通")
    two_machines.box.faults.clear()
    page.reload()
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    assert len({json.dumps(body) for body in bodies(two_machines, STAMP)}) == 1
    assert two_machines.witness.now().stamped == 1


def test_a_slow_witness_is_waited_for_in_words(visit, two_machines) -> None:
    page = visit()
    two_machines.faults += ["hold"]
    page.goto(two_machines.link())
    tap(page, "开始填写")
    expect(page.locator(STATUS)).to_contain_text("还在等监票机答复", timeout=20_000)
    two_machines.released.set()
    title_is(page, "今年打过交道的部门")
    answer(page)
    two_machines.released.clear()
    two_machines.faults += ["hold"]
    tap(page, "提交")
    expect(page.locator(STATUS)).to_contain_text("还在等监票机答复", timeout=20_000)
    two_machines.released.set()
    expect_one_ballot(page, two_machines)
    assert len(two_machines.posts) == 2


def test_try_again_does_not_wait(visit, two_machines) -> None:
    """While the clock stands still the phone does not try by itself: it is the button that does."""
    page = visit()
    page.clock.install()
    fill_in(page, two_machines.link())
    two_machines.faults += ["503"]
    expect(page.locator("main.fresh")).to_have_count(0)
    page.clock.pause_at(page.evaluate("Date.now() + 5000"))
    tap(page, "提交")
    while len(two_machines.posts) < 2:
        page.clock.run_for(20)
    expect(page.locator(STATUS)).to_contain_text("监票机没有答复")
    page.wait_for_timeout(1_500)
    assert len(two_machines.posts) == 2
    page.get_by_role("button", name="再试一次", exact=True).press("Enter")
    page.clock.resume()
    expect_one_ballot(page, two_machines)


def test_another_description_is_named_by_the_witness(visit, two_machines) -> None:
    """A link that pins nothing: the witness finds what the box alone could hide."""
    page = visit()
    two_machines.box.change_page = exchanged
    page.goto(two_machines.link().rsplit("-", 4)[0])
    tap(page, "开始填写")
    title_is(page, "这个页面与监票单位保存的不一致")
    shown = page.locator("#stage").inner_text()
    assert two_machines.box.description.check_number not in shown
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", shown), "of what was served, to be read out"
    assert two_machines.witness.now().stamped == 0
    assert "credential" not in (page.evaluate(KEPT) or {})


def test_a_ticket_that_is_spent(visit, two_machines) -> None:
    page = visit()
    fill_in(page, two_machines.link())
    page.route("**/ballot", lambda route: route.abort())
    tap(page, "提交")
    expect(page.locator(STATUS)).to_contain_text("监票机没有答复")
    post = page.evaluate(KEPT)["post"]
    blob = bytes(len(unb64u(post["blob"])))
    ticket = (unb64u(post["ticket_message"]), unb64u(post["ticket_signature"]))
    taking.take(two_machines.witness.store, two_machines.witness.round, *ticket, blob)
    page.unroute("**/ballot")
    title_is(page, "这张凭证已经投过另一张选票")
    assert "receipt" not in page.evaluate(KEPT)


def test_a_double_tap_posts_one_ballot(visit, two_machines) -> None:
    page = visit()
    page.goto(two_machines.link())
    page.get_by_role("button", name="开始填写", exact=True).dblclick()
    title_is(page, "今年打过交道的部门")
    assert len(bodies(two_machines, STAMP)) == 1
    answer(page)
    page.get_by_role("button", name="提交", exact=True).dblclick()
    expect_one_ballot(page, two_machines)
    assert len(bodies(two_machines, BALLOT)) == 1


def test_a_reload_while_posting_sends_the_same_blob(visit, two_machines) -> None:
    page = visit()
    fill_in(page, two_machines.link())
    two_machines.faults += ["lost"] * 20
    tap(page, "提交")
    expect(page.locator(STATUS)).to_contain_text("监票机没有答复")
    two_machines.faults.clear()
    page.reload()
    title_is(page, "选票保存在本机")
    tap(page, "继续提交")
    expect_one_ballot(page, two_machines)
    assert len({json.dumps(body) for body in bodies(two_machines, BALLOT)}) == 1


def test_a_signature_that_does_not_hold_is_no_receipt(visit, two_machines) -> None:
    page = visit()
    fill_in(page, two_machines.link())

    def forge(route) -> None:
        response = route.fetch()
        reply = response.json()
        reply["signature"] = b64u(bytes(64))
        route.fulfill(response=response, json=reply)

    page.route("**/ballot", forge)
    tap(page, "提交")
    title_is(page, "监票机的签名不对")
    assert "receipt" not in page.evaluate(KEPT)
    page.unroute("**/ballot")
    tap(page, "再试一次")
    expect_one_ballot(page, two_machines)


def test_two_phones_with_one_code_do_not_get_half_each(visit, two_machines) -> None:
    """Whoever comes to the witness first gets both halves; the box is not asked by the other."""
    first, second = visit(), visit()
    link = two_machines.link()
    first.route("**/credential", lambda route: route.abort())  # stamped, it does not get through to the box
    first.goto(link)
    tap(first, "开始填写")
    expect(first.locator(STATUS)).to_contain_text("网络不通")
    second.goto(link)
    tap(second, "开始填写")
    title_is(second, "这个邀请码已经领取过选票")
    expect(second.locator(".problem")).to_contain_text("一个邀请码只认先领的那部手机")
    assert not two_machines.box.collected, "the second did not ask the box"
    first.unroute("**/credential")
    title_is(first, "今年打过交道的部门")
    answer(first)
    tap(first, "提交")
    expect_one_ballot(first, two_machines)


def test_a_refusal_of_the_witness_keeps_what_was_asked(visit, two_machines) -> None:
    """The witness does not know the code yet: once it does, the same messages are signed."""
    page = visit()
    code = two_machines.box.invite()
    page.goto(two_machines.box.link(code))
    tap(page, "开始填写")
    title_is(page, "本轮评议没有这个邀请码")
    assert not two_machines.box.collected
    pending = page.evaluate(KEPT)["pending"]
    assert pending["code"] == code
    two_machines.witness.import_codes(
        two_machines.box.description, lists(two_machines.box.description, [parse_code(code)])[1]
    )
    page.goto("about:blank")
    page.goto(two_machines.box.link(code))
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")
    sent = {(body["stamp"], body["ticket"]) for body in bodies(two_machines, STAMP)}
    assert sent == {(pending["stamp"]["blinded"], pending["ticket"]["blinded"])}


def test_english(visit, two_machines) -> None:
    page = visit()
    page.goto(two_machines.link())
    tap(page, "English")
    expect(page.locator(".promise")).to_contain_text("no ballot counts without the consent of both")
    expect(page.locator("#home")).to_contain_text("Witness: 县政协办公室")
    two_machines.faults += ["drop"] * 3
    tap(page, "Start")
    expect(page.locator(STATUS)).to_contain_text("The witness's machine does not answer")
