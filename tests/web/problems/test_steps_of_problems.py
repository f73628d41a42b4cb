"""The pages of a problem that was handed over: who reads it, what may still be changed, who comes second."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from county import PASSWORD, County
from flask.testing import FlaskClient
from opened import open_by_hand, publish, record, step
from openpyxl import load_workbook

from survey.clock import today
from survey.errors import Conflict
from survey.models import User
from survey.services.departments import successions
from survey.services.followup import problems
from survey.services.opening import opening_job as openings
from survey.services.people.passwords import hash_password
from survey.services.rounds import lifecycle

BASE, OWN = "/review/2026-q4/problems/1", "/liaison/2026-q4/problems/1"
DAY = today() + timedelta(days=60)
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def opened(place: County) -> County:
    """Problem 1 of 公安局, recorded in a published round."""
    open_by_hand(place.draft(threshold=10).issue(5).start())
    record(place, deadline=DAY)
    return publish(place)


def broken(*_given: object) -> None:
    raise Conflict("磁盘满了。")


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return found[1]


def test_handing_over_names_who_will_read_it(opened: County, reviewer: FlaskClient) -> None:
    page = reviewer.get(BASE).text
    assert "公安局还没有联络员，转过去没有人会看到" in page
    given = {"deadline": DAY.isoformat()}
    refused = reviewer.post(f"{BASE}/assign", data=given)
    assert (refused.status_code, "请管理员在“人员”里添加" in refused.text) == (409, True)
    opened.add_liaison("公安局")
    page = reviewer.get(BASE).text
    assert "公安局联络员（还没有设密码）" in page
    assert "没有人会看到" not in page
    assert reviewer.post(f"{BASE}/assign", data=given).status_code == 302
    assert "还没有读" in reviewer.get(BASE).text


def test_handed_to_nobody_with_a_tick(opened: County, reviewer: FlaskClient) -> None:
    given = {"deadline": DAY.isoformat(), "nobody": "y"}
    assert reviewer.post(f"{BASE}/assign", data=given).status_code == 302


def test_read_recalled_and_both_sides_see_it(opened: County, reviewer: FlaskClient, sign_in: SignIn) -> None:
    own = sign_in(opened.add_liaison("公安局"))
    foreign = sign_in(opened.add_liaison("税务局"))
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat()})
    stale = seen_on(reviewer.get(BASE).text)
    assert foreign.get(OWN).status_code == 404
    assert "还没有读" in reviewer.get(BASE).text
    assert "data-reading" in own.get(OWN).text
    assert "还没有读" in reviewer.get(BASE).text  # looking changes nothing
    assert foreign.post(f"{OWN}/read").status_code == 404
    assert own.post(f"{OWN}/read").status_code == 302
    assert "data-reading" not in own.get(OWN).text
    assert "公安局联络员，" in reviewer.get(BASE).text
    without = reviewer.post(f"{BASE}/recall", data={"seen": stale})
    assert (without.status_code, "公安局联络员”已经读了" in without.text) == (409, True)
    assert 'name="recall-reason"' in without.text  # the field is there now
    given = {"seen": stale, "recall-reason": "问题不属实"}
    assert reviewer.post(f"{BASE}/recall", data=given).status_code == 302
    page = own.get(OWN).text
    assert "问题不属实" in page
    assert "贵部门不用再办" in page
    assert '<form method="post" action="/liaison' not in page
    assert "已撤回" in own.get("/liaison/").text
    late = own.post(f"{OWN}/accept", data={"responsible": "李四", "measures": "轮训"})
    assert late.status_code == 409
    assert opened.look(problems.of_round)[0].stage == "recorded"


def test_the_ledger_has_every_step(opened: County, reviewer: FlaskClient, sign_in: SignIn) -> None:
    own = sign_in(opened.add_liaison("公安局"))
    new = sign_in(opened.add_liaison("税务局"))
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat()})
    own.post(f"{OWN}/read")
    later = (DAY + timedelta(days=9)).isoformat()
    reviewer.post(f"{BASE}/deadline", data={"day-deadline": later, "day-reason": "部门申请"})
    given = {"to-department": "税务局", "to-reason": "职责在税务", "to-deadline": later}
    assert reviewer.post(f"{BASE}/reassign", data=given).status_code == 302
    new.post(f"{OWN}/accept", data={"responsible": "王五", "measures": "改"})

    def ledger(client: FlaskClient, address: str) -> tuple[dict[str, Any], list[str]]:
        book = load_workbook(io.BytesIO(client.get(address).data))
        header, row = book.worksheets[0].iter_rows(values_only=True)
        steps = book.worksheets[1].iter_rows(min_row=2, values_only=True)
        return dict(zip(header, row, strict=True)), [str(line[4]) for line in steps]

    row, steps = ledger(reviewer, "/review/2026-q4/problems.xlsx")
    assert steps == ["记录", "转办", "已读", "改期限", "改派", "办理"]
    assert (row["部门"], row["责任人"], row["期限"].date().isoformat()) == ("税务局", "王五", later)
    assert row["转办日期"] == row["已读日期"]
    row, steps = ledger(own, "/liaison/problems.xlsx")
    assert steps == ["记录", "转办", "已读", "改期限", "改派"]
    assert (row["部门"], row["进展"], row["责任人"], row["期限"]) == ("公安局", "已撤回", None, None)


def ledger(client: FlaskClient, address: str) -> dict[str, Any]:
    header, row = (
        load_workbook(io.BytesIO(client.get(address).data)).worksheets[0].iter_rows(values_only=True)
    )
    return dict(zip(header, row, strict=True))


def test_the_ledger_has_no_day_of_another_department(
    opened: County, reviewer: FlaskClient, sign_in: SignIn
) -> None:
    own = sign_in(opened.add_liaison("公安局"))
    sign_in(opened.add_liaison("税务局"))
    days = ("转办日期", "已读日期", "回复日期", "部门回复")
    theirs, all_of_it = "/liaison/problems.xlsx", "/review/2026-q4/problems.xlsx"

    def told(client: FlaskClient, address: str) -> list[bool]:
        row = ledger(client, address)
        return [row[name] is not None for name in days]

    given = {"to-department": "税务局", "to-reason": "改", "to-deadline": DAY.isoformat()}
    reviewer.post(f"{BASE}/reassign", data=given)
    assert told(reviewer, all_of_it) == [False] * 4  # only recorded
    reviewer.post(f"{BASE}/reassign", data=given | {"to-department": "公安局"})
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat()})
    own.post(f"{OWN}/accept", data={"responsible": "李四", "measures": "轮训"})
    own.post(f"{OWN}/answer", data={"text": "办好了"})
    assert told(reviewer, all_of_it) == [True] * 4
    refused = reviewer.post(f"{BASE}/send-back", data={"back-deadline": DAY.isoformat()})
    assert (refused.status_code, 'id="back-text-error-1"' in refused.text) == (400, True)  # at its own field
    assert 'href="#back-text"' in refused.text
    reviewer.post(f"{BASE}/send-back", data={"back-text": "没有解决", "back-deadline": DAY.isoformat()})
    reviewer.post(f"{BASE}/recall", data={"recall-reason": "问题不属实"})
    assert told(reviewer, all_of_it) == [False] * 4
    assert told(own, theirs) == [True] * 4
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat()})
    assert reviewer.post(f"{BASE}/reassign", data=given).status_code == 302
    assert told(reviewer, all_of_it) == [True, False, False, False]


def test_whoever_comes_second_is_told_in_the_page(
    opened: County, reviewer: FlaskClient, sign_in: SignIn
) -> None:
    second = sign_in(opened.reviewers[1])
    page = second.get(BASE).text
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat(), "nobody": "y"})
    given = {"to-department": "税务局", "to-reason": "我来改派", "to-deadline": DAY.isoformat()}
    answer = second.post(f"{BASE}/reassign", data=given | {"seen": seen_on(page)})
    assert answer.status_code == 409
    assert f"“{opened.reviewers[0].name}”已经办了“转办”" in answer.text
    assert 'value="我来改派"' in answer.text
    assert opened.look(problems.of_round)[0].department == "公安局"


def test_what_was_typed_stays_in_a_refused_form(
    opened: County, reviewer: FlaskClient, sign_in: SignIn
) -> None:
    own = sign_in(opened.add_liaison("公安局"))
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat()})
    answer = own.post(f"{OWN}/accept", data={"responsible": "", "measures": "窗口轮训，一次告知"})
    assert answer.status_code == 400
    assert "窗口轮训，一次告知" in answer.text
    assert "请写明谁负责" in answer.text
    past = {"day-deadline": "2020-01-01", "day-reason": "部门申请"}
    answer = reviewer.post(f"{BASE}/deadline", data=past)
    assert (answer.status_code, 'value="部门申请"' in answer.text) == (400, True)


def test_departments_over_time(opened: County, reviewer: FlaskClient, sign_in: SignIn) -> None:
    own = sign_in(opened.add_liaison("公安分局"))
    reviewer.post(f"{BASE}/assign", data={"deadline": DAY.isoformat(), "nobody": "y"})
    assert own.get(OWN).status_code == 404
    assert "还没有登记" in reviewer.get("/review/departments").text
    new = {"before": "公安局", "after": "公安分局", "kind": "renamed", "on": today().isoformat()}
    missing = reviewer.post("/review/departments", data=new)
    assert (missing.status_code, "请写明依据" in missing.text) == (400, True)
    new |= {"reason": "县委〔2026〕3号"}
    done = reviewer.post("/review/departments", data=new, follow_redirects=True)
    assert "已登记：公安局更名为公安分局。" in done.text
    again = reviewer.post("/review/departments", data=new | {"after": "别的局"})
    assert (again.status_code, "这个名称不能再用一次" in again.text) == (409, True)
    assert own.get(OWN).status_code == 200
    assert own.get("/liaison/2026-q4/results").status_code == 200
    gone = {"before": "公安局", "after": "公安分局"}
    assert "已撤销" in reviewer.post("/review/departments/withdraw", data=gone, follow_redirects=True).text
    assert reviewer.post("/review/departments/withdraw", data=gone).status_code == 404
    assert own.get(OWN).status_code == 404
    log = sign_in(opened.reviewers[1]).get("/audit/").text
    for words in ("登记部门沿革", "撤销部门沿革", "更名"):
        assert words in log


def test_results_are_worked_out_again_by_a_button(
    opened: County, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    opened.act(lambda _s, r: setattr(r, "reordered", True))
    monkeypatch.setattr(openings, "remake", lambda _database, slug, _tell: asked.append(slug))
    monkeypatch.setattr(successions, "outdated", lambda session: [lifecycle.get_round(session, opened.slug)])
    page = reviewer.get("/review/departments").text
    assert "要重算的轮次" in page
    (action,) = re.findall(r'action="(/review/[^"]*/finish)"', page)
    assert reviewer.post(action).headers["Location"] == "/review/2026-q4/job"
    for _ in range(100):
        if asked and reviewer.get("/review/2026-q4/job.json").get_json()["state"] == "done":
            break
        time.sleep(0.05)
    assert asked == ["2026-q4"]
    assert reviewer.get("/review/2026-q4/job").headers["Location"] == "/review/2026-q4/ranking"
    monkeypatch.setattr(openings, "remake", broken)
    reviewer.post(action)
    for _ in range(100):
        if "再算一次" in (page := reviewer.get("/review/2026-q4/job").text):
            break
        time.sleep(0.05)
    assert "重算进度" in page
    assert "没有算完，可以再算一次，不需要钥匙。" in page


def test_the_list_is_filtered_by_whoever_a_problem_was_reassigned_to(
    opened: County, reviewer: FlaskClient
) -> None:
    entry = {
        "before": "公安局",
        "after": "公安分局",
        "kind": "split",
        "on": today().isoformat(),
        "reason": "改革",
    }
    reviewer.post("/review/departments", data=entry)
    address = "/review/2026-q4/problems"
    assert "<option>公安分局" not in reviewer.get(address).text
    given = {"to-department": "公安分局", "to-reason": "拆分后由它办", "to-deadline": DAY.isoformat()}
    assert reviewer.post(f"{BASE}/reassign", data=given).status_code == 302
    page = reviewer.get(f"{address}?department=公安分局").text
    assert re.search(r"<option\s+selected>公安分局", page)
    assert "找到 1 个问题" in page
    assert "找到 1 个问题" not in reviewer.get(f"{address}?department=公安局").text
    sheet = load_workbook(io.BytesIO(reviewer.get(f"{address}.xlsx?department=公安局").data)).worksheets[0]
    assert sheet.max_row == 1


def test_english_parts_message_and_remedy(opened: County, reviewer: FlaskClient) -> None:
    answer = reviewer.post(f"{BASE}/assign?lang=en", data={"deadline": DAY.isoformat()})
    assert answer.status_code == 409
    said = re.sub(r"<[^>]*>", "", answer.text)
    assert "“公安局” has no liaison yet; nobody would see what is passed on. Ask an administrator" in said
    assert not re.search(r"[a-z][.!?][A-Z]", said)


def test_a_misplaced_liaison_is_named_with_the_remedy(
    opened: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    user, boss = opened.add_liaison("县公安局"), opened.administrator.id
    hashed = hash_password(PASSWORD)
    opened.database.write(lambda s: setattr(s.get(User, boss), "password_hash", hashed))
    page = administrator.get("/admin/people/").text
    assert "没有哪一轮评议“县公安局”。" in page
    address = f"/admin/people/{user.id.hex()}"
    assert "请在下面改选部门" in administrator.get(address).text
    typed = administrator.post(address, data={"department": "县公安局", "proof": PASSWORD})
    assert typed.status_code == 400
    done = administrator.post(address, data={"department": "公安局", "proof": PASSWORD})
    assert done.status_code == 302
    assert "没有哪一轮评议" not in administrator.get("/admin/people/").text
    new = {
        "before": "公安局",
        "after": "政法局",
        "kind": "merged",
        "on": today().isoformat(),
        "reason": "改革",
    }
    reviewer.post("/review/departments", data=new)
    assert "并入“政法局”" in administrator.get("/admin/people/").text


def test_what_was_sent_back_stands_where_it_is_answered(opened: County, sign_in: SignIn) -> None:
    own = opened.add_liaison("公安局")
    first = opened.reviewers[0]
    step(opened, "assign", first, DAY)
    step(opened, "accept", own, responsible="李四", measures="轮训")
    step(opened, "answer", own, text="已轮训")
    step(opened, "send_back", first, "仍要跑三趟", DAY)
    client = sign_in(own)
    page = client.get(OWN).text
    note = page.index("评议办公室回访后退回")
    assert note < page.index("仍要跑三趟") < page.index("情况说明")
    step(opened, "answer", own, text="一窗办结")
    assert "评议办公室回访后退回" not in client.get(OWN).text
