"""The guided path in a real browser: the preview shows the phone's own screens and sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pictures
import pytest
from desk_site import Desk, another, serve_desk
from playwright.sync_api import Dialog, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from serve_desk(sqlite_template, tmp_path_factory)


def test_the_preview_goes_to_the_end_and_casts_nothing(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "管理员")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"{desk.url}/admin/rounds/2027-q1/preview")
    phone = page.frame_locator("iframe.phone")
    phone.get_by_role("button", name="开始填写").click()
    phone.locator(".picks label").filter(has_text="税务局").click()
    phone.get_by_role("button", name="下一步", exact=True).click()
    expect(phone.locator("h1:visible")).to_have_text("税务局")
    groups = phone.locator(".rate fieldset.choices:not(.unlabelled)")
    for number in range(groups.count()):
        groups.nth(number).locator("label").first.click()
    for _ in ("facts", "review"):
        phone.get_by_role("button", name="下一步", exact=True).click()
    phone.get_by_role("button", name="提交", exact=True).click()
    expect(phone.get_by_role("heading", name="预览到此为止")).to_be_visible()
    assert set(sent) == {"GET"}
    assert page.evaluate("localStorage.length") == 0


def test_links_are_issued_and_can_be_fetched_again(desk: Desk, visit: Callable[..., Page]) -> None:
    another(desk.place, "2028-q1", "2028 年第一季度评议").draft()
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "管理员")
    page.goto(f"{desk.url}/admin/rounds/2028-q1/invitations")
    page.get_by_label("张数", exact=True).fill("9")
    page.locator("#slips-confirm").check()
    page.get_by_role("button", name="签发 PDF").click()
    button = page.get_by_role("button", name="下载 PDF")
    expect(button).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        button.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.reload()
    expect(page.get_by_role("button", name="下载 PDF")).to_be_visible()


THREE = (("满意", "100"), ("一般", "60"), ("不满意", "0"))


def test_a_scale_of_three_reaches_the_phone(
    desk: Desk, visit: Callable[..., Page], screenshots: Path
) -> None:
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "管理员")
    page.goto(f"{desk.url}/admin/rounds/2027-q1/setup/questions")
    for number in range(5):
        label, points = THREE[number] if number < len(THREE) else ("", "")
        page.locator(f"#levels-{number}-label").fill(label)
        page.locator(f"#levels-{number}-points").fill(points)
    page.locator("#satisfied").fill("2")
    page.locator("#warning_line").fill("65")
    page.locator("#grade_lines").fill("90、75、60")
    page.get_by_role("button", name="保存").first.click()
    page.wait_for_url("**/setup/strata")
    page.goto(f"{desk.url}/admin/rounds/2027-q1/preview")
    phone = page.frame_locator("iframe.phone")
    phone.get_by_role("button", name="开始填写").click()
    phone.locator(".picks label").filter(has_text="税务局").click()
    phone.get_by_role("button", name="下一步", exact=True).click()
    labels = phone.locator(".rate fieldset.choices:not(.unlabelled)").first.locator("label")
    expect(labels.nth(2)).to_be_visible()
    said = [text.strip() for text in labels.all_inner_texts()]
    assert [next((w for w, _ in THREE if t.startswith(w)), t) for t in said[:3]] == [w for w, _ in THREE], (
        said
    )
    pictures.take(page, screenshots / "desk-scale-of-three.png")


def test_a_phone_can_sort_long_lists_too(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit()
    desk.sign_in(page, "管理员")
    for address in ("/admin/roster", "/admin/rounds/2026-q4/participation"):
        page.goto(desk.url + address)
        page.get_by_role("columnheader", name="电话").get_by_role("link").click()
        expect(page.get_by_role("columnheader", name="电话")).to_have_attribute("aria-sort", "ascending")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_what_was_typed_is_not_left_without_a_question(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "管理员")
    here = f"{desk.url}/admin/rounds/2027-q1/setup/departments"
    page.goto(here)
    name = page.locator("input[name$='-name']").last
    ways = [
        page.get_by_role("navigation", name="设置步骤").get_by_role("link", name="基本情况"),
        page.get_by_role("link", name="返回轮次"),
        page.get_by_role("button", name="English"),
    ]
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    name.fill("新来的局")
    for way in ways:
        with page.expect_event("dialog"):
            way.click(no_wait_after=True)
        expect(name).to_have_value("新来的局")
    assert asked == ["beforeunload"] * len(ways)
    assert page.url == here
    page.locator("input[name$='-group']").last.fill("公共服务")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert asked == ["beforeunload"] * len(ways)
