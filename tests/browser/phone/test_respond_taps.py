"""A tap that was meant for the screen before does nothing: real touch events, on a fast and a slow phone."""

from __future__ import annotations

import pytest
from nightly import NIGHTLY
from phone import choose, pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

GAPS = (60, 150, 300, 450)  # ms from one tap to the next
LOOKS = {
    "320": {"viewport": {"width": 320, "height": 568}},
    "390": {},
} | ({"768": {"viewport": {"width": 768, "height": 1024}}} if NIGHTLY else {})

# Whether a tap anywhere in the box would reach the button.
STANDS_IN = """(button, {x, y, width, height}, at = [0.05, 0.5, 0.95]) => at.some((a) => at.some((b) => {
  const found = document.elementFromPoint(x + a * width, y + b * height);
  return found && button.contains(found);
}))"""


class Finger:
    """Touches as the system sends them, which wait for nothing."""

    def __init__(self, page: Page, slower: int = 1) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        self._page = page

    def down(self, x: float, y: float) -> None:
        points = [{"x": x, "y": y}]
        self._session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})

    def up(self) -> None:
        self._session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def twice(self, where: Locator, gap: int) -> None:
        """Two taps in one place, the second `gap` ms after the first, whatever is there by then."""
        where.scroll_into_view_if_needed()
        box = where.bounding_box()
        assert box is not None
        for pause in (gap - 30, 0):
            self.down(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            self._page.wait_for_timeout(30)
            self.up()
            self._page.wait_for_timeout(max(0, pause))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def to_the_facts(page: Page, link: str) -> None:
    start(page, link)
    pick(page, "税务局")
    rate(page, "税务局", "满意")
    title_is(page, "关于您的企业")
    page.locator("main:not(.fresh)").wait_for()


@pytest.mark.parametrize("slower", [1, 6])
def test_a_double_tap_does_not_submit(slower: int, visit, phone_server) -> None:
    page = visit(is_mobile=True)
    to_the_facts(page, phone_server.link(phone_server.invite()))
    finger = Finger(page, slower)
    for gap in GAPS if NIGHTLY or slower == 1 else GAPS[1::2]:  # a slow phone takes the machine's time too
        finger.twice(button(page, "下一步"), gap)
        page.wait_for_timeout(800)
        title_is(page, "看一遍再提交")
        page.get_by_role("button", name="修改：企业情况").click()
        title_is(page, "关于您的企业")
        page.locator("main:not(.fresh)").wait_for()
    assert phone_server.ballots == {}
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]


def test_a_double_tap_skips_no_screen(visit, phone_server) -> None:
    """Nor does one on 开始填写 or 提交 reach what stands there on the next screens."""
    page = visit(is_mobile=True)
    page.goto(phone_server.link(phone_server.invite()))
    finger = Finger(page)
    finger.twice(button(page, "开始填写"), 150)
    title_is(page, "今年打过交道的部门")
    expect(page.locator("#live")).to_be_empty()
    for name in ("税务局", "公安局"):
        choose(page, page.locator(".picks"), name)
    finger.twice(button(page, "下一步"), 300)
    title_is(page, "税务局")
    expect(page.locator("#live")).to_be_empty()
    rate(page, "税务局", "满意")
    rate(page, "公安局", "满意")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    page.locator("main:not(.fresh)").wait_for()
    finger.twice(button(page, "提交"), 150)
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]


def test_a_tap_that_began_before_the_screen_could_be_read(visit, phone_server) -> None:
    """The finger comes down at once where 提交 will be, and is lifted when the screen takes taps again."""
    page = visit(is_mobile=True)
    to_the_facts(page, phone_server.link(phone_server.invite()))
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    page.locator("main:not(.fresh)").wait_for()
    button(page, "提交").scroll_into_view_if_needed()
    place = button(page, "提交").bounding_box()
    page.get_by_role("button", name="修改：企业情况").click()
    title_is(page, "关于您的企业")
    tap(page, "下一步")
    # In one step, as soon as the screen is there: what follows must happen while it is fresh.
    page.wait_for_function(
        """() => {
            const submit = document.querySelector('#stage .button.primary.wide');
            submit?.scrollIntoView({block: 'end'});
            return submit !== null;
        }"""
    )
    finger = Finger(page)
    now = button(page, "提交").bounding_box() or place
    finger.down(now["x"] + now["width"] / 2, now["y"] + now["height"] / 2)
    page.locator("main:not(.fresh)").wait_for()
    finger.up()
    page.wait_for_timeout(500)
    title_is(page, "看一遍再提交")
    assert phone_server.ballots == {}


@pytest.mark.parametrize("look", LOOKS)
def test_submit_stands_nowhere_where_next_stood(look: str, visit, phone_server) -> None:
    page = visit(**LOOKS[look])
    to_the_facts(page, phone_server.link(phone_server.invite()))
    for setting in ("", "#large", "#language"):
        if setting:
            page.locator(setting).click()
        names = ("Next", "Submit") if setting == "#language" else ("下一步", "提交")
        before = button(page, names[0]).bounding_box()
        button(page, names[0]).click()
        submit = button(page, names[1])
        expect(submit).to_be_visible()
        page.locator("main:not(.fresh)").wait_for()
        for place in ("0", "document.documentElement.scrollHeight"):
            page.evaluate(f"scrollTo(0, {place})")
            assert not submit.evaluate(STANDS_IN, before)
        page.go_back()
        expect(button(page, names[0])).to_be_visible()
        page.locator("main:not(.fresh)").wait_for()
