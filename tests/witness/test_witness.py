"""The witness alone: what it gives, takes, refuses and states."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from pretended_day import pretend
from sqlalchemy import select, update

from survey.clock import today
from survey.errors import (
    CodeUnknown,
    Conflict,
    CredentialInvalid,
    InvalidInput,
    InvitationReplaced,
    InvitationUsed,
    Malformed,
    RoundClosed,
    RoundNotOpen,
)
from survey.protocol.witness.posting import is_acknowledged
from survey.protocol.witness.stamps import check_stamp
from survey.protocol.witness.statements import Statement
from survey.witness import handing_over, rounds
from survey.witness.errors import DescriptionDiffers, NotTaken, TicketSpent
from survey.witness.store import CODE, POST, ROUND
from tests.witness.witnessed import Place, WitnessPhone, codes, lists


def test_a_phone_gets_a_stamp_and_posts(place: Place) -> None:
    phone = place.phone()
    answer = phone.take_stamp(place.witness)
    assert phone.take_stamp(place.witness) == answer
    check_stamp(place.description, phone.ballot(phone.seal()))
    posted, signature = phone.post(place.witness)
    assert phone.post(place.witness)[0] == posted
    assert not is_acknowledged(place.description, posted, bytes(64))
    assert is_acknowledged(place.description, posted, signature)
    assert (place.witness.now().stamped, place.witness.now().posted) == (1, 1)


def test_one_stamp_a_code(place: Place) -> None:
    phone = place.phone()
    phone.take_stamp(place.witness)
    again = WitnessPhone(place.description, phone.code)
    with pytest.raises(InvitationUsed):
        again.take_stamp(place.witness)
    with pytest.raises(CodeUnknown):
        WitnessPhone(place.description, b"\xff" * 16).take_stamp(place.witness)


def test_another_description_is_told_and_logged_without_its_sender(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    phone = place.phone()
    with caplog.at_level(logging.WARNING, "pingyi.witness"), pytest.raises(DescriptionDiffers):
        phone.take_stamp(place.witness, "0" * 64)
    assert "0" * 64 in caplog.text
    assert phone.half.hex() not in caplog.text
    phone.take_stamp(place.witness)  # the code was not used up


@pytest.mark.parametrize("blinded", [b"", bytes(384), b"\xff" * 384, (1).to_bytes(384)])
def test_nonsense_is_refused_before_the_code_is_looked_at(place: Place, blinded: bytes) -> None:
    phone = place.phone()
    good = phone.blinded
    for wrong in ((blinded, good[1]), (good[0], blinded)):
        phone.blinded = wrong
        with pytest.raises(Malformed):
            phone.take_stamp(place.witness)
    phone.blinded = good
    phone.take_stamp(place.witness)


def test_one_blob_a_ticket(place: Place) -> None:
    phone, other = place.posted(2)
    with pytest.raises(TicketSpent):
        phone.post(place.witness, other.blob)
    with pytest.raises(Malformed):
        phone.post(place.witness, phone.blob + b"x")
    unsigned = place.phone()
    unsigned.ticket = unsigned.stamp = phone.ticket
    with pytest.raises(CredentialInvalid):
        unsigned.post(place.witness)


def test_days(place: Place) -> None:
    phone = place.phone()
    with pretend(today() + timedelta(days=1)), pytest.raises(RoundClosed):
        phone.take_stamp(place.witness)
    with pretend(today() - timedelta(days=1)), pytest.raises(RoundNotOpen):
        phone.take_stamp(place.witness)
    phone.take_stamp(place.witness)
    with pretend(today() + timedelta(days=1)):
        with pytest.raises(RoundClosed):
            phone.post(place.witness)
        later = (today() + timedelta(days=3)).isoformat()
        place.witness.import_codes(replace(place.description, closes_on=later))
        phone.post(place.witness)
        with pytest.raises(Conflict, match="推后"):
            place.witness.import_codes(place.description)


def test_nothing_before_codes_are_there(witness, plain) -> None:
    with pytest.raises(RoundNotOpen):
        witness.round.require_collecting()
    with pytest.raises(Conflict):
        witness.begin()


def test_codes_of_another_round_description_or_machine(witness, plain) -> None:
    place = Place(witness, plain)
    box_list, witness_list = place.lists
    with pytest.raises(InvalidInput, match="另一台"):
        witness.import_codes(place.description, box_list)
    with pytest.raises(InvalidInput, match="本轮"):
        witness.import_codes(replace(place.description, threshold=7), witness_list)
    for wrong in (plain, replace(plain, id=place.description.id), replace(place.description, complete=False)):
        with pytest.raises(Exception, match=r"没有|定稿"):
            witness.import_codes(wrong, None)
    other = replace(place.description.witness, name="别的单位")
    with pytest.raises(InvalidInput, match="不是这一台"):
        witness.import_codes(replace(place.description, witness=other))
    statement = witness.import_codes(place.description, witness_list)
    statement.check(place.description)
    assert (statement.codes, statement.lists) == (10, (witness_list.digest,))
    with pytest.raises(Conflict, match="已经导入过"):
        witness.import_codes(place.description, witness_list)
    changed = replace(place.description, threshold=7)
    with pytest.raises(Conflict, match="不应再变"):
        witness.import_codes(changed, lists(changed, codes(1, 50))[1])


def test_replacing_a_code(place: Place) -> None:
    lost, new = place.phone(), WitnessPhone(place.description, codes(1, 90)[0])
    further = lists(place.description, [new.code], {new.code: lost.code})[1]
    assert place.witness.import_codes(place.description, further).replaced == 1
    with pytest.raises(InvitationReplaced):
        lost.take_stamp(place.witness)
    new.take_stamp(place.witness)
    stranger = lists(place.description, codes(1, 91), {codes(1, 91)[0]: b"\xee" * 16})[1]
    with pytest.raises(Conflict, match="对不上"):
        place.witness.import_codes(place.description, stranger)


def test_replacements_are_bounded(place: Place) -> None:
    new, old = codes(4, 90), place.codes[:4]
    with pytest.raises(Conflict, match="上限"):
        place.witness.import_codes(
            place.description, lists(place.description, new, dict(zip(new, old, strict=True)))[1]
        )
    assert place.witness.now().codes == 10


def test_what_waits_is_handed_over_from_the_threshold_on(place: Place) -> None:
    phones = place.posted(2)
    assert place.witness.hand_over(place.box, everything=False) == (0, 0)
    assert place.witness.now().waiting == 2
    phones += place.posted(1)  # the round's threshold is 3
    assert place.witness.hand_over(place.box, everything=False) == (3, 0)
    assert set(place.box.ballots) == {phone.message for phone in phones}
    statement = place.witness.statement
    assert (statement.posted, statement.handed_over, statement.batches, statement.waiting) == (3, 3, 1, 0)
    with place.witness.store.read() as connection:
        assert list(connection.scalars(select(POST.c.blob))) == [None] * 3
    phones[0].post(place.witness)  # a resend is answered all the same
    assert place.witness.now().posted == 3


def test_a_blob_on_two_tickets_holds_no_batch_up(place: Place) -> None:
    """Attack: with two codes one blob is posted twice, and the box takes no batch that holds it twice."""
    phones = place.posted(2)
    copying = place.phone()
    copying.take_stamp(place.witness)
    copying.post(place.witness, phones[0].blob)
    assert place.witness.hand_over(place.box, everything=False) == (0, 0)  # two ballots hide nobody
    phones += place.posted(1)
    assert place.witness.hand_over(place.box, everything=False) == (3, 1)
    assert [len(batch.blobs) for batch in place.box.batches] == [3, 1]
    assert set(place.box.ballots) == {phone.message for phone in phones}
    statement = place.witness.now()
    assert (statement.posted, statement.handed_over, statement.batches, statement.waiting) == (4, 4, 2, 0)


def test_a_batch_that_is_not_taken_holds_up_no_other(place: Place) -> None:
    def refuses_the_first(round, batch):
        if batch.number == 1:
            raise NotTaken("票箱机没有应答：%(why)s", why="x")
        return place.box(round, batch)

    place.posted(3)
    with pytest.raises(NotTaken):
        place.witness.hand_over(refuses_the_first)
    place.posted(3)
    with pytest.raises(NotTaken):
        place.witness.hand_over(refuses_the_first)
    assert [batch.number for batch in place.box.batches] == [2]
    assert place.witness.hand_over(place.box) == (3, 0)


def test_what_somebody_else_has_just_handed_over_is_not_sent_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock and by a command at once: the second finds the batch acknowledged."""
    place.posted(3)
    witness = place.witness

    def while_another_is_at_it(round, batch):
        handing_over.hand_over(witness.store, witness.round.id, send=place.box)
        return place.box(round, batch)

    assert witness.hand_over(while_another_is_at_it) == (3, 0)
    assert handing_over._deliver(witness.store, witness.round.id, 1, place.box) == (3, 0)


