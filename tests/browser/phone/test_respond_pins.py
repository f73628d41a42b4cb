"""Another description than the one that was frozen: the link's 核对号 stops the phone before it collects."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from nightly import NIGHTLY
from phone import pick, rate, start, tap, title_is
from phone_server import SLUG, describe
from playwright.sync_api import Locator, Page, expect

from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import Holder, RoundDescription

pytestmark = pytest.mark.browser
REFUSED = "这个页面与发链接的单位给您的不一致"


def other_key() -> RoundDescription:
    """Signing key and fingerprint exchanged together: nothing in the page contradicts itself."""
    public = RoundKey.generate().public
    return describe(blind_key_n=public.n_bytes, blind_key_fingerprint=public.fingerprint)


def other_holder() -> RoundDescription:
    honest = describe()
    own = hpke.point(ec.generate_private_key(ec.SECP256R1()))
    return replace(honest, holders=(Holder(honest.holders[0].name, own), honest.holders[1]))


def other_order() -> RoundDescription:
    """Every department gets the ballots of another."""
    asked = describe().questionnaire
    return describe(questionnaire=replace(asked, departments=asked.departments[::-1]))


def first_version() -> RoundDescription:
    """A description without a digest, to which no number could be compared."""
    return describe(version=1)


EXCHANGES = [other_key, other_holder, other_order, first_version]


@pytest.mark.parametrize("exchange", EXCHANGES if NIGHTLY else EXCHANGES[::2])
def test_without_the_number_an_exchanged_description_is_believed(
    visit, phone_server, exchange: Callable[[], RoundDescription]
) -> None:
    """Naive: the code alone. Nothing tells; the page asks to compare its number with the paper."""
    phone_server.description = exchange()
    code = phone_server.invite()
    page = visit()
    page.goto(f"{phone_server.url}/s/{SLUG}#{code}")
    expect(page.locator("#pinned")).to_contain_text("链接里没有核对号")
    tap(page, "开始填写")
    if exchange is other_key:  # this server signs with the first key
        expect(page.locator("h1:visible")).to_have_text(
            re.compile("安全检查没有通过|出了意外"), timeout=20_000
        )
    else:
        title_is(page, "今年打过交道的部门")
    assert phone_server.posts


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_exchanged_description_is_refused(
    visit, phone_server, exchange: Callable[[], RoundDescription]
) -> None:
    link = phone_server.link(phone_server.invite())
    known = phone_server.description.check_number
    phone_server.description = exchange()
    page = visit()
    page.goto(link)
    title_is(page, REFUSED)
    words = page.locator(".problem").inner_text()
    assert known in words
    assert (phone_server.description.check_number or "—") in words
    expect(page.locator("#start")).to_be_hidden()
    page.reload()
    title_is(page, REFUSED)
    page.locator("#language").click()
    title_is(page, "This page is not what the office gave you")
    assert known in page.locator(".problem").inner_text()
    assert phone_server.posts == []


@pytest.mark.parametrize("exchange", [other_holder, other_order, first_version])
def test_what_is_exchanged_after_collecting_is_not_sealed_for(
    visit, phone_server, exchange: Callable[[], RoundDescription]
) -> None:
    """The page comes again, with another description, when the link's number has left the address."""
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    assert "#" not in page.url
    phone_server.description = exchange()
    page.reload()
    title_is(page, REFUSED)
    assert [path.rsplit("/", 1)[1] for path, _ in phone_server.posts] == ["credential"]
    phone_server.description = describe()
    page.reload()
    title_is(page, "税务局")


