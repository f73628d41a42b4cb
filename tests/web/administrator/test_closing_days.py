"""What pages say of days: before collecting begins, before a closing that is early, and after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from county import County
from flask.testing import FlaskClient
from pretended_day import pretend

from survey.clock import today
from survey.documents.layout.official_docx import collected_between
from survey.services.results import facts
from survey.services.rounds import lifecycle
from survey.services.voting import daily
from survey.wording.numbers import day

PHONE, PUBLIC, DESK = "/s/2026-q4", "/public/2026-q4", "/admin/rounds/2026-q4"


def test_a_draft_that_nobody_was_invited_to_is_not_public(place: County, visitor: FlaskClient) -> None:
    place.draft()
    for address in (PHONE, f"{PHONE}/round.json", PUBLIC):
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert "第四季度" not in answer.text
    place.issue(3)
    assert visitor.get(PHONE).status_code == 200


def test_on_the_first_day_before_anybody_pressed_start(
    place: County, visitor: FlaskClient, administrator: FlaskClient
) -> None:
    place.draft(opens_on=today()).issue(3)
    page = visitor.get(PHONE).text
    assert "请过些时候再打开这个链接，链接一直有效" in page
    assert "日 开始，到时再打开" not in page
    assert "企业现在打不开" in administrator.get(DESK).text


def test_before_the_first_day_it_is_named(
    place: County, visitor: FlaskClient, administrator: FlaskClient
) -> None:
    first = today() + timedelta(days=3)
    place.draft(opens_on=first).issue(3)
    assert f"{first.year}年{first.month}月{first.day}日 开始，到时再打开" in visitor.get(PHONE).text
    assert "起可以打开链接填写" in administrator.get(DESK).text


def test_both_people_are_told_that_they_close_early(
    place: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    place.draft().issue(7).start()
    daily.keep_house(place.database)
    last = place.round().closes_on
    told = (
        f"离公布的截止日期（{day(last)}）还有 30 天",
        f"比公布的截止日期 {day(last)} 提前 30 天截止",
        "已邀请企业 0 家，无记名票 7 张",
    )
    page = administrator.get(DESK).text
    assert [text for text in told if text not in page] == []
    administrator.post(f"{DESK}/propose-closing", data={"confirm": "yes"})
    page = reviewer.get("/review/2026-q4/").text
    assert [text for text in told if text not in page] == []
    with pretend(last):
        assert "今天就是公布的截止日期" in reviewer.get("/review/2026-q4/").text
    with pretend(last + timedelta(days=1)):
        page = reviewer.get("/review/2026-q4/").text
        assert "公布的截止日期" not in page


def test_after_an_early_closing_the_true_day_stands_everywhere(
    place: County, visitor: FlaskClient, administrator: FlaskClient
) -> None:
    place.draft().issue(3).start()
    planned = place.round().closes_on
    place.close()
    closed = place.round()
    assert (closed.closes_on, closed.planned_closes_on) == (today(), planned)
    now = today()
    phone = visitor.get(PHONE).text
    assert f"{now.year}年{now.month}月{now.day}日（原定 {planned.year}年" in phone
    assert f"（原定{day(planned)}）" in visitor.get(PUBLIC).text
    assert f"（原定{day(planned)}）" in administrator.get(DESK).text


def test_a_closing_after_the_announced_day_keeps_it(place: County) -> None:
    place.draft().issue(3).start()
    last = place.round().closes_on
    with pretend(last + timedelta(days=2)):
        place.close()
    assert (place.round().closes_on, place.round().planned_closes_on) == (last, None)


def test_documents_say_both_days() -> None:
    said = collected_between(date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 21))
    assert said == "2026年11月30日至2026年11月30日（原定2026年12月21日截止，提前截止）"
    assert collected_between(date(2026, 10, 1), date(2026, 12, 21), None) == "2026年10月1日至2026年12月21日"


@pytest.mark.parametrize(("other_ends", "earlier"), [(-1, True), (0, False), (1, False)])
def test_of_rounds_of_one_first_day_the_one_that_ended_before_is_earlier(
    place: County, monkeypatch: pytest.MonkeyPatch, other_ends: int, earlier: bool
) -> None:
    place.draft()
    place.draft(slug="other", keys=False, closes_on=place.round().closes_on + timedelta(days=other_ends))
    place.database.write(lambda s: setattr(lifecycle.get_round(s, "other"), "state", "draft"))
    monkeypatch.setattr(facts, "State", type("Any", (), {"OPENED": "draft"}))
    monkeypatch.setattr(facts, "score_table", lambda _s, _r: None)
    found = place.look(facts.earlier_rounds)
    assert [e.description.slug for e in found] == (["other"] if earlier else [])


def test_the_time_line_tells_of_publications(place: County, administrator: FlaskClient) -> None:
    from survey.services.operations.audit import record

    place.draft()
    for action in ("publication.propose", "publication.confirm"):
        place.act(lambda s, r, done=action: record(s, actor="甲", action=done, subject=r.slug, edition=2))
    page = administrator.get(DESK).text
    assert "公布结果（第 2 版）" in page
    assert "提出公布稿（第 2 版）" in page


def test_slips_are_no_firms(place: County, administrator: FlaskClient) -> None:
    place.draft().issue(3).start()
    daily.keep_house(place.database)
    page = administrator.get(f"{DESK}/participation").text
    assert "已邀请企业 0 家，无记名票 3 张" in page
    assert "已邀请 3 家" not in page
