"""Collecting and casting: once each, whatever happens at the same time, and durable when acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import county
import loops
import postgres
import pytest
from county import County, Phone
from pretended_day import pretend
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError

from survey import clock
from survey.clock import today
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.errors import (
    Busy,
    CodeMistyped,
    CodeUnknown,
    CredentialInvalid,
    CredentialSpent,
    InvitationUsed,
    Malformed,
    NotFound,
    PingyiError,
    RoundCancelled,
    RoundClosed,
    RoundNotOpen,
)
from survey.models import Ballot, Invitation, Mode
from survey.protocol.codes import new_code
from survey.protocol.credentials import prepare
from survey.protocol.crypto.blind import blind
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.services.rounds import closing, lifecycle
from survey.services.rounds.descriptions import collecting_description
from survey.services.voting import casting as ballots
from survey.web.fast import casting_loop
from survey.web.fast.casting_loop import BallotBox

CROWD = 40


def outcomes(work: Callable[[int], object], count: int = CROWD) -> list[object]:
    """What `count` threads that start together return or raise."""
    gate = threading.Barrier(count)

    def one(number: int) -> object:
        gate.wait()
        try:
            return work(number)
        except PingyiError as error:
            return type(error)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def counted(place: County) -> tuple[int, int]:
    """(credentials collected, ballots kept)."""
    with place.database.read() as session:
        collected = session.scalar(select(func.count()).where(Invitation.collected))
        return collected or 0, session.scalar(select(func.count()).select_from(Ballot)) or 0


def test_from_code_to_receipt(place: County) -> None:
    phone = place.collecting().phone()
    receipt = phone.answer()
    assert receipt == format_receipt(receipt_bytes(phone.sealed))
    assert counted(place) == (1, 1)


def test_lost_replies_are_given_again(place: County) -> None:
    phone = place.collecting().phone()
    assert phone.collect() == phone.collect()
    phone.seal()
    assert phone.cast() == phone.cast()
    assert counted(place) == (1, 1)


def test_a_lost_receipt_is_given_again_after_closing(place: County) -> None:
    phone = place.collecting().phone()
    receipt = phone.answer()
    late = place.phone()
    late.collect()
    late.seal()
    place.close()
    assert phone.cast() == receipt
    with pytest.raises(RoundClosed):
        late.cast()
    assert counted(place) == (2, 1)


def test_forty_phones_with_one_code_get_one_credential(place: County) -> None:
    place.collecting()
    code = place.codes.pop()
    phones = [place.phone(code) for _ in range(CROWD)]
    results = outcomes(lambda n: phones[n].collect())
    assert sum(isinstance(result, bytes) for result in results) == 1
    assert results.count(InvitationUsed) == CROWD - 1
    assert counted(place) == (1, 0)


def test_one_phone_that_asks_forty_times_gets_one_answer(place: County) -> None:
    phone = place.collecting().phone()
    assert len(set(outcomes(lambda _n: phone.collect()))) == 1


def test_forty_ballots_with_one_credential_are_one_ballot(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    sealed = [phone.seal().sealed for _ in range(CROWD)]

    def cast(number: int) -> str:
        return ballots.cast(place.database, place.slug, phone.ballot(sealed[number]))

    results = outcomes(cast)
    assert sum(isinstance(result, str) for result in results) == 1
    assert results.count(CredentialSpent) == CROWD - 1
    assert counted(place) == (1, 1)


def test_one_ballot_sent_forty_times_is_one_ballot(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    assert len(set(outcomes(lambda _n: phone.cast()))) == 1
    assert counted(place) == (1, 1)


def test_new_ballots_resends_and_second_ballots_in_one_crowd(place: County) -> None:
    """Each hears its own outcome, although one statement writes them all."""
    place.collecting(slips=CROWD)
    phones = [place.phone() for _ in range(CROWD)]
    for phone in phones:
        phone.collect()
        phone.seal()
    resent, replaced = phones[:10], phones[10:20]
    receipts = [phone.cast() for phone in resent + replaced]
    for phone in replaced:
        phone.seal()
    results = outcomes(lambda n: phones[n].cast())
    assert results[:10] == receipts[:10]
    assert results[10:20] == [CredentialSpent] * 10
    assert results[20:] == [format_receipt(receipt_bytes(phone.sealed)) for phone in phones[20:]]
    assert counted(place) == (CROWD, CROWD)


def test_an_event_loop_takes_a_crowd_in_by_a_few_commits(place: County) -> None:
    place.collecting(slips=CROWD)
    phones = [place.phone() for _ in range(CROWD)]
    for phone in phones:
        phone.collect()
        phone.seal()
    resent = phones[0].cast()
    spent = phones[1].cast()
    phones[1].seal()
    forged = phones[2].signature
    phones[2].signature = bytes(len(forged))
    commits: list[Connection] = []
    note = commits.append
    event.listen(place.database.engine, "commit", note)
    results = loops.run(in_one_loop(place, phones))
    event.remove(place.database.engine, "commit", note)
    assert results[0] == resent
    assert [type(error) for error in results[1:3]] == [CredentialSpent, CredentialInvalid]
    assert results[3:] == [format_receipt(receipt_bytes(phone.sealed)) for phone in phones[3:]]
    assert spent not in results
    assert counted(place) == (CROWD, CROWD - 1)
    assert len(commits) < CROWD / 2
    phones[2].signature = forged
    assert loops.run(in_one_loop(place, phones[2:3])) == [format_receipt(receipt_bytes(phones[2].sealed))]


async def in_one_loop(place: County, phones: list[Phone]) -> list[str | BaseException]:
    box = BallotBox(place.database)
    casts = [box.cast(place.slug, phone.ballot()) for phone in phones]
    return await asyncio.gather(*casts, return_exceptions=True)


def test_a_phone_that_hangs_up_has_cast_all_the_same(place: County) -> None:
    """And takes nobody along who waits for the same commit."""
    phones = [place.collecting(slips=2).phone(), place.phone()]
    for phone in phones:
        phone.collect()
        phone.seal()

    assert collecting_description(place.database, place.slug)

    async def both() -> list[str | BaseException]:
        box = BallotBox(place.database)
        tasks = [asyncio.create_task(box.cast(place.slug, phone.ballot())) for phone in phones]
        for _ in range(2):  # both are verified, then handed over together
            await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    hung_up, stayed = loops.run(both())
    assert isinstance(hung_up, asyncio.CancelledError)
    assert stayed == phones[1].cast()
    assert counted(place) == (2, 2)


def held_up(database: Database) -> threading.Event:
    """The writer waits until this is set."""
    gate, begun = threading.Event(), threading.Event()

    def hold(_connection: Connection, items: list[int]) -> list[int]:
        begun.set()
        gate.wait(60)
        return items

    database.announce_together(hold, [0], lambda _outcomes: None)
    assert begun.wait(60)
    return gate


def test_a_ballot_that_the_writer_does_not_take_in_time_is_given_up(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone hears that the server is busy, keeps its ballot and casts it later."""
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    assert collecting_description(place.database, place.slug)
    monkeypatch.setattr(casting_loop, "WAIT_SECONDS", 0.1)
    gate = held_up(place.database)
    (result,) = loops.run(in_one_loop(place, [phone]))
    assert isinstance(result, Busy)
    gate.set()
    (receipt,) = loops.run(in_one_loop(place, [phone]))
    assert receipt == format_receipt(receipt_bytes(phone.sealed))
    assert counted(place) == (1, 1)


