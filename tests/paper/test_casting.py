"""The station plays the phone: one form one ballot, whatever ends the station, and whichever came first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count as counting
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from county import County
from flask import Flask
from served import running

from survey.demo.phone import NotAsHandedOut, PhoneClient
from survey.documents.paper.layout import Question, QuestionKind
from survey.errors import Conflict, InvalidInput, InvitationUsed
from survey.models import Ballot
from survey.paper.scans.judge import Doubt
from survey.paper.station.casting import Lines, cast_all, split_address
from survey.paper.station.ends import CAST, EMPTY, OPEN, REFUSED
from survey.paper.station.erasing import check_receipts, erase
from survey.paper.station.folder import Station
from survey.paper.station.people import People
from survey.paper.station.report import count, final, report
from survey.paper.station.settling import Settling
from survey.protocol.answers import encode_answers
from survey.protocol.codes import format_code
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.witness.app import create_app
from tests.paper.rounds import described, questionnaire
from tests.paper.stations import begun, keep_form
from tests.witness.two_machines import TwoMachines

TRIALS = 30
NOTHING = {Question(QuestionKind.RATING, d, i): 0 for d in range(4) for i in range(2)}


def receipts(place: County) -> list[str]:
    """Receipts of all ballots in the box."""
    return place.look(lambda s, _r: sorted(format_receipt(receipt_bytes(b.sealed)) for b in s.query(Ballot)))


@pytest.fixture
def url(site: Flask, place: County) -> Iterator[str]:
    with running(site) as address:
        yield f"{address}/s/{place.slug}"


def cast(station: Station) -> dict[str, str]:
    return dict(cast_all(station, Lines.to(station.url, station.description)))


def test_every_form_once(place: County, url: str, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    used = place.phone(place.codes[3])
    used.answer()
    codes = [*place.codes[:4], format_code(bytes(15) + b"\1")]
    forms = [keep_form(station, code) for code in codes]
    empty = keep_form(station, place.codes[5], NOTHING)
    doubtful = keep_form(station, place.codes[6], doubts={Question(QuestionKind.RATING, 0, 0): Doubt.FAINT})
    ends = cast(station)
    assert [ends[form] for form in forms] == [CAST, CAST, CAST, REFUSED, REFUSED]
    assert (ends[empty], ends[doubtful]) == (EMPTY, OPEN)
    assert cast(station) == ends
    mine = [known["receipt"] for known in station.casts().values() if known["state"] == CAST]
    assert sorted([*mine, format_receipt(receipt_bytes(used.sealed))]) == receipts(place)
    why = {known.get("why") for known in station.casts().values()}
    assert why == {None, "invitation_used", "code_unknown"}
    left = {name for known in station.casts().values() for name in known}
    assert left == {"state", "receipt", "why", "pages"}, "no secret is left"


class Killed(BaseException):
    """The station ended here."""


def killing(at: int) -> Any:
    """Ends the station at its `at`-th event: before and after each request and each thing written down."""
    events = counting(1)

    def due() -> None:
        if next(events) == at:
            raise Killed

    def around(work: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            due()
            result = work(*given, **named)
            due()
            return result

        return counted

    stack = mock.patch.multiple(PhoneClient, _request=around(PhoneClient._request))
    return stack, mock.patch.multiple(Station, note_cast=around(Station.note_cast))


def test_killed_at_any_step_nothing_is_cast_twice(place: County, url: str, tmp_path: Path) -> None:
    ended = 0
    for trial in range(1, TRIALS + 1):
        station = begun(tmp_path / f"station{trial}", place.description(), url)
        form = keep_form(station, place.codes.pop())
        requests, notes = killing(trial)
        with requests, notes:
            try:
                cast(station)
            except Killed:
                ended += 1
        again = Station(station.folder)
        assert cast(again) == {form: CAST}
        assert len(receipts(place)) == trial
        assert again.casts()[form]["receipt"] in receipts(place)
    assert ended >= 16, "every step of one form"


def test_two_programs_do_not_cast_from_one_station(place: County, url: str, tmp_path: Path) -> None:
    """The second would find the first one's code used, and write that over the receipt."""
    station = begun(tmp_path / "station", place.description(), url)
    forms = [keep_form(station, code) for code in place.codes[:2]]
    first = cast_all(station, Lines.to(url, station.description))
    next(first)
    with pytest.raises(InvalidInput, match="另一个程序正在"):
        cast(Station(station.folder))
    list(first)
    assert cast(station) == dict.fromkeys(forms, CAST)


def test_what_is_decided_while_others_are_cast_holds(place: County, url: str, tmp_path: Path) -> None:
    """From another window: taken back and decided anew before the form's casting, not after."""
    station, asked = (
        begun(tmp_path / "station", place.description(), url),
        Question(QuestionKind.RATING, 0, 0),
    )
    forms = {keep_form(station, code, doubts={asked: Doubt.FAINT}) for code in place.codes[:3]}
    elsewhere, cast_as = Settling(Station(station.folder)), list[int]()

    def say(form: str, said: str) -> None:
        for who in (0, 1):
            elsewhere.decide(who, elsewhere.forms()[form].items[0], said)

    for form in forms:
        say(form, "1")

    def noted(asked_of: Any, answers: Any) -> bytes:
        cast_as.append(answers.ratings[0][0])
        return encode_answers(asked_of, answers)

    with mock.patch("survey.paper.station.casting.encode_answers", noted):
        work = cast_all(station, Lines.to(url, station.description))
        first, _ = next(work)
        with pytest.raises(Conflict, match="已经开始投票"):
            elsewhere.withdraw(0, first, "rating:0:0")
        taken_back, changed = forms - {first}
        elsewhere.withdraw(0, taken_back, "rating:0:0")
        elsewhere.withdraw(0, changed, "rating:0:0")
        say(changed, "2")
        ends = dict(work)
    assert ends == {taken_back: OPEN, changed: CAST}
    assert cast_as == [1, 2]


