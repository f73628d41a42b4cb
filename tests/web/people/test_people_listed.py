"""People added from a table: nobody or everybody, mended on the page, reviewers by two."""

from __future__ import annotations

import html
import re
from io import BytesIO

import openpyxl
import pytest
from county import PASSWORD, County
from flask.testing import FlaskClient

from survey.clock import now
from survey.models import Proposal, Role
from survey.services.people import accounts, confirmations, enrolment, proposals
from survey.services.people.passwords import hash_password

PAGE = "/admin/people/list"
TABLE = """人员名单,,,
姓名,角色,单位,所属部门
赵管理,管理员,评议员0单位,
钱评议,评议员,评议员1单位,
孙联络,联络员,税务局,
李四,办事员,,
赵管理,管理员,,
周联络,部门联络员,,没有这个局
"""


@pytest.fixture
def administrator(place: County, sign_in) -> FlaskClient:
    place.draft()
    hashed = hash_password(PASSWORD)
    place.database.write(
        lambda s: setattr(accounts.get_user(s, place.administrator.id), "password_hash", hashed)
    )
    return sign_in(place.administrator)


def read(client: FlaskClient, table: str = TABLE):
    file = (BytesIO(table.encode("utf-8")), "名单.csv")
    return client.post(f"{PAGE}/read", data={"file": file}, content_type="multipart/form-data")


def form_of(page: str) -> dict[str, str]:
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        if name := re.search(r' name="(rows-[^"]+)"', tag):
            value = re.search(r' value="([^"]*)"', tag)
            fields[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def names(place: County) -> set[str]:
    with place.database.read() as session:
        return {user.name for user in accounts.list_users(session)}


def test_a_table_is_read_mended_and_handed_out(place: County, administrator: FlaskClient) -> None:
    before = names(place)
    page = read(administrator)
    assert page.status_code == 200
    assert "有 3 行要改" in page.text
    for said in ("请选择角色", "在第 1 行已经有了", "没有哪一轮评议这个部门"):
        assert said in page.text
    assert names(place) == before, "reading adds nobody"
    form = form_of(page.text)
    assert [form[f"rows-{n}-name"] for n in range(6)] == [
        "赵管理",
        "钱评议",
        "孙联络",
        "李四",
        "赵管理",
        "周联络",
    ]
    assert (form["rows-2-body"], form["rows-2-department"]) == ("", "税务局")
    refused = administrator.post(PAGE, data=form | {"proof": PASSWORD})
    assert refused.status_code == 400
    assert names(place) == before, "all or nobody"
    mended = form | {f"rows-{n}-name": "" for n in (3, 4, 5)}
    assert administrator.post(PAGE, data=mended | {"proof": "another"}).status_code == 400
    assert names(place) == before
    sheets = administrator.post(PAGE, data=mended | {"proof": PASSWORD})
    assert (sheets.status_code, sheets.headers["Cache-Control"]) == (200, "no-store")
    assert names(place) == before | {"赵管理", "孙联络"}
    links = re.findall(r"https://pingyi\.example/enrol#[\w-]+", sheets.text)
    assert len(links) == 2
    assert sheets.text.count('class="qr"') == 2
    assert administrator.post(PAGE, data=mended | {"proof": PASSWORD}).status_code == 400, "pressed twice"
    new = enrolment.enrol(place.database, links[0], "a long enough sentence", now())
    assert (new.name, new.role, new.body) == ("赵管理", Role.ADMINISTRATOR, "评议员0单位")


def test_the_template_reads_back_and_other_tables_are_refused(administrator: FlaskClient) -> None:
    template = administrator.get(f"{PAGE}/template.xlsx").data
    headings = [cell.value for cell in openpyxl.load_workbook(BytesIO(template)).active[1]]
    assert headings == ["姓名", "角色", "单位", "所属部门"]
    read_back = administrator.post(
        f"{PAGE}/read", data={"file": (BytesIO(template), "t.xlsx")}, content_type="multipart/form-data"
    )
    assert form_of(read_back.text)["rows-1-role"] == "reviewer"
    wrong = read(administrator, "企业,电话\n甲,1\n")
    assert wrong.status_code == 400
    assert "表中缺少这些列：姓名、角色" in wrong.text
    assert "只有表头" in read(administrator, "姓名,角色\n").text
    assert "请选择一个文件" in administrator.post(f"{PAGE}/read").text


def test_a_reviewer_of_the_list_takes_another_reviewer(place: County, administrator: FlaskClient) -> None:
    form = form_of(read(administrator, "姓名,角色,单位\n钱评议,评议员,评议员1单位\n").text)
    sheet = administrator.post(PAGE, data=form | {"proof": PASSWORD}).text
    assert "/enrol#" not in sheet
    code = re.search(r'class="code">([0-9A-Z]{5}-[0-9A-Z]{5})<', sheet)[1]
    with place.database.read() as session:
        (waiting,) = [entry.proposal for entry in proposals.listed(session)]
    link = place.database.write(
        lambda s: confirmations.confirm(
            s, s.get(Proposal, waiting.id), place.reviewers[0], "https://pingyi.example", now()
        )
    )
    new = enrolment.enrol(place.database, link, "a long enough sentence", now(), code)
    assert (new.name, new.role) == ("钱评议", Role.REVIEWER)


def test_liaisons_wait_for_the_departments_of_a_round(place: County, sign_in) -> None:
    client = sign_in(place.administrator)
    assert "联络员要等轮次里有了他的部门才能添加" in client.get(PAGE).text
    place.draft(keys=False)
    assert "联络员要等轮次里有了他的部门才能添加" not in client.get(PAGE).text
