"""docs/vectors.json is what this program makes, and what the phone's half makes of the same."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import worked_example
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.protocol.canonical_json import canonical_json


def test_it_is_current() -> None:
    stored = worked_example.PATH.read_text("utf-8")
    assert worked_example.text_of(json.loads(stored)) == stored


def test_the_canonical_text_is_the_frozen_part() -> None:
    known = json.loads(worked_example.PATH.read_text("utf-8"))
    assert canonical_json(known["round"]["frozen"]).decode() == known["frozen"]["canonical"]
    assert json.loads(known["frozen"]["canonical"]) == known["round"]["frozen"]


def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(worked_example.PATH.read_text("utf-8"))
    return found


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_key_file_opens_by_what_the_document_says() -> None:
    """With hashlib and AES alone; the passphrase of the example is not NFC."""
    part = known()["key_file"]
    file, kdf = part["file"], part["file"]["kdf"]
    passphrase = "caf\u00e9 钥匙".encode()
    assert passphrase != part["passphrase"].encode()
    key = hashlib.pbkdf2_hmac("sha256", passphrase, unpadded(kdf["salt"]), kdf["iterations"])
    told = f"pingyi-key:{file['round_id']}".encode()
    der = AESGCM(key).decrypt(unpadded(file["nonce"]), unpadded(file["ciphertext"]), told)
    assert der.hex() == part["private_key"]
    assert known()["chosen"]["holder_private_keys"][0] in part["private_key"]


def test_a_replacement_names_what_it_replaces_on_both_sides() -> None:
    """Digests of lists are SHA-256 of the canonical JSON of their codes: hex digits need no escapes."""
    invitation = known()["witness"]["invitation"]
    first, further = invitation, invitation["replacement"]
    owner, *lost = invitation["issued.json"]["issued"][1]
    digests = {}
    for name, old, other in zip(
        ("codes-box.json", "codes-witness.json"), lost, ("codes-witness.json", "codes-box.json"), strict=True
    ):
        assert further[name]["replaces"] == [old]
        assert old in first[name]["codes"]
        for lists in (first, further):
            text = "[" + ",".join(f'"{code}"' for code in lists[other]["codes"]) + "]"
            assert lists[name]["other"] == hashlib.sha256(text.encode()).hexdigest()
            digests[other, id(lists)] = lists[name]["other"]
    assert further["codes-box.json"]["enterprises"] == [owner]
    pairs = [
        [digests["codes-box.json", id(each)], digests["codes-witness.json", id(each)]]
        for each in (first, further)
    ]
    listed = [[pair["box"], pair["witness"]] for pair in invitation["lists.json"]["lists"]]
    assert listed == sorted(pairs)
