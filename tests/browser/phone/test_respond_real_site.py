"""The phone's page against the site as it is served, killed and started again, over a real database."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import County
from phone import choose, pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as TooLong
from real_site import PATIENCE, RealSite

from survey.database.engine import Database

pytestmark = pytest.mark.browser


@pytest.fixture
def site(sqlite_database: Database, _cheap_keys: None, tmp_path: Path) -> Iterator[RealSite]:
    place = County(sqlite_database).collecting()
    sqlite_database.close()
    running = RealSite(place, tmp_path)
    running.start()
    yield running
    running.kill()


def fill_in(page: Page, link: str) -> None:
    start(page, link)
    pick(page, "税务局")
    rate(page, "税务局", "中", comment="排队久")
    choose(page, page.get_by_role("group", name="规模"), "小")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")


def test_from_link_to_receipt_with_a_reload_at_every_screen(visit, site: RealSite) -> None:
    page = visit()
    start(page, site.link())
    page.reload()
    pick(page, "税务局", "公安局")
    for department in ("税务局", "公安局"):
        title_is(page, department)
        page.reload()
        rate(page, department, "好")
    title_is(page, "关于您的企业")
    page.reload()
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    page.reload()
    tap(page, "提交")
    receipt = receipt_of(page)
    page.reload()
    assert receipt_of(page) == receipt
    assert site.receipts() == [receipt]
    assert page.context.cookies() == []


def try_until_sent(page: Page) -> None:
    """Tap 再试一次 as often as an impatient person does, until nothing is left to be sent."""
    again = page.get_by_role("button", name="再试一次")
    deadline = time.monotonic() + PATIENCE
    while again.count() and time.monotonic() < deadline:
        with contextlib.suppress(TooLong):  # the page is done at this very moment
            again.click(timeout=500)
        page.wait_for_timeout(250)
    expect(again).to_have_count(0)


def test_the_server_is_killed_and_started_again_while_submitting(visit, site: RealSite) -> None:
    page = visit()
    fill_in(page, site.link())
    site.kill()
    tap(page, "提交")
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    site.start()
    try_until_sent(page)
    receipt = receipt_of(page)
    assert site.receipts() == [receipt]


def test_the_server_is_killed_after_the_commit_and_before_the_reply(visit, site: RealSite) -> None:
    """The ballot is on disk, the phone does not know: it asks again and gets the same receipt."""
    page = visit()
    fill_in(page, site.link())
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().json()["receipt"])
        site.kill()
        route.abort("connectionreset")

    page.route("**/ballot", lose)
    tap(page, "提交")
    expect(page.locator(".note[role=status]")).to_contain_text("网络不通")
    assert site.receipts() == lost
    site.start()
    try_until_sent(page)
    assert [receipt_of(page)] == lost == site.receipts()
