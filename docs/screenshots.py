"""Make the README's screenshots from a running demonstration: `python docs/screenshots.py demo/demo.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

OUT = Path(__file__).parent / "images"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        _phone(browser, facts)
        _desk(browser, facts, facts["administrator"], f"/admin/rounds/{facts['rounds']['open']}", "desk.png")
        opened = facts["rounds"]["opened"][-1]
        _desk(browser, facts, facts["reviewers"][0], f"/review/{opened}/ranking", "ranking.png")
        browser.close()


def _phone(browser: Browser, facts: dict[str, Any]) -> None:
    page = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN").new_page()
    page.goto(facts["links"][-1])
    page.get_by_role("button", name="开始填写").wait_for()
    page.screenshot(path=OUT / "phone.png")


def _desk(browser: Browser, facts: dict[str, Any], person: dict[str, str], path: str, name: str) -> None:
    page = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    page.goto(facts["url"] + "/login")
    page.fill("input[name=name]", person["name"])
    page.fill("input[name=password]", person["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(facts["url"] + path)
    if name == "ranking.png":
        page.get_by_role("heading", name="行政管理").first.scroll_into_view_if_needed()
        page.mouse.wheel(0, page.get_by_role("heading", name="行政管理").first.bounding_box()["y"] - 90)
        page.wait_for_timeout(300)
    page.screenshot(path=OUT / name, full_page=name == "desk.png")


if __name__ == "__main__":
    main()
