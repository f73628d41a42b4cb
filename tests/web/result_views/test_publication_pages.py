"""From released comments over the list of problems to the published page, through the browser's eyes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from county import County
from flask.testing import FlaskClient
from opened import open_by_hand
from sqlalchemy import select

from analysis.assumptions.sentences import premises as premises_of
from survey.clock import today
from survey.models import CommentRelease, Problem, User
from survey.services.followup import problems
from survey.services.rounds import editions

BASE = "/review/2026-q4"
SECRET_NAME = "清河恒达机械"
COMMENTS = {
    1: [f"窗口态度冷漠，第{n}次了" for n in range(12)]
    + [f"拖了{n}个月" for n in range(11)]
    + ["请打电话13812345678找王建国经理"],
    3: ["只有我们办过这个"],
}
DAY = today() + timedelta(days=60)


@pytest.fixture
def opened(place: County) -> County:
    place.draft(threshold=10).issue(5).start()
    return open_by_hand(place, COMMENTS)


@pytest.fixture
def other(sign_in: Callable[[User], FlaskClient], opened: County) -> FlaskClient:
    """The second reviewer's browser."""
    return sign_in(opened.reviewers[1])


@pytest.fixture
def liaison(sign_in: Callable[[User], FlaskClient], opened: County) -> Callable[[str], FlaskClient]:
    def of(department: str) -> FlaskClient:
        return sign_in(opened.add_liaison(department))

    return of


def publish(reviewer: FlaskClient, other: FlaskClient) -> None:
    assert reviewer.post(f"{BASE}/publication/propose").status_code == 302
    assert other.post(f"{BASE}/publication/confirm", data={"confirm": "y"}).status_code == 302


def record(reviewer: FlaskClient, found: str = "gap\t态度\t公安局") -> None:
    form = {"found": found, "department": "公安局", "task": "改进窗口态度", "deadline": DAY.isoformat()}
    assert reviewer.post(f"{BASE}/problems", data=form).status_code == 302


def decisions(page: str) -> list[str]:
    return re.findall(r'name="decision-([0-9a-f]{32})" value="release"', page)


@pytest.mark.usefixtures("opened")
def test_a_comment_leaves_redacted_and_by_two(
    reviewer: FlaskClient, other: FlaskClient, liaison: Callable[[str], FlaskClient]
) -> None:
    page = reviewer.get(f"{BASE}/comments/list?department=公安局").text
    assert "<mark" in page
    assert "〔电话〕" in page
    key = next(k for k in decisions(page) if "〔电话〕" in _textarea(page, k))
    form = {f"decision-{key}": "release", f"text-{key}": _textarea(page, key)}
    reviewer.post(f"{BASE}/comments/propose", data=form)
    shown = {f"confirm-{key}": "yes", f"shown-{key}": _textarea(page, key)}
    assert reviewer.post(f"{BASE}/comments/confirm", data=shown).status_code == 403
    assert other.post(f"{BASE}/comments/confirm", data=shown | {f"shown-{key}": "别的"}).status_code == 409
    assert other.post(f"{BASE}/comments/confirm", data=shown).status_code == 302
    publish(reviewer, other)
    own = liaison("公安局").get("/liaison/2026-q4/results").text
    assert "〔电话〕" in own
    assert "13812345678" not in own
    assert "王建国" not in own
    assert "态度冷漠，第3次" not in own  # nobody released that one
    # A mean of 55 is no verdict; the gap to the group is, with its interval.
    assert "55.0" in own
    assert "danger-text" not in own
    assert "低于警戒线" not in own
    assert "−9.0（−14.0 至 −4.0）" in own


@pytest.mark.usefixtures("opened")
def test_comments_on_a_department_that_few_rated_never_leave(reviewer: FlaskClient, opened: County) -> None:
    page = reviewer.get(f"{BASE}/comments/list?stage=read").text
    assert "只有我们办过这个" in page
    assert "不能转出" in page
    with opened.database.read() as session:
        from survey.models import Comment

        comment = session.scalars(select(Comment).where(Comment.department == 3)).one()
    key = comment.id.hex()
    form = {f"decision-{key}": "release", f"text-{key}": "只有我们办过这个"}
    assert reviewer.post(f"{BASE}/comments/propose", data=form).status_code == 403
    with opened.database.read() as session:
        assert session.scalars(select(CommentRelease)).all() == []


@pytest.mark.usefixtures("opened")
def test_a_correction_that_is_refused_stays_on_its_form(reviewer: FlaskClient, other: FlaskClient) -> None:
    publish(reviewer, other)
    refused(reviewer, "改了一处笔误", 409, "内容与已公布的第 1 版完全相同")
    record(reviewer)
    refused(reviewer, "", 400, "请用 1 到 500 个字写明")


