"""Ballots for firms that do not submit: neither machine makes one alone. Each attack beside what it takes."""

from __future__ import annotations

from typing import Any

import pytest
from county import County, without_guards
from keys_of_examples import stamp_key, ticket_key
from sqlalchemy import update

from survey.database.engine import Database
from survey.errors import CodeUnknown, Conflict
from survey.models import Ballot, Invitation, PostedBatch
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import box_code, parse_pinned, witness_code
from survey.protocol.credentials import prepare, token_key, token_of
from survey.protocol.crypto.blind import BlindPublicKey, RoundKey, blind, finalize
from survey.protocol.holders.sealing import seal
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.posting import seal_post
from survey.protocol.witness.stamps import prepare_stamp
from survey.services.voting import batches
from survey.services.voting.collecting import round_key
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines, TwoPhone


def signed(key: RoundKey, public: BlindPublicKey, message: bytes) -> bytes:
    blinded, inverse = blind(public, message)
    return finalize(public, message, key.sign_blinded(blinded), inverse)


def made_by_the_box(place: County, stamp: bytes | None = None) -> CastBallot:
    """A ballot of whoever has the box's database and secret: its credential is as good as any."""
    description = place.description()
    key = round_key(place.database, bytes.fromhex(description.id))
    prepared = prepare(description)
    sealed = seal(description, bytes([1]) + bytes(description.questionnaire.plaintext_size - 1))
    signature = signed(key, key.public, prepared.message)
    stamp_message = b""
    if description.witness is not None:
        stamp_message = prepare_stamp(description, token_of(2, prepared.message))
        stamp = stamp or signed(key, key.public, stamp_message)  # by the only key that the box has
    return CastBallot(
        prepared.message, signature, sealed, prepared.prove(sealed), stamp_message, stamp or b""
    )


def _put_in(place: County, ballot: CastBallot) -> None:
    """Past every program, into the table; and an invitation that nobody used is marked for it."""
    values: dict[str, Any] = {name: part or None for name, part in ballot._asdict().items()}
    values |= {"round_id": place.round().id, "spent": token_key(token_of(2, ballot.message))}
    with without_guards(place.database) as connection:
        connection.execute(Ballot.__table__.insert(), values)
        connection.execute(update(Invitation.__table__).values(collected=True))


def test_whoever_has_the_box_cannot_stuff_it(place: TwoMachines) -> None:
    for _ in range(3):
        place.phone().answer()
    place.hand_over()
    _put_in(place, made_by_the_box(place))
    with pytest.raises(Conflict, match="没有监票机"):
        place.close()


@pytest.mark.usefixtures("_cheap_keys")
def test_with_one_machine_they_can(database: Database) -> None:
    alone = County(database).collecting(slips=8)
    for _ in range(3):
        alone.phone().answer()
    _put_in(alone, made_by_the_box(alone))
    assert alone.close().round().cast_count == 4


def test_a_true_stamp_of_another_token_does_not_help(place: TwoMachines) -> None:
    phone = place.phone()
    phone.answer()
    place.hand_over()
    _put_in(place, made_by_the_box(place, phone.other.stamp))
    with pytest.raises(Conflict, match="没有监票机"):
        place.close()


def test_a_witness_that_marks_more_than_it_stamped_is_counted(place: TwoMachines) -> None:
    """With the witness's stamp key as well, the ballots are more than the codes that it says it stamped."""
    place.phone().answer()
    place.hand_over()
    ballot = made_by_the_box(place)
    stamp = signed(stamp_key(), stamp_key().public, ballot.stamp_message)
    _put_in(place, ballot._replace(stamp=stamp))
    with pytest.raises(Conflict, match="由监票机移交的是 1 张"):
        place.close()
    with without_guards(place.database) as connection:
        connection.execute(update(PostedBatch.__table__).values(kept=2))
    with pytest.raises(Conflict, match="移交了 1 张（1 批），这里收到 2 张（1 批）"):
        place.take_statement().confirm()


