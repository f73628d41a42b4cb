"""Every list of the desk with no row, one row, and (by night) ten thousand: looks, counts, search, order."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import axe
import pictures
import pytest
from list_sites import COLLECTED, COLLECTING, DEPARTMENT, LONG, OPENED, ListSite, build
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NIGHTLY = os.environ.get("NIGHTLY") == "1"
MANY = 10_000
PER_PAGE = 50
WIDE = {"viewport": {"width": 1280, "height": 900}, "has_touch": False}
PHONE = {"viewport": {"width": 390, "height": 844}}
LOOKS = {"zh-1280": WIDE, "en-390": PHONE} | ({"zh-390": PHONE, "en-1280": WIDE} if NIGHTLY else {})
ROWS = (0, 1, MANY) if NIGHTLY else (0, 1)
ROSTER, PEOPLE, LOG = "/admin/roster", "/admin/people/", "/audit/"
PARTICIPATION = f"/admin/rounds/{COLLECTING}/participation"
PROBLEMS, COMMENTS = f"/review/{OPENED}/problems", f"/review/{OPENED}/comments"
SPOKEN = f"{COMMENTS}/list"
LISTS = {
    "A": ("/admin/", ROSTER, PEOPLE, LOG, "/admin/rounds/new"),
    "R": ("/review/", "/review/indicators"),
    "L": ("/liaison/",),
}
OF_ROUNDS = {
    "A": (f"/admin/rounds/{COLLECTING}", PARTICIPATION, f"/admin/rounds/{COLLECTING}/invitations"),
    "R": (PROBLEMS, COMMENTS, SPOKEN, f"/review/{OPENED}/publication"),
    "L": (),
}
# Where a page of ten thousand says how many there are.
COUNTED = {ROSTER: MANY, PARTICIPATION: MANY, PEOPLE: MANY + 4, PROBLEMS: MANY}


@pytest.fixture(scope="module")
def made(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], ListSite]]:
    sites: dict[int, ListSite] = {}

    def of(rows: int) -> ListSite:
        if rows not in sites:
            sites[rows] = build(sqlite_template, tmp_path_factory.mktemp("lists"), rows)
        return sites[rows]

    yield of
    for site in sites.values():
        site.stop()


def complaints(page: Page, address: str, *, thorough: bool) -> list[str]:
    found = []
    if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append(f"{address}: {wide} px wider than the screen")
    if (heads := page.locator("h1").count()) != 1:
        found.append(f"{address}: {heads} h1")
    if thorough:
        violations = axe.violations(page, strict=False)
        found += [f"{address}: {v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in violations]
    return found


def look_at(page: Page, site: ListSite, who: str, look: str, folder: Path) -> list[str]:
    page.context.add_cookies([site.cookie(who, look[:2])])
    found = []
    for address in LISTS[who] + (OF_ROUNDS[who] if site.rows else ()):
        answer = page.goto(site.url + address)
        assert answer
        assert answer.status == 200, address
        # Axe looks at the pages with some rows in tests/browser/desk/test_pages.py.
        found += complaints(page, address, thorough=NIGHTLY or (look == "zh-1280" and not site.rows))
        if (rows := page.locator("tbody tr").count()) > 2 * PER_PAGE:
            found.append(f"{address}: {rows} rows on one page")
        name = re.sub(r"\W+", "-", address).strip("-")
        pictures.take(page, folder / f"{site.rows}-{who}-{name}-{look}.png")
    return found


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("look", LOOKS)
def test_lists_look_well(
    made: Callable[[int], ListSite], visit: Callable[..., Page], screenshots: Path, look: str, rows: int
) -> None:
    folder = screenshots / "lists"
    folder.mkdir(exist_ok=True)
    found = []
    for who in LISTS:
        page = visit(**LOOKS[look], locale="zh-CN" if look[:2] == "zh" else "en")
        page.context.set_default_timeout(60_000)
        found += look_at(page, made(rows), who, look, folder)
    assert found == []


def signed_in(visit: Callable[..., Page], site: ListSite, who: str) -> Page:
    page = visit(**WIDE)
    page.context.set_default_timeout(60_000)
    page.context.add_cookies([site.cookie(who, "zh")])
    return page


def first_cells(page: Page, column: int = 1) -> list[str]:
    return page.locator(f"table.cards tbody tr > :nth-child({column})").all_inner_texts()


def test_one_row_is_found_or_not(made: Callable[[int], ListSite], visit: Callable[..., Page]) -> None:
    page = signed_in(visit, made(1), "A")
    for address in (ROSTER, PARTICIPATION):
        page.goto(made(1).url + address)
        expect(page.locator("table.cards caption")).to_have_text("共 1 家")
        expect(page.get_by_role("navigation", name="翻页")).to_have_count(0)
        page.get_by_role("searchbox").fill("无此家")
        page.keyboard.press("Enter")
        expect(page.get_by_text("没有找到“无此家”。")).to_be_visible()


@pytest.mark.skipif(not NIGHTLY, reason="nightly")
class TestMany:
    @pytest.mark.parametrize(
        ("address", "words", "sort", "expected"),
        [
            (ROSTER, "公司00007", "phone", [f"{LONG}00007"]),
            (PARTICIPATION, "公司00007", "phone", [f"{LONG}00007"]),
            (PEOPLE, "联络员00007", "place", ["联络员00007"]),
        ],
    )
    def test_search_finds_the_row_and_keeps_the_order(
        self,
        made: Callable[[int], ListSite],
        visit: Callable[..., Page],
        address: str,
        words: str,
        sort: str,
        expected: list[str],
    ) -> None:
        page = signed_in(visit, made(MANY), "A")
        page.goto(f"{made(MANY).url}{address}?sort={sort}")
        page.get_by_role("searchbox").fill(words)
        page.get_by_role("button", name="查找").click()
        assert first_cells(page) == expected
        assert f"sort={sort}" in page.url
        page.get_by_role("link", name="显示全部", exact=True).click()
        assert f"sort={sort}" in page.url
        assert len(first_cells(page)) == PER_PAGE

    @pytest.mark.parametrize("address", COUNTED)
    def test_all_rows_are_counted_and_reached(
        self, made: Callable[[int], ListSite], visit: Callable[..., Page], address: str
    ) -> None:
        total = COUNTED[address]
        page = signed_in(visit, made(MANY), "R" if address.startswith("/review") else "A")
        page.goto(made(MANY).url + address)
        expect(page.locator("table.cards caption")).to_contain_text(f"共 {total} ")
        pages, rest = -(-total // PER_PAGE), total % PER_PAGE or PER_PAGE
        first = set(first_cells(page))
        page.get_by_role("link", name="下一页").click()
        expect(page.get_by_text(f"第 2 页，共 {pages} 页")).to_be_visible()
        second = set(first_cells(page))
        page.get_by_role("link", name="最后一页").click()
        expect(page.get_by_text(f"第 {pages} 页，共 {pages} 页")).to_be_visible()
        last = first_cells(page)
        assert (len(first), len(second), len(last)) == (PER_PAGE, PER_PAGE, rest)
        assert not first & second
        assert not second & set(last)
        expect(page.get_by_role("link", name="下一页")).to_have_count(0)

    def test_the_roster_sorts_by_telephone(
        self, made: Callable[[int], ListSite], visit: Callable[..., Page]
    ) -> None:
        page = signed_in(visit, made(MANY), "A")
        page.goto(made(MANY).url + ROSTER)
        assert first_cells(page)[0] == f"{LONG}00000"
        page.get_by_role("link", name="电话").click()
        assert first_cells(page)[0] == f"{LONG}09999"
        assert first_cells(page, 4) == sorted(first_cells(page, 4))
        expect(page.get_by_role("columnheader", name="电话")).to_have_attribute("aria-sort", "ascending")

    def test_who_has_collected_is_left_out_on_demand(
        self, made: Callable[[int], ListSite], visit: Callable[..., Page]
    ) -> None:
        page = signed_in(visit, made(MANY), "A")
        page.goto(f"{made(MANY).url}{PARTICIPATION}?sort=collected")
        page.get_by_role("link", name="最后一页").click()
        assert page.get_by_text("已领", exact=True).count() == COLLECTED
        page.get_by_role("link", name="只看还没有领票的").click()
        expect(page.locator("table.cards caption")).to_have_text(f"找到 {MANY - COLLECTED} 家")
        page.get_by_role("searchbox").fill("团")
        page.get_by_role("button", name="查找").click()
        assert "show=missing" in page.url
        assert "sort=collected" in page.url

    def test_problems_are_narrowed_and_sorted(
        self, made: Callable[[int], ListSite], visit: Callable[..., Page]
    ) -> None:
        page = signed_in(visit, made(MANY), "R")
        page.goto(f"{made(MANY).url}{PROBLEMS}?sort=deadline")
        deadlines = first_cells(page, 5)
        assert deadlines == sorted(deadlines)
        page.get_by_label("部门").first.select_option(DEPARTMENT)
        page.get_by_role("button", name="查找").click()
        expect(page.locator("table.cards caption")).to_contain_text(f"找到 {MANY // 4} 个问题")
        assert set(first_cells(page, 3)) == {DEPARTMENT}
        page.get_by_label("进展").select_option("overdue")
        page.get_by_role("searchbox").fill("第 0")
        page.get_by_role("button", name="查找").click()
        assert all("已超期" in text for text in first_cells(page, 6))
        assert "sort=deadline" in page.url

    def test_rounds_are_searched(self, made: Callable[[int], ListSite], visit: Callable[..., Page]) -> None:
        page = signed_in(visit, made(MANY), "A")
        page.goto(f"{made(MANY).url}/admin/?search={quote('第 77 次')}")
        assert page.locator("tbody th a").all_inner_texts() == ["第 77 次专项评议"]

    def test_the_log_is_searched(self, made: Callable[[int], ListSite], visit: Callable[..., Page]) -> None:
        page = signed_in(visit, made(MANY), "A")
        page.goto(made(MANY).url + LOG)
        page.get_by_label("谁", exact=True).fill("经办人7")
        page.get_by_role("button", name="查找").click()
        expect(page.locator("table.cards caption")).to_contain_text(f"共 {MANY // 40} 条")

    def test_comments_are_worked_through_in_portions(
        self, made: Callable[[int], ListSite], visit: Callable[..., Page]
    ) -> None:
        page = signed_in(visit, made(MANY), "R")
        page.goto(made(MANY).url + SPOKEN)
        expect(page.get_by_text(f"后面还有 {MANY // 2 - 40} 条，处理完这些再显示。")).to_be_visible()
        expect(page.get_by_text(f"第 1 页，共 {MANY // 2 // 40} 页")).to_be_visible()