@pytest.mark.usefixtures("opened")
def test_a_correction_says_what_it_changes(
    reviewer: FlaskClient, other: FlaskClient, visitor: FlaskClient
) -> None:
    publish(reviewer, other)
    assert "与第 1 版相比" not in visitor.get("/public/2026-q4/results").text
    record(reviewer)
    reviewer.post(f"{BASE}/publication/propose", data={"correction": "漏了一个问题"})
    changed = "问题清单，第 1 号（公安局）：这一项 没有 → 有。"
    preview = other.get(f"{BASE}/publication").text
    assert changed in preview  # before it is confirmed
    assert other.post(f"{BASE}/publication/confirm", data={"confirm": "y"}).status_code == 302
    page = visitor.get("/public/2026-q4/results").text
    assert "更正的原因：漏了一个问题" in page
    assert changed in page
    assert "除以上各项外，两版的数字、结论、转给部门的意见和问题清单都相同。" in page
    assert changed not in visitor.get("/public/2026-q4/results/1").text


def refused(reviewer: FlaskClient, reason: str, status: int, said: str) -> None:
    answer = reviewer.post(f"{BASE}/publication/propose", data={"correction": reason})
    assert answer.status_code == status
    assert said in answer.text
    assert 'aria-describedby="correction-hint correction-error-1"' in answer.text
    assert f"{reason}</textarea>" in answer.text


@pytest.mark.usefixtures("opened")
def test_publishing_takes_two_and_stays(
    reviewer: FlaskClient, other: FlaskClient, visitor: FlaskClient, opened: County
) -> None:
    assert visitor.get("/public/2026-q4/results").status_code == 404
    record(reviewer)
    reviewer.post(f"{BASE}/publication/propose")
    assert visitor.get("/public/2026-q4/results").status_code == 404
    assert reviewer.post(f"{BASE}/publication/confirm", data={"confirm": "y"}).status_code == 403
    other.post(f"{BASE}/publication/confirm")  # the tick is missing
    assert opened.look(editions.current) is None
    assert "改进窗口态度" in other.get(f"{BASE}/publication").text
    other.post(f"{BASE}/publication/confirm", data={"confirm": "y"})
    page = visitor.get("/public/2026-q4/results").text
    edition = opened.look(editions.current)
    assert re.sub(r"\s", "", edition.digest.hex()) in re.sub(r"\s", "", page)
    for text in ("税务局", "82.0", "改进窗口态度", "服务态度 12", "已记录"):
        assert text in page
    assert "第3次了" not in page
    premises = page[page.index("这个排名以什么为前提") :].partition("</details>")[0]
    assert all(text in premises for text in premises_of("zh"))
    assert "看结果" in visitor.get("/public/2026-q4").text


@pytest.mark.usefixtures("opened")
def test_open_data_is_the_edition_without_comments(
    reviewer: FlaskClient, other: FlaskClient, visitor: FlaskClient, opened: County
) -> None:
    record(reviewer)
    publish(reviewer, other)
    base = "/public/2026-q4/results/1"
    whole = json.loads(visitor.get(f"{base}/data.json").data)
    content = json.loads(opened.look(editions.current).content)
    assert whole["facts"] == content["facts"]
    assert "comments" not in whole
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"{base}/ranking.csv").data.decode("utf-8-sig"))))
    assert [(r["department"], r["adjusted"], r["n"]) for r in rows] == [
        ("税务局", "82.0", "30"),
        ("供电公司", "75.0", "28"),
        ("公安局", "61.0", "26"),
    ]
    response = visitor.get(f"{base}/response.csv").data.decode("utf-8-sig").splitlines()
    assert response[2] == "规模,小,40,,,complementary"
    listed = visitor.get("/public/2026-q4/results").text
    described = visitor.get(f"{base}/dictionary.csv").data.decode("utf-8-sig")
    for name in re.findall(r"results/1/(\w+\.csv)", listed):
        table = visitor.get(f"{base}/{name}").data.decode("utf-8-sig")
        if name != "dictionary.csv":
            for column in table.splitlines()[0].split(","):
                assert f"{name},{column}," in described
    assert visitor.get(f"{base}/secret.csv").status_code == 404
    assert visitor.get("/public/2026-q4/results/2").status_code == 404