def test_a_form_that_is_cast_after_closing_is_refused_and_the_count_goes_on(
    place: County, url: str, tmp_path: Path
) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    in_time = keep_form(station, place.codes[0])
    assert cast(station) == {in_time: CAST}
    late = keep_form(station, place.codes[1])
    place.close()
    assert cast(station) == {in_time: CAST, late: REFUSED}
    counted = count(station)
    assert (counted.cast, counted.refused, counted.late, counted.ready) == (1, 1, 1, 0)
    assert len(receipts(place)) == 1
    for name, words in (("甲", "correct horse battery staple"), ("乙", "another line of odd words")):
        People(station).enrol(name, words)
    assert final(station, 2).numbers() == (2, 2, 1, 1, 0, 0)


def test_a_late_form_is_cast_when_the_round_was_extended(place: County, url: str, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    form = keep_form(station, place.codes[0])
    station.note_cast(form, {"state": REFUSED, "why": "round_closed"})
    assert count(station).late == 1
    assert cast(station) == {form: CAST}
    assert count(station).late == 0


def test_a_late_form_with_a_doubt_is_not_cast_before_it_is_settled(
    place: County, url: str, tmp_path: Path
) -> None:
    """A page of it was read after the last day, and then the round was extended."""
    station = begun(tmp_path / "station", place.description(), url)
    form = keep_form(station, place.codes[0], doubts={Question(QuestionKind.RATING, 1, 0): Doubt.FAINT})
    station.note_cast(form, {"state": REFUSED, "why": "round_closed"})
    assert cast(station) == {form: OPEN}
    for person in (0, 1):
        (item,) = Settling(station).waiting(person)
        Settling(station).decide(person, item, "2")
    assert cast(station) == {form: CAST}
    assert station.casts()[form]["pages"] == [0]


def test_a_phone_that_comes_after_the_paper_is_refused(place: County, url: str, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    keep_form(station, place.codes[0])
    cast(station)
    with pytest.raises(InvitationUsed):
        place.phone(place.codes[0]).answer()
    assert len(receipts(place)) == 1


def test_a_site_with_another_round_gets_nothing(place: County, url: str, tmp_path: Path) -> None:
    """Whoever exchanges the questionnaire under printed forms is found before a code is shown to him."""
    station = begun(tmp_path / "station", described(questionnaire(4, 2, 3)), url)
    keep_form(station, place.codes[0])
    with pytest.raises(NotAsHandedOut):
        cast(station)
    assert place.look(lambda s, _r: s.query(Ballot).count()) == 0


@pytest.mark.usefixtures("_cheap_keys")
def test_two_machines(sqlite_database: Any, tmp_path: Path) -> None:
    """In a round with a witness the ballots go through it, as a phone's do."""
    from tests.paper.conftest import site_of

    place = TwoMachines(sqlite_database, folder=tmp_path / "there")
    place.populate()
    with running_witness(place):
        place.issue(3).start()
        with running(site_of(place, tmp_path)) as address:
            station = begun(tmp_path / "station", place.description(), f"{address}/s/{place.slug}")
            forms = [keep_form(station, code) for code in place.codes]
            assert cast(station) == dict.fromkeys(forms, CAST)
            assert receipts(place) == []
            place.hand_over()
            mine = sorted(known["receipt"] for known in station.casts().values())
            assert receipts(place) == mine


@contextmanager
def running_witness(place: TwoMachines) -> Iterator[None]:
    """The witness of a county, served at the address that the round's description names."""
    apps: list[Flask] = []

    def under(environ: dict[str, Any], start: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/w")
        return apps[0](environ, start)

    with running(under) as address:
        place.address = f"{address}/w"
        place.draft()
        apps.append(create_app(place.witness.store))
        yield
    place.witness.store.close()


def test_erasing_needs_the_published_receipts(place: County, url: str, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    forms = [keep_form(station, code) for code in place.codes[:2]]
    station.image("x").write_bytes(b"what somebody wrote" * 9)
    cast(station)
    with pytest.raises(InvalidInput, match="没有这个阅表站投的 2 张票"):
        check_receipts(station, "")
    assert check_receipts(station, "\n".join(receipts(place))) == 2
    path = erase(station, report(station, 5, str), str)
    said = path.read_text("utf-8")
    assert "销毁证明" in said
    assert "已投入票箱  2" in said
    left = [p.name for p in station.folder.rglob("*") if p.is_file()]
    assert sorted(left) == [
        ".casting",
        ".deciding",
        ".reading",
        "erased-files.txt",
        "erased.txt",
        "station.json",
    ]
    rest = b"".join((station.folder / name).read_bytes() for name in ("erased.txt", "station.json"))
    assert not any(form.encode() in rest for form in forms)
    with pytest.raises(InvalidInput, match="已经销毁"):
        cast(Station(station.folder))


@pytest.mark.parametrize(
    "url", ["pingyi.example/s/x", "https://pingyi.example", "ftp://a/s/b", "https://a/s/"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InvalidInput):
        split_address(url)


def test_addresses() -> None:
    assert split_address("https://a.example/under/s/2026-q4#x") == ("https://a.example/under", "2026-q4")
