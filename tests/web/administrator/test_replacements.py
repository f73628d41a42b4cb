"""Replacing a lost invitation: once an enterprise, within a bound, in public, and shown once."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from county import County, roster
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.clock import today
from survey.errors import CodeUnknown, InvitationReplaced, InvitationUsed
from survey.models import AuditEvent, Enterprise, Mode
from survey.services.invitations import replacing
from survey.services.opening.box_files import export_box
from survey.services.roster import enterprises as rosters
from survey.services.voting import participation

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
    return client.post(PAGE, data={"credit_code": credit_code, "confirm": "y"} | more, follow_redirects=True)


def new_code_in(text: str) -> str:
    found = re.search(r"/s/2026-q4#((?:\w{4}-){6}\w{4})", text)
    return found[1] if found else ""


def test_a_lost_phone_gets_one_new_link(collecting: County, administrator: FlaskClient) -> None:
    old = collecting.codes[0]
    collecting.phone(old).collect()
    code = credit_codes(collecting)[0]
    shown = ask(administrator, code, screen="yes")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    new = new_code_in(shown.text)
    assert new
    with pytest.raises(InvitationReplaced):
        collecting.phone(old).collect()
    assert collecting.phone(new).answer()
    told_as_used(collecting)
    again = ask(administrator, code, screen="yes")
    assert again.status_code == 409
    assert "换发过一次" in again.text
    assert new not in administrator.get(PAGE).text


def told_as_used(place: County) -> None:
    """What the daily batch does once enough have collected."""
    for code in place.codes[1:]:
        place.phone(code).collect()
    assert place.act(lambda s, r: participation.refresh(s, r, today()))


def test_a_replacement_is_shown_again_until_it_is_used(
    collecting: County, administrator: FlaskClient, sign_in
) -> None:
    firm = credit_codes(collecting)[0]
    first = ask(administrator, firm, screen="yes")
    new, where = new_code_in(first.text), first.request.path
    assert firm not in where, "the desk's log keeps addresses"
    for _ in range(2):  # reloading
        page = administrator.get(where)
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
        assert new_code_in(page.text) == new
    for piece in ('data-copy="new-link"', 'data-copy="new-message"', "data:image/svg+xml", "请您匿名评议"):
        assert piece in page.text
    assert "再换一个，不占名额" in sign_in(collecting.administrator).get(where, follow_redirects=True).text
    assert where in administrator.get(PAGE).text
    assert collecting.phone(new).answer()
    told_as_used(collecting)
    assert not new_code_in(administrator.get(where, follow_redirects=True).text)
    assert where not in administrator.get(PAGE).text


def test_a_replacement_lost_before_it_was_used_gets_another_code_that_counts_nothing(
    collecting: County, administrator: FlaskClient
) -> None:
    firm = credit_codes(collecting)[0]
    codes = [new_code_in(ask(administrator, firm, screen="yes").text) for _ in range(3)]
    assert len(set(codes)) == 3
    assert collecting.look(replacing.replacements) == (1, 3)
    for dead in codes[:2]:
        with pytest.raises(CodeUnknown):
            collecting.phone(dead).collect()
    assert collecting.phone(codes[2]).answer()
    collecting.close()
    closed = collecting.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (4, 1, 1)


def test_whether_a_replacement_was_used_today_is_not_told(
    collecting: County, administrator: FlaskClient
) -> None:
    """Two firms with a replacement, one has used it since the daily batch: the same answers for both."""
    used, unused = credit_codes(collecting)[:2]
    code = new_code_in(ask(administrator, used, screen="yes").text)
    ask(administrator, unused, screen="yes")
    collecting.phone(code).answer()
    pages = [ask(administrator, firm, screen="yes") for firm in (used, unused)]
    assert [page.status_code for page in pages] == [200, 200]
    with pytest.raises(InvitationUsed):
        collecting.phone(new_code_in(pages[0].text)).collect()
    assert collecting.phone(new_code_in(pages[1].text)).answer()


def test_a_firm_is_found_by_name_contact_and_telephone_from_both_lists(
    collecting: County, administrator: FlaskClient
) -> None:
    firm = credit_codes(collecting)[1]
    known = collecting.look(
        lambda s, _r: s.scalars(select(Enterprise).where(Enterprise.credit_code == firm)).one()
    )
    collecting.act(lambda s, _r: s.get(Enterprise, known.id).__setattr__("phone", "0571-8765 4321"))
    collecting.act(lambda s, _r: s.get(Enterprise, known.id).__setattr__("contact", "欧阳会计"))
    way = f'value="{firm}"'
    for words in ("企业001", "欧阳", "057187654321", "8765-4321"):
        for page in (PAGE, "/admin/rounds/2026-q4/participation"):
            found = administrator.get(page, query_string={"search": words}).text
            replacing, _, interview = found.partition("/interview/firm")
            assert replacing.count(way) == 1, (words, page)
            assert interview.count(way) == (page != PAGE), (words, page)
    chosen = administrator.post(f"{PAGE}/firm", data={"firm": firm}).text
    assert f'value="{firm}"' in chosen
    assert "欧阳会计" in chosen


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
    assert collecting.look(replacing.replacements) == (0, 3)


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
    new = new_code_in(shown.text)
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


def test_the_bound_is_said_and_holds_for_firms_without_a_replacement(
    collecting: County, administrator: FlaskClient
) -> None:
    for code in credit_codes(collecting):
        assert ask(administrator, code).status_code == 200
    assert "已达上限" in administrator.get(PAGE).text
    for _ in range(2):  # what is unused can be given again, and counts nothing
        assert ask(administrator, code).status_code == 200
    assert collecting.look(replacing.replacements) == (3, 3)
    collecting.act(lambda s, _r: rosters.import_roster(s, roster(4), actor="管理员"))
    collecting.grow().issue_attributed()
    refused = ask(administrator, credit_codes(collecting)[3])
    assert refused.status_code == 409
    assert "已达上限 3 个" in refused.text


def test_not_before_the_start_nor_after_the_end(place: County, administrator: FlaskClient) -> None:
    place.draft(mode=Mode.ATTRIBUTED).issue_attributed()
    code = credit_codes(place)[0]
    assert ask(administrator, code).status_code == 409
    place.start().close()
    assert ask(administrator, code).status_code == 409
    assert "不能换发" in administrator.get(PAGE).text
