"""HPKE against RFC 9180's vectors and a second, slow implementation written from the RFC."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from slow_hpke import schedule, seal_slowly

from survey.protocol.crypto import hpke

VECTOR = json.loads((Path(__file__).parents[2] / "data/vectors/rfc9180-p256-aes256gcm.json").read_text())


def key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(VECTOR[name], 16), ec.SECP256R1())


def test_the_second_implementation_reproduces_the_rfc() -> None:
    info, enc = bytes.fromhex(VECTOR["info"]), bytes.fromhex(VECTOR["enc"])
    receiver = bytes.fromhex(VECTOR["pkRm"])
    dh = key("skEm").exchange(ec.ECDH(), hpke.load_point(receiver))
    shared, cipher_key, nonce = schedule(dh, enc, receiver, info)
    assert (shared.hex(), cipher_key.hex(), nonce.hex()) == (
        VECTOR["shared_secret"],
        VECTOR["key"],
        VECTOR["base_nonce"],
    )
    for step, entry in enumerate(VECTOR["encryptions"]):
        each = (int.from_bytes(nonce) ^ step).to_bytes(12)
        assert each.hex() == entry["nonce"]
        text, aad = bytes.fromhex(entry["pt"]), bytes.fromhex(entry["aad"])
        assert AESGCM(cipher_key).encrypt(each, text, aad).hex() == entry["ct"]
    first = VECTOR["encryptions"][0]
    sealed = seal_slowly(key("skEm"), receiver, info, bytes.fromhex(first["pt"]), bytes.fromhex(first["aad"]))
    assert sealed == enc + bytes.fromhex(first["ct"])


def test_what_the_rfcs_sender_seals_is_opened() -> None:
    """The vectors have additional data, which the protocol has not: the rest of the vector is theirs."""
    info = bytes.fromhex(VECTOR["info"])
    sealed = seal_slowly(key("skEm"), bytes.fromhex(VECTOR["pkRm"]), info, b"content key")
    assert sealed.startswith(bytes.fromhex(VECTOR["enc"]))
    assert hpke.unseal(key("skRm"), sealed, info) == b"content key"


def test_what_is_sealed_the_second_implementation_opens() -> None:
    receiver, info = key("skRm"), b"pingyi:0011"
    sealed = hpke.seal(hpke.point(receiver), b"content key", info)
    assert len(sealed) == len(b"content key") + hpke.OVERHEAD
    enc, ciphertext = sealed[:65], sealed[65:]
    dh = receiver.exchange(ec.ECDH(), hpke.load_point(enc))
    _, cipher_key, nonce = schedule(dh, enc, hpke.point(receiver), info)
    assert AESGCM(cipher_key).decrypt(nonce, ciphertext, b"") == b"content key"


def test_another_key_another_context_or_another_byte_does_not_open() -> None:
    receiver = key("skRm")
    sealed = hpke.seal(hpke.point(receiver), b"text", b"pingyi:a")
    with pytest.raises(InvalidTag):
        hpke.unseal(key("skEm"), sealed, b"pingyi:a")
    with pytest.raises(InvalidTag):
        hpke.unseal(receiver, sealed, b"pingyi:b")
    with pytest.raises(InvalidTag):
        hpke.unseal(receiver, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"pingyi:a")


@pytest.mark.parametrize("public_key", [b"", bytes(65), b"\x04" + b"\x01" * 64, b"\x02" + b"\x01" * 32])
def test_what_is_no_point_is_refused(public_key: bytes) -> None:
    with pytest.raises(ValueError):
        hpke.seal(public_key, b"text", b"")
