"""People at screens: what they click, how long each step takes, and what they are shown."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pictures
import pyotp
from playwright.sync_api import Download, Locator, Page, expect

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "has_touch": False}
NARROW: Any = {"width": 390, "height": 844}
PASSWORD = "竹篱笆外有三只白鹅走过"
PATIENCE = 90_000


@dataclass
class Step:
    """Clicks and choices (a file chosen is one) and seconds of a step, the test's own included."""

    clicks: int = 0
    seconds: float = 0.0


@dataclass
class Ledger:
    """What the walk cost, step by step."""

    steps: dict[str, Step] = field(default_factory=dict)
    now: Step = field(default_factory=Step)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done within to this step."""
        before, began = self.now, time.monotonic()
        self.now = self.steps.setdefault(name, Step())
        try:
            yield
        finally:
            self.now.seconds += time.monotonic() - began
            self.now = before


@dataclass
class Hand:
    """One person at one browser."""

    page: Page
    name: str
    url: str
    ledger: Ledger
    folder: Path

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def press(self, what: Locator) -> None:
        what.click()
        self.ledger.now.clicks += 1

    def click(self, text: str, *, role: Any = "button") -> None:
        """Press the first one that can be seen whose whole name this is."""
        named = self.page.get_by_role(role, name=text, exact=True)
        self.press(named.locator("visible=true").first)

    def follow(self, text: str | re.Pattern[str]) -> None:
        self.press(self.page.locator("body").get_by_role("link", name=text, exact=True).first)

    def tick(self, text: str) -> None:
        """Tick the box whose label begins so."""
        boxes = self.page.get_by_role("checkbox", name=re.compile("^" + text))
        boxes.locator("visible=true").first.check()
        self.ledger.now.clicks += 1

    def fill(self, label: str, text: str, nth: int = 0) -> None:
        self.page.get_by_label(label, exact=True).locator("visible=true").nth(nth).fill(text)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.ledger.now.clicks += 1

    def upload(self, path: Path, nth: int = 0) -> None:
        """Choose a file in the page's `nth` field for one."""
        self.page.locator("input[type=file]").nth(nth).set_input_files(path)
        self.ledger.now.clicks += 1

    def download(self, text: str, role: Any = "button") -> Download:
        with self.page.expect_download(timeout=30_000) as found:
            self.click(text, role=role)
        return found.value

    def prove(self) -> bool:
        """Say who sits here where the page asks; whether it did."""
        asked = "/account/prove" in self.page.url
        if asked:
            self.fill("密码或验证码", PASSWORD)
            self.click("确认")
        return asked

    def twice(self, text: str, *ticks: str) -> None:
        """Tick and press; once more where the page first asks who sits here."""
        for _ in range(2):
            for label in ticks:
                self.tick(label)
            self.click(text)
            if not self.prove():
                return

    def told(self, text: str, *, tries: int = PATIENCE) -> None:
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible(timeout=tries)

    def look(self, name: str) -> None:
        """Keep the page as it is on the desk and on a phone; it may be wider than neither."""
        page, own = self.page, self.page.viewport_size
        assert own
        assert page.locator("h1:visible").count() == 1, page.url
        for size in [own] if own["width"] == NARROW["width"] else [own, NARROW]:
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (page.url, size)
            pictures.take(page, self.folder / f"{name}-{size['width']}.png")
        page.set_viewport_size(own)


def enrol(hand: Hand, link: str, *, code: str = "", factor: bool = True) -> None:
    """From the link to the first page: password, sign-in, and where the role needs it a second factor."""
    page = hand.page
    page.goto(link)
    hand.fill("设置密码", PASSWORD)
    hand.fill("再输入一遍", PASSWORD)
    if code:
        page.get_by_label("开户码").fill(code)
    hand.look(f"enrol-{hand.name}")
    hand.click("保存密码")
    hand.fill("用户名", hand.name)
    hand.fill("密码", PASSWORD)
    hand.click("登录")
    if not factor:
        page.wait_for_url(lambda url: "/login" not in url)
        return
    clock = pyotp.TOTP("".join(page.locator(".code").inner_text().split()))
    page.get_by_label("验证码").fill(clock.now())
    hand.look(f"second-factor-{hand.name}")
    hand.click("启用")
    hand.follow("已经收好，继续")
