"""Values that are no option are given a meaning once each; faults are listed by kind and can be fetched."""

from __future__ import annotations

import html
import io
import re

import openpyxl
from county import County
from flask.testing import FlaskClient
from sqlalchemy import select
from test_roster_import import HEAD, count, upload, workbook

from survey.documents.uploads.credit_code import complete_credit_code
from survey.models import Enterprise

CODES = [complete_credit_code(f"91420983MA4K{n:04d}X") for n in range(9)]
ROWS = [
    *((f"一号厂{n}", CODES[n], "", "", "规上") for n in range(3)),
    ("二号店", CODES[3], "", "", "夫妻店"),
    ("三号社", CODES[4], "", "", "小"),
    ("四号社", CODES[5], "", "12", "规上 "),
]


def fields(page: str) -> dict[str, str]:
    """Names and values of the form of unknown options: hidden fields, and nothing chosen yet."""
    hidden = re.findall(r'name="(value-\d+)" value="([^"]*)"', page)
    labels = re.findall(r'<label for="option-(\d+)">([^<]*)', page)
    return {name: html.unescape(value) for name, value in hidden} | {
        f"label-{n}": html.unescape(t) for n, t in labels
    }


def strata(place: County) -> dict[str, str]:
    with place.database.read() as session:
        query = select(Enterprise.name, Enterprise.strata).where(Enterprise.credit_code.in_(CODES))
        return {name: found.get("规模", "") for name, found in session.execute(query)}


def test_each_unknown_value_is_chosen_once(place: County, administrator: FlaskClient) -> None:
    place.draft()  # its sizes are 大 and 小
    page = upload(administrator, workbook(*ROWS)).text
    shown = fields(page)
    assert [shown[f"label-{n}"] for n in (0, 1)] == ["规模“规上”，4 行", "规模“夫妻店”，1 行"]
    chosen = {name: value for name, value in shown.items() if name.startswith("value")}
    page = administrator.post("/admin/roster/options", data=chosen | {"option-0": "大", "option-1": "?"}).text
    assert list(fields(page).values()) == ["夫妻店", "规模“夫妻店”，1 行"]
    assert "规上" not in page.partition("需要修改的地方")[2]
    page = administrator.post("/admin/roster/options", data={"value-0": "夫妻店", "option-0": ""}).text
    assert "没有这个选项" not in page
    assert "1 行有 1 处需要修改" in page  # the telephone
    administrator.post("/admin/roster/confirm", data={"good": "yes"})
    assert strata(place) == {"一号厂0": "大", "一号厂1": "大", "一号厂2": "大", "二号店": "", "三号社": "小"}


def test_only_options_of_the_round_are_taken(place: County, administrator: FlaskClient) -> None:
    place.draft()
    upload(administrator, workbook(*ROWS))
    for wrong in (
        {"value-0": "规上", "option-0": "超大"},  # no option
        {"value-0": "夫妻店", "option-0": "大"},  # the page of another upload
        {"option-0": "大"},
    ):
        page = administrator.post("/admin/roster/options", data=wrong).text
        assert "规模“规上”，4 行" in html.unescape(page), wrong
    assert count(place) == 3


def test_faults_are_counted_by_kind_and_name_the_firm(place: County, administrator: FlaskClient) -> None:
    place.draft()
    page = upload(administrator, workbook(*ROWS)).text
    kinds = re.findall(r'<li>([^<]+) <span class="muted">(\d+) 处', page)
    assert [(text[:3], n) for text, n in kinds] == [("“规模", "5"), ("电话号", "1")]
    table = page.partition("需要修改的地方")[2]
    assert table.index("一号厂0") < table.index("二号店") < table.index("电话号码不像")


def test_the_faulty_rows_can_be_fetched_corrected_and_uploaded(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    upload(administrator, workbook(*ROWS))
    answer = administrator.get("/admin/roster/problems.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (*HEAD, "问题")
    assert [row[0] for row in rows[1:]] == ["一号厂0", "一号厂1", "一号厂2", "二号店", "四号社"]
    assert rows[5][5].startswith("【手机】电话号码不像手机号")
    assert "【规模】“规模”没有这个选项。请改为其中之一：大、小；不清楚就留空。" in rows[5][5]
    for row in sheet.iter_rows(min_row=2):
        row[3].value, row[4].value = "", "大"
    corrected = io.BytesIO()
    sheet.parent.save(corrected)
    corrected.seek(0)
    assert "5 行全部无误" in upload(administrator, corrected).text


def test_each_sheet_has_its_own_headings(administrator: FlaskClient) -> None:
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("二区")
    first.title = "一区"
    first.append(("企业名称", "统一社会信用代码"))
    first.append(("甲厂", "123"))
    second.append(("某县名录",))
    second.append(("信用代码", "单位名称", "备注"))
    second.append((CODES[0], "乙厂", "好"))
    second.append(("456", "丙厂", "停业"))
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    upload(administrator, file)
    fetched = openpyxl.load_workbook(io.BytesIO(administrator.get("/admin/roster/problems.xlsx").data))
    assert fetched.sheetnames == ["一区", "二区"]
    found = [[cell.value for cell in row][:3] for row in fetched["二区"].iter_rows()]
    assert found == [["信用代码", "单位名称", "备注"], ["456", "丙厂", "停业"]]
