"""Who holds the keys: told by body and person, copied with a round, never one body alone without a word."""

from __future__ import annotations

from typing import Any

import pytest
from county import County
from flask.testing import FlaskClient

from survey.models import Role, User
from survey.services.people.passwords import UNSET
from survey.services.rounds import keyholders

KEYS = "/admin/rounds/2026-q4/setup/keys"


def with_body(place: County, name: str, body: str) -> User:
    user = place.add_user(name, Role.REVIEWER)
    place.database.write(lambda s: setattr(s.get(User, user.id), "body", body))
    return user


@pytest.fixture
def three(place: County) -> list[User]:
    """Two reviewers of one body and one of another."""
    bodies = {"李四": "县人大常委会", "李小四": "县人大 常委会", "王五": "县政协"}
    return [with_body(place, name, body) for name, body in bodies.items()]


def chosen(users: list[User], quorum: int, **more: str) -> dict[str, Any]:
    return {
        "holders": [u.id.hex() for u in users],
        "quorum": str(quorum),
        "threshold": "10",
        "at_least": "5",
    } | more


@pytest.mark.parametrize(
    ("bodies", "quorum", "alone"),
    [
        (["甲", "乙", "丙"], 2, []),
        (["甲", "甲", "丙"], 2, ["甲"]),
        (["甲", "甲", "丙"], 3, []),
        (["甲", "乙"], 1, ["甲", "乙"]),
        (["甲"], 1, ["甲"]),
        (["县人大（机关）", "县人大(机关)", "乙", "丙"], 2, ["县人大(机关)"]),
    ],
)
def test_which_bodies_open_alone(bodies: list[str], quorum: int, alone: list[str]) -> None:
    assert keyholders.able_alone(bodies, quorum) == alone


def test_two_of_one_body_are_told_apart(place: County, administrator: FlaskClient, three: list[User]) -> None:
    place.draft(keys=False, holders=tuple(u.id for u in three), quorum=3)
    for address in (KEYS, "/admin/rounds/2026-q4", "/admin/rounds/2026-q4/preview"):
        page = administrator.get(address).text
        assert "县人大常委会（李四）" in page
        assert "县人大 常委会（李小四）" in page or "县人大常委会（李小四）" in page


def test_one_body_alone_needs_a_loud_yes_and_is_told_everywhere(
    place: County, administrator: FlaskClient, three: list[User]
) -> None:
    place.draft(keys=False)
    answer = administrator.post(KEYS, data=chosen(three, 2))
    assert answer.status_code == 400
    assert "一家单独到场就能开箱。请换持钥人或提高到场人数" in answer.text
    assert administrator.post(KEYS, data=chosen(three[1:], 1)).status_code == 400
    assert place.round().quorum == 2
    assert len(place.look(keyholders.holders)) == 2
    assert administrator.post(KEYS, data=chosen(three, 2, alone="y")).status_code == 302
    warned = "任何一家单独到场就能开箱"
    for address in ("/admin/rounds/2026-q4", "/admin/rounds/2026-q4/preview"):
        assert warned in administrator.get(address).text
    phone = administrator.get("/admin/rounds/2026-q4/preview/phone").text
    assert "3 位持钥人中至少 2 位到场才能开箱" in phone
    assert warned in phone


def test_the_phone_is_promised_numbers(place: County, visitor: FlaskClient) -> None:
    place.draft().issue(3).start()
    page = visitor.get("/s/2026-q4").text
    assert "2 位持钥人中至少 2 位到场才能开箱" in page
    assert "单独到场" not in page


def new_round(client: FlaskClient, copy: str = "", **changes: str) -> Any:
    data = {"title": "一季度评议", "slug": "2027-q1", "body": "县政协", "period": "quarter", "mode": "both"}
    data |= {"opens_on": "2027-01-01", "closes_on": "2027-01-31"} | changes
    address = "/admin/rounds/new" + (f"?copy={copy}" if copy else "")
    return client.post(address, data=data, follow_redirects=True)


def holders_of(place: County, slug: str) -> list[bytes]:
    place.slug = slug
    return [holder.user_id for holder in place.look(keyholders.holders)]


def test_a_copy_keeps_its_holders_in_order_and_names_whom_it_cannot(
    place: County, administrator: FlaskClient, three: list[User]
) -> None:
    wanted = [three[2], place.reviewers[1], three[0]]
    place.draft(keys=False, holders=tuple(u.id for u in wanted))
    new_round(administrator, copy="2026-q4")
    assert holders_of(place, "2027-q1") == [u.id for u in wanted]
    switch_off(place, wanted[1])
    page = new_round(administrator, copy="2026-q4", slug="2027-q2", title="二季度评议").text
    assert "没有照搬的持钥人（账号已停用，或不再是评议员）：评议员1单位。" in page
    assert holders_of(place, "2027-q2") == [three[2].id, three[0].id]


def switch_off(place: County, user: User) -> None:
    place.database.write(lambda s: setattr(s.get(User, user.id), "active", False))


def test_no_two_of_one_body_are_proposed(
    place: County, administrator: FlaskClient, three: list[User]
) -> None:
    for user in place.reviewers:
        switch_off(place, user)
    new_round(administrator)
    assert len(found := holders_of(place, "2027-q1")) == 2
    assert three[2].id in found


def test_titles_tell_rounds_apart(place: County, administrator: FlaskClient) -> None:
    place.draft()
    assert "2026 年第四季度评议（2）" not in administrator.get("/admin/rounds/new?copy=2026-q4").text
    page = new_round(administrator, title="2026年第四季度评议")
    assert page.status_code == 400
    assert "已有一轮叫“2026 年第四季度评议”" in page.text
    assert new_round(administrator).status_code == 200
    day = {"opens_on": "2027-01-01", "closes_on": "2027-01-31", "period": "month", "mode": "slip"}
    same = day | {"title": "2026 年第四季度评议", "slug": "2027-q1", "body": "县政协"}
    assert administrator.post("/admin/rounds/2027-q1/setup/basics", data=same).status_code == 400
    mine = same | {"slug": "2026-q4"}
    assert administrator.post("/admin/rounds/2026-q4/setup/basics", data=mine).status_code == 302


def test_without_reviewers_the_page_tells_how_the_first_two_are_enrolled(
    place: County, administrator: FlaskClient
) -> None:
    assert "添加评议员" in administrator.get("/admin/").text
    for user in place.reviewers:
        switch_off(place, user)
    page = administrator.get("/admin/rounds/new").text
    assert "头两位在服务器上当面登记" in page
    assert 'name="title"' not in page


def test_who_cannot_sign_in_yet_is_not_proposed_before_who_can(place: County, three: list[User]) -> None:
    """A key holder without a password would keep the round from being issued."""
    unset, ready, third = three
    unset.body = ready.body
    unset.password_hash, ready.password_hash, third.password_hash = UNSET, "set", UNSET
    assert keyholders.proposed([unset, ready, third]) == (ready.id, third.id)
