"""Pictures of README and manual from a running demonstration: `python docs/screenshots.py demo/demo.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).parent / "images"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURE = {"width": 1280, "height": 800}
MANUAL_PICTURES = OUT.parents[1] / "static" / "img"
MANUAL = {
    "help-people.png": ("office", "/admin/people/"),
    "help-roster.png": ("office", "/admin/roster"),
    "help-set-up.png": ("office", "/admin/rounds/{draft}/setup/departments"),
    "help-preview.png": ("office", "/admin/rounds/{draft}/preview"),
    "help-participation.png": ("office", "/admin/rounds/{collecting}/participation"),
    "help-key.png": ("reviewer", "/review/{draft}/key"),
    "help-ranking.png": ("reviewer", "/review/{opened}/ranking"),
    "help-comments.png": ("reviewer", "/review/{opened}/comments/list"),
    "help-problems.png": ("reviewer", "/review/{opened}/problems"),
    "help-liaison.png": ("liaison", "/liaison/"),
}


def main() -> None:
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        _phone(browser, facts)
        _desk(browser, facts, facts["administrator"], f"/admin/rounds/{facts['rounds']['open']}", "desk.png")
        opened = facts["rounds"]["opened"][-1]
        _desk(browser, facts, facts["reviewers"][0], f"/review/{opened}/ranking", "ranking.png")
        _manual(browser, facts)
        browser.close()


def _manual(browser: Browser, facts: dict[str, Any]) -> None:
    """Pictures of the manual, each 1280 by 800, in 64 shades: they are served with the site."""
    rounds = {"opened": facts["rounds"]["opened"][-1], "collecting": facts["rounds"]["open"]}
    rounds["draft"] = _draft(browser, facts)
    people = {
        "office": facts["administrator"],
        "reviewer": facts["reviewers"][0],
        "liaison": facts["liaison"],
    }
    MANUAL_PICTURES.mkdir(exist_ok=True)
    for name, (who, path) in MANUAL.items():
        page = _signed_in(browser, facts, people[who], PICTURE)
        page.goto(facts["url"] + path.format(**rounds))
        page.evaluate("document.querySelector('.demo-banner').remove()")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=MANUAL_PICTURES / name)
        page.context.close()
        with Image.open(MANUAL_PICTURES / name) as picture:
            picture.convert("RGB").quantize(64).save(MANUAL_PICTURES / name, optimize=True)


def _draft(browser: Browser, facts: dict[str, Any]) -> str:
    """Identifier of a draft like the last round, so that there is one to be set up."""
    page = _signed_in(browser, facts, facts["administrator"], PICTURE)
    page.goto(facts["url"] + "/admin/rounds/new")
    page.fill("input[name=title]", "2027 年第一季度评议")
    page.get_by_role("button", name="建立草稿").click()
    page.wait_for_url("**/setup/departments")
    slug = page.url.split("/")[-3]
    page.context.close()
    return slug


def _signed_in(browser: Browser, facts: dict[str, Any], person: dict[str, str], size: Any) -> Page:
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    page.goto(facts["url"] + "/login")
    page.fill("input[name=name]", person["name"])
    page.fill("input[name=password]", person["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _phone(browser: Browser, facts: dict[str, Any]) -> None:
    page = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN").new_page()
    page.goto(facts["links"][-1])
    page.get_by_role("button", name="开始填写").wait_for()
    page.screenshot(path=OUT / "phone.png")


def _desk(browser: Browser, facts: dict[str, Any], person: dict[str, str], path: str, name: str) -> None:
    page = _signed_in(browser, facts, person, DESK)
    page.goto(facts["url"] + path)
    if name == "ranking.png":
        page.get_by_role("heading", name="行政管理").first.scroll_into_view_if_needed()
        page.mouse.wheel(0, page.get_by_role("heading", name="行政管理").first.bounding_box()["y"] - 90)
        page.wait_for_timeout(300)
    page.screenshot(path=OUT / name, full_page=name == "desk.png")


if __name__ == "__main__":
    main()
