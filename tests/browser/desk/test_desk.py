"""The desk in a real browser: usual pages on phones with axe, and the paths that need a script."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import pictures
import pytest
from desk_site import Desk, another, serve_desk
from playwright.sync_api import Page, expect

from survey.models import State
from survey.services.rounds import keyholders

pytestmark = pytest.mark.browser

VISITOR = ("/", "/public/2026-q3", "/public/2026-q4", "/anonymity", "/login", "/nothing")
ADMINISTRATOR = (
    "/admin/",
    "/admin/rounds/new",
    "/admin/rounds/2027-q1",
    "/admin/rounds/2027-q1/setup/departments",
    "/admin/rounds/2027-q1/setup/questions",
    "/admin/rounds/2027-q1/setup/strata",
    "/admin/rounds/2027-q1/setup/keys",
    "/admin/rounds/2027-q1/preview",
    "/admin/rounds/2027-q1/sample",
    "/admin/rounds/2026-q4",
    "/admin/rounds/2026-q4/invitations",
    "/admin/rounds/2026-q4/participation",
    "/admin/rounds/2026-q4/replacements",
    "/admin/rounds/2026-q4/calls",
    "/admin/rounds/2026-q4/interview?search=企业",
    "/admin/people/list",
    "/admin/rounds/2027-q1/invitations",
    "/admin/roster",
    "/admin/roster?search=无此家",
)
REVIEWER = (
    "/review/",
    "/review/2026-q2/",
    "/review/2026-q2/open",
    "/review/2026-q3/",
    "/review/2026-q3/overview",
    "/review/2026-q3/departments/0",
    "/review/2026-q3/compare?a=0&b=5",
    "/review/2026-q3/ranking",
    "/review/2026-q3/comments",
    "/review/2027-q1/key",
    "/review/composites",
)
PAGES = {"visitor": VISITOR, "administrator": ADMINISTRATOR, "reviewer": REVIEWER}
NAMES = {"administrator": "管理员", "reviewer": "县人大评议员"}
LOOKS = {
    "1280-light": {"viewport": {"width": 1280, "height": 900}, "has_touch": False},
    "390-dark": {"color_scheme": "dark"},
    "320-light": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from serve_desk(sqlite_template, tmp_path_factory)


def complaints(page: Page, address: str) -> list[str]:
    """What axe says on phone and desk, and whether the page is wider than its screen."""
    # Axe finds nothing on the narrowest screen that it does not find on a phone's.
    narrow = page.viewport_size == LOOKS["320-light"]["viewport"]
    found = [] if narrow else axe.violations(page)
    said = [f"{address}: {v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in found]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return said + ([f"{address}: {wide} px wider than the screen"] if wide > 0 else [])


@pytest.mark.parametrize("who", PAGES)
# test_pages.py has axe look at every page of the wide screen every time.
@pytest.mark.parametrize("look", LOOKS if os.environ.get("NIGHTLY") == "1" else ["390-dark", "320-light"])
def test_every_page(desk: Desk, visit: Callable[..., Page], screenshots: Path, look: str, who: str) -> None:
    page = visit(**LOOKS[look])
    if who in NAMES:
        desk.sign_in(page, NAMES[who])
    found: list[str] = []
    own = (desk.composite,) if who == "reviewer" else ()
    for number, address in enumerate((*PAGES[who], *own)):
        page.goto(desk.url + address)
        pictures.take(page, screenshots / f"desk-{look}-{who}-{number:02}.png")
        found += complaints(page, address)
        if page.locator("h1").count() != 1:
            found.append(f"{address}: {page.locator('h1').count()} h1")
    assert found == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("look", ["1280-light", "390-dark"])
def test_the_panel_of_firmness_unfolded(
    desk: Desk, visit: Callable[..., Page], screenshots: Path, look: str, language: str
) -> None:
    """First and last, grades and what carries the statements: sentences, and a row for every department."""
    page = visit(**LOOKS[look])
    desk.sign_in(page, NAMES["reviewer"])
    page.goto(f"{desk.url}/review/2026-q3/ranking?lang={language}")
    panel = page.locator("section[aria-labelledby=firm]")
    panel.locator("summary").click()
    rows = panel.locator("tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.count() == page.locator("table.ranking").last.locator("tbody tr").count()
    expect(panel).not_to_contain_text("None")
    assert not re.search(r"(?<!\d)0 个|(?<!\d)0 more", panel.inner_text())
    pictures.take(panel, screenshots / f"firmness-{look}-{language}.png")
    assert complaints(page, "ranking") == []


def test_the_keyboard_reaches_the_content_first(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto(desk.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_round_is_set_up_with_the_mouse(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(**LOOKS["1280-light"])
    desk.sign_in(page, "管理员")
    page.get_by_role("link", name="新建轮次").click()
    page.get_by_label("县人大", exact=True).check()
    page.get_by_label("网址中的名称").fill("2030-q1")
    page.get_by_role("button", name="建立草稿，下一步").click()
    expect(page.get_by_role("status")).to_contain_text("已建好")
    expect(page.get_by_role("button", name="保存，下一步")).to_be_visible()
    page.goto(f"{desk.url}/admin/rounds/2030-q1/preview")
    expect(page.get_by_text("还有持钥人没有生成并验证钥匙。")).to_be_visible()


def test_a_receipt_is_looked_up_without_being_sent(
    desk: Desk, visit: Callable[..., Page], screenshots: Path
) -> None:
    page = visit()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.goto(f"{desk.url}/public/2026-q3")
    receipt = desk.receipts[7]
    page.get_by_label("回执号").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="在清单里查找").click()
    expect(page.get_by_text("这张票在票箱里")).to_be_visible()
    page.get_by_text("看证明的每一步").click()
    # Forty leaves are trees of 32 and 8: a path of 5 + 1 or 3 + 1 hashes.
    assert page.locator("[data-receipt-answer] li .fingerprint").count() in (4, 6)
    pictures.take(page, screenshots / "public-receipt-proof.png")
    page.get_by_label("回执号").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="在清单里查找").click()
    expect(page.get_by_text("清单里没有这个回执号")).to_be_visible()
    page.get_by_label("回执号").fill("123")
    page.get_by_role("button", name="在清单里查找").click()
    expect(page.get_by_text("回执号应为 16 个字母或数字")).to_be_visible()
    plain = receipt.replace("-", "").lower()
    assert not any(plain in "".join(c for c in entry.lower() if c.isalnum()) for entry in sent)


def test_a_list_that_does_not_fit_the_root_is_called_out(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit()
    forged = "\n".join(["0000-0000-0000-0000", *desk.receipts[:7]]) + "\n"
    page.route("**/receipts.txt", lambda route: route.fulfill(body=forged, content_type="text/plain"))
    page.goto(f"{desk.url}/public/2026-q3")
    page.get_by_label("回执号").fill(desk.receipts[3])
    page.get_by_role("button", name="在清单里查找").click()
    expect(page.get_by_text("清单与公布的校验根不符")).to_be_visible()


def test_without_a_script_the_list_is_still_there(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False)
    page.goto(f"{desk.url}/public/2026-q3")
    expect(page.get_by_role("button", name="在清单里查找")).to_be_hidden()
    page.get_by_role("link", name="全部回执清单").click()
    assert desk.receipts[0] in page.content()


def test_a_reviewer_makes_and_proves_a_key(desk: Desk, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(**LOOKS["1280-light"])
    desk.sign_in(page, "县人大评议员")
    page.goto(f"{desk.url}/review/2027-q1/key")
    page.get_by_label("口令", exact=True).fill("春夏秋冬 东南西北 山河湖海")
    page.get_by_label("再输入一遍口令").fill("春夏秋冬 东南西北 山河湖海")
    with page.expect_download() as download:
        page.get_by_role("button", name="生成并保存钥匙文件").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert json.loads(path.read_text())["format"] == "pingyi-key"
    page.get_by_label("钥匙文件", exact=True).set_input_files(path)
    expect(page.get_by_role("status").last).to_contain_text("验证通过", timeout=30_000)
    place = desk.place
    place.slug = "2027-q1"
    assert place.look(keyholders.holders)[0].proven


@pytest.mark.parametrize("script", [True, False])
def test_the_opening_is_followed_to_its_ranking(
    desk: Desk, visit: Callable[..., Page], tmp_path: Path, script: bool
) -> None:
    place = another(desk.place, f"2025-q{1 + script}", "2025 年评议").draft().issue(12).start()
    place.cast_all([None] * 12)
    place.close()
    page = visit(**LOOKS["1280-light"], java_script_enabled=script)
    desk.sign_in(page, "县政协评议员")
    page.goto(f"{desk.url}/review/{place.slug}/open")
    for position, (text, passphrase) in enumerate(place.key_files):
        path = tmp_path / f"{position}.key.json"
        path.write_text(text)
        page.get_by_label("钥匙文件").nth(position).set_input_files(path)
        page.get_by_label("口令").nth(position).fill(passphrase)
        page.get_by_label("校验根的前 8 位").nth(position).fill(place.round().merkle_root.hex()[:8].upper())
    page.get_by_label("我已看清后果").check()
    page.get_by_role("button", name="开箱").click()
    page.wait_for_url("**/ranking", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("排名")
    assert place.round().state == State.OPENED


def test_the_overview_sorts_lights_up_and_compares(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "县人大评议员")
    page.goto(f"{desk.url}/review/2026-q3/overview")
    rows = page.locator("[data-glance] tbody tr")
    scores = [float(cell) for cell in rows.locator(".score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    page.get_by_role("button", name="校正得分").click()
    assert [float(cell) for cell in rows.locator(".score").all_inner_texts()] == sorted(scores)
    first = rows.first
    first.hover()
    alike = (first.get_attribute("data-alike") or "").split()
    lit = rows.and_(page.locator(".alike")).evaluate_all("all => all.map((row) => row.dataset.index)")
    assert sorted(lit) == sorted(alike)
    picked = [row.get_attribute("data-index") for row in (rows.nth(0), rows.nth(3))]
    for place in (0, 1, 3):  # a third tick lets go of the first
        rows.nth(place).locator(".pick").check()
    expect(rows.nth(0).locator(".pick")).not_to_be_checked()
    rows.nth(0).locator(".pick").check()
    page.get_by_role("button", name="并排看").click()
    expect(page.locator("#verdict")).to_be_visible()
    assert {page.locator("#compare-a").input_value(), page.locator("#compare-b").input_value()} == set(picked)


def test_the_overview_is_whole_without_scripts(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False, viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "县人大评议员")
    page.goto(f"{desk.url}/review/2026-q3/overview")
    expect(page.locator("[data-glance] .pick-cell").first).to_be_hidden()
    expect(page.locator("[data-glance] tbody tr")).to_have_count(6)
    page.get_by_role("button", name="并排看").click()
    expect(page.locator("#verdict")).to_be_visible()
