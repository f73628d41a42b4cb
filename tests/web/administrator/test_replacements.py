"""Replacing a lost invitation: once an enterprise, within a bound, in public, and shown once."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.errors import InvitationReplaced
from survey.models import AuditEvent, Enterprise, Mode
from survey.services.invitations import issuing
from survey.services.opening.box_files import export_box

PAGE = "/admin/rounds/2026-q4/replacements"
PUBLIC = "/public/2026-q4"


@pytest.fixture
def collecting(place: County) -> County:
    return place.draft(mode=Mode.ATTRIBUTED).issue_attributed().start()


def credit_codes(place: County) -> list[str]:
    with place.database.read() as session:
        query = select(Enterprise).order_by(Enterprise.name)
        return [enterprise.credit_code for enterprise in session.scalars(query)]


def ask(client: FlaskClient, credit_code: str, **more: str):
    return client.post(PAGE, data={"credit_code": credit_code, "confirm": "y"} | more)


def test_a_lost_phone_gets_one_new_link(collecting: County, administrator: FlaskClient) -> None:
    old = collecting.codes[0]
    collecting.phone(old).collect()
    code = credit_codes(collecting)[0]
    shown = ask(administrator, code, screen="yes")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    new = re.search(r"/s/2026-q4#((?:\w{4}-){6}\w{4})", shown.text)
    assert new
    with pytest.raises(InvitationReplaced):
        collecting.phone(old).collect()
    assert collecting.phone(new[1]).answer()
    again = ask(administrator, code, screen="yes")
    assert again.status_code == 409
    assert "换发过一次" in again.text
    assert new[1] not in administrator.get(PAGE).text


def test_the_file_says_the_same(collecting: County, administrator: FlaskClient) -> None:
    answer = ask(administrator, credit_codes(collecting)[1], file="yes")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1].values)
    assert len(rows) == 2
    assert rows[1][1] == "企业001"
    assert collecting.phone(rows[1][5].partition("#")[2]).answer()


def test_nothing_is_replaced_without_confirmation_or_for_nobody(
    collecting: County, administrator: FlaskClient
) -> None:
    code = credit_codes(collecting)[0]
    assert administrator.post(PAGE, data={"credit_code": code}).status_code == 400
    assert administrator.post(PAGE, data={"confirm": "y"}).status_code == 400
    unknown = ask(administrator, "913301060000000000")
    assert unknown.status_code == 400
    assert "没有信用代码为" in unknown.text
    assert collecting.look(issuing.replacements) == (0, 3)


def test_everybody_sees_how_many_and_nobody_sees_who(
    collecting: County, administrator: FlaskClient, visitor: FlaskClient
) -> None:
    code = credit_codes(collecting)[2]
    ask(administrator, code)
    assert "换发了 1 份，全轮最多 3 份" in visitor.get(PUBLIC).text
    with collecting.database.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "invitation.replace")).one()
    assert (event.subject, event.detail) == ("2026-q4", {})


def test_counts_hold_when_a_lost_credential_turns_up(
    collecting: County, administrator: FlaskClient, visitor: FlaskClient, tmp_path
) -> None:
    """Both ballots of one enterprise count; the counts keep their order and the replacement is stated."""
    lost = collecting.phone(collecting.codes[0])
    lost.collect()
    shown = ask(administrator, credit_codes(collecting)[0])
    new = shown.text.partition("/s/2026-q4#")[2][:34]
    collecting.phone(new).answer()
    lost.seal().cast()
    collecting.close()
    closed = collecting.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (4, 2, 2)
    page = visitor.get(PUBLIC).text
    assert re.findall(r"<dd>(\d+)</dd>", page)[:4] == ["4", "2", "2", "1"]
    path = tmp_path / "box.jsonl"
    export_box(collecting.database, "2026-q4", path)
    assert '"counts":{"invited":4,"collected":2,"cast":2,"replaced":1}' in path.read_text()


def test_the_bound_is_said_before_it_is_met(collecting: County, administrator: FlaskClient) -> None:
    for code in credit_codes(collecting):
        assert ask(administrator, code).status_code == 200
    page = administrator.get(PAGE).text
    assert "已达上限" in page
    assert "<form" not in page.partition("<main")[2]


def test_not_before_the_start_nor_after_the_end(place: County, administrator: FlaskClient) -> None:
    place.draft(mode=Mode.ATTRIBUTED).issue_attributed()
    code = credit_codes(place)[0]
    assert ask(administrator, code).status_code == 409
    place.start().close()
    assert ask(administrator, code).status_code == 409
    assert "不能换发" in administrator.get(PAGE).text