def test_the_witness_cannot_stuff_the_box(place: TwoMachines) -> None:
    """It has keys for stamps, tickets and batches, and sends what it likes."""
    description = place.description()
    prepared = prepare(description)
    sealed = seal(description, bytes([1]) + bytes(description.questionnaire.plaintext_size - 1))
    message = prepare_stamp(description, token_of(2, prepared.message))
    stamp = signed(stamp_key(), stamp_key().public, message)
    key = signing_key(place.witness.store, place.witness.round.id)
    for forged in (stamp, signed(ticket_key(), ticket_key().public, prepared.message), bytes(384)):
        ballot = CastBallot(prepared.message, forged, sealed, prepared.prove(sealed), message, stamp)
        number = 1 + len(place.look(lambda s, r: s.query(PostedBatch).all()))
        batch = Batch.signed(key, description.id, number, [seal_post(description, ballot)])
        assert batches.take_batch(place.database, place.slug, batch)["refused"] == 1


def test_neither_half_of_a_code_gives_the_other(place: TwoMachines) -> None:
    """The box sees the box code of everybody who collects, and asks the witness with what it makes of it."""
    phone = place.phone()
    description, code = place.description(), parse_pinned(phone.code)[0]
    half = box_code(code, description.id)
    for guess in (half, witness_code(half[:16], description.id), witness_code(half, description.id)):
        thief = place.phone(phone.code)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(thief.other), "half", guess)
            with pytest.raises(CodeUnknown):
                thief.other.take_stamp(place.witness)
    phone.collect()  # its owner still can


def test_with_one_code_for_both_the_box_could_collect_twice(
    place: TwoMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variant without halves: the witness knows the code by what the box sees."""
    monkeypatch.setattr("survey.protocol.witness.code_lists.witness_code", box_code)
    place.import_further_slips(2)
    thief = place.phone()
    monkeypatch.setattr(
        type(thief.other), "half", box_code(parse_pinned(thief.code)[0], thief.description.id)
    )
    thief.other.take_stamp(place.witness)  # by the box, before the owner comes
    assert thief.other.stamp


def test_one_code_is_one_stamp_since_tickets_have_a_key_of_their_own(place: TwoMachines) -> None:
    """Asking for a second stamp where the ticket should be gives a signature that is no stamp."""
    phone = place.phone()
    assert _second_stamp(phone, place) is False


def test_with_one_key_for_both_one_code_is_two_stamps(
    place: TwoMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.witness.stamping.blind_keys", lambda *_: (stamp_key(), stamp_key()))
    assert _second_stamp(place.phone(), place) is True


def _second_stamp(phone: TwoPhone, place: TwoMachines) -> bool:
    """Whether the box's operator, who signs any credential, gets a second ballot out of a code."""
    description = phone.description
    second = prepare(description)
    message = prepare_stamp(description, token_of(2, second.message))
    public = stamp_key().public
    blinded, inverse = blind(public, message)
    phone.other.blinded = (phone.other.blinded[0], blinded)
    from survey.witness import stamping

    answer = stamping.stamp(
        place.witness.store,
        place.witness.round,
        phone.other.half,
        description.frozen_digest(),
        phone.other.blinded,
    )
    value = int.from_bytes(answer[1]) * inverse % public.n
    return public.verifies(message, value.to_bytes(384))


def test_a_ballot_of_one_signature_two_alike_or_another_round(
    place: TwoMachines, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = place.phone()
    phone.collect()
    phone.seal()
    good, description = phone.ballot(), place.description()
    key = signing_key(place.witness.store, place.witness.round.id)
    wrong = [
        good._replace(stamp=bytes(384)),
        good._replace(signature=bytes(384)),
        good._replace(stamp=good.signature),
        good._replace(signature=good.stamp),
        good._replace(stamp_message=good.stamp_message.replace(description.id.encode(), b"0" * 32)),
        good._replace(message=good.message.replace(description.id.encode(), b"0" * 32)),
        good._replace(sealed=good.sealed[:-1] + b"\0"),
    ]
    batch = Batch.signed(key, description.id, 1, [seal_post(description, each) for each in wrong])
    assert batches.take_batch(place.database, place.slug, batch) == {
        "number": 1,
        "kept": 0,
        "refused": len(wrong),
    }
    monkeypatch.setattr("survey.services.voting.casting.check_stamp", lambda *_: None)  # without the guard
    unguarded = Batch.signed(key, description.id, 2, [seal_post(description, wrong[0])])
    assert batches.take_batch(place.database, place.slug, unguarded)["kept"] == 1
