"""Blind signatures against RFC 9474's vectors, OpenSSL, and requests that no honest phone sends."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gmpy2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from survey.errors import CredentialInvalid, InvalidInput, Malformed
from survey.protocol.crypto import libcrypto
from survey.protocol.crypto.blind import BlindPublicKey, RoundKey, blind, finalize
from survey.protocol.crypto.emsa_pss import emsa_pss_encode
from survey.protocol.crypto.raw_rsa import FaultyComputation, GMPEngine, RawRSA

VECTORS = json.loads((Path(__file__).parents[2] / "data/vectors/rfc9474.json").read_text())
VECTOR = {name: bytes.fromhex(value) for name, value in VECTORS["randomized"].items()}


def number(name: str) -> int:
    return int.from_bytes(VECTOR[name])


@pytest.fixture(scope="module")
def rfc_key() -> RoundKey:
    p, q, d = number("p"), number("q"), number("d")
    public = rsa.RSAPublicNumbers(number("e"), number("n"))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return RoundKey(numbers.private_key())


def test_the_rfcs_message_encodes_as_published() -> None:
    # A.1 leaves the encoded message out; A.3 has the same key and salt.
    vector = {name: bytes.fromhex(value) for name, value in VECTORS["deterministic"].items()}
    bits = int.from_bytes(vector["n"]).bit_length() - 1
    assert emsa_pss_encode(vector["input_msg"], bits, vector["salt"]) == vector["encoded_msg"]


def test_the_rfcs_blinded_message(rfc_key: RoundKey) -> None:
    r = pow(number("inv"), -1, number("n"))
    assert VECTOR["msg_prefix"] + VECTOR["msg"] == VECTOR["input_msg"]
    blinded, inverse = blind(rfc_key.public, VECTOR["input_msg"], salt=VECTOR["salt"], r=r)
    assert blinded == VECTOR["blinded_msg"]
    assert inverse == number("inv")


def test_the_rfcs_blind_signature_and_signature(rfc_key: RoundKey) -> None:
    assert rfc_key.sign_blinded(VECTOR["blinded_msg"]) == VECTOR["blind_sig"]
    signature = finalize(rfc_key.public, VECTOR["input_msg"], VECTOR["blind_sig"], number("inv"))
    assert signature == VECTOR["sig"]


def test_a_fresh_signature_is_one_that_the_library_takes(round_key: RoundKey) -> None:
    message = b"anything"
    blinded, inverse = blind(round_key.public, message)
    signature = finalize(round_key.public, message, round_key.sign_blinded(blinded), inverse)
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    round_key.private.public_key().verify(signature, message, pss, hashes.SHA384())
    assert blind(round_key.public, message)[0] != blinded


def test_finalize_refuses_a_wrong_blind_signature(round_key: RoundKey) -> None:
    blinded, inverse = blind(round_key.public, b"message")
    good = round_key.sign_blinded(blinded)
    wrong = good[:-1] + bytes([good[-1] ^ 1])
    for bad in (wrong, good[:-1], b""):
        with pytest.raises(CredentialInvalid):
            finalize(round_key.public, b"message", bad, inverse)


@pytest.mark.parametrize("offset", [0, 1, "n-1", "n", "n+2", "max"])
def test_values_outside_the_group_are_malformed(round_key: RoundKey, offset: int | str) -> None:
    n, size = round_key.public.n, round_key.public.size
    value = {"n-1": n - 1, "n": n, "n+2": n + 2, "max": 256**size - 1}.get(str(offset), offset)
    with pytest.raises(Malformed):
        round_key.sign_blinded(int(value).to_bytes(size))


@pytest.mark.parametrize("length", [0, 1, 383, 385])
def test_wrong_lengths_are_malformed(round_key: RoundKey, length: int) -> None:
    with pytest.raises(Malformed):
        round_key.sign_blinded(bytes([7]) * length)


def engines(key: RoundKey) -> list[object]:
    return [GMPEngine(key.private), libcrypto.engine(key.private)]


def test_both_engines_compute_the_same_power(round_key: RoundKey) -> None:
    numbers = round_key.private.private_numbers()
    for value in (2, 3**500, round_key.public.n - 2):
        expected = pow(value, numbers.d, round_key.public.n)
        for engine in engines(round_key):
            assert engine is None or engine.power(value) == expected  # type: ignore[attr-defined]


def test_openssl_is_there_on_this_machine(round_key: RoundKey) -> None:
    assert libcrypto.engine(round_key.private) is not None


def test_without_openssl_gmp_signs(round_key: RoundKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto, "_library", lambda: None)
    blinded, inverse = blind(round_key.public, b"message")
    finalize(round_key.public, b"message", RoundKey(round_key.private).sign_blinded(blinded), inverse)


class FaultyEngine:
    """Computes one of the two halves wrongly, as a glitched processor would."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.numbers = key.private_numbers()

    def power(self, value: int) -> int:
        p, q, n = self.numbers.p, self.numbers.q, self.numbers.public_numbers.n
        first, second = pow(value, self.numbers.dmp1, p) ^ 1, pow(value, self.numbers.dmq1, q)
        return (second + q * ((first - second) * self.numbers.iqmp % p)) % n


def test_a_faulty_signature_would_give_the_key_away_and_is_not_given(round_key: RoundKey) -> None:
    engine, n, e, value = FaultyEngine(round_key.private), round_key.public.n, round_key.public.e, 123456789
    # The attack of Boneh, DeMillo and Lipton succeeds against a signer that does not check …
    factor = gmpy2.gcd(pow(engine.power(value), e, n) - value, n)
    assert factor in (engine.numbers.p, engine.numbers.q)
    # … and finds nothing here.
    with pytest.raises(FaultyComputation):
        RawRSA(round_key.private, engine).private_operation(value)


def test_keys_survive_storage(round_key: RoundKey) -> None:
    again = RoundKey.from_pem(round_key.to_pem())
    assert again.public == round_key.public
    assert (
        BlindPublicKey.from_bytes(round_key.public.n_bytes, 65537).fingerprint == round_key.public.fingerprint
    )
    assert round_key.private.key_size == 3072


def test_what_is_no_rsa_key_is_refused() -> None:
    with pytest.raises(InvalidInput):
        BlindPublicKey.from_bytes(b"\x01", 65537)
    with pytest.raises(InvalidInput):
        BlindPublicKey.from_bytes(b"\xff" * 384, 2)


def test_several_threads_sign_with_one_key(round_key: RoundKey) -> None:
    def sign(value: int) -> bool:
        power = int.from_bytes(round_key.sign_blinded(value.to_bytes(384)))
        return pow(power, 65537, round_key.public.n) == value

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(sign, range(2, 202)))
