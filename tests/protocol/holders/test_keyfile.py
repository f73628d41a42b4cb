"""Key files open with their passphrase, for their round, and say what is wrong otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from ballot_workshop import ROUND_ID, Workshop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key

from survey.errors import InvalidInput
from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.errors import InvalidKeyFile, TooFewKeys, WrongPassphrase
from survey.protocol.holders.keyfile import answer_challenge, create_key_file, make_challenge, open_key_file
from survey.protocol.holders.keys import check_keys, unlock_keys

PASSPHRASE = "清风 pass-2026"


@pytest.fixture(scope="module")
def file() -> tuple[str, bytes]:
    return create_key_file(slug="2026-q4", round_id=ROUND_ID, holder="县人大", passphrase=PASSPHRASE)


def edited(text: str, **changes: Any) -> str:
    return json.dumps(json.loads(text) | changes)


def test_it_opens_and_proves_itself(file: tuple[str, bytes]) -> None:
    text, public_key = file
    key = open_key_file(text, PASSPHRASE, round_id=ROUND_ID)
    assert hpke.point(key) == public_key
    sealed, secret = make_challenge(public_key, ROUND_ID)
    assert answer_challenge(key, ROUND_ID, sealed) == secret
    with pytest.raises(InvalidKeyFile):
        answer_challenge(ec.generate_private_key(ec.SECP256R1()), ROUND_ID, sealed)
    with pytest.raises(InvalidKeyFile):
        answer_challenge(key, "f" * 32, sealed)


def test_the_file_by_hand(file: tuple[str, bytes]) -> None:
    """Decrypted from docs/formats.md alone, with hashlib's PBKDF2."""
    value = json.loads(file[0])
    assert value["kdf"]["iterations"] == 600_000
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), unb64u(value["kdf"]["salt"]), 600_000)
    aad = b"pingyi-key:" + ROUND_ID.encode()
    der = AESGCM(key).decrypt(unb64u(value["nonce"]), unb64u(value["ciphertext"]), aad)
    loaded = load_der_private_key(der, None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    assert hpke.point(loaded) == file[1]
    # In clear there is nothing of the private number.
    assert loaded.private_numbers().private_value.to_bytes(32) not in file[0].encode()


def test_input_methods_compose_alike() -> None:
    text, _ = create_key_file(slug="a-b", round_id=ROUND_ID, holder="甲", passphrase="cafe\u0301")
    open_key_file(text, "caf\u00e9", round_id=ROUND_ID)


def test_a_wrong_passphrase(file: tuple[str, bytes]) -> None:
    with pytest.raises(WrongPassphrase, match="县人大"):
        open_key_file(file[0], PASSPHRASE + " ", round_id=ROUND_ID)


def test_a_key_of_another_round(file: tuple[str, bytes]) -> None:
    with pytest.raises(InvalidKeyFile, match="2026-q4"):
        open_key_file(file[0], PASSPHRASE, round_id="f" * 32)
    # Renaming the round in the file does not help: the round is bound to the encryption.
    with pytest.raises(WrongPassphrase):
        open_key_file(edited(file[0], round_id="f" * 32), PASSPHRASE, round_id="f" * 32)


def test_a_swapped_public_half(file: tuple[str, bytes]) -> None:
    other = b64u(hpke.point(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(InvalidKeyFile, match="不是一对"):
        open_key_file(edited(file[0], public_key=other), PASSPHRASE, round_id=ROUND_ID)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: "",
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: "hello",
        lambda text: edited(text, format="pingyi-box"),
        lambda text: edited(text, version=2),
        lambda text: edited(text, cipher="none"),
        lambda text: edited(text, kdf={"name": "PBKDF2-SHA256", "iterations": 10**12, "salt": "AA"}),
        lambda text: edited(text, kdf=None),
        lambda text: edited(text, nonce="AA"),
        lambda text: edited(text, ciphertext=5),
    ],
)
def test_what_is_no_key_file(file: tuple[str, bytes], damage: Callable[[str], str]) -> None:
    with pytest.raises(InvalidKeyFile, match="不是钥匙文件"):
        open_key_file(damage(file[0]), PASSPHRASE, round_id=ROUND_ID)


def files_of(made: Workshop) -> list[tuple[str, str]]:
    return [
        (
            create_key_file(slug="q", round_id=made.description.id, holder=h.name, passphrase="p", key=k)[0],
            "p",
        )
        for h, k in zip(made.description.holders, made.holder_keys, strict=True)
    ]


def test_files_become_a_quorum(workshop: Callable[..., Workshop]) -> None:
    made = workshop(2, 3)
    files = files_of(made)
    keys = unlock_keys(made.description, [files[2], files[0]])
    assert {index: hpke.point(key) for index, key in keys.items()} == {
        index: made.description.holders[index].public_key for index in (0, 2)
    }
    with pytest.raises(TooFewKeys):
        unlock_keys(made.description, files[:1])
    with pytest.raises(InvalidKeyFile, match="两次"):
        unlock_keys(made.description, [files[0], files[0]])
    with pytest.raises(InvalidKeyFile, match="对不上"):
        unlock_keys(made.description, [files[0], files_of(workshop(2, 3))[1]])
    with pytest.raises(InvalidKeyFile, match="不是本轮"):
        unlock_keys(made.description, [files[0], files_of(workshop(2, 3, "f" * 32))[1]])


def test_keys_under_the_wrong_holder(workshop: Callable[..., Workshop]) -> None:
    made = workshop()
    with pytest.raises(InvalidKeyFile, match="持钥人0"):
        check_keys(made.description, {0: made.holder_keys[1], 1: made.holder_keys[0]})
    with pytest.raises(InvalidInput):
        check_keys(made.description, {0: made.holder_keys[0]})


def test_names_in_a_file_are_for_people(workshop: Callable[..., Workshop]) -> None:
    """Attack: a file that calls itself the other holder's. The key tells whose it is, and messages say so."""
    made = workshop()
    (first, _), second = files_of(made)
    stranger = edited(first, holder="持钥人1", round="other", remark="x")
    assert unlock_keys(made.description, [(stranger, "p"), second]).keys() == {0, 1}
    for files in ([(stranger, "wrong"), second], [(stranger, "p"), (stranger, "p")]):
        with pytest.raises(InvalidKeyFile, match="持钥人0"):
            unlock_keys(made.description, files)
