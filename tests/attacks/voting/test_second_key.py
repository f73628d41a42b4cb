"""A second signing key, served to one visitor: its ballot would be recognised among all others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ballot_workshop import ROUND_ID, Workshop
from county import plain_answers, small_questionnaire
from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import CredentialInvalid
from survey.protocol.ballots import CastBallot
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.credentials import check_credential
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import receipt_bytes


@pytest.fixture(scope="module")
def keys() -> tuple[RoundKey, RoundKey]:
    return RoundKey.generate(), RoundKey.generate()


@pytest.fixture
def workshop(keys: tuple[RoundKey, RoundKey]) -> Workshop:
    holders = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    public = keys[0].public
    description = RoundDescription(
        id=ROUND_ID,
        slug="2026-q4",
        title="评议",
        body="人大",
        opens_on="2026-10-01",
        closes_on="2026-12-20",
        blind_key_n=public.n_bytes,
        blind_key_e=public.e,
        blind_key_fingerprint=public.fingerprint,
        quorum=2,
        holders=tuple(Holder(f"持钥人{n}", hpke.point(key)) for n, key in enumerate(holders)),
        questionnaire=small_questionnaire(),
        threshold=3,
    )
    made = Workshop(description, keys[0], holders)
    for _ in range(4):
        made.cast(plain_answers(description.questionnaire))
    return made


def marked(workshop: Workshop, other: RoundKey) -> CastBallot:
    """What the victim casts after collecting from the second key."""
    victim = Workshop(workshop.description, other, workshop.holder_keys)
    return victim.cast(plain_answers(workshop.questionnaire))


def test_two_keys_tell_the_victim_from_everybody(workshop: Workshop, keys: tuple[RoundKey, RoundKey]) -> None:
    """Naive: a server that accepts either key's signatures only has to see under which one it holds."""
    box = [*workshop.ballots, marked(workshop, keys[1])]
    under_second = [b for b in box if keys[1].public.verifies(b.message, b.signature)]
    assert len(under_second) == 1


def test_the_ballot_is_refused(workshop: Workshop, keys: tuple[RoundKey, RoundKey]) -> None:
    ballot = marked(workshop, keys[1])
    with pytest.raises(CredentialInvalid):
        check_credential(keys[0].public, workshop.description, ballot.message, ballot.signature)


def test_a_server_that_took_it_all_the_same_is_found_out(
    workshop: Workshop, keys: tuple[RoundKey, RoundKey]
) -> None:
    workshop.ballots = sorted(
        [*workshop.ballots, marked(workshop, keys[1])], key=lambda ballot: receipt_bytes(ballot.sealed)
    )
    assert verify_box(workshop.export()).failures == ["credentials"]
    with pytest.raises(InvalidBox):
        open_ballots(workshop.description, workshop.ballots, workshop.keys, merkle_root=workshop.root)


def test_a_whole_round_under_another_key_fails_its_fingerprint(
    workshop: Workshop, keys: tuple[RoundKey, RoundKey]
) -> None:
    """The fingerprint printed on the notice is compared, not the one that the file states."""
    second = keys[1].public
    forged = Workshop(
        replace(workshop.description, blind_key_n=second.n_bytes, blind_key_fingerprint=second.fingerprint),
        keys[1],
        workshop.holder_keys,
    )
    forged.cast(plain_answers(forged.questionnaire))
    assert verify_box(forged.export()).passed, "by itself the file is consistent"
    printed = workshop.description.blind_key_fingerprint
    assert verify_box(forged.export(), fingerprint=printed).failures == ["key"]
    digest = workshop.description.frozen_digest()
    assert verify_box(forged.export(), frozen_digest=digest).failures == ["description"]


def test_a_key_under_the_fingerprint_of_another(workshop: Workshop, keys: tuple[RoundKey, RoundKey]) -> None:
    """The page that shows the printed fingerprint beside a different key."""
    lying = replace(workshop.description, blind_key_n=keys[1].public.n_bytes)
    forged = Workshop(lying, keys[1], workshop.holder_keys)
    forged.cast(plain_answers(forged.questionnaire))
    assert lying.blind_key_fingerprint == workshop.description.blind_key_fingerprint
    assert verify_box(forged.export()).failures in (["key"], ["format"])
