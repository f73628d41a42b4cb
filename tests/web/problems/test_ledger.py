"""整改台账 as Excel: all of it to reviewers, its own part to a liaison, and nothing in it that could run."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from county import County
from flask.testing import FlaskClient
from opened import open_by_hand, publish, record, step
from openpyxl import load_workbook

from survey.clock import today
from survey.models import Problem, User

BASE = "/review/2026-q4"
DAY = today() + timedelta(days=60)
FORMULA = '=HYPERLINK("http://evil.example","点我")'


@pytest.fixture
def opened(place: County) -> County:
    """Problem 1 of 公安局 is answered, 2 of 税务局 handed over, 3 of 公安局 only recorded."""
    open_by_hand(place.draft(threshold=10).issue(5).start())
    for department, task in (("公安局", FORMULA), ("税务局", "公开收费标准"), ("公安局", "还没转办")):
        record(place, department=department, task=task, deadline=DAY)
    publish(place)
    for number in (1, 2):
        step(place, "assign", place.reviewers[0], DAY, number=number, nobody=True)
    own = place.add_liaison("公安局")
    step(place, "accept", own, responsible="+李四", measures="-1+1\n@轮训")
    step(place, "answer", own, "办好了")
    return place


def ledger(client: FlaskClient, address: str) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """The rows of both sheets by heading, and every cell."""
    reply = client.get(address)
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    book = load_workbook(io.BytesIO(reply.data))
    rows = []
    for sheet in book:
        header, *body = sheet.iter_rows(values_only=True)
        rows.append([dict(zip(header, line, strict=True)) for line in body])
    return rows[0], [cell for sheet in book for line in sheet.iter_rows() for cell in line]


@pytest.mark.usefixtures("opened")
def test_a_reviewer_has_everything_with_native_dates(reviewer: FlaskClient) -> None:
    rows, _cells = ledger(reviewer, f"{BASE}/problems.xlsx")
    assert [(r["编号"], r["部门"], r["进展"]) for r in rows] == [
        (1, "公安局", "已回复，待核实"),
        (2, "税务局", "已转办"),
        (3, "公安局", "已记录"),
    ]
    midnight = datetime.combine(today(), datetime.min.time())
    assert rows[0]["期限"] == midnight + timedelta(days=60)
    assert (rows[0]["转办日期"], rows[0]["回复日期"], rows[0]["核实日期"]) == (midnight, midnight, None)
    assert (rows[0]["部门回复"], rows[0]["责任人"]) == ("办好了", "+李四")
    assert (rows[2]["转办日期"], rows[2]["部门回复"]) == (None, None)
    reply = reviewer.get(f"{BASE}/problems.xlsx")
    steps = load_workbook(io.BytesIO(reply.data))["办理经过"]
    told = [(line[1], line[4], line[5]) for line in steps.iter_rows(min_row=2, values_only=True)]
    assert told[:4] == [
        (1, "记录", "评议员0"),
        (1, "转办", "评议员0"),
        (1, "办理", "公安局联络员"),
        (1, "回复", "公安局联络员"),
    ]
    assert "整改台账" in unquote(reply.headers["Content-Disposition"])


@pytest.mark.usefixtures("opened")
def test_nothing_that_was_typed_becomes_a_formula(reviewer: FlaskClient) -> None:
    """The attack: a task or an answer that begins with =, +, - or @ and runs on the reader's computer."""
    _rows, cells = ledger(reviewer, f"{BASE}/problems.xlsx")
    typed = [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "=+-@"]
    assert {cell.value for cell in typed} >= {FORMULA, "+李四", "-1+1\n@轮训"}
    assert {cell.data_type for cell in typed} == {"s"}
    assert all(cell.quotePrefix for cell in typed)  # and stays a text when somebody edits the cell
    assert all(cell.hyperlink is None for cell in cells)


def test_a_liaison_gets_its_own_department_only(
    opened: County, sign_in: Callable[[User], FlaskClient], reviewer: FlaskClient
) -> None:
    """The attack: asking for another's, by its address or by its name."""
    own = sign_in(opened.add_liaison("税务局"))
    for address in ("/liaison/problems.xlsx", "/liaison/problems.xlsx?department=公安局"):
        rows, cells = ledger(own, address)
        assert [(r["编号"], r["部门"]) for r in rows] == [(2, "税务局")]
        assert not [cell for cell in cells if "公安局" in str(cell.value)]
    assert own.get(f"{BASE}/problems.xlsx").status_code == 403
    assert reviewer.get("/liaison/problems.xlsx").status_code == 403
    nobody = sign_in(opened.add_liaison(""))
    assert ledger(nobody, "/liaison/problems.xlsx")[0] == []


def test_what_is_only_recorded_does_not_reach_the_liaison(
    opened: County, sign_in: Callable[[User], FlaskClient]
) -> None:
    with opened.database.read() as session:
        user = session.query(User).filter_by(name="公安局联络员").one()
    rows, _cells = ledger(sign_in(user), "/liaison/problems.xlsx")
    assert [r["编号"] for r in rows] == [1]


@pytest.mark.usefixtures("opened")
def test_a_reviewer_narrows_it_as_the_page(reviewer: FlaskClient) -> None:
    page = reviewer.get(f"{BASE}/problems?department=税务局").text
    assert "problems.xlsx?department=" in page
    rows, _cells = ledger(reviewer, f"{BASE}/problems.xlsx?department=税务局")
    assert [r["编号"] for r in rows] == [2]
    assert [r["编号"] for r in ledger(reviewer, f"{BASE}/problems.xlsx?stage=recorded")[0]] == [3]


def test_overdue_is_marked(opened: County, reviewer: FlaskClient) -> None:
    def late(session: Any, found: Any) -> None:
        session.get(Problem, (found.id, 2)).deadline = today() - timedelta(days=1)

    opened.act(late)
    assert [r["是否超期"] for r in ledger(reviewer, f"{BASE}/problems.xlsx")[0]] == [None, "已超期", None]


@pytest.mark.usefixtures("opened")
def test_before_the_opening_there_is_none(reviewer: FlaskClient) -> None:
    assert reviewer.get("/review/2020-q1/problems.xlsx").status_code == 404


def test_every_line_of_a_wrapped_text_is_seen(opened: County, reviewer: FlaskClient) -> None:
    """Programs that do not work out a row's height would cut a long text after its first line."""

    def lengthen(session: Any, found: Any) -> None:
        session.get(Problem, (found.id, 2)).measures = "改" * 140

    opened.act(lengthen)
    book = load_workbook(io.BytesIO(reviewer.get(f"{BASE}/problems.xlsx").data))
    short, long = (book["整改台账"].row_dimensions[row].height for row in (4, 3))
    assert long >= 10 * 15  # 140 characters at 14 a line
    assert short < 60
