"""What strangers, the box and the witness can do with the post, beside the variant on which it works."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import Conflict, CredentialInvalid, PingyiError
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.posting import post_size
from survey.services.voting import batches
from survey.services.voting.batches import BatchDiffers
from survey.witness import taking
from survey.witness.errors import DescriptionDiffers, TicketSpent
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines


def flood(place: TwoMachines, count: int) -> int:
    """How many blobs of his own somebody without any code gets into the pool."""
    size, kept = post_size(place.description()), 0
    witness = place.witness
    for number in range(count):
        message = b"\0" * 32 + f"post:{witness.round_id}:".encode() + number.to_bytes(32)
        try:
            taking.take(
                witness.store, witness.round, message, bytes(384), number.to_bytes(4) + bytes(size - 4)
            )
        except CredentialInvalid:
            continue
        kept += 1
    return kept


def test_nobody_fills_a_batch_around_one_ballot(place: TwoMachines) -> None:
    """n − 1: if all others in a batch were the attacker's, the one ballot in it would have a time."""
    place.phone().answer()
    assert flood(place, 10) == 0
    assert place.witness.now().waiting == 1
    assert place.witness.hand_over(place.send, everything=False) == (0, 0)  # below the threshold it waits


def test_without_tickets_they_do(place: TwoMachines, monkeypatch: pytest.MonkeyPatch) -> None:
    place.phone().answer()
    monkeypatch.setattr("survey.witness.taking.check_ticket", lambda _d, message, _s: message[-32:])
    assert flood(place, 10) == 10
    assert place.witness.hand_over(place.send, everything=False) == (1, 10)  # the only good one


def test_an_owner_of_codes_puts_no_more_blobs_than_codes(place: TwoMachines) -> None:
    phone = place.phone()
    phone.answer()
    size = post_size(place.description())
    for other in (bytes(size), b"\1" * size):
        with pytest.raises(TicketSpent):
            phone.other.post(place.witness, other)
    assert place.witness.now().posted == 1


def test_a_stamp_under_another_description(place: TwoMachines) -> None:
    """A visitor who was served another questionnaire is told so by a machine that the office does not run."""
    phone = place.phone()
    served = replace(phone.description, threshold=phone.description.threshold + 1)
    with pytest.raises(DescriptionDiffers):
        phone.other.take_stamp(place.witness, served.frozen_digest())
    assert place.witness.now().stamped == 0


def _sent(place: TwoMachines) -> list[Batch]:
    sent: list[Batch] = []

    def send(round: Any, batch: Batch) -> dict[str, Any]:
        sent.append(batch)
        return place.send(round, batch)

    place.witness.hand_over(send)
    return sent


def test_a_batch_sent_again_counts_once(place: TwoMachines) -> None:
    for _ in range(3):
        place.phone().answer()
    (batch,) = _sent(place)
    answer = batches.take_batch(place.database, place.slug, batch)
    assert answer["kept"] == 3
    key = signing_key(place.witness.store, place.witness.round.id)
    renumbered = Batch.signed(key, batch.round_id, 2, batch.blobs)
    assert batches.take_batch(place.database, place.slug, renumbered)["kept"] == 0
    with pytest.raises(Conflict, match="移交了 3 张（1 批），这里收到 6 张（2 批）"):
        place.close()


def test_a_forged_batch(place: TwoMachines) -> None:
    for _ in range(3):
        place.phone().answer()
    (batch,) = _sent(place)
    stranger = Batch.signed(ec.generate_private_key(ec.SECP256R1()), batch.round_id, 2, batch.blobs)
    forged = [
        stranger,
        replace(batch, number=2),
        replace(batch, blobs=batch.blobs[:1]),
        replace(batch, round_id="0" * 32),
        replace(batch, signature=bytes(64)),
    ]
    for each in forged:
        with pytest.raises(CredentialInvalid):
            batches.take_batch(place.database, place.slug, each)
    key = signing_key(place.witness.store, place.witness.round.id)
    with pytest.raises(BatchDiffers):
        batches.take_batch(place.database, place.slug, Batch.signed(key, batch.round_id, 1, batch.blobs[:1]))


def test_without_the_signature_anybody_could_send_one(
    place: TwoMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.phone().answer()
    monkeypatch.setattr(Batch, "check", lambda *_: None)
    stranger = Batch.signed(ec.generate_private_key(ec.SECP256R1()), place.description().id, 7, [b"x"])
    assert batches.take_batch(place.database, place.slug, stranger)["refused"] == 1


def test_what_the_witness_keeps_names_neither_ballot_nor_code(place: TwoMachines) -> None:
    """Its whole data directory: no sealed ballot, no token, no code, no half of one beside a post."""
    phone = place.phone()
    phone.answer()
    place.hand_over()
    place.witness.store.close()
    files = [path.read_bytes() for path in place.witness.folder.rglob("*") if path.is_file()]
    token = phone.message[-65:]
    for secret in (phone.sealed[:64], token, phone.signature, phone.other.half, phone.other.blob[:64]):
        assert not any(secret in content for content in files)
    place.witness.again()


def test_errors_are_in_words(place: TwoMachines) -> None:
    with pytest.raises(PingyiError):
        batches.take_batch(place.database, "nothing", Batch(place.description().id, 1, (b"x",), bytes(64)))
