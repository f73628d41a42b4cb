"""Counts of paper forms: taken after closing, from a reviewer of the round, if they can be true."""

from __future__ import annotations

import hashlib
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
from survey.protocol.crypto import ecdsa
from survey.protocol.crypto.encoding import unb64u
from survey.services.voting import paper_counts
from survey.wording.editions import paper_forms as stated
from tests.paper.stations import KEYS, signed

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
    value = {"format": "pingyi-paper-count", "version": 2, "round": about.id, "station": "0A1B2C3D"}
    value |= {"check_number": about.check_number, "day": "2026-10-20", "people": ["张三", "李四"]}
    return json.dumps(signed(value | numbers | changes), ensure_ascii=False).encode()


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
        stations=2, handed_out=10, returned=8, cast=6, refused=1, empty=1, not_counted=0, confirmed=2
    )
    events = closed.look(lambda s, r: s.query(AuditEvent).filter_by(action="paper.count").count())
    assert events == 3
    assert "发出纸质评议表 10 份，收回 8 份：投入票箱 6 份" in stated(facts(closed))[0]
    with speaking("en"):
        assert "10 paper forms were handed out, 8 came back: 6 went into the box" in stated(facts(closed))[0]


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
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
    ({"version": 1}, "不是阅表站的记录"),
    ({"more": 1}, "不是阅表站的记录"),
    ({"people": ["张三", "李四" * 3000]}, "不是阅表站的记录"),
]


def test_what_cannot_be_true_is_refused(closed: County) -> None:
    for changes, words in IMPOSSIBLE:
        with pytest.raises(InvalidInput, match=words):
            pytest.fail(f"{changes} taken: {take(closed, file_of(closed, **changes))}")
        assert facts(closed) is None


def test_what_is_no_count_is_refused(closed: County) -> None:
    for content in (b"", b"null", b"[]", b"{", b"\xff", b"[" * 4000, b'{"format": 1, "format": 1}'):
        with pytest.raises(InvalidInput, match="不是阅表站的记录"):
            pytest.fail(f"{content!r} taken: {take(closed, content)}")


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


def test_an_earlier_count_of_the_same_two_replaces_none(closed: County) -> None:
    """Two files are called count.json, and the first is sent once more."""
    take(closed, file_of(closed))
    before = {"returned": 5, "cast": 3}
    with pytest.raises(Conflict, match="更晚的记录：收回 6 份，投了 4 份"):
        take(closed, file_of(closed, **before))
    assert facts(closed) == PaperFacts(
        stations=1, handed_out=8, returned=6, cast=4, refused=1, empty=1, not_counted=0, confirmed=1
    )
    value = json.loads(file_of(closed, **before))
    del value["signatures"]
    others = json.dumps(signed(value, KEYS[::-1])).encode()
    assert take(closed, others).returned == 5, "a forged one bars no true one"


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


def test_what_two_people_signed_is_published_as_they_signed_it(closed: County) -> None:
    take(closed, file_of(closed))
    listed = [count.published() for count in closed.look(paper_counts.as_signed)]
    value = json.loads(file_of(closed))
    assert [set(each) ^ set(value) for each in listed] == [{"people"}], "who reads is on paper"
    assert listed[0]["keys"] == value["keys"]
    row = closed.look(lambda s, r: paper_counts.counts_of(s, r)[0])
    points = [unb64u(text) for text in value["keys"]]
    said = json.dumps(
        {n: listed[0][n] for n in listed[0] if n != "signatures"}, sort_keys=True, separators=(",", ":")
    )
    for point, signature in zip(points, listed[0]["signatures"], strict=True):
        assert ecdsa.verifies(point, b"pingyi-paper-count:" + said.encode(), unb64u(signature))
    marks = [hashlib.sha256(point).hexdigest()[:16] for point in points]
    assert [mark.replace(" ", "") for mark in paper_counts.fingerprints(row)] == marks


def _one_key(value: dict[str, Any]) -> dict[str, Any]:
    return signed(
        {n: each for n, each in value.items() if n not in ("keys", "signatures")}, (KEYS[0], KEYS[0])
    )


@pytest.mark.parametrize(
    "forge",
    [
        lambda v: v | {"cast": 3, "empty": 2},
        lambda v: v | {"station": "FFFFFFFF"},
        lambda v: v | {"signatures": v["signatures"][::-1]},
        lambda v: v | {"signatures": v["signatures"][:1], "keys": v["keys"][:1]},
        lambda v: v | {"signatures": [], "keys": []},
        lambda v: v | {"signatures": [v["signatures"][0], "AAAA"]},
        _one_key,
    ],
)
def test_one_person_alone_confirms_nothing(closed: County, forge: Any) -> None:
    """Nor does a file hold that was changed after two had confirmed it."""
    forged = forge(json.loads(file_of(closed)))
    with pytest.raises(InvalidInput, match="没有两个人用各自的钥匙确认"):
        take(closed, json.dumps(forged, ensure_ascii=False).encode())
    assert facts(closed) is None


def test_a_count_from_before_there_were_keys_stays_signed_on_paper(closed: County) -> None:
    row = take(closed, file_of(closed))
    closed.act(lambda s, r: _without_keys(s.get(PaperForms, (r.id, row.station))))
    found = facts(closed)
    assert found is not None
    assert found.confirmed == 0
    assert "钥匙" not in stated(found)[1]
    assert closed.look(paper_counts.as_signed)[0].published()["keys"] == []


def _without_keys(row: Any) -> None:
    row.keys = row.signatures = None