def test_a_loop_that_ended_does_not_stop_the_writer(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    assert collecting_description(place.database, place.slug)

    async def leave_early() -> None:
        box = BallotBox(place.database)
        cast = box.cast(place.slug, phone.ballot())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cast, 0.1)

    gate = held_up(place.database)
    loops.run(leave_early())
    gate.set()
    assert phone.cast() == format_receipt(receipt_bytes(phone.sealed))
    assert counted(place) == (1, 1)


def test_codes_and_messages_that_are_refused(place: County) -> None:
    phone = place.collecting().phone()
    n = int.from_bytes(phone.description.blind_key_n)
    for number in (0, 1, n - 1, n):
        phone.blinded = number.to_bytes(384)
        with pytest.raises(Malformed):
            phone.collect()
    for blinded in (b"", bytes(383), bytes(385)):
        phone.blinded = blinded
        with pytest.raises(Malformed):
            phone.collect()
    with pytest.raises(CodeUnknown):
        place.phone(new_code()).collect()
    code = place.codes[-1]
    with pytest.raises(CodeMistyped):
        place.phone(code[:-1] + ("0" if code[-1] != "0" else "1")).collect()
    place.slug = "no-such-round"
    with pytest.raises(NotFound):
        phone.collect()
    assert counted(place) == (0, 0)


