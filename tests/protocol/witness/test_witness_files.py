"""What the machines hand to each other: read as written, refused with anything more, less or else."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keys_of_examples import VECTORS, private_key

from survey.errors import CredentialInvalid, InvalidInput, Malformed
from survey.protocol.ballots import CastBallot, ballot_fields
from survey.protocol.box.format import read_ballot
from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.witness import stamps
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.code_lists import BOX, WITNESS, CodeList, NewCode, make_lists
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.posting import blob_hash, is_acknowledged, open_post, post_size, seal_post
from survey.protocol.witness.statements import Statement
from survey.protocol.witness_description import origin_of

ALL = json.loads(VECTORS.read_text("utf-8"))
KNOWN = ALL["witness"]
FILES = {
    "offer": (KNOWN["witness.json"], WitnessOffer.from_json),
    "box list": (KNOWN["invitation"]["codes-box.json"], CodeList.from_json),
    "witness list": (KNOWN["invitation"]["codes-witness.json"], CodeList.from_json),
    "statement": (KNOWN["statement"], Statement.from_json),
}


@pytest.fixture(scope="module")
def description() -> RoundDescription:
    return RoundDescription.from_dict(KNOWN["round"])


@pytest.fixture(scope="module")
def ballot(description: RoundDescription) -> CastBallot:
    return read_ballot(json.loads(KNOWN["line"]), ballot_fields(description))


@pytest.mark.parametrize("name", FILES)
def test_read_as_written(name: str) -> None:
    value, read = FILES[name]
    assert json.loads(read(json.dumps(value)).to_json()) == value


@pytest.mark.parametrize("name", FILES)
def test_anything_else_is_refused(name: str) -> None:
    value, read = FILES[name]
    wrong = [value | {"mark": 1}, value | {"version": 2}, value | {"version": True}, value | {"format": "x"}]
    wrong += [
        {n: part for n, part in value.items() if n != left_out}
        for left_out in value
        if left_out != "enterprises"
    ]
    wrong += [
        value | {n: other}
        for n in value
        for other in (None, "x", -1, 1.5, ["x"])
        if (n, other) != ("name", "x")
    ]
    for changed in wrong:
        with pytest.raises(InvalidInput):
            read(json.dumps(changed))
    for text in ("", "[]", "nonsense", json.dumps(value)[:-1] + ',"version":1}'):
        with pytest.raises(InvalidInput):
            read(text)


def test_half_codes_are_those_of_another_hkdf() -> None:
    code = bytes.fromhex(ALL["chosen"]["code"])
    for name in ("box", "witness"):
        info = f"pingyi {name}:{KNOWN['round']['frozen']['id']}".encode()
        found = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(code)
        assert b64u(found) == KNOWN["invitation"][f"{name}_code"]


def test_lists_are_paired_and_in_orders_of_their_own(description: RoundDescription) -> None:
    made = [NewCode(bytes([n]) * 16, f"91130900MA{n:08d}") for n in range(1, 30)]
    box, witness = make_lists(description, made)
    assert (box.other, witness.other) == (witness.digest, box.digest)
    written = json.dumps(list(witness.codes), separators=(",", ":")).encode()
    assert box.other == hashlib.sha256(written).hexdigest()
    by_code = dict(zip(box.codes, box.enterprises, strict=True))
    assert by_code[hashlib.sha256(_half(description, made[3].code, "box")).hexdigest()] == made[3].enterprise
    assert not witness.enterprises
    assert "9113" not in witness.to_json()
    orders = [
        [listed.index(_hash(description, new.code, name)) for new in made]
        for listed, name in ((box.codes, "box"), (witness.codes, "witness"))
    ]
    assert orders[0] != orders[1]


def test_a_list_is_for_its_machine_and_round(description: RoundDescription) -> None:
    box, witness = make_lists(description, [NewCode(bytes(16))])
    box.check_of(description, BOX)
    witness.check_of(description, WITNESS)
    with pytest.raises(InvalidInput, match="另一台"):
        witness.check_of(description, BOX)
    with pytest.raises(InvalidInput, match="本轮"):
        box.check_of(replace(description, quorum=1), BOX)


def test_lists_that_contradict_themselves(description: RoundDescription) -> None:
    value = make_lists(description, [NewCode(bytes([n]) * 16, f"E{n}") for n in range(3)])[0].to_dict()
    codes = value["codes"]
    for changed in (
        {"codes": codes[::-1]},
        {"codes": [codes[0], *codes], "count": 4},
        {"count": 2},
        {"codes": [], "count": 0, "enterprises": []},
        {"enterprises": ["E1", "E1", "E2"]},
        {"enterprises": ["E1"]},
        {"replaces": [codes[0]]},
        {"for": "witness"},
        {"for": "both"},
    ):
        with pytest.raises(InvalidInput):
            CodeList.from_json(json.dumps(value | changed))


def test_the_blob_opens_with_the_box_key_alone(description: RoundDescription, ballot: CastBallot) -> None:
    blob = unb64u(KNOWN["post"]["blob"])
    assert len(blob) == post_size(description) == description.sealed_size + 1186
    key = private_key(KNOWN["chosen"]["post_private_key"])
    assert open_post(description, key, blob) == ballot
    for wrong in (blob[:-1], blob[:-1] + bytes([blob[-1] ^ 1]), b""):
        with pytest.raises(Malformed):
            open_post(description, key, wrong)
    with pytest.raises(Malformed):
        open_post(description, ec.generate_private_key(ec.SECP256R1()), blob)
    assert len(seal_post(description, ballot)) == len(blob)


def test_signatures_hold_by_a_library(description: RoundDescription) -> None:
    """Against `cryptography` itself: acknowledgement, batch and statement, as the document says them."""
    key = hpke.load_point(unb64u(KNOWN["round"]["frozen"]["witness"]["signing_key"]))
    name, digest = description.id.encode(), blob_hash(unb64u(KNOWN["post"]["blob"]))
    statement = dict(KNOWN["statement"])
    signed = unb64u(statement.pop("signature"))
    canonical = json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    for said, signature in (
        (b"pingyi-posted:" + name + b":" + digest, unb64u(KNOWN["post"]["answer"]["signature"])),
        (
            b"pingyi-batch:" + name + b":" + bytes([0] * 7 + [1]) + hashlib.sha256(digest).digest(),
            unb64u(KNOWN["batch"]["signature"]),
        ),
        (b"pingyi-statement:" + canonical, signed),
    ):
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key.verify(encode_dss_signature(r, s), said, ec.ECDSA(hashes.SHA256()))
    assert is_acknowledged(description, digest, unb64u(KNOWN["post"]["answer"]["signature"]))
    assert not is_acknowledged(description, bytes(32), unb64u(KNOWN["post"]["answer"]["signature"]))


def test_statements_that_were_changed(description: RoundDescription) -> None:
    Statement.from_json(json.dumps(KNOWN["statement"])).check(description)
    for changed in (
        {"stamped": 2},
        {"posted": 2, "waiting": 1},
        {"closed": False},
        {"number": 8},
        {"lists": []},
    ):
        with pytest.raises(InvalidInput, match="不是本轮的监票机签的"):
            Statement.from_json(json.dumps(KNOWN["statement"] | changed)).check(description)
    with pytest.raises(InvalidInput):  # sums that do not fit
        Statement.from_json(json.dumps(KNOWN["statement"] | {"posted": 5}))


def test_batches(description: RoundDescription) -> None:
    sent = {name: KNOWN["batch"][name] for name in ("round_id", "number", "blobs", "signature")}
    batch = Batch.from_dict(sent)
    batch.check(description)
    with pytest.raises(CredentialInvalid):
        replace(batch, number=2).check(description)
    with pytest.raises(CredentialInvalid):
        replace(batch, blobs=(b"another",)).check(description)
    for changed in (
        {"mark": 1},
        {"number": 0},
        {"number": True},
        {"number": "1"},
        {"blobs": []},
        {"blobs": sent["blobs"] * 2},
        {"blobs": "x"},
        {"round_id": 7},
        {"signature": None},
    ):
        with pytest.raises(Malformed):
            Batch.from_dict(sent | changed)


def test_a_batch_forgets_the_order_in_which_it_was_gathered() -> None:
    key = private_key("77" * 32)
    blobs = [bytes([n]) * 40 for n in range(50)]
    assert Batch.signed(key, "0" * 32, 1, blobs).blobs == Batch.signed(key, "0" * 32, 1, blobs[::-1]).blobs


def test_a_stamp_is_for_its_token_round_and_key(description: RoundDescription, ballot: CastBallot) -> None:
    stamps.check_stamp(description, ballot)
    ticket = KNOWN["ticket"]
    plain = RoundDescription.from_dict(ALL["round"])
    for wrong in (
        ballot._replace(stamp=b"", stamp_message=b""),
        ballot._replace(stamp=ballot.signature, stamp_message=ballot.message),  # two of the box's
        ballot._replace(stamp=ballot.signature),
        ballot._replace(stamp_message=bytes(32) + ballot.stamp_message[32:]),
        ballot._replace(message=ballot.message[:-1] + bytes([ballot.message[-1] ^ 1])),
        ballot._replace(stamp_message=unb64u(ticket["message"]), stamp=unb64u(ticket["signature"])),
    ):
        with pytest.raises(CredentialInvalid):
            stamps.check_stamp(description, wrong)
    with pytest.raises(CredentialInvalid):
        stamps.check_stamp(plain, ballot)
    stamps.check_stamp(plain, ballot._replace(stamp_message=b"", stamp=b""))


def test_a_stamp_is_no_ticket_nor_a_ticket_of_another_round(description: RoundDescription) -> None:
    message, signature = (unb64u(KNOWN["ticket"][name]) for name in ("message", "signature"))
    assert stamps.check_ticket(description, message, signature).hex() == KNOWN["ticket"]["spent"]
    stamp = tuple(unb64u(KNOWN["stamp"][name]) for name in ("message", "signature"))
    for wrong in (stamp, (message, stamp[1]), (message[:-1], signature), (message, signature[:-1])):
        with pytest.raises(CredentialInvalid):
            stamps.check_ticket(description, *wrong)
    with pytest.raises(CredentialInvalid):
        stamps.check_ticket(replace(description, id="ff" * 16), message, signature)


def test_what_no_witness_is_like_is_refused() -> None:
    for changed in (
        {"name": " "},
        {"address": "http://witness.example"},
        {"stamp_key": KNOWN["round"]["frozen"]["blind_key"]},
        {"ticket_key": KNOWN["round"]["frozen"]["witness"]["stamp_key"]},
        {"post_key": KNOWN["round"]["frozen"]["witness"]["signing_key"]},
        {"signing_key": b64u(bytes(65))},
        {"mark": 1},
    ):
        value = copy.deepcopy(KNOWN["round"])
        value["frozen"]["witness"] |= changed
        with pytest.raises(InvalidInput):
            RoundDescription.from_dict(value)
    value = copy.deepcopy(KNOWN["round"])
    value["frozen"]["witness"]["stamp_key"]["fingerprint"] = "0" * 64
    with pytest.raises(InvalidInput):
        RoundDescription.from_dict(value)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://witness.example", "https://witness.example"),
        ("https://witness.example:8443/a/b", "https://witness.example:8443"),
        ("http://127.0.0.1:9000/w", "http://127.0.0.1:9000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_addresses(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "http://witness.example",
        "https://w.example/",
        "https://w.example?x",
        "https://w.example#x",
        "https://a@b",
        "https://W.example",
        "https://w.example; script-src *",
        "https://w.example/a b",
        "ftp://w",
        "",
        "https://",
        "http://localhost.evil.example",
        "https://" + "a" * 250,
    ],
)
def test_no_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        origin_of(address)


def _half(description: RoundDescription, code: bytes, name: str) -> bytes:
    info = f"pingyi {name}:{description.id}".encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(code)


def _hash(description: RoundDescription, code: bytes, name: str) -> str:
    return hashlib.sha256(_half(description, code, name)).hexdigest()


def test_base64_in_the_examples_has_no_padding() -> None:
    assert base64.urlsafe_b64decode(KNOWN["stamp"]["message"] + "===")[32:71] == (
        f"stamp:{KNOWN['round']['frozen']['id']}:".encode()
    )
