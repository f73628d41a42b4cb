"""Counts of paper forms: taken after closing, from a reviewer of the round, if they can be true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from county import County
from sqlalchemy.exc import IntegrityError

from survey.database.engine import Database
from survey.errors import Conflict, Forbidden, InvalidInput
from survey.facts.publication import PaperFacts
from survey.language import speaking
from survey.models import AuditEvent, PaperForms, Role
from survey.services.voting import paper_counts
from survey.wording.editions import paper_forms as stated

pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def closed(database: Database) -> County:
    """Ten slips, six of them cast; closed."""
    place = County(database).collecting(slips=10)
    for _ in range(6):
        place.phone().answer()
    return place.close()


def file_of(place: County, **changes: Any) -> bytes:
    """A file as docs/formats.md says, written without the program."""
    about = place.description()
    numbers = {"handed_out": 8, "returned": 6, "cast": 4, "refused": 1, "empty": 1, "not_counted": 0}
    value = {"format": "pingyi-paper-count", "version": 1, "round": about.id, "station": "0A1B2C3D"}
    value |= {"check_number": about.check_number, "day": "2026-10-20", "people": ["张三", "李四"]}
    return json.dumps(value | numbers | changes, ensure_ascii=False).encode()


def take(place: County, content: bytes, who: Any = None) -> PaperForms:
    return place.act(lambda s, r: paper_counts.take(s, r, who or place.reviewers[0], content))


def facts(place: County) -> PaperFacts | None:
    return place.look(paper_counts.stated)


def test_stations_are_summed_and_the_last_count_of_one_holds(closed: County) -> None:
    assert facts(closed) is None
    take(closed, file_of(closed, handed_out=9))
    take(closed, file_of(closed))
    take(closed, file_of(closed, station="FFFFFFFF", handed_out=2, returned=2, cast=2, refused=0, empty=0))
    assert facts(closed) == PaperFacts(
        stations=2, handed_out=10, returned=8, cast=6, refused=1, empty=1, not_counted=0
    )
    events = closed.look(lambda s, r: s.query(AuditEvent).filter_by(action="paper.count").count())
    assert events == 3
    assert "发出纸质评议表 10 份，收回 8 份：投入票箱 6 份" in stated(facts(closed))[0]
    with speaking("en"):
        assert "10 paper forms were handed out, 8 came back: 6 went into the box" in stated(facts(closed))[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cast": 7, "returned": 9, "handed_out": 9}, "投了 7 份，票箱里只有 6 张票"),
        ({"handed_out": 11}, "发出 11 份，本轮只签发了 10 张"),
        ({"handed_out": 5}, "发出 5 份，收回却有 6 份"),
        ({"cast": 5}, "各项之和却是 7 份"),
        ({"people": ["张三", "张三"]}, "由两个人签名"),
        ({"round": "00" * 16}, "另一轮"),
        ({"check_number": "0000-0000-0000-0000"}, "另一轮"),
        ({"cast": True, "returned": 3}, "不是阅表站的记录"),
        ({"cast": -1, "returned": 1}, "不是阅表站的记录"),
        ({"cast": 4.0}, "不是阅表站的记录"),
        ({"cast": "4"}, "不是阅表站的记录"),
        ({"people": ["张三"]}, "不是阅表站的记录"),
        ({"people": "张三"}, "由两个人签名|不是阅表站的记录"),
        ({"people": ["张三", "李\n四"]}, "不是阅表站的记录"),
        ({"station": ""}, "不是阅表站的记录"),
        ({"station": "x" * 65}, "不是阅表站的记录"),
        ({"day": "yesterday"}, "不是阅表站的记录"),
        ({"version": 2}, "不是阅表站的记录"),
        ({"more": 1}, "不是阅表站的记录"),
        ({"people": ["张三", "李四" * 3000]}, "不是阅表站的记录"),
    ],
)
def test_what_cannot_be_true_is_refused(closed: County, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        take(closed, file_of(closed, **changes))
    assert facts(closed) is None


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 4000, b'{"format": 1, "format": 1}']
)
def test_what_is_no_count_is_refused(closed: County, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="不是阅表站的记录"):
        take(closed, content)


def test_two_stations_cannot_cast_more_than_there_is(closed: County) -> None:
    take(closed, file_of(closed, handed_out=6))
    second = {"station": "FFFFFFFF", "handed_out": 4, "returned": 4, "cast": 4, "refused": 0, "empty": 0}
    with pytest.raises(InvalidInput, match="投了 8 份，票箱里只有 6 张票"):
        take(closed, file_of(closed, **second))
    with pytest.raises(InvalidInput, match="发出 11 份，本轮只签发了 10 张"):
        take(closed, file_of(closed, **second | {"handed_out": 5}))
    found = facts(closed)
    assert found is not None
    assert (found.stations, found.cast) == (1, 4)


def test_not_while_ballots_are_taken(database: Database) -> None:
    """The number of paper ballots beside that of all would tell how many phones voted."""
    place = County(database).collecting(slips=10)
    with pytest.raises(Conflict, match="截止以后"):
        take(place, file_of(place))


def test_only_reviewers_of_the_round(closed: County) -> None:
    late = closed.add_user("后来的评议员", Role.REVIEWER)
    for user in (closed.administrator, late):
        with pytest.raises(Forbidden):
            take(closed, file_of(closed), user)


def test_the_database_adds_up_itself(closed: County) -> None:
    row = take(closed, file_of(closed))
    with pytest.raises(IntegrityError, match=r"sums|CHECK"):
        closed.act(lambda s, r: s.get(PaperForms, (r.id, row.station)).__setattr__("cast", 5))