def test_ballots_that_are_refused(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    good = phone.ballot()
    other_round = prepare(replace(phone.description, id="0" * 32)).message
    attacks = {
        "forged": ({"signature": os.urandom(384)}, CredentialInvalid),
        "other token": ({"message": good.message[:-1] + b"x"}, CredentialInvalid),
        "other round": ({"message": other_round}, CredentialInvalid),
        "short message": ({"message": good.message[:-1]}, Malformed),
        "a message of version 1": ({"message": good.message[:104]}, Malformed),
        "other ballot": ({"sealed": phone.seal().sealed}, CredentialInvalid),
        "forged proof": ({"proof": os.urandom(64)}, CredentialInvalid),
        "empty proof": ({"proof": bytes(64)}, CredentialInvalid),
        "no proof": ({"proof": b""}, Malformed),
        "a short proof": ({"proof": good.proof[:-1]}, Malformed),
        "a proof in DER": ({"proof": bytes(71)}, Malformed),
        "short signature": ({"signature": good.signature[:-1]}, Malformed),
        "short ballot": ({"sealed": good.sealed[:-1]}, Malformed),
        "long ballot": ({"sealed": good.sealed + b"\0"}, Malformed),
        "unknown version": ({"sealed": b"\x02" + good.sealed[1:]}, Malformed),
    }
    for name, (change, error) in attacks.items():
        with pytest.raises(error):
            ballots.cast(place.database, place.slug, good._replace(**change))
        assert counted(place) == (1, 0), name


def test_a_round_takes_nothing_before_and_after_its_time(place: County) -> None:
    place.populate().draft().issue()
    phone = place.phone()
    with pytest.raises(RoundNotOpen):
        phone.collect()
    place.start()
    first, last = place.round().opens_on, place.round().closes_on
    for day, error in ((first - timedelta(days=1), RoundNotOpen), (last + timedelta(days=1), RoundClosed)):
        with pretend(day), pytest.raises(error):
            phone.collect()
    assert counted(place) == (0, 0)
    for day in (first, last):
        with pretend(day):
            place.phone().answer()
    assert counted(place) == (2, 2)


def test_a_closed_and_a_cancelled_round_take_nothing(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期", second="评议员0"))
    with pytest.raises(RoundCancelled):
        phone.cast()
    with pytest.raises(RoundCancelled):
        place.phone().collect()
    assert counted(place) == (1, 0)


def test_closing_counts_every_ballot_that_was_acknowledged(place: County) -> None:
    """Ballots are cast while the round is being closed: each is either refused, or in the root."""
    place.collecting(slips=CROWD)
    phones = [place.phone() for _ in range(CROWD)]
    for phone in phones:
        phone.collect()
        phone.seal()
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))

    def work(number: int) -> object:
        if number == CROWD // 2:
            place.act(lambda s, r: closing.confirm_closing(s, r, place.reviewers[0]))
            return None
        return phones[number].cast()

    receipts = [result for result in outcomes(work) if isinstance(result, str)]
    closed = place.round()
    assert closed.cast_count == len(receipts) == counted(place)[1]
    assert closed.collected_count == CROWD


def test_nothing_is_acknowledged_when_the_commit_fails(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.seal()

    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    event.listen(place.database.engine, "commit", refuse)
    try:
        with pytest.raises(Busy):
            phone.cast()
    finally:
        event.remove(place.database.engine, "commit", refuse)
    assert counted(place) == (1, 0)
    assert phone.cast()
    assert counted(place) == (1, 1)


CHILD = """
import sys, pickle
sys.path[:0] = {path!r}
from survey.database.engine import Database
from survey.services.voting import casting as ballots
database = Database({url!r})
slug, ballot = pickle.load(open({job!r}, "rb"))
print(ballots.cast(database, slug, ballot), flush=True)
sys.stdin.read()
"""


def test_a_receipt_outlives_kill_9(place: County, tmp_path) -> None:
    import pickle

    phone = place.collecting().phone()
    phone.collect()
    phone.seal()
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((place.slug, phone.ballot())))
    program = CHILD.format(path=sys.path, url=place.database.url, job=str(job))
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    receipt = child.stdout.readline().decode().strip()
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert receipt == format_receipt(receipt_bytes(phone.sealed))
    # Read through an engine of its own: nothing here remembers anything.
    fresh = Database(place.database.url)
    with fresh.read() as session:
        assert session.scalar(select(Ballot.sealed)) == phone.sealed
    fresh.close()


def test_an_acknowledged_ballot_survives_a_power_cut(request: pytest.FixtureRequest) -> None:
    """PostgreSQL is stopped as `kill -9` would, and recovers; one of its own, since recovering flushes all
    databases of all tests before."""
    request.getfixturevalue("postgresql")  # or skip
    binaries = postgres.find_binaries()
    assert binaries is not None
    with postgres.server(binaries) as server:
        database = Database(server.create("cut"), secret_key=county.SECRET)
        upgrade(database.engine)
        place = County(database).collecting()
        phone = place.phone()
        phone.answer()
        server.kill()
        server.restart()
        database.engine.dispose()
        assert counted(place) == (1, 1)
        assert phone.cast()
        database.close()


def test_another_database_secret_cannot_sign(place: County) -> None:
    phone = place.collecting().phone()
    stolen = Database(place.database.url, secret_key="x" * 32)
    place.database, own = stolen, place.database
    with pytest.raises(PingyiError, match="PINGYI_SECRET_KEY"):
        phone.collect()
    place.database = own
    stolen.close()
    assert counted(place) == (0, 0)


def test_the_mode_is_kept(place_on_sqlite: County) -> None:
    place = place_on_sqlite.populate().draft(mode=Mode.ATTRIBUTED)
    with pytest.raises(PingyiError, match="不包括这一种"):
        place.issue()
    assert not place.round().frozen


def test_a_blinded_message_of_another_credential_is_refused_after_collecting(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    phone.blinded, _ = blind(phone.public, phone.message)
    with pytest.raises(InvitationUsed):
        phone.collect()
    assert today() == clock.today()
