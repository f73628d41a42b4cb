"""The part `witness` of docs/vectors.json: the same invitation and ballot in a round with a witness."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from keys_of_examples import private_key, rsa_key

from survey.protocol import codes
from survey.protocol.ballots import CastBallot, ballot_fields
from survey.protocol.box.format import ballot_line
from survey.protocol.canonical_json import canonical_json
from survey.protocol.credentials import context
from survey.protocol.crypto import ecdsa, hpke
from survey.protocol.crypto.blind import RoundKey, blind, finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.code_lists import NewCode, codes_digest, make_lists
from survey.protocol.witness.imported_lists import ImportedLists
from survey.protocol.witness.issued_list import IssuedList
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.posting import acknowledge, blob_hash, seal_post
from survey.protocol.witness.stamps import check_stamp, check_ticket, stamp_context, ticket_context
from survey.protocol.witness.statements import Statement
from survey.protocol.witness_description import KeyDescription

SECOND_CODE = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
THIRD_CODE = "e0e1e2e3e4e5e6e7e8e9eaebecedeeef"
FIRMS = ("91130900MA00000001", "91130900MA00000002")


def _choose() -> dict[str, Any]:
    stamp, ticket = (RoundKey.generate().private.private_numbers() for _ in range(2))
    return {
        "stamp_p": f"{stamp.p:x}",
        "stamp_q": f"{stamp.q:x}",
        "ticket_p": f"{ticket.p:x}",
        "ticket_q": f"{ticket.q:x}",
        "signing_private_key": "44" * 32,
        "post_private_key": "55" * 32,
        "second_code": SECOND_CODE,
        "stamp_randomizer": "a1" * 32,
        "ticket_randomizer": "a2" * 32,
        "ticket": "a3" * 32,
    }


def worked(
    known: dict[str, Any], first: dict[str, Any], plain: RoundDescription, sealed: bytes
) -> dict[str, Any]:
    """The part, from its own `chosen` and that of the whole, the round without a witness and its ballot."""
    chosen = (known.get("chosen") or _choose()) | {"third_code": THIRD_CODE}
    keys = {n: RoundKey(rsa_key(chosen[f"{n}_p"], chosen[f"{n}_q"])) for n in ("stamp", "ticket")}
    signing, post = (private_key(chosen[f"{name}_private_key"]) for name in ("signing", "post"))
    offer = WitnessOffer(
        plain.id,
        "县政协办公室",
        "https://witness.example/w",
        KeyDescription.of(keys["stamp"].public),
        KeyDescription.of(keys["ticket"].public),
        hpke.point(signing),
    )
    description = replace(plain, witness=offer.described(hpke.point(post)))
    signed, ballot, ticket = _signatures(description, keys, first, chosen, sealed)
    invitation = _invitation(description, bytes.fromhex(first["code"]), bytes.fromhex(SECOND_CODE))
    lists = (codes_digest(invitation["codes-witness.json"]["codes"]),)
    kept = known.get("post", {}).get("blob")
    blob = unb64u(kept) if kept else seal_post(description, ballot)
    acknowledged = acknowledge(signing, plain.id, blob_hash(blob), deterministic=True)
    batch = Batch.signed(signing, plain.id, 1, [blob], deterministic=True)
    return {
        "chosen": chosen,
        "witness.json": offer.to_dict(),
        "shown_fingerprint": offer.fingerprint,
        "round": description.to_dict(),
        "frozen": frozen_of(description),
        "invitation": invitation,
        **signed,
        "post": {
            "packed_without_sealed": b64u(b"".join(ballot[n] for n in (0, 1, 4, 5, 3))),
            **_posting(blob, signed["ticket"]["message"], ticket, acknowledged),
            "receipt": format_receipt(receipt_bytes(sealed)),
        },
        "batch": batch.to_dict() | {"digest": batch.digest.hex()},
        "line": ballot_line(ballot, ballot_fields(description)).decode(),
        "statement": _statement(description, lists).signed(signing, deterministic=True).to_dict(),
    }


def frozen_of(description: RoundDescription) -> dict[str, str]:
    """What is worked out of the frozen part of a description."""
    return {
        "canonical": canonical_json(description.to_dict()["frozen"]).decode(),
        "digest": description.frozen_digest(),
        "check_number": description.check_number,
    }


def _posting(blob: bytes, message: str, ticket: bytes, acknowledged: bytes) -> dict[str, Any]:
    request = {"ticket_message": message, "ticket_signature": b64u(ticket), "blob": b64u(blob)}
    answer = {"hash": blob_hash(blob).hex(), "signature": b64u(acknowledged)}
    return {"blob": b64u(blob), "request": request, "answer": answer}


def _signatures(
    description: RoundDescription,
    keys: dict[str, RoundKey],
    first: dict[str, Any],
    chosen: dict[str, Any],
    sealed: bytes,
) -> tuple[dict[str, Any], CastBallot, bytes]:
    one_time = private_key(first["one_time_private_key"])
    token, round_id = hpke.point(one_time), description.id
    salt, factor = bytes.fromhex(first["pss_salt"]), int(first["blinding_factor"], 16)
    box_key = RoundKey(rsa_key(first["rsa_p"], first["rsa_q"]))
    box_message = bytes.fromhex(first["randomizer"]) + context(round_id) + token
    messages = _messages(round_id, token, chosen)
    signatures = {"box": _sign(box_key, box_message, salt, factor)[2]}
    said: dict[str, Any] = {}
    for name, message in messages.items():
        blinded, answer, signature = _sign(keys[name], message, salt, factor)
        signatures[name] = signature
        parts = {"message": message, "blinded": blinded, "blind_signature": answer, "signature": signature}
        said[name] = {part: b64u(value) for part, value in parts.items()}
    proven = f"pingyi-ballot:{round_id}:".encode() + sealed
    ballot = CastBallot(
        box_message,
        signatures["box"],
        sealed,
        ecdsa.sign(one_time, proven, deterministic=True),
        messages["stamp"],
        signatures["stamp"],
    )
    check_stamp(description, ballot)
    said["ticket"]["spent"] = check_ticket(description, messages["ticket"], signatures["ticket"]).hex()
    code = bytes.fromhex(first["code"])
    said["stamp_request"] = {
        "code": b64u(codes.witness_code(code, round_id)),
        "description": description.frozen_digest(),
        "stamp": said["stamp"]["blinded"],
        "ticket": said["ticket"]["blinded"],
    }
    return said, ballot, signatures["ticket"]


def _messages(round_id: str, token: bytes, chosen: dict[str, Any]) -> dict[str, bytes]:
    stamp, ticket = (bytes.fromhex(chosen[f"{name}_randomizer"]) for name in ("stamp", "ticket"))
    return {
        "stamp": stamp + stamp_context(round_id) + token,
        "ticket": ticket + ticket_context(round_id) + bytes.fromhex(chosen["ticket"]),
    }


def _sign(key: RoundKey, message: bytes, salt: bytes, factor: int) -> tuple[bytes, bytes, bytes]:
    blinded, inverse = blind(key.public, message, salt=salt, r=factor)
    answer = key.sign_blinded(blinded)
    return blinded, answer, finalize(key.public, message, answer, inverse)


def _invitation(description: RoundDescription, first: bytes, second: bytes) -> dict[str, Any]:
    issued = [NewCode(first, FIRMS[0]), NewCode(second, FIRMS[1])]
    lists = make_lists(description, issued)
    lost = issued[1].hashes(description.id)
    replaced = make_lists(description, [NewCode(bytes.fromhex(THIRD_CODE), FIRMS[1], lost)])
    pairs = tuple(sorted((of_box.digest, of_box.other) for of_box in (lists[0], replaced[0])))
    half = codes.witness_code(first, description.id)
    text = codes.format_code(first)
    return {
        "link": codes.invitation_link("https://h.example", description.slug, text, description.check_number),
        "box_code": b64u(codes.box_code(first, description.id)),
        "witness_code": b64u(half),
        "stored_by_witness": hashlib.sha256(half).hexdigest(),
        "codes-box.json": lists[0].to_dict(),
        "codes-witness.json": lists[1].to_dict(),
        "issued.json": IssuedList.of(description, issued).to_dict(),
        "replacement": {
            "codes-box.json": replaced[0].to_dict(),
            "codes-witness.json": replaced[1].to_dict(),
        },
        "lists.json": ImportedLists(description.id, pairs).to_dict(),
    }


def _statement(description: RoundDescription, lists: tuple[str, ...]) -> Statement:
    return Statement(description.id, description.frozen_digest(), 2, lists, 0, 1, 1, 1, 1, 0, True, 7)
