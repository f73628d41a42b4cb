"""Page of the call list: what is noted stays, two clerks do not overwrite one another."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from county import County
from flask.testing import FlaskClient

from survey.clock import today
from survey.models import Mode
from survey.services.voting import participation

PAGE = "/admin/rounds/2026-q4/calls"


@pytest.fixture
def collecting(place: County) -> County:
    return place.draft(mode=Mode.ATTRIBUTED).issue_attributed().start()


def form_of(page: str) -> dict[str, str]:
    """Fields as a browser would send them."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r' name="(rows-[^"]+)"', tag)
        if name:
            fields[name[1]] = (re.search(r' value="([^"]*)"', tag) or ["", ""])[1]
    for name, options in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        fields[name] = re.search(r'<option selected value="([^"]*)"', options)[1]
    return fields


def test_a_call_is_noted_and_found_again(collecting: County, administrator: FlaskClient) -> None:
    page = administrator.get(PAGE).text
    assert "还没有记录" in page
    assert re.search(r"还没有打 3", page)
    form = form_of(page) | {"rows-0-outcome": "will", "rows-1-note": "下午再打"}
    done = administrator.post(PAGE, data=form, follow_redirects=True)
    assert "已保存" in done.text
    assert re.search(r"打过，会参加 1", done.text)
    assert administrator.get(f"{PAGE}?show=will").text.count("企业00") == 1
    assert "下午再打" in administrator.get(f"{PAGE}?search=企业001").text
    assert "下午再打" not in administrator.get(f"{PAGE}?show=will").text
    assert "没有这样的企业" in administrator.get(f"{PAGE}?show=declines").text


def test_the_second_clerk_is_told_and_loses_nothing(collecting: County, administrator: FlaskClient) -> None:
    before = form_of(administrator.get(PAGE).text)
    administrator.post(PAGE, data=before | {"rows-0-outcome": "declines"})
    mine = before | {"rows-0-outcome": "will", "rows-0-note": "周五填", "rows-1-outcome": "no_answer"}
    told = administrator.post(PAGE, data=mine)
    assert told.status_code == 409
    assert "别人刚记了“不参加”" in told.text
    assert "周五填" in told.text
    counts = administrator.get(PAGE).text
    assert "不参加 1" in counts
    assert "打不通 1" in counts, "what nobody else touched is kept"
    again = administrator.post(PAGE, data=form_of(told.text), follow_redirects=True)
    assert "打过，会参加 1" in again.text
    assert "不参加 0" in again.text


def test_too_long_a_note_is_named_and_kept(collecting: County, administrator: FlaskClient) -> None:
    form = form_of(administrator.get(PAGE).text) | {"rows-2-note": "长" * 121}
    refused = administrator.post(PAGE, data=form)
    assert refused.status_code == 400
    assert "最多 120 个字" in refused.text
    assert "长" * 121 in refused.text
    assert administrator.post(PAGE, data=form | {"rows-0-firm": "not hexadecimal"}).status_code == 400


def test_it_and_the_file_say_how_old_they_are(collecting: County, administrator: FlaskClient) -> None:
    collecting.act(lambda s, r: participation.refresh(s, r, today()))
    day = f"{today().year}年{today().month}月{today().day}日"
    assert f"名单截至 {day} 的记录" in administrator.get(PAGE).text
    file = administrator.get("/admin/rounds/2026-q4/reminders.xlsx").data
    rows = list(openpyxl.load_workbook(BytesIO(file)).active.iter_rows(values_only=True))
    column = rows[0].index("名单截至")
    assert {row[column] for row in rows[1:]} == {day}


def test_after_closing_there_is_nothing_to_call(collecting: County, administrator: FlaskClient) -> None:
    form = form_of(administrator.get(PAGE).text) | {"rows-0-outcome": "will"}
    collecting.close()
    assert "不用再打电话" in administrator.get(PAGE).text
    late = administrator.post(PAGE, data=form)
    assert late.status_code == 409
    assert "不用再打电话" in late.text


def test_before_the_first_record_nobody_is_said_to_be_missing(
    collecting: County, administrator: FlaskClient
) -> None:
    """Whoever collected since the start would stand there as not having done so."""
    collecting.phone().collect()
    page = administrator.get("/admin/rounds/2026-q4/participation").text
    assert "还没有记录" in page
    assert "未领" not in page
    assert "只看还没有领票的" not in page
    collecting.act(lambda s, r: participation.refresh(s, r, today()))
    page = administrator.get("/admin/rounds/2026-q4/participation").text
    assert page.count("已领") >= 1
    assert "只看还没有领票的" in page