def test_a_typed_number_that_differs_is_a_typing_error_first(visit, phone_server) -> None:
    page = visit()
    code, number = phone_server.invite(), phone_server.description.check_number
    page.goto(f"{phone_server.url}/s/{SLUG}")
    tap(page, "开始填写")
    expect(page.get_by_text("本页的核对号")).to_contain_text(number)
    field = page.get_by_label("邀请码", exact=True)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    field.fill(f"{code} {wrong}")
    tap(page, "领取选票")
    expect(page.locator("#code-wrong")).to_contain_text("与本页的不一样")
    field.fill(f"{code[:-1]}{'0' if code[-1] != '0' else '1'} {number}")
    tap(page, "领取选票")
    expect(page.locator("#code-wrong")).to_contain_text("有字符输错了")
    field.fill(f"{code[1:]} {number}")
    tap(page, "领取选票")
    expect(page.locator("#code-wrong")).to_contain_text("还差 1 个字符")
    assert phone_server.posts == []
    field.fill(f"{code.lower().replace('-', ' ')} {number.lower()}")
    tap(page, "领取选票")
    title_is(page, "今年打过交道的部门")


@pytest.mark.parametrize("version", [1, 2])
def test_a_round_that_too_few_could_open_collects_nothing(visit, phone_server, version: int) -> None:
    honest = describe()
    phone_server.description = replace(honest, holders=honest.holders[:1], version=version)
    page = visit()
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    title_is(page, "这一轮还不能填写")
    assert phone_server.posts == []


def test_a_round_of_before_goes_its_old_way(visit, phone_server) -> None:
    phone_server.description = describe(version=1)
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    expect(page.locator("#pinned")).to_contain_text("链接里没有核对号")
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    title_is(page, "关于您的企业")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    title_is(page, "提交成功，谢谢您")
    assert len(phone_server.opened()) == 1


def test_the_one_time_key_signs_one_ballot_and_is_gone(visit, phone_server) -> None:
    """What is kept until the receipt cannot sign another ballot; nothing of it is ever sent."""
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    record = "JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('pingyi:'))[1])"
    assert set(page.evaluate(record)["credential"]) == {"message", "signature", "key"}
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    title_is(page, "关于您的企业")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    phone_server.faults = ["503"] * 3
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    tap(page, "提交")
    page.wait_for_function(f"() => {record}.sealed")  # a function: the page's policy refuses text as code
    kept = page.evaluate(record)
    assert set(kept["credential"]) == {"message", "signature"}
    title_is(page, "提交成功，谢谢您")
    assert len(set(filter(None, sent))) == 1, "every attempt sends the same bytes"
    assert '"key"' not in "".join(sent)
    assert set(page.evaluate(record)) == {"receipt"}


@pytest.mark.parametrize("width", [320, 390] if NIGHTLY else [320])
def test_numbers_to_be_compared_stand_unbroken(visit, phone_server, width: int) -> None:
    """On every screen that asks to compare: one line, wholly on the screen, before the button is needed."""
    number = phone_server.description.check_number
    page = visit(viewport={"width": width, "height": 568})
    page.goto(f"{phone_server.url}/s/{SLUG}#{phone_server.invite()}")
    seen = page.locator("#unpinned .number")
    expect(seen).to_have_text(number)
    whole_line(page, seen)
    page.goto(f"{phone_server.url}/s/{SLUG}")
    page.reload()
    expect(page.locator("#unpinned")).to_be_hidden()
    tap(page, "开始填写")
    whole_line(page, page.locator("#stage .number"))
    link = phone_server.link(phone_server.invite())
    phone_server.description = other_key()
    page = visit(viewport={"width": width, "height": 568})
    page.goto(link)
    title_is(page, REFUSED)
    expect(page.locator("#stage .number")).to_have_text([number, phone_server.description.check_number])
    for each in page.locator("#stage .number").all():
        whole_line(page, each)
    expect(page.locator("#stage .note.bad")).to_contain_text("请不要填写")
    expect(page.get_by_text("没有领取选票，邀请码没有用掉")).to_be_visible()


def whole_line(page: Page, number: Locator) -> None:
    box = number.bounding_box()
    assert box["height"] < 2 * float(number.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    assert box["x"] + number.evaluate("e => e.scrollWidth") <= page.viewport_size["width"]
