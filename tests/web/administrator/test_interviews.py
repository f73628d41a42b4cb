"""Telephone interviews: with consent, within the bound of replacements, counted in public only."""

from __future__ import annotations

import html
import io
import re

import pypdf
import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import select, text

from survey.errors import InvitationReplaced
from survey.models import AuditEvent, Enterprise, Mode
from survey.services.invitations import growth, replacing
from survey.services.opening.closing_record import closing_record
from survey.wording import editions

PAGE = "/admin/rounds/2026-q4/interview"
PUBLIC = "/public/2026-q4"


@pytest.fixture
def collecting(place: County) -> County:
    return place.draft(mode=Mode.ATTRIBUTED).issue_attributed().start()


def firm(place: County, number: int = 0) -> str:
    with place.database.read() as session:
        return list(session.scalars(select(Enterprise.credit_code).order_by(Enterprise.name)))[number]


def ask(client: FlaskClient, code: str, **more: str):
    return client.post(PAGE, data={"credit_code": code, "consent": "y"} | more)


def link_in(page: str) -> str:
    found = re.search(r'href="(https://pingyi\.example/s/2026-q4#[^"]+)"', page)
    return html.unescape(found[1]) if found else ""


def test_without_the_firms_consent_there_is_no_link(collecting: County, administrator: FlaskClient) -> None:
    page = administrator.get(PAGE).text
    assert "对您就不匿名了" in page
    chosen = administrator.post(f"{PAGE}/firm", data={"firm": firm(collecting)})
    assert "企业000" in chosen.text
    refused = administrator.post(PAGE, data={"credit_code": firm(collecting)})
    assert refused.status_code == 400
    assert "没有企业的同意" in refused.text
    assert collecting.look(replacing.replacements)[0] == 0


def test_one_interview_is_counted_in_public_and_names_nobody(
    collecting: County, administrator: FlaskClient, visitor: FlaskClient
) -> None:
    old = collecting.codes[0]
    assert "电话填写" not in visitor.get(PUBLIC).text
    answer = ask(administrator, firm(collecting))
    link = link_in(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert link.endswith("&interview")
    with pytest.raises(InvitationReplaced):
        collecting.phone(old).collect()
    collecting.phone(link.partition("#")[2].removesuffix("&interview")).answer()
    assert "电话填写 1 份" in visitor.get(PUBLIC).text
    assert "企业000" not in visitor.get(PUBLIC).text
    with collecting.database.read() as session:
        (entry,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "invitation.replace"))
    assert (entry.subject, entry.detail) == ("2026-q4", {"interview": True})
    collecting.close()
    assert collecting.look(closing_record).interviews == 1
    (stated,) = collecting.look(growth.added)
    assert (stated.kind, stated.count) == ("interview", 1)
    assert editions.added(stated, collecting.round().threshold).startswith("电话填写 1 份：企业事先同意")
    printed = pypdf.PdfReader(io.BytesIO(administrator.get("/admin/rounds/2026-q4/closing-record.pdf").data))
    assert re.search(r"电话填写\s*1 份", printed.pages[0].extract_text())


def test_nothing_stored_tells_an_interview_from_a_replacement(
    collecting: County, administrator: FlaskClient
) -> None:
    """Whoever has the database must not find the ballot, nor the invitation, that was taken by telephone."""
    collecting.act(
        lambda s, r: replacing.replace_invitation(
            s,
            r,
            s.scalars(select(Enterprise).order_by(Enterprise.name)).first(),
            "https://x.example",
            "管理员",
        )
    )

    def rows() -> list[tuple[object, ...]]:
        with collecting.database.read() as session:
            columns = "collected, collected_reported, replaced, blinded_hash, blind_signature"
            return sorted(map(tuple, session.execute(text(f"SELECT {columns} FROM invitation"))), key=repr)

    before = rows()
    assert ask(administrator, firm(collecting)).status_code == 200  # the same firm: another code in its place
    assert rows() == before
    with administrator.session_transaction() as kept:
        assert "replacements" not in kept, "the desk's browser keeps no code of it"


def test_it_takes_from_the_bound_of_replacements(
    collecting: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a clerk could answer for everybody."""
    monkeypatch.setattr(replacing, "most_replacements", lambda _invited: 1)
    assert ask(administrator, firm(collecting)).status_code == 200
    over = ask(administrator, firm(collecting, 1))
    assert over.status_code == 409
    assert "已达上限" in over.text
    assert ask(administrator, "91130999MA99999999").status_code == 400
    collecting.close()
    assert "不在收票中" in administrator.get(PAGE).text
    assert ask(administrator, firm(collecting, 1)).status_code == 409