def test_a_batch_that_was_not_taken_is_sent_again_as_it_was(place: Place) -> None:
    place.posted(3)
    seen = []

    def fails_after_keeping(round, batch):
        seen.append(batch.to_dict())
        place.box(round, batch)
        raise NotTaken("票箱机没有应答：%(why)s", why="x")

    with pytest.raises(NotTaken):
        place.witness.hand_over(fails_after_keeping)
    place.posted(1)
    assert place.witness.again().hand_over(place.box) == (4, 0)
    assert [len(batch.blobs) for batch in place.box.batches] == [3, 1]
    assert seen[0]["blobs"] == place.box.batches[0].to_dict()["blobs"]
    assert len(place.box.ballots) == 4


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"number": 1},
        {"number": 1, "kept": 3, "refused": True},
        {"number": 2, "kept": 3, "refused": 0},
        {"number": 1, "kept": 2, "refused": 0},
        {"number": 1, "kept": 4, "refused": -1},
    ],
)
def test_an_answer_that_says_something_else_forgets_nothing(place: Place, answer: dict[str, object]) -> None:
    place.posted(3)
    with pytest.raises(NotTaken):
        place.witness.hand_over(lambda _round, _batch: answer)
    assert place.witness.hand_over(place.box) == (3, 0)


def test_a_full_pool_is_divided_by_chance(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.witness.handing_over.blobs_at_once", lambda _round: 4)
    phones = place.posted(9)
    assert place.witness.hand_over(place.box) == (9, 0)
    assert [len(batch.blobs) for batch in place.box.batches] == [4, 4, 1]
    handed = [blob for batch in place.box.batches for blob in batch.blobs]
    assert sorted(handed) == sorted(phone.blob for phone in phones)
    assert handed != [phone.blob for phone in phones]


def test_closing(place: Place) -> None:
    waits, late = place.posted(1)[0], place.phone()
    late.take_stamp(place.witness)
    with pytest.raises(Conflict, match="还没有到"):
        rounds.close(place.witness.store, place.witness.round.id)
    assert place.witness.close(place.box) == (1, 0)
    statement = place.witness.statement
    assert (statement.closed, statement.waiting, statement.handed_over, statement.stamped) == (True, 0, 1, 2)
    statement.check(place.description)
    for refused in (lambda: late.post(place.witness), lambda: place.phone().take_stamp(place.witness)):
        with pytest.raises(RoundClosed):
            refused()
    waits.post(place.witness)  # an old one is answered
    with place.witness.store.read() as connection:
        assert connection.execute(select(ROUND.c.stamp_key, ROUND.c.ticket_key)).one() == (None, None)
        assert set(map(bytes, connection.scalars(select(CODE.c.answer)))) == {bytes(768)}
    place.witness.close(place.box)  # again does nothing
    with pytest.raises(Conflict, match="已经截止"):
        place.witness.import_codes(place.description)


def test_the_public_statement_does_not_tell_when_somebody_takes_part(place: Place) -> None:
    before = place.witness.round.statement
    place.posted(2)
    assert place.witness.round.statement == before
    place.witness.hand_over(place.box)
    after = Statement.from_json(place.witness.round.statement)
    assert after.number == Statement.from_json(before).number + 1
    assert (after.stamped, after.posted, after.handed_over) == (0, 0, 0)
    assert (place.witness.now().stamped, place.witness.now().handed_over) == (2, 2)


def test_until_closing_it_counts_in_steps_of_the_threshold(place: Place) -> None:
    """Exact counts of two days, or before and after an import, would tell of so few."""
    step = place.description.threshold
    told = []
    for _ in range(step + 2):
        place.posted(1)
        place.witness.hand_over(place.box)
        told.append(place.witness.statement)
    for name in ("stamped", "posted", "handed_over"):
        counts = [getattr(each, name) for each in told]
        assert set(counts) == {0, step}, name
        assert counts == sorted(counts)
    place.witness.close(place.box)
    closed = place.witness.statement
    assert {closed.stamped, closed.posted, closed.handed_over} == {step + 2}


def test_a_statement_of_before_counts_were_rounded_is_not_taken_back(place: Place) -> None:
    place.posted(place.description.threshold + 1)
    exact = place.witness.now()
    with place.witness.store.engine.begin() as connection:
        connection.execute(update(ROUND).values(statement=exact.to_json()))
    place.witness.hand_over(place.box)
    assert place.witness.statement.stamped == exact.stamped


def test_keys_are_locked_with_the_secret(place: Place) -> None:
    place.witness.store.secret, own = "x" * 64, place.witness.store.secret
    rounds.signing_key.cache_clear()
    with pytest.raises(InvalidInput):
        rounds.signing_key(place.witness.store, place.witness.round.id)
    place.witness.store.secret = own
    rounds.signing_key(place.witness.store, place.witness.round.id)
