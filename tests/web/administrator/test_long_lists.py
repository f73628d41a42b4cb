"""Long lists: what a search keeps, what it finds, and in which order; without a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from county import County, roster
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.clock import today
from survey.database.paging import page_of_rows
from survey.models import Problem, Role, Round, Stage
from survey.services.followup import problem_list
from survey.services.followup.problem_list import Asked
from survey.services.people import listing
from survey.services.roster import enterprises
from survey.services.voting import participation

HEADED = re.compile(r'<th scope="row"[^>]*>(?:<a [^>]*>)?([^<]+)')
HIDDEN = re.compile(r'<form class="search".*?</form>', re.DOTALL)


def names(page: str) -> list[str]:
    return [name.strip() for name in HEADED.findall(page)]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's search form."""
    form = HIDDEN.search(page)
    assert form
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


def test_a_search_of_the_roster_keeps_the_order(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/roster?sort=phone").text
    assert hidden(page) == {"sort": "phone"}
    found = administrator.get("/admin/roster?sort=phone&search=企业00").text
    assert names(found) == ["企业000", "企业001", "企业002"]
    assert re.search(r'href="/admin/roster\?sort=phone">显示全部', found)
    assert hidden(administrator.get("/admin/roster?sort=id;DROP").text) == {"sort": "name"}


def test_a_search_of_participation_keeps_order_and_filter(place: County, administrator: FlaskClient) -> None:
    place.draft().issue_attributed().start()
    address = f"/admin/rounds/{place.slug}/participation"
    page = administrator.get(f"{address}?sort=contact&show=missing&search=企业002").text
    assert hidden(page) == {"sort": "contact", "show": "missing"}
    assert "企业002" in page
    assert "企业001" not in page
    everything = re.search(r'href="([^"]*)">显示全部', page)
    assert everything
    assert set(everything[1].split("?")[1].split("&amp;")) == {"show=missing", "sort=contact"}
    assert "找到 1 家" in page


def test_who_is_missing_when_nobody_is(place: County, administrator: FlaskClient) -> None:
    place.draft(threshold=3).issue_attributed().start()
    for code in place.codes:
        place.phone(code).collect()
    participation.refresh_due(place.database, today())
    page = administrator.get(f"/admin/rounds/{place.slug}/participation?show=missing").text
    assert ("没有还没领票的企业。" in page, "这一轮没有记名邀请。" in page) == (True, False)


def test_a_round_without_named_invitations_has_nothing_to_search(
    place: County, administrator: FlaskClient
) -> None:
    place.draft().issue(4).start()
    page = administrator.get(f"/admin/rounds/{place.slug}/participation").text
    assert "这一轮没有记名邀请。" in page
    assert 'role="search"' not in page


@pytest.fixture
def many_people(place: County) -> County:
    for number in range(listing.PER_PAGE + 3):
        user = place.add_user(f"联络员{number:02d}", Role.LIAISON)
        place.database.write(lambda s, u=user, n=number: _settle(s, u, n))
    return place


def _settle(session: Session, user: Any, number: int) -> Any:
    found = session.get(type(user), user.id)
    found.department, found.active = f"单位{90 - number}", number != 0
    return found


def test_people_come_by_role_and_the_inactive_last(many_people: County, administrator: FlaskClient) -> None:
    first = administrator.get("/admin/people/").text
    assert names(first)[:4] == ["管理员", "评议员0", "评议员1", "联络员01"]
    assert "第 1 页，共 2 页" in first
    assert names(administrator.get("/admin/people/?page=2").text)[-1] == "联络员00"
    by_place = names(administrator.get("/admin/people/?sort=place").text)
    assert by_place[:2] == ["联络员52", "联络员51"]
    assert names(administrator.get("/admin/people/?search=单位47").text) == ["联络员43"]


def _problems(place: County, count: int) -> None:
    def add(session: Session, found: Round) -> None:
        session.add_all(
            Problem(
                round_id=found.id,
                number=number,
                department="税务局" if number % 2 else "公安局",
                source="other",
                task=f"第 {number} 件事",
                responsible="王五" if number == 3 else "",
                deadline=today() + timedelta(days=5 - number),
                stage=list(Stage)[number % len(Stage)],
            )
            for number in range(1, count + 1)
        )

    place.act(add)


@pytest.mark.parametrize(
    ("asked", "sort", "numbers"),
    [
        (Asked(), "number", list(range(1, 13))),
        (Asked(), "deadline", list(range(12, 0, -1))),
        (Asked(), "department", [2, 4, 6, 8, 10, 12, 1, 3, 5, 7, 9, 11]),
        (Asked(), "stage", [6, 12, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]),
        (Asked(department="公安局"), "nonsense", [2, 4, 6, 8, 10, 12]),
        (Asked(search="王五"), "number", [3]),
        (Asked(search="第 1"), "number", [1, 10, 11, 12]),
        (Asked(stage=Stage.RECORDED), "number", [6, 12]),
        # With the department and late: passed on or under way, and the deadline was yesterday or before.
        (Asked(stage=problem_list.OVERDUE), "number", [7, 8]),
    ],
)
def test_problems_are_narrowed_and_sorted(place: County, asked: Asked, sort: str, numbers: list[int]) -> None:
    place.draft()
    _problems(place, 12)
    page = place.look(lambda s, r: problem_list.list_problems(s, r, today(), asked, sort=sort))
    assert ([p.number for p in page], page.total) == (numbers, len(numbers))


def test_the_nearest_page_is_shown() -> None:
    rows = list(range(7))
    assert page_of_rows(rows, 2, 3).items == (3, 4, 5)
    assert (page_of_rows(rows, 99, 3).items, page_of_rows(rows, -1, 3).items) == ((6,), (0, 1, 2))
    empty = page_of_rows([], 1, 3)
    assert (empty.items, empty.pages, empty.has_next) == ((), 1, False)


def test_pages_lead_to_the_first_and_the_last(place: County, administrator: FlaskClient) -> None:
    place.database.write(
        lambda s: enterprises.import_roster(s, roster(4 * enterprises.PER_PAGE), actor="管理员")
    )
    page = administrator.get("/admin/roster?page=3&sort=phone").text
    for wanted, name in ((1, "第一页"), (2, "上一页"), (4, "下一页")):
        assert re.search(rf'href="/admin/roster\?page={wanted}&amp;sort=phone"[^>]*>{name}<', page)
    assert "最后一页" not in page  # it is the next one


def test_rounds_are_searched_when_there_are_many(place: County, administrator: FlaskClient) -> None:
    place.draft(keys=False)
    assert 'role="search"' not in administrator.get("/admin/").text
    assert "没有找到“无此轮”。" in administrator.get("/admin/?search=无此轮").text
    assert "2026 年第四季度评议" in administrator.get("/admin/?search=2026-Q4").text
