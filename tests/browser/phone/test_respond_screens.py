"""Every screen at three widths, in both languages and schemes: pictures to leaf through, and axe on each."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import axe
import pictures
import pytest
from phone import choose, rate, start, title_is
from playwright.sync_api import Error, Page, expect

from survey.services.rounds.defaults import default_questionnaire, make_department

pytestmark = pytest.mark.browser

LOOKS = {
    "320-light-zh": {"viewport": {"width": 320, "height": 568}},
    "390-dark-zh": {"color_scheme": "dark"},
    "320-light-en": {"viewport": {"width": 320, "height": 568}},
    "390-double-zh": {"reduced_motion": "reduce"},
}
NIGHTLY = os.environ.get("NIGHTLY") == "1"
if NIGHTLY:
    LOOKS |= {
        "390-light-zh": {},
        "390-light-en": {},
        "390-large-zh": {},
        "768-light-en": {"viewport": {"width": 768, "height": 1024}},
        "768-dark-zh": {"viewport": {"width": 768, "height": 1024}, "color_scheme": "dark"},
    }
# What WeChat's and the system's "larger text" do: the page keeps its width, its text is twice as large.
DOUBLE = """addEventListener('DOMContentLoaded', () => {
  const now = parseFloat(getComputedStyle(document.documentElement).fontSize);
  document.documentElement.style.fontSize = `${2 * now}px`;
})"""


class Leaf:
    """Takes a picture of each screen, and looks for what axe and a thumb would complain of."""

    def __init__(self, page: Page, folder: Path, look: str) -> None:
        self._page, self._folder, self._look, self._count = page, folder, look, 0
        self.complaints: list[str] = []

    def __call__(self, name: str) -> None:
        self._count += 1
        path = self._folder / f"respond-{self._look}-{self._count:02}-{name}.png"
        # The bar at the foot of a phone would stand in the middle of so tall a picture.
        self._page.locator("main:not([aria-busy])").wait_for()  # the tap before has been followed
        self._place_bar("static")
        pictures.take(self._page, path)
        self._place_bar("")
        for violation in axe.violations(self._page):
            nodes = [node["html"][:120] for node in violation["nodes"]][:3]
            self.complaints.append(f"{name}: {violation['id']}: {nodes}")
        wide = self._page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.complaints.append(f"{name}: {wide} px wider than the screen")
        self.complaints += [f"{name}: cut off: {text}" for text in cut_off(self._page)]
        self.complaints += [f"{name}: small target {text}" for text in small_targets(self._page)]

    def _place_bar(self, position: str) -> None:
        bars = (
            "(position) => document.querySelectorAll('.bar').forEach((b) => { b.style.position = position; })"
        )
        self._page.evaluate(bars, position)


def cut_off(page: Page) -> list[str]:
    """Visible texts that are wider than the box they are to be read in."""
    return page.evaluate(
        """() => [...document.querySelectorAll('h1,h2,p,label,legend,button,a,dt,dd,summary,span,code')]
          .filter((e) => e.offsetParent !== null && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
          .map((e) => e.textContent.trim().slice(0, 40))"""
    )


def small_targets(page: Page) -> list[str]:
    """Visible controls that are less than 48 px high or wide."""
    return page.evaluate(
        """() => [...document.querySelectorAll('button, a.button, summary, label.choice, label.pick')]
          .filter((e) => e.offsetParent !== null)
          .map((e) => [e.getBoundingClientRect(), e.textContent.trim()])
          .filter(([box]) => box.height < 47.9 || box.width < 47.9)
          .map(([box, text]) => `${text} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`)"""
    )


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen(look: str, visit: Callable[..., Page], phone_server, screenshots) -> None:
    page = visit(**LOOKS[look])
    if "double" in look:
        page.add_init_script(DOUBLE)
    leaf = Leaf(page, screenshots, look)
    english = look.endswith("en")

    def press(zh: str, en: str) -> None:
        page.get_by_role("button", name=en if english else zh, exact=True).click()

    def try_again() -> None:
        """The page tries by itself as well: where it was quicker, there is nothing left to press."""
        with suppress(Error):
            name = "Try again" if english else "再试一次"
            page.get_by_role("button", name=name, exact=True).click(timeout=1500)

    phone_server.script_faults += ["503"] * 50
    page.goto(phone_server.link("").rstrip("#"))
    if english:
        page.locator("#language").click()
        title = page.get_by_text("Our promise of anonymity")
        title.wait_for()
    if "large" in look:
        page.locator("#large").click()
    leaf("promise")
    page.locator("#limits summary").click()
    leaf("promise-limits")
    page.locator("#start").click()
    page.locator("#code").fill("0123-4567")
    press("领取选票", "Collect the ballot")
    leaf("code-mistyped")
    phone_server.faults += ["503"] * 50
    page.locator("#code").fill(phone_server.invite())
    press("领取选票", "Collect the ballot")
    title_is(page, "Opening your ballot" if english else "正在打开选票")
    page.locator(".note.warn[role=status]").wait_for()
    leaf("open-busy")
    phone_server.script_faults.clear()
    try_again()
    title_is(page, "Collecting your ballot" if english else "正在领取选票")
    page.locator(".note.warn[role=status]").wait_for()
    leaf("collect-busy")
    phone_server.faults.clear()
    try_again()
    page.locator("#search").fill("sw")
    leaf("pick-search")
    page.locator("#search").fill("")
    for zh, en in (("税务局", "Taxation Bureau"), ("市场监督管理局", "Market Regulation Bureau")):
        choose(page, page.locator(".picks"), en if english else zh)
    leaf("pick")
    press("下一步", "Next")
    page.locator(".same summary").click()
    choose(page, page.locator(".same"), "Satisfied" if english else "满意")
    page.locator("#comment").fill("我是王建国，电话 13912345678，窗口排队要两个小时。")
    leaf("rate")
    press("下一步", "Next")
    choose(
        page,
        page.locator(".rate fieldset.choices:not(.unlabelled)").first,
        "Very dissatisfied" if english else "非常不满意",
    )
    press("下一步", "Next")
    leaf("rate-missing")
    press("下一步", "Next")
    choose(page, page.locator("fieldset.facts").first, "Small" if english else "小")
    leaf("facts")
    press("下一步", "Next")
    leaf("review")
    phone_server.faults += ["503"] * 9
    press("提交", "Submit")
    page.locator(".note.warn[role=status]").wait_for()
    leaf("submit-busy")
    press("过些时候再提交", "Submit later")
    leaf("submit-later")
    phone_server.faults.clear()
    press("继续提交", "Continue submitting")
    page.locator("#receipt-code").wait_for()
    press("存为图片", "Save as picture")
    page.locator(".picture img").wait_for()
    leaf("receipt")
    press("清除本机记录", "Clear this phone")
    leaf("cleared")
    assert "\n".join(leaf.complaints) == ""
    assert len(phone_server.ballots) == 1


LONG_NAME = "某某经济技术开发区管理委员会行政审批与政务服务管理局驻园区分局"


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
def test_long_names_of_departments(large, visit, phone_server, screenshots) -> None:
    departments = [
        make_department(f"{LONG_NAME}{number}", "经济技术开发区行政管理机构及其派出机构") for number in "一二"
    ]
    phone_server.description = dataclasses.replace(
        phone_server.description, questionnaire=default_questionnaire(departments)
    )
    page = visit(viewport={"width": 320, "height": 568})
    leaf = Leaf(page, screenshots, f"320-long-{'large' if large else 'usual'}")
    page.goto(phone_server.link(phone_server.invite()))
    if large:
        page.locator("#large").click()
    page.locator("#start").click()
    title_is(page, "今年打过交道的部门")
    choose(page, page.locator(".picks"), departments[0].name)
    leaf("pick")
    page.get_by_role("button", name="下一步").click()
    rate(page, departments[0].name, "满意")
    title_is(page, "关于您的企业")
    page.go_back()
    title_is(page, departments[0].name)
    leaf("rate")
    page.go_forward()
    page.get_by_role("button", name="下一步").click()
    title_is(page, "看一遍再提交")
    leaf("review")
    assert "\n".join(leaf.complaints) == ""


@pytest.mark.parametrize("state", ["draft", "closed", "opened", "cancelled"])
def test_a_round_that_does_not_collect_says_so_without_script(
    state, visit, phone_server, screenshots
) -> None:
    phone_server.state = state
    page = visit(java_script_enabled=False)
    page.goto(phone_server.link("").rstrip("#"))
    pictures.take(page, screenshots / f"respond-state-{state}.png")
    words = {"draft": "马上开始", "closed": "已经截止", "opened": "已经开箱", "cancelled": "已经取消"}
    assert words[state] in page.locator("#home").inner_text()
    assert page.get_by_text("开始填写").count() == 0


def test_without_script_the_page_says_what_to_do(visit, phone_server, screenshots) -> None:
    page = visit(java_script_enabled=False)
    page.goto(phone_server.link(phone_server.invite()))
    pictures.take(page, screenshots / "respond-state-noscript.png")
    assert "本页需要 JavaScript" in page.locator("noscript .note").inner_text()
    expect(page.locator("#resume-note")).to_have_css("display", "none")
    assert page.locator("#start").is_disabled()
    assert phone_server.posts == []


PROBLEMS = {
    "unknown": "本轮评议没有这个邀请码",
    "used": "这个邀请码已经领取过选票",
    "replaced": "这个邀请码已经作废",
    "closed-meanwhile": "本轮评议已经截止",
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_is_wrong_with_a_code_has_its_page(problem, visit, phone_server, screenshots) -> None:
    page = visit()
    code = phone_server.invite()
    if problem == "unknown":
        phone_server._known.clear()
    if problem == "replaced":
        phone_server.replaced.add(code)
    if problem == "used":
        start(visit(), phone_server.link(code))
    page.goto(phone_server.link(code))
    if problem == "closed-meanwhile":
        phone_server.state = "closed"
    page.get_by_role("button", name="开始填写").click()
    title_is(page, PROBLEMS[problem])
    leaf = Leaf(page, screenshots, "390-light-zh-problem")
    leaf(problem)
    assert "\n".join(leaf.complaints) == ""


def test_the_bar_leaves_room_to_read_with_text_twice_as_large(visit, phone_server) -> None:
    """On the smallest phone it took more than half of the screen, and its own button lay below the edge."""
    page = visit(viewport={"width": 320, "height": 568})
    page.add_init_script(DOUBLE)
    start(page, phone_server.link(phone_server.invite()))
    page.locator("main:not(.fresh):not([aria-busy])").wait_for()
    bar = page.locator("#stage .bar")
    height, position = bar.evaluate("(b) => [b.offsetHeight, getComputedStyle(b).position]")
    assert height > 568 / 3
    assert position == "static"
    page.get_by_role("button", name="下一步").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="下一步")).to_be_in_viewport(ratio=1)


def test_the_bar_stays_at_the_foot_otherwise(visit, phone_server) -> None:
    page = visit(viewport={"width": 320, "height": 568})
    start(page, phone_server.link(phone_server.invite()))
    page.locator("main:not(.fresh):not([aria-busy])").wait_for()
    assert page.locator("#stage .bar").evaluate("(b) => getComputedStyle(b).position") == "sticky"
