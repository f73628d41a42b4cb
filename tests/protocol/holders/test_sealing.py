"""Any k of n holders open a ballot together, fewer never do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from ballot_workshop import Workshop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.protocol.crypto import hpke
from survey.protocol.errors import InvalidBallot, TooFewKeys
from survey.protocol.holders.sealing import Opener, seal

QUORUMS = [(k, n) for n in range(1, 5) for k in range(1, n + 1)]


@pytest.mark.parametrize(("quorum", "holders"), QUORUMS)
def test_every_quorum_opens_and_nothing_less(
    workshop: Callable[..., Workshop], quorum: int, holders: int
) -> None:
    made = workshop(quorum, holders)
    text = bytes(made.questionnaire.plaintext_size)
    sealed = seal(made.description, text)
    assert len(sealed) == made.description.sealed_size
    for count in range(holders + 1):
        for present in combinations(range(holders), count):
            keys = {index: made.holder_keys[index] for index in present}
            if count < quorum:
                with pytest.raises(TooFewKeys):
                    Opener(made.description, keys).open(sealed)
            else:
                assert Opener(made.description, keys).open(sealed) == text


def test_the_layout_by_hand(workshop: Callable[..., Workshop]) -> None:
    """Unwrapped from docs/formats.md alone, for the subset {1, 2} of three holders."""
    made = workshop(2, 3)
    text = b"\x01" + bytes(made.questionnaire.plaintext_size - 1)
    sealed = seal(made.description, text)
    width, info = 32 + 2 * 81, b"pingyi:" + made.description.id.encode()
    third = sealed[1 + 2 * width : 1 + 3 * width]
    inner = hpke.unseal(made.holder_keys[1], third, info)
    key = hpke.unseal(made.holder_keys[2], inner, info)
    rest = sealed[1 + 3 * width :]
    assert AESGCM(key).decrypt(rest[:12], rest[12:], info + sealed[: 1 + 3 * width]) == text


def test_the_first_holder_alone_learns_nothing_usable(workshop: Callable[..., Workshop]) -> None:
    made = workshop()
    stranger = ec.generate_private_key(ec.SECP256R1())
    sealed = seal(made.description, bytes(made.questionnaire.plaintext_size))
    with pytest.raises(InvalidBallot):
        Opener(made.description, {0: made.holder_keys[0], 1: stranger}).open(sealed)


def test_every_byte_of_a_sealed_ballot_counts(workshop: Callable[..., Workshop]) -> None:
    made = workshop(1, 2)
    sealed = seal(made.description, bytes(made.questionnaire.plaintext_size))
    for place in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(InvalidBallot):
            Opener(made.description, made.keys).open(bytes(changed))
    for wrong in (b"", sealed[:-1], sealed + b"\0"):
        with pytest.raises(InvalidBallot):
            Opener(made.description, made.keys).open(wrong)


def test_a_ballot_of_another_round_does_not_open(workshop: Callable[..., Workshop]) -> None:
    made = workshop()
    other = workshop(round_id="f" * 32)
    other.holder_keys = made.holder_keys
    sealed = seal(made.description, bytes(made.questionnaire.plaintext_size))
    with pytest.raises(InvalidBallot):
        Opener(other.description, other.keys).open(sealed)


def test_two_ballots_of_the_same_answers_share_nothing(workshop: Callable[..., Workshop]) -> None:
    made = workshop()
    text = bytes(made.questionnaire.plaintext_size)
    first, second = seal(made.description, text), seal(made.description, text)
    chunks = {first[start : start + 8] for start in range(1, len(first) - 8)}
    assert not chunks & {second[start : start + 8] for start in range(1, len(second) - 8)} - {b"\x04" * 8}
