"""The pages on which a second person confirms what an administrator asks for."""

from __future__ import annotations

import re

import cheap
import pytest
from county import PASSWORD, County, roster
from flask.testing import FlaskClient
from sqlalchemy import update

from survey.models import Mode, User
from survey.services.invitations import growth
from survey.services.people import bodies, passwords
from survey.services.roster import enterprises

NEW = {"name": "新评议员", "role": "reviewer", "body": "评议员0单位", "proof": PASSWORD}
CODE = re.compile(r'id="code">([0-9A-Z]{5}-[0-9A-Z]{5})<')
LINK = re.compile(r"/enrol#([\w-]+)")


@pytest.fixture(autouse=True)
def _everybody_has_a_password(place: County, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap.passwords(monkeypatch)
    hashed = passwords.hash_password(PASSWORD)
    place.database.write(lambda s: s.execute(update(User).values(password_hash=hashed)) and None)


def only_change(client: FlaskClient) -> str:
    (address,) = set(re.findall(r"/changes/[0-9a-f]{32}", client.get("/changes/").text))
    return str(address)


def test_a_reviewer_comes_in_by_three_hands(
    administrator: FlaskClient, reviewer: FlaskClient, visitor: FlaskClient
) -> None:
    page = administrator.post("/admin/people/new", data=NEW).text
    code = CODE.search(page)
    assert code
    assert not LINK.search(page)
    address = only_change(reviewer)
    assert "添加评议员“新评议员”，代表评议员0单位" in reviewer.get(address).text
    assert (
        administrator.post(f"{address}/confirm", data={"confirm": "y", "proof": PASSWORD}).status_code == 403
    )
    for missing in ({"confirm": "y"}, {"proof": PASSWORD}, {"confirm": "y", "proof": "wrong wrong wrong"}):
        assert reviewer.post(f"{address}/confirm", data=missing).status_code == 400
    done = reviewer.post(f"{address}/confirm", data={"confirm": "y", "proof": PASSWORD}).text
    link = LINK.search(done)
    assert link
    assert code[1] not in done
    form = {"token": link[1], "password": PASSWORD, "again": PASSWORD}
    refused = visitor.post("/enrol", data=form)
    assert (refused.status_code, "开户码不对" in refused.text) == (403, True)
    assert visitor.post("/enrol", data=form | {"code": code[1]}).status_code == 302
    prints = re.search(r'class="fingerprint">([0-9a-f ]{24})<', done)
    assert prints
    assert prints[1] in reviewer.get("/changes/").text
    visitor.post("/login", data={"name": "新评议员", "password": PASSWORD})
    assert prints[1] in visitor.get("/account/").text


@pytest.mark.parametrize("who", ["administrator", "reviewer"])
def test_refused_or_taken_back_changes_nothing(
    request: pytest.FixtureRequest, place: County, who: str
) -> None:
    administrator, client = request.getfixturevalue("administrator"), request.getfixturevalue(who)
    person = place.reviewers[1].id.hex()
    reset = administrator.post(
        f"/admin/people/{person}/reset", data={"act-confirm": "y", "act-proof": PASSWORD}
    )
    assert "已提出，等评议员确认" in reset.text
    address = only_change(client)
    assert "什么都没有改变" in client.post(f"{address}/refuse", follow_redirects=True).text
    assert client.get(address).status_code == 404
    assert "没有等待确认的变更" in client.get("/changes/").text


def test_a_body_is_listed_when_a_second_person_says_so(
    place: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    administrator.post("/changes/bodies", data={"name": "县工商联", "proof": PASSWORD})
    twice = administrator.post("/changes/bodies", data={"name": "县工商联", "proof": PASSWORD})
    assert "已经提出过" in twice.text
    reviewer.post(f"{only_change(reviewer)}/confirm", data={"confirm": "y", "proof": PASSWORD})
    with place.database.read() as session:
        assert "县工商联" in bodies.listed(session)
    assert 'value="县工商联"' in administrator.get("/admin/people/new").text
    assert 'value="县工商联"' in administrator.get("/admin/rounds/new").text
    administrator.post("/changes/bodies/remove", data={"name": "县工商联", "proof": PASSWORD})
    reviewer.post(f"{only_change(reviewer)}/confirm", data={"confirm": "y", "proof": PASSWORD})
    with place.database.read() as session:
        assert "县工商联" not in bodies.listed(session)


def test_invitations_are_added_by_two(
    place: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    place.draft().issue_attributed().start()
    place.database.write(lambda s: enterprises.import_roster(s, roster(5), actor="管理员"))
    page = administrator.get("/admin/rounds/2026-q4/invitations").text
    assert "提出增发" in page
    assert "签发 Excel" not in page
    asked = {"more-kind": "attributed", "more-reason": "名录漏了两家", "more-proof": PASSWORD}
    administrator.post("/admin/rounds/2026-q4/invitations/more", data=asked)
    address = only_change(reviewer)
    seen = reviewer.get(address).text
    for text in ("增发记名邀请 2 份，原因：名录漏了两家", "企业003", "企业004"):
        assert text in seen
    assert "企业000" not in seen
    reviewer.post(f"{address}/confirm", data={"confirm": "y", "proof": PASSWORD})
    page = administrator.get("/admin/rounds/2026-q4/invitations").text
    assert "已确认，可以在下面签发" in page
    assert "签发 Excel" in page
    place.issue_attributed()
    said = reviewer.get("/public/2026-q4").text
    assert "收票期间增发记名邀请 不足 3 份，原因：名录漏了两家" in said
    assert place.look(lambda s, r: growth.permission(s, r, Mode.ATTRIBUTED)) is None
