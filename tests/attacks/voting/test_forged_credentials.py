"""Ballots without a credential of this round: forged, replayed, carried over, rewritten, r^e multiples.

Each attack is carried out against a naive signer or checker first, where it succeeds.
"""

from __future__ import annotations

import hashlib
import secrets
from types import SimpleNamespace

import gmpy2
import pytest

from survey.errors import CredentialInvalid, Malformed
from survey.protocol.credentials import check_credential, context, prepare, spent_key
from survey.protocol.crypto.blind import RoundKey, blind, finalize

ROUND, OTHER = "00" * 16, "11" * 16
ABOUT, ELSEWHERE = (SimpleNamespace(id=name, version=2) for name in (ROUND, OTHER))


@pytest.fixture(scope="module")
def key() -> RoundKey:
    return RoundKey.generate()


def collect(key: RoundKey, message: bytes) -> bytes:
    blinded, inverse = blind(key.public, message)
    return finalize(key.public, message, key.sign_blinded(blinded), inverse)


@pytest.fixture(scope="module")
def honest(key: RoundKey) -> tuple[bytes, bytes]:
    message = prepare(ABOUT).message
    return message, collect(key, message)


def refused(key: RoundKey, message: bytes, signature: bytes) -> None:
    with pytest.raises(CredentialInvalid):
        check_credential(key.public, ABOUT, message, signature)


def test_an_honest_credential_holds(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    message, signature = honest
    assert check_credential(key.public, ABOUT, *honest) == hashlib.sha256(message[-65:]).digest()
    assert len(message) == 137
    assert len(signature) == 384


class Unpadded:
    """A naive scheme: the signature of m is m^d, without PSS."""

    def __init__(self, key: RoundKey) -> None:
        self.n, self.e, self.key = key.public.n, key.public.e, key

    def sign(self, value: int) -> int:
        return int.from_bytes(self.key.sign_blinded(value.to_bytes(384)))

    def holds(self, value: int, signature: int) -> bool:
        return int(gmpy2.powmod(signature, self.e, self.n)) == value


def test_a_signature_chosen_first(key: RoundKey) -> None:
    """Existential forgery: take any s, its message is s^e."""
    naive, signature = Unpadded(key), secrets.randbelow(key.public.n)
    assert naive.holds(pow(signature, naive.e, naive.n), signature)
    for value in (0, 1, key.public.n - 1, signature):
        refused(key, prepare(ABOUT).message, value.to_bytes(384))


def test_multiples_by_r_to_the_e(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    """From one signature a second one of m·r^e: a second ballot on one credential."""
    naive, r = Unpadded(key), 65_539
    value = 1_234_567
    multiple = value * pow(r, naive.e, naive.n) % naive.n
    assert naive.holds(multiple, naive.sign(value) * r % naive.n)
    message, signature = honest
    stretched = (int.from_bytes(signature) * r % naive.n).to_bytes(384)
    refused(key, message, stretched)
    refused(key, prepare(ABOUT).message, stretched)


def test_products_of_two_signatures(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    """Two credentials multiplied into a third."""
    naive = Unpadded(key)
    product = naive.sign(6) * naive.sign(35) % naive.n
    assert naive.holds(210, product)
    other = prepare(ABOUT).message
    second = collect(key, other)
    third = int.from_bytes(honest[1]) * int.from_bytes(second) % naive.n
    refused(key, prepare(ABOUT).message, third.to_bytes(384))
    refused(key, honest[0], third.to_bytes(384))


def test_the_signer_gives_nothing_for_the_fixed_points(key: RoundKey) -> None:
    """0, 1 and n-1 sign themselves: asking for them tests a key and spends an invitation for nothing."""
    naive = Unpadded(key)
    for value in (0, 1, key.public.n - 1):
        assert naive.holds(value, value)
        with pytest.raises(Malformed):
            key.sign_blinded(value.to_bytes(384))


def test_a_replayed_credential_has_the_same_key(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    """Another randomizer on the same token would be another message, but it is the same ballot's place."""
    message, _ = honest
    twin = secrets.token_bytes(32) + message[32:]
    signature = collect(key, twin)

    def naive_place(text: bytes) -> bytes:
        return hashlib.sha256(text).digest()

    assert naive_place(twin) != naive_place(message), "a place made of the message would take both"
    assert check_credential(key.public, ABOUT, twin, signature) == spent_key(ABOUT, message)


def test_a_credential_of_another_round_under_the_same_key(key: RoundKey) -> None:
    """Even if an operator used one signing key twice, the round is part of what is signed."""
    message = prepare(ELSEWHERE).message
    signature = collect(key, message)
    assert key.public.verifies(message, signature), "a checker that looks at the signature alone takes it"
    refused(key, message, signature)


def test_a_credential_of_another_key(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    refused(RoundKey.generate(), *honest)


@pytest.mark.parametrize("purpose", [b"test:", b"ballot2:", b"", b"Ballot:"])
def test_a_message_signed_for_another_purpose(key: RoundKey, purpose: bytes) -> None:
    middle = context(ROUND).replace(b"ballot:", purpose)
    message = secrets.token_bytes(32) + middle + secrets.token_bytes(65)
    refused(key, message, collect(key, message))


def test_a_context_moved_inside_the_message(key: RoundKey) -> None:
    """The context counts at its place only: a checker that searches for it takes a longer token."""
    for message in (
        secrets.token_bytes(33) + context(ROUND) + secrets.token_bytes(64),
        secrets.token_bytes(32) + context(ROUND) + secrets.token_bytes(66),
        secrets.token_bytes(32) + context(OTHER) + secrets.token_bytes(25) + context(ROUND),
        context(ROUND) + secrets.token_bytes(65),
        secrets.token_bytes(32) + context(ROUND) + secrets.token_bytes(32),  # as in version 1
    ):
        signature = collect(key, message)
        assert key.public.verifies(message, signature)
        refused(key, message, signature)


def test_an_altered_message_or_signature(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    message, signature = honest
    for place in (0, 31, 40, 72, 103):
        changed = bytearray(message)
        changed[place] ^= 1
        refused(key, bytes(changed), signature)
    for place in (0, 200, 383):
        changed = bytearray(signature)
        changed[place] ^= 1
        refused(key, message, bytes(changed))


def test_other_spellings_of_a_signature(key: RoundKey, honest: tuple[bytes, bytes]) -> None:
    """s + n, leading zeros or a shorter form would be a different ballot to a checker comparing bytes."""
    message, signature = honest
    value = int.from_bytes(signature)
    refused(key, message, b"\0" + signature)
    refused(key, message, signature[:-1])
    refused(key, message, (value + key.public.n).to_bytes(385))
    if value + key.public.n < 256**384:
        refused(key, message, (value + key.public.n).to_bytes(384))
    refused(key, message, (key.public.n - value).to_bytes(384))


def test_the_signer_cannot_recognise_what_it_signed(key: RoundKey) -> None:
    """What the server saw fits every credential equally well: each pair has a blinding factor."""
    n, e = key.public.n, key.public.e
    seen, cast = [], []
    for _ in range(3):
        message = prepare(ABOUT).message
        blinded, inverse = blind(key.public, message)
        answer = key.sign_blinded(blinded)
        seen.append((int.from_bytes(blinded), int.from_bytes(answer)))
        cast.append(int.from_bytes(finalize(key.public, message, answer, inverse)))
    for blinded, answer in seen:
        for signature in cast:
            r = answer * int(gmpy2.invert(signature, n)) % n
            assert pow(signature, e, n) * pow(r, e, n) % n == blinded
