"""Comments, problems and publications in a real browser: two people publish, and every page passes axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe
import cheap
import pictures
import pytest
from county import PASSWORD, SECRET, County
from opened import open_by_hand
from phone_server import RunningServer
from playwright.sync_api import Page, expect

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.models import Role, User
from survey.services.people.passwords import hash_password

pytestmark = pytest.mark.browser
COMMENTS = {
    1: [f"窗口态度冷漠，第{n}次了，找张伟科长" for n in range(12)] + [f"拖了{n}个月" for n in range(11)]
}
LOOKS: dict[str, dict[str, Any]] = {
    "1280-light": {"viewport": {"width": 1280, "height": 900}, "has_touch": False},
    "390-dark": {"color_scheme": "dark"},
}
REVIEWER = (
    "/review/2026-q4/comments",
    "/review/2026-q4/comments/list",
    "/review/2026-q4/comments/list?stage=read",
    "/review/themes",
    "/review/indicators",
    "/review/2026-q4/problems",
    "/review/2026-q4/problems/1",
    "/review/2026-q4/publication",
)
PAGES = {
    "评议员0": REVIEWER,
    "联络员": ("/liaison/", "/liaison/2026-q4/results", "/liaison/2026-q4/problems/1"),
    "": ("/public/2026-q4/results", "/public/2026-q4/results?lang=en", "/public/2026-q4"),
}
OVERLAPS = """() => [...document.querySelectorAll('.ranking tbody tr')].flatMap((row) => {
  const boxes = [...row.cells].filter((cell) => cell.textContent.trim()).map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return [cell.textContent.trim(), range.getBoundingClientRect()];
  }).filter(([, box]) => box.width);
  const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1
    && b.top < a.bottom - 1;
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) => covers(a, b))
    .map(([two]) => `${one} / ${two}`));
})"""


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An opened round with comments, and its people with passwords; gives the site's address."""
    cheap.keys(monkeypatch)
    cheap.passwords(monkeypatch)
    path = shutil.copyfile(sqlite_template, tmp_path / "site.sqlite3")
    database = Database(f"sqlite:///{path}", secret_key=SECRET)
    place = County(database).collecting(threshold=10)
    open_by_hand(place, COMMENTS)
    place.add_user("联络员", Role.LIAISON)
    database.write(_set_passwords)
    settings = Settings(
        data=tmp_path,
        database_url=database.url,
        base_url="http://127.0.0.1",
        secret_key=SECRET,
        insecure_http=True,
    )
    running = RunningServer(create_app(settings, database))
    running.start()
    yield f"http://127.0.0.1:{running.port}"
    running.stop()
    database.close()


def test_from_a_finding_to_the_answer(site: str, visit: Callable[..., Page], screenshots: Path) -> None:
    first, second, own = (visit(**LOOKS["1280-light"]) for _ in range(3))
    for page, name in ((first, "评议员0"), (second, "评议员1"), (own, "联络员")):
        sign_in(page, site, name)
    first.goto(f"{site}/review/2026-q4/comments/list")
    expect(first.locator("mark").first).to_have_text("张伟科长")
    by_keys(first, "j", "k", "n", "k", "u", "k", "y")
    expect(first.get_by_label("转给部门", exact=True).nth(0)).to_be_checked()
    expect(first.get_by_label("以后再定").nth(1)).to_be_checked()
    first.get_by_role("button", name="记下").click()
    second.goto(f"{site}/review/2026-q4/comments/list")
    by_keys(second, "y")
    expect(second.get_by_label("同意", exact=True)).to_be_checked()
    expect(second.locator("[data-triage-said]")).to_have_text("第 1 条 同意")
    second.get_by_role("button", name="确认").click()
    first.goto(f"{site}/review/2026-q4/problems")
    first.locator("summary", has_text="公安局").click()
    first.get_by_label("“态度”与同类部门平均相差").check()
    first.get_by_label("要解决的问题").first.fill("窗口服务态度差")
    first.get_by_role("button", name="记入清单").first.click()
    first.goto(f"{site}/review/2026-q4/publication")
    first.get_by_role("button", name="提出公布稿").click()
    second.goto(f"{site}/review/2026-q4/publication")
    second.get_by_label("我已逐项看过公布稿").check()
    second.get_by_role("button", name="确认公布").click()
    expect(second.get_by_text("已经公布。")).to_be_visible()
    first.goto(f"{site}/review/2026-q4/problems/1")
    first.get_by_role("button", name="转办").click()
    own.goto(f"{site}/liaison/")
    own.get_by_role("link", name="窗口服务态度差").click()
    own.get_by_label("责任人").fill("李四，副局长")
    own.get_by_label("整改措施").fill("窗口轮训，一次性告知")
    own.get_by_role("button", name="开始办理").click()
    expect(own.get_by_text("办理中")).to_be_visible()
    found = every_page(site, visit, screenshots)
    assert not found, "\n".join(found)


def by_keys(page: Page, *keys: str) -> None:
    """Go through the comments of a page from the first one by keys."""
    page.get_by_role("button", name="用键盘处理").click()
    for key in keys:
        page.keyboard.press(key)


def every_page(site: str, visit: Callable[..., Page], screenshots: Path) -> list[str]:
    """What axe says of each page for each of its people, which is wider than the screen, what covers what."""
    found: list[str] = []
    for look, options in LOOKS.items():
        for name, addresses in PAGES.items():
            page = visit(**options)
            if name:
                sign_in(page, site, name)
            for number, address in enumerate(addresses):
                page.goto(site + address)
                pictures.take(page, screenshots / f"workflow-{look}-{name}-{number}.png")
                said = axe.violations(page)
                found += [f"{address}: {v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in said]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{address}: wider than the screen ({look})")
                found += [
                    f"{address}: {pair} lie over each other ({look})" for pair in page.evaluate(OVERLAPS)
                ]
                if page.locator("h1").count() != 1:
                    found.append(f"{address}: {page.locator('h1').count()} h1")
    return found


def sign_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/login")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def _set_passwords(session: Any) -> None:
    hashed = hash_password(PASSWORD)
    for user in session.query(User):
        user.password_hash = hashed
        user.department = "公安局" if user.role == Role.LIAISON else ""
