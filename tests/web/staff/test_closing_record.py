"""The printed record of a closing, read back from its PDF, against root and log worked out anew."""

from __future__ import annotations

import hashlib
import re

import pypdfium2
import pytest
from county import BASE_URL, County, plain_answers, without_guards
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.models import AuditEvent, Ballot, User

ADDRESS = {
    "admin": "/admin/rounds/2026-q4/closing-record.pdf",
    "review": "/review/2026-q4/closing-record.pdf",
}


@pytest.fixture
def closed(place: County) -> County:
    place.draft().issue(5).start()
    place.phone().collect()
    place.cast_all([plain_answers(place.description().questionnaire)] * 3)
    return place.close()


def lines_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return [line.strip() for line in document[0].get_textpage().get_text_bounded().splitlines()]


def rfc6962(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + rfc6962(leaves[:split]) + rfc6962(leaves[split:])).digest()


def root_of(place: County) -> str:
    sealed = place.look(lambda s, _r: [bytes(row) for row in s.scalars(select(Ballot.sealed))])
    return rfc6962(sorted(hashlib.sha256(b).digest()[:10] for b in sealed)).hex()


@pytest.mark.parametrize("desk", ADDRESS)
def test_it_says_what_was_closed_by_whom(
    closed: County, administrator: FlaskClient, reviewer: FlaskClient, desk: str
) -> None:
    answer = {"admin": administrator, "review": reviewer}[desk].get(ADDRESS[desk])
    assert answer.mimetype == "application/pdf"
    text = "\n".join(lines_of(answer.data))
    entry = closed.look(
        lambda s, _r: s.scalars(select(AuditEvent).where(AuditEvent.action == "round.close")).one()
    )
    grouped = {re.sub(r"\s", "", found) for found in re.findall(r"(?:\b[0-9a-f]{4}\b\s*){2,}", text)}
    root = root_of(closed)
    assert {root[:8], root, entry.hash.hex()} <= grouped
    text = re.sub(r"\s", "", text)
    assert f"操作日志共{entry.number}条" in text
    counts = ("5份，其中换发0份", "4份", "3张")
    for part in ("2026年第四季度评议", *counts, f"{BASE_URL}/public/2026-q4", "管理员", "评议员0"):
        assert part in text, part
    day = closed.round().closes_on
    assert f"{day.year}年{day.month}月{day.day}日" in text
    assert text.count("签名日期") == 2 + len(closed.reviewers)


def test_it_is_in_the_language_of_the_desk(closed: County, reviewer: FlaskClient) -> None:
    text = "\n".join(lines_of(reviewer.get(f"{ADDRESS['review']}?lang=en").data))
    assert "Closing record" in text
    assert "3 ballots" in text


def test_an_account_renamed_later_keeps_its_name(closed: County, administrator: FlaskClient) -> None:
    closed.database.write(lambda s: setattr(s.get(User, closed.administrator.id), "name", "改名"))
    text = "\n".join(lines_of(administrator.get(ADDRESS["admin"]).data))
    assert "管理员" in text
    assert "改名" not in text


def test_there_is_none_before_closing(place: County, administrator: FlaskClient) -> None:
    place.draft().issue().start()
    answer = administrator.get(ADDRESS["admin"])
    assert answer.status_code == 409
    assert "本轮还没有截止，没有截止记录。" in answer.text


def test_a_rewritten_root_is_not_printed(closed: County, reviewer: FlaskClient) -> None:
    """Attack: with the triggers dropped, another root; a page printed now would confirm it at the opening."""
    with without_guards(closed.database) as connection:
        connection.exec_driver_sql("UPDATE round SET merkle_root = zeroblob(32)")
    answer = reviewer.get(ADDRESS["review"])
    assert answer.status_code == 409
    assert "校验根与操作日志里截止时记下的不同" in answer.text


def test_both_desks_and_the_opening_lead_to_it(
    closed: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    assert ADDRESS["admin"] in administrator.get("/admin/rounds/2026-q4").text
    assert ADDRESS["review"] in reviewer.get("/review/2026-q4/").text
    assert "截止记录" in reviewer.get("/review/2026-q4/open").text
