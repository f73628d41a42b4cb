"""People, accounts and the log in a real browser: enrolment from link to desk, and every page with axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import pictures
import pyotp
import pytest
from county import PASSWORD, SECRET, County
from phone_server import RunningServer
from playwright.sync_api import Page, expect

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.models import Role
from survey.services.operations import audit
from survey.services.people import accounts

pytestmark = pytest.mark.browser

NAME = "王主任"
WIDE = {"viewport": {"width": 1280, "height": 900}, "has_touch": False}
PAGES = (
    *("/admin/people/", "/admin/people/new", "/audit/", "/audit/?actor=无此人"),
    *("/account/", "/account/password", "/account/recovery-codes", "/account/prove"),
)


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small office that demands second factors; its first administrator has a password."""
    folder = tmp_path_factory.mktemp("office")
    database = Database(
        f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'x.sqlite3')}", secret_key=SECRET
    )
    County(database).populate().draft(keys=False)
    people = {"name": NAME, "role": Role.ADMINISTRATOR, "password": PASSWORD, "body": "评议工作办公室"}
    database.write(lambda s: accounts.create_user(s, **people))
    database.write(lambda s: [audit.record(s, actor=NAME, action="round.update") for _ in range(60)] and None)
    settings = Settings(
        data=folder,
        database_url=database.url,
        base_url="http://127.0.0.1",
        secret_key=SECRET,
        insecure_http=True,
        second_factor=True,
    )
    running = RunningServer(create_app(settings, database))
    running.start()
    yield f"http://127.0.0.1:{running.port}"
    running.stop()
    database.close()


def telephone(page: Page) -> pyotp.TOTP:
    """What the person's telephone reads from the page."""
    return pyotp.TOTP("".join(page.locator(".code").inner_text().split()))


def complaints(page: Page) -> list[str]:
    # Axe finds nothing on the narrow screen that it does not find on the wide one.
    narrow_screen = page.viewport_size != WIDE["viewport"]
    found = [] if narrow_screen else axe.violations(page)
    said = [f"{page.url}: {v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in found]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return said + ([f"{page.url}: {wide} px wider than the screen"] if wide > 0 else [])


def test_from_a_link_to_the_desk(office: str, visit: Callable[..., Page], screenshots: Path) -> None:
    url = office
    page, found, folder = visit(**WIDE), [], screenshots / "people"
    folder.mkdir(exist_ok=True)

    def look(name: str) -> None:
        pictures.take(page, folder / f"{name}.png")
        found.extend(complaints(page))

    page.goto(f"{url}/login")
    page.get_by_label("用户名").fill(NAME)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="设置两步验证")).to_be_visible()
    look("second-factor")
    clock = telephone(page)
    page.get_by_label("验证码").fill(clock.now())
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".codes li")).to_have_count(8)
    look("recovery-codes")
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="已经收好，继续").click()
    page.goto(f"{url}/admin/people/new")
    page.get_by_label("姓名或用户名").fill("赵联络")
    page.get_by_label("角色").select_option("liaison")
    page.get_by_label("所属部门").select_option("税务局")
    page.get_by_label("您的密码或验证码").fill(PASSWORD)
    page.get_by_role("button", name="添加").click()
    look("link")
    link = page.locator("#link").inner_text().replace("http://127.0.0.1", url)
    every_page(page, url, found, folder, "1280")
    page.get_by_role("button", name="退出").click()
    sent = requests_of(page)
    page.goto(link)
    expect(page.get_by_label("登录链接")).to_be_hidden()
    assert page.evaluate("location.href") == f"{url}/enrol"
    look("enrol")
    page.get_by_label("设置密码").fill(f"{PASSWORD} too")
    page.get_by_label("再输入一遍").fill(f"{PASSWORD} too")
    page.get_by_role("button", name="保存密码").click()
    expect(page.get_by_text("密码已设好，请登录。")).to_be_visible()
    token = link.partition("#")[2]
    assert not any(token in address for address in sent)
    page.get_by_label("用户名").fill(NAME)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="输入验证码")).to_be_visible()
    look("code")
    page.get_by_label("验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="轮次")).to_be_visible()
    narrow(page)
    every_page(page, url, found, folder, "390")
    assert found == []


def requests_of(page: Page) -> list[str]:
    """The address of every request from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers.get("referer"))))
    return seen


def narrow(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")


def every_page(page: Page, url: str, found: list[str], folder: Path, look: str) -> None:
    """Look at each page with axe and keep its picture."""
    for number, address in enumerate(PAGES):
        page.goto(url + address)
        pictures.take(page, folder / f"{look}-{number}.png")
        found.extend(complaints(page))
        assert page.locator("h1").count() == 1, address
    page.goto(f"{url}/admin/people/")
    page.get_by_role("link", name="评议员0").click()
    pictures.take(page, folder / f"{look}-edit.png")
    found.extend(complaints(page))