@pytest.mark.usefixtures("opened")
def test_a_problem_from_record_to_verified(
    reviewer: FlaskClient, other: FlaskClient, liaison: Callable[[str], FlaskClient], visitor: FlaskClient
) -> None:
    record(reviewer)
    own, foreign = liaison("公安局"), liaison("税务局")
    place = "/liaison/2026-q4/problems/1"
    assert reviewer.post(f"{BASE}/problems/1/assign", data={"deadline": DAY}).status_code == 409
    assert own.get(place).status_code == 404  # not handed over yet
    publish(reviewer, other)
    reviewer.post(f"{BASE}/problems/1/assign", data={"deadline": DAY.isoformat()})
    assert "改进窗口态度" in own.get("/liaison/").text
    assert "改进窗口态度" not in foreign.get("/liaison/").text
    words = {"responsible": "李四，副局长", "measures": "窗口轮训"}
    for path in ("", "/accept", "/answer"):
        answer = foreign.open(place + path, method="POST" if path else "GET", data=words | {"text": "办了"})
        assert answer.status_code == 404
    assert "不是偶然" in own.get(place).text
    own.post(f"{place}/accept", data=words)
    own.post(f"{place}/answer", data={"text": "全员培训完毕"})
    assert own.post(f"{place}/answer", data={"text": "再答一次"}).status_code == 409
    reviewer.post(f"{BASE}/problems/1/verify", data={"text": "回访三家，已改善"})
    page = own.get(place).text
    steps = re.findall(r"<strong>(记录|转办|办理|回复|回访核实)</strong>", page)
    assert steps == ["记录", "转办", "办理", "回复", "回访核实"]
    assert "已核实" in visitor.get("/public/2026-q4/results").text


@pytest.mark.usefixtures("opened")
def test_a_late_answer_is_marked(
    reviewer: FlaskClient, other: FlaskClient, liaison: Callable[[str], FlaskClient], opened: County
) -> None:
    record(reviewer)
    publish(reviewer, other)
    own = liaison("公安局")
    reviewer.post(f"{BASE}/problems/1/assign", data={"deadline": DAY.isoformat()})
    assert "已超期" not in own.get("/liaison/").text

    def late(session: object, found: object) -> None:
        entry = session.get(Problem, (found.id, 1))  # type: ignore[attr-defined]
        entry.deadline = today() - timedelta(days=1)

    opened.act(late)
    assert "已超期" in own.get("/liaison/").text
    assert "已超期" in reviewer.get(f"{BASE}/problems").text


@pytest.mark.usefixtures("opened")
def test_evidence_is_the_servers_not_the_browsers(reviewer: FlaskClient, opened: County) -> None:
    form = {"department": "公安局", "task": "x", "deadline": DAY.isoformat()}
    assert reviewer.post(f"{BASE}/problems", data=form | {"found": "gap\t廉洁\t公安局"}).status_code == 400
    assert reviewer.post(f"{BASE}/problems", data=form | {"department": "水务局"}).status_code == 400
    assert reviewer.post(f"{BASE}/problems", data=form | {"deadline": "2020-01-01"}).status_code == 400
    assert opened.look(problems.of_round) == []
    record(reviewer)
    assert opened.look(problems.of_round)[0].evidence["difference"] == -9.0


@pytest.mark.usefixtures("opened")
def test_themes_are_edited_as_text(reviewer: FlaskClient) -> None:
    assert "服务态度：" in reviewer.get("/review/themes").text
    refused = reviewer.post("/review/themes", data={"themes": "没有冒号的一行"})
    assert refused.status_code == 400
    assert "第 1 行" in refused.text
    reviewer.post("/review/themes", data={"themes": "月数：个月"})
    assert "月数 11" in reviewer.get(f"{BASE}/comments").text


def test_indicators_come_from_a_table(reviewer: FlaskClient, opened: County) -> None:
    template = reviewer.get("/review/indicators/template-assessment.xlsx")
    assert template.status_code == 200
    table = "指标,牵头部门,得分,全省平均,全市平均\n获得电力,供电公司,66.5,80,79\n纳税,税务局,91,,\n"
    form = {"kind": "assessment", "period": "2026年第三季度"}
    bad = form | {"file": (io.BytesIO(table.replace("66.5", "很好").encode()), "a.csv")}
    refused = reviewer.post("/review/indicators", data=bad)
    assert refused.status_code == 400
    assert "第 2 行" in refused.text
    good = form | {"file": (io.BytesIO(table.encode()), "a.csv")}
    page = reviewer.post("/review/indicators", data=good, follow_redirects=True).text
    assert "66.5" in page
    assert opened.slug in reviewer.get(f"{BASE}/problems").text
    assert "低于 70 分警戒线。全省平均 80 分。全市平均 79 分。" in reviewer.get(f"{BASE}/problems").text
    reviewer.post("/review/indicators/remove", data=form)
    assert "66.5" not in reviewer.get("/review/indicators").text


def _textarea(page: str, key: str) -> str:
    found = re.search(rf'name="text-{key}"[^>]*>([^<]*)</textarea>', page)
    assert found
    return found[1]
