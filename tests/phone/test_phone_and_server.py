"""The phone's half (node) against the server's half (survey.protocol), both directions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from answers_read import decode_answers
from node import phone

from survey.errors import CredentialInvalid, InvalidInput
from survey.protocol import answers, codes, credentials, receipts
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.holders import keyfile, sealing
from survey.protocol.questionnaire import Level
from survey.protocol.witness.posting import open_post
from survey.protocol.witness.stamps import check_stamp, check_ticket
from survey.protocol.witness_description import KeyDescription, WitnessDescription
from survey.services.rounds.defaults import default_questionnaire

ROUND_ID = "ab" * 16


@pytest.fixture(scope="module")
def key() -> RoundKey:
    return RoundKey.generate()


def describe(key: RoundKey, points: list[bytes], quorum: int) -> RoundDescription:
    return RoundDescription(
        id=ROUND_ID,
        slug="2026-q4",
        title="评议",
        body="县人大",
        opens_on="2026-10-01",
        closes_on="2026-12-20",
        blind_key_n=key.public.n_bytes,
        blind_key_e=key.public.e,
        blind_key_fingerprint=key.public.fingerprint,
        quorum=quorum,
        holders=tuple(Holder(str(i), point) for i, point in enumerate(points)),
        questionnaire=default_questionnaire(),
    )


@pytest.fixture(scope="module")
def holders():
    from cryptography.hazmat.primitives.asymmetric import ec

    return [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]


@pytest.mark.parametrize("version", [1, 2])
def test_credential(key: RoundKey, holders, version: int) -> None:
    about = replace(describe(key, [hpke.point(h) for h in holders], 2), version=version)
    description = about.to_dict()
    pending = phone("begin", description=description)
    signed = key.sign_blinded(unb64u(pending["blinded"]))
    credential = phone("finish", description=description, pending=pending, blind_signature=b64u(signed))
    message, sealed = unb64u(credential["message"]), b"sealed"
    assert len(message) == (104, 137)[version - 1]
    credentials.check_credential(key.public, about, message, unb64u(credential["signature"]))
    proof = phone("proof", description=description, credential=credential, sealed=b64u(sealed))
    proof = unb64u(proof) if proof else b""
    credentials.check_proof(about, message, sealed, proof)
    if version == 2:
        with pytest.raises(CredentialInvalid):
            credentials.check_proof(about, message, b"another", proof)
    wrong = b64u(signed[:-1] + bytes([signed[-1] ^ 1]))
    with pytest.raises(ValueError, match="credential_invalid"):
        phone("finish", description=description, pending=pending, blind_signature=wrong)


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_sent_of_a_code(key: RoundKey, holders, version: int) -> None:
    about = replace(describe(key, [hpke.point(h) for h in holders], 2), version=version)
    code = codes.new_code()
    sent = phone("send", description=about.to_dict(), code=code)
    assert sent == codes.secret_to_send(about, codes.parse_code(code))
    assert codes.hash_of_sent(about, sent) == codes.hash_code(codes.parse_code(code), ROUND_ID, version)


def test_a_round_with_a_witness(key: RoundKey, holders) -> None:
    """Stamp, ticket and post of the phone, taken by the other machines' half."""
    (stamp_key, ticket_key), post_key = (RoundKey.generate() for _ in range(2)), _any_key()
    keys = (KeyDescription.of(one.public) for one in (stamp_key, ticket_key))
    witness = WitnessDescription(
        "政协", "https://w.example", *keys, hpke.point(_any_key()), hpke.point(post_key)
    )
    about = replace(describe(key, [hpke.point(h) for h in holders], 2), witness=witness)
    description, code = about.to_dict(), codes.new_code()
    pending = phone("begin", description=description)
    asked = phone("stamp", description=description, code=code, message=pending["message"])
    request = asked["request"]
    assert request["code"] == b64u(codes.witness_code(codes.parse_code(code), ROUND_ID))
    assert request["description"] == about.frozen_digest()
    reply = {"stamp": stamp_key, "ticket": ticket_key}
    reply = {name: b64u(signer.sign_blinded(unb64u(request[name]))) for name, signer in reply.items()}
    signed = b64u(key.sign_blinded(unb64u(pending["blinded"])))
    credential = phone("finish", description=description, pending=pending, blind_signature=signed)
    stamped = phone("stamped", description=description, pending=asked["pending"], reply=reply)
    sealed = b64u(bytes([1]) * about.sealed_size)
    proof = phone("proof", description=description, credential=credential, sealed=sealed)
    record = {"credential": credential | stamped, "sealed": sealed, "proof": proof}
    post = phone("post", description=description, record=record)
    check_ticket(about, unb64u(post["ticket_message"]), unb64u(post["ticket_signature"]))
    ballot = open_post(about, post_key, unb64u(post["blob"]))
    assert ballot.sealed == unb64u(sealed)
    credentials.check_credential(key.public, about, ballot.message, ballot.signature)
    credentials.check_proof(about, ballot.message, ballot.sealed, ballot.proof)
    check_stamp(about, ballot)


