"""Who comes: WeChat on both kinds of phone, and somebody with nothing but a keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phone import choose, pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WECHAT = {
    "android": "Mozilla/5.0 (Linux; Android 10; V1981A Build/QP1A.190711.020; wv) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 XWEB/4343 MMWEBSDK/20220903"
    " Mobile Safari/537.36 MMWEBID/4629"
    " MicroMessenger/8.0.28.2240(0x28001C57) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64",
    "ios": "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Mobile/15E148 MicroMessenger/8.0.29(0x18001d38) NetType/WIFI Language/zh_CN",
}


@pytest.mark.parametrize("phone", WECHAT)
def test_wechat(phone: str, visit: Callable[..., Page], phone_server) -> None:
    """From link to receipt, with WeChat's own back in between, which is the browser's."""
    page = visit(user_agent=WECHAT[phone], is_mobile=True)
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    page.go_back()
    title_is(page, "今年打过交道的部门")
    tap(page, "下一步")
    rate(page, "税务局", "满意")
    tap(page, "下一步")
    tap(page, "提交")
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]
    # WeChat refuses the newer clipboard; the older one still copies.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tap(page, "复制")
    expect(page.locator(".said")).to_contain_text("已复制")


def press_to(page: Page, name: str, key: str = "Tab", limit: int = 120) -> None:
    """Press `key` until the element whose name or text is `name` has the focus."""
    for _ in range(limit):
        page.keyboard.press(key)
        focused = page.evaluate(
            "(e => e.getAttribute('aria-label') || (e.labels && e.labels[0] || e).textContent.trim())"
            "(document.activeElement)"
        )
        if focused == name:
            return
    raise AssertionError(f"{key} never reaches {name}")


def focus_is_seen(page: Page) -> bool:
    """Whether the focused control, or the text that stands for it, has an outline."""
    return page.evaluate(
        """() => [document.activeElement, document.activeElement.nextElementSibling]
          .filter(Boolean).map((e) => getComputedStyle(e))
          .some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)"""
    )


def test_keyboard_only(visit: Callable[..., Page], phone_server) -> None:
    page = visit(has_touch=False, viewport={"width": 1024, "height": 768})
    page.goto(phone_server.link(phone_server.invite()))
    expect(page.locator("#start")).to_be_enabled()

    def activate(name: str, key: str = "Enter") -> None:
        press_to(page, name)
        assert focus_is_seen(page), name
        page.keyboard.press(key)

    activate("开始填写")
    title_is(page, "今年打过交道的部门")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    activate("税务局", "Space")
    activate("下一步")
    title_is(page, "税务局")
    for _ in range(6):
        press_to(page, "非常满意")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    checked = page.locator(".rate fieldset.choices:not(.unlabelled) input:checked")
    assert checked.evaluate_all("all => all.map(i => i.value)") == ["2"] * 6
    page.wait_for_timeout(200)
    activate("下一步")
    title_is(page, "关于您的企业")
    activate("下一步")
    title_is(page, "看一遍再提交")
    activate("提交")
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]


def test_every_choice_has_its_question(visit: Callable[..., Page], phone_server) -> None:
    """What a screen reader says: the group, then the choice; and what has happened, without being asked."""
    page = visit()
    start(page, phone_server.link(phone_server.invite()))
    pick(page, "税务局")
    title_is(page, "税务局")
    for item in phone_server.description.questionnaire.items:
        group = page.get_by_role("group", name=item.name, exact=True)
        assert group.get_by_role("radio").count() == 6
    choose(page, page.get_by_role("group", name="服务态度"), "满意")
    tap(page, "下一步")
    expect(page.locator("#live")).to_contain_text("还有")
    assert page.locator("#live").get_attribute("aria-live") == "polite"
    assert page.evaluate("document.activeElement.type") == "radio"
    progress = page.get_by_role("progressbar")
    assert progress.get_attribute("aria-label")


def test_no_motion_for_whom_it_disturbs(visit: Callable[..., Page], phone_server) -> None:
    page = visit(reduced_motion="reduce")
    phone_server.faults += ["drop"] * 50
    page.goto(phone_server.link(phone_server.invite()))
    tap(page, "开始填写")
    page.locator("#stage .note").first.wait_for()
    moving = "document.getAnimations().map((a) => a.animationName)"
    assert page.evaluate(moving) == []
