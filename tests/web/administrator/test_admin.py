"""The administrators' desk, from an empty list to invitations, and no way to peek."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pretended_day
import pytest
from county import County, small_questionnaire
from flask.testing import FlaskClient
from sqlalchemy import update

from survey.clock import now, today
from survey.errors import Conflict, Forbidden
from survey.models import LoginSession, Role, State
from survey.services.rounds import cancelling, lifecycle
from survey.services.rounds.defaults import default_departments
from survey.services.voting import daily

OVERVIEW = "/admin/rounds/2026-q4"


def round_form(**changes: Any) -> dict[str, Any]:
    """What a browser posts as the first step."""
    values: dict[str, Any] = {
        "title": "一季度评议",
        "slug": "2027-q1",
        "body": "县政协",
        "period": "quarter",
        "mode": "both",
        "opens_on": today().isoformat(),
        "closes_on": (today() + timedelta(days=20)).isoformat(),
    }
    return values | changes


def made(place: County, slug: str = "2027-q1") -> Any:
    place.slug = slug
    return place.description()


def test_an_empty_list_says_how_to_begin(administrator: FlaskClient) -> None:
    assert "还没有轮次。" in administrator.get("/admin/").text


def test_a_draft_is_made_with_the_default_questionnaire(place: County, administrator: FlaskClient) -> None:
    answer = administrator.post("/admin/rounds/new", data=round_form())
    assert answer.location == "/admin/rounds/2027-q1/setup/departments"
    description = made(place)
    assert description.questionnaire.departments == default_departments()
    assert (description.title, description.body, description.quorum) == ("一季度评议", "县政协", 2)
    assert place.round().state == State.DRAFT
    page = administrator.get(answer.location).text
    assert all(f'value="{d.name}"' in page for d in default_departments())


def test_without_reviewers_the_page_says_what_to_do(place: County, administrator: FlaskClient) -> None:
    for user in place.reviewers:
        place.database.write(lambda s, u=user: setattr(s.get(type(u), u.id), "role", Role.LIAISON))
    assert "还没有评议员账号" in administrator.get("/admin/rounds/new").text
    assert administrator.post("/admin/rounds/new", data=round_form()).status_code == 400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "请填写标题。"),
        ({"slug": "Q 1"}, "只能用小写字母"),
        ({"closes_on": "2020-01-01"}, "截止日期不能早于开始日期。"),
        ({"closes_on": "soon"}, "日期"),
        ({"period": "week"}, "period-error-1"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    place: County, administrator: FlaskClient, changes: dict[str, Any], said: str
) -> None:
    answer = administrator.post("/admin/rounds/new", data=round_form(**changes))
    assert answer.status_code == 400
    assert said in answer.text
    assert "什么都没有保存" in answer.text
    with place.database.read() as session:
        assert lifecycle.list_rounds(session) == []


def test_a_slug_that_is_taken_is_refused(place: County, administrator: FlaskClient) -> None:
    place.draft()
    answer = administrator.post("/admin/rounds/new", data=round_form(slug=place.slug))
    assert answer.status_code == 409
    assert "已经用过" in answer.text


def test_a_round_can_be_copied_from_an_earlier_one(place: County, administrator: FlaskClient) -> None:
    place.draft(questionnaire=small_questionnaire(6))
    assert 'value="2026-q4-2"' in administrator.get("/admin/rounds/new?copy=2026-q4").text
    administrator.post("/admin/rounds/new?copy=2026-q4", data=round_form(slug="2026-q4-2"))
    copied = made(place, "2026-q4-2")
    assert copied.questionnaire == small_questionnaire(6)
    assert copied.threshold == 3


def test_the_checklist_names_what_is_missing(place: County, administrator: FlaskClient) -> None:
    place.draft(keys=False)
    assert "还有持钥人没有生成并验证钥匙。" in administrator.get(OVERVIEW).text
    refused = administrator.post(f"{OVERVIEW}/invitations/attributed", data={"attributed-confirm": "y"})
    assert refused.status_code == 409
    assert not place.round().frozen


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("attributed", {}, "请先勾选确认。"),
        ("slips", {"slips-count": "5"}, "请先勾选确认。"),
        ("slips", {"slips-count": "0", "slips-confirm": "y"}, "一次可以签发 1 到 50000 张"),
        ("slips", {"slips-count": "9999999", "slips-confirm": "y"}, "一次可以签发 1 到 50000 张"),
        ("slips", {"slips-count": "many", "slips-confirm": "y"}, "slips-count-error-1"),
    ],
)
def test_nothing_is_issued_without_a_tick_and_a_number(
    place: County, administrator: FlaskClient, kind: str, data: dict[str, str], said: str
) -> None:
    place.draft()
    answer = administrator.post(f"{OVERVIEW}/invitations/{kind}", data=data)
    assert answer.status_code == 400
    assert said in answer.text
    assert not place.round().frozen


def test_a_round_starts_and_its_closing_is_proposed_and_withdrawn(
    place: County, administrator: FlaskClient
) -> None:
    place.draft().issue()
    administrator.post(f"{OVERVIEW}/start")
    assert place.round().state == State.DRAFT  # without the tick nothing starts
    administrator.post(f"{OVERVIEW}/start", data={"confirm": "yes"})
    assert place.round().state == State.OPEN
    administrator.post(f"{OVERVIEW}/propose-closing", data={"confirm": "yes"})
    assert "管理员 已提议截止，等待一位评议员确认" in administrator.get(OVERVIEW).text
    administrator.post(f"{OVERVIEW}/withdraw-closing")
    assert place.round().close_proposed_by is None


def test_a_draft_is_deleted_not_cancelled(place: County, administrator: FlaskClient) -> None:
    place.draft()
    assert f"{OVERVIEW}/cancel" not in administrator.get(OVERVIEW).text
    assert administrator.post(f"{OVERVIEW}/delete").status_code == 400  # without the tick
    assert place.round().state == State.DRAFT
    answer = administrator.post(f"{OVERVIEW}/delete", data={"delete-confirm": "y"}, follow_redirects=True)
    assert "草稿已删除" in answer.text
    assert administrator.get(OVERVIEW).status_code == 404


def test_cancelling_needs_a_reason(place: County, administrator: FlaskClient) -> None:
    place.draft().issue()
    administrator.post(f"{OVERVIEW}/cancel", data={"cancel-confirm": "y"})
    assert place.round().state == State.DRAFT
    data = {"cancel-confirm": "y", "cancel-reason": "问卷有误"}
    shown = administrator.post(f"{OVERVIEW}/cancel", data=data).text
    assert "公告：问卷有误" in shown
    assert place.round().state == State.DRAFT, "what will be public is shown first"
    administrator.post(f"{OVERVIEW}/cancel", data=data | {"shown": "问卷有误"})
    assert place.round().state == State.CANCELLED
    assert "问卷有误" in administrator.get(OVERVIEW).text


def test_extending_moves_the_last_day(place: County, administrator: FlaskClient) -> None:
    place.draft()
    later = place.round().closes_on + timedelta(days=7)
    data = {"extend-closes_on": later.isoformat(), "extend-reason": "停电"}
    shown = administrator.post(f"{OVERVIEW}/extend", data=data).text
    said = f"截止日期延至 {later.year}年{later.month}月{later.day}日。原因：停电"
    assert f"公告：{said}" in shown
    assert place.round().closes_on != later
    other = administrator.post(f"{OVERVIEW}/extend", data=data | {"shown": said, "extend-reason": "停水"})
    assert "原因：停水" in other.text
    administrator.post(f"{OVERVIEW}/extend", data=data | {"shown": said})
    assert (place.round().closes_on, place.round().notice) == (later, said)


def test_a_collecting_round_is_cancelled_by_two_people(
    place: County, administrator: FlaskClient, sign_in
) -> None:
    place.draft().issue().start()
    data = {"cancel-confirm": "y", "cancel-reason": "问卷有误", "shown": "问卷有误"}
    administrator.post(f"{OVERVIEW}/cancel", data=data)
    assert place.round().state == State.OPEN
    with pytest.raises(Conflict, match="两个人"):
        place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "问卷有误"))
    assert "等评议员确认" in administrator.get(OVERVIEW).text
    made = place.look(cancelling.waiting)
    with pytest.raises(Forbidden):
        place.database.write(lambda s: cancelling.confirm(s, made, place.administrator, now()) and None)
    place.phone().answer()
    place.database.write(lambda s: cancelling.confirm(s, made, place.reviewers[0], now()) and None)
    assert (place.round().state, place.round().notice) == (State.CANCELLED, "问卷有误")


def test_the_office_is_told_of_a_forgotten_start_and_a_forgotten_closing(
    place: County, administrator: FlaskClient, visitor: FlaskClient, sign_in
) -> None:
    place.draft().issue()
    lists = [(administrator, "/admin/"), (sign_in(place.reviewers[0]), "/review/")]
    for browser, page in lists:
        assert "还没有点“开始收票”" in browser.get(page).text
    phone = visitor.get("/s/2026-q4").text
    assert "主办单位" not in phone.partition("<main")[2].partition("data-problem")[2][:400]
    place.start()
    with pretended_day.pretend(place.round().closes_on + timedelta(days=1)):
        for browser, page in lists:
            assert "最后一天已过" in browser.get(page).text
        assert "请提议截止" in administrator.get(OVERVIEW).text


REASON = "台风停工，企业来不及填写"


def refused(administrator: FlaskClient, action: str, data: dict[str, str]) -> str:
    answer = administrator.post(f"{OVERVIEW}/{action}", data=data)
    assert answer.status_code == 400
    return answer.text


def test_what_was_typed_stays_and_the_error_stands_at_its_field(
    place: County, administrator: FlaskClient
) -> None:
    """One field wrong: the other is not typed again."""
    place.draft().issue()
    day = place.round().closes_on
    page = refused(administrator, "extend", {"extend-closes_on": day.isoformat(), "extend-reason": REASON})
    assert f'value="{REASON}"' in page
    assert f'value="{day.isoformat()}"' in page
    assert 'id="extend-closes_on-error-1">新的截止日期应晚于' in page
    page = refused(administrator, "extend", {"extend-closes_on": "明天", "extend-reason": REASON})
    assert f'value="{REASON}"' in page
    assert 'id="extend-closes_on-error-1"' in page
    page = refused(administrator, "extend", {"extend-closes_on": "2030-01-31"})
    assert 'value="2030-01-31"' in page
    assert 'id="extend-reason-error-1">请写明原因。' in page
    page = refused(administrator, "cancel", {"cancel-reason": REASON})
    assert f'value="{REASON}"' in page
    assert 'id="cancel-confirm-error-1">请先勾选确认。' in page
    assert place.round().closes_on == day


def test_what_was_typed_survives_proving_oneself(place: County, administrator: FlaskClient) -> None:
    place.draft()
    old = now() - timedelta(minutes=6)
    place.database.write(lambda s: s.execute(update(LoginSession).values(proved_at=old)) and None)
    data = {"extend-closes_on": "2030-01-31", "extend-reason": REASON, "extend-confirm": "y"}
    asked = administrator.post(f"{OVERVIEW}/extend", data=data)
    back = parse_qs(urlsplit(asked.location).query)["next"][0]
    page = administrator.get(back).text
    assert 'value="2030-01-31"' in page
    assert f'value="{REASON}"' in page
    assert place.round().state == State.DRAFT


def test_open_counts_are_rounded_and_of_one_look_a_day(place: County, administrator: FlaskClient) -> None:
    place.draft(threshold=3).issue(12).start()
    place.cast_all([None] * 4)
    assert "<dd>3</dd>" not in administrator.get(OVERVIEW).text, "a page counts nothing"
    daily.keep_house(place.database)
    assert "<dd>3</dd>" in administrator.get(OVERVIEW).text
    place.cast_all([None] * 3)
    assert "<dd>6</dd>" not in administrator.get(OVERVIEW).text


def test_participation_shows_what_the_batch_saw_not_what_happens_now(
    place: County, administrator: FlaskClient
) -> None:
    place.draft().issue_attributed().start()
    daily.keep_house(place.database)
    assert administrator.get(f"{OVERVIEW}/participation").text.count("未领") == 3
    place.cast_all([None])
    assert administrator.get(f"{OVERVIEW}/participation").text.count("未领") == 3


def test_the_roster_is_searched_and_paged(place: County, administrator: FlaskClient) -> None:
    page = administrator.get("/admin/roster?search=企业002").text
    assert "企业002" in page
    assert "企业001" not in page
    assert "没有找到“无此家”" in administrator.get("/admin/roster?search=无此家").text
    for nonsense in ("-1", "0", "x", "9" * 30, "²"):
        assert administrator.get(f"/admin/roster?page={nonsense}").status_code == 200


def test_a_round_says_when_contacts_and_telephones_are_erased(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    assert "截止 90 天后自动删除" in administrator.get(OVERVIEW).text
    place.issue().start().close()
    last = today() + timedelta(days=90)
    assert f"{last.year}年{last.month}月{last.day}日以后自动删除" in administrator.get(OVERVIEW).text