def test_check_number(key: RoundKey, holders) -> None:
    """Computed from what was served: the same number, whatever numbers and signs stand in it."""
    about = describe(key, [hpke.point(h) for h in holders], 2)
    asked = about.questionnaire
    odd = Level("“好”\n<é>\u2028\u0001", "Good", 1e-7), Level("中", "Fair", 1e-9), Level("差", "Poor", -1e21)
    scale = replace(asked.scale, levels=odd, satisfied=1, warning_line=1 / 3)
    items = tuple(replace(item, weight=0.1 * n + 1e-8) for n, item in enumerate(asked.items))
    for one in (about, replace(about, questionnaire=replace(asked, scale=scale, items=items))):
        assert phone("check", description=json.loads(json.dumps(one.to_dict()))) == one.check_number
    assert phone("check", description=replace(about, version=1).to_dict()) == ""


@pytest.mark.parametrize("changes", [{"quorum": 4}, {"complete": False}, {"holders": ()}])
@pytest.mark.parametrize("version", [1, 2])
def test_a_round_that_nobody_could_open_is_refused(key: RoundKey, holders, version: int, changes) -> None:
    """A client that does not ask sealed with no wraps at all, when holders were not yet complete."""
    about = replace(describe(key, [hpke.point(h) for h in holders], 2), version=version, **changes)
    if version == 1 and not about.complete:
        return  # a frozen round is complete
    assert about.sealed_size, "nothing else stops a client"
    for verb, more in (("begin", {}), ("ballot", {"answers": {"ratings": {}, "comments": {}, "strata": []}})):
        with pytest.raises(ValueError, match="incomplete"):
            phone(verb, description=about.to_dict(), **more)
    with pytest.raises(InvalidInput):
        sealing.seal(about, bytes(about.questionnaire.plaintext_size))


def test_a_key_that_is_not_the_one_of_the_fingerprint_is_refused(key: RoundKey, holders) -> None:
    description = describe(key, [hpke.point(h) for h in holders], 2).to_dict()
    description["frozen"]["blind_key"]["fingerprint"] = "0" * 64
    with pytest.raises(ValueError, match="credential_invalid"):
        phone("begin", description=description)


@pytest.mark.parametrize(("count", "quorum"), [(1, 1), (2, 2), (3, 2)])
def test_ballot(key: RoundKey, holders, count: int, quorum: int) -> None:
    description = describe(key, [hpke.point(h) for h in holders[:count]], quorum)
    said = {"ratings": {"3": [1, 2, 3, 4, 5, 255]}, "comments": {"3": " 慢\r\n些 "}, "strata": [4, 0, 1, 0]}
    ballot = phone("ballot", description=description.to_dict(), answers=said)
    sealed = unb64u(ballot["sealed"])
    assert len(sealed) == description.sealed_size
    assert ballot["receipt"] == receipts.format_receipt(receipts.receipt_bytes(sealed))
    for subset in description.subsets:
        plaintext = sealing.Opener(description, {i: holders[i] for i in subset}).open(sealed)
        assert b64u(plaintext) == ballot["plaintext"]
    read = decode_answers(description.questionnaire, plaintext)
    assert read.ratings[3] == (1, 2, 3, 4, 5, 255)
    assert read.comments == {3: "慢\n些"}
    assert read.strata == (4, 0, 1, 0)
    assert answers.encode_answers(description.questionnaire, read) == plaintext


AWKWARD = [
    "e\u0301",
    "\ufeff慢",
    "\u200b",
    "a\u0085b",
    "\u2028x\u3000",
    "𠮷野家" * 100,
    "\t行\t",
    "a\x1fb",
    "\u00a0",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_comments_are_canonical(key: RoundKey, holders, text: str) -> None:
    description = describe(key, [hpke.point(holders[0])], 1)
    said = {"ratings": {}, "comments": {"0": text}, "strata": []}
    ballot = phone("ballot", description=description.to_dict(), answers=said)
    read = decode_answers(description.questionnaire, unb64u(ballot["plaintext"]))
    assert b64u(answers.encode_answers(description.questionnaire, read)) == ballot["plaintext"]


def test_code() -> None:
    code = codes.new_code()
    assert phone("code", text=code.lower().replace("-", " ")) == code
    assert codes.parse_code(phone("code", text=code)) == codes.parse_code(code)


def test_key_file_and_proof(key: RoundKey) -> None:
    about = {"slug": "2026-q4", "roundId": ROUND_ID, "holder": "县人大", "passphrase": "山 海 e\u0301 云"}
    made = phone("key", **about)
    private = keyfile.open_key_file(made["text"], "山 海 \u00e9 云", round_id=ROUND_ID)
    assert b64u(hpke.point(private)) == made["publicKey"]
    sealed, secret = keyfile.make_challenge(unb64u(made["publicKey"]), ROUND_ID)
    proof = {"text": made["text"], "passphrase": about["passphrase"], "roundId": ROUND_ID}
    assert unb64u(phone("prove", **proof, challenge=b64u(sealed))) == secret
    other = keyfile.make_challenge(hpke.point(_any_key()), ROUND_ID)[0]
    with pytest.raises(ValueError, match="not_this_key"):
        phone("prove", **proof, challenge=b64u(other))
    with pytest.raises(ValueError, match="wrong_passphrase"):
        phone("prove", **(proof | {"passphrase": "山 海"}), challenge=b64u(sealed))


def _any_key():
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())
