"""docs/vectors.json: one ballot from the questionnaire to the opened box, byte by byte.

`PYTHONPATH=.:tests/support python tests/protocol/worked_example.py` writes it anew. Everything follows from
`chosen`, but for the sealed ballot and the posted blob, whose ephemeral keys nobody can choose: they are kept
from the file, and made once when there are none. `witness` is the same ballot in a round with a witness.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import worked_witness
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from keys_of_examples import private_key, rsa_key

from survey.protocol import codes
from survey.protocol.answers import Answers, encode_answers
from survey.protocol.ballots import CastBallot, ballot_fields
from survey.protocol.box.counts import Counts
from survey.protocol.box.export import write_box
from survey.protocol.box.format import Audit, ballot_line
from survey.protocol.box.opening import open_ballots
from survey.protocol.credentials import check_credential, check_proof, context
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey, blind, finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.crypto.merkle import leaf_hash, merkle_root
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.holders.keyfile import create_key_file, open_key_file
from survey.protocol.holders.sealing import seal
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.protocol.receipts import format_receipt, receipt_bytes

PATH = Path(__file__).parents[2] / "docs" / "vectors.json"
ROUND_ID = "00112233445566778899aabbccddeeff"
PASSPHRASE = "cafe\u0301 钥匙"
"""With a combining accent: NFC composes it."""


def main() -> None:
    """Write the file."""
    known = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {"chosen": _choose()}
    PATH.write_text(text_of(known), encoding="utf-8")


def text_of(known: dict[str, Any]) -> str:
    """The file as it should be, from its `chosen` and its sealed ballot."""
    return json.dumps(_worked(known), ensure_ascii=False, indent=1) + "\n"


def _choose() -> dict[str, Any]:
    numbers = RoundKey.generate().private.private_numbers()
    return {
        "rsa_p": f"{numbers.p:x}",
        "rsa_q": f"{numbers.q:x}",
        "holder_private_keys": ["11" * 32, "22" * 32],
        "code": "000102030405060708090a0b0c0d0e0f",
        "randomizer": "aa" * 32,
        "one_time_private_key": "33" * 32,
        "pss_salt": "bb" * 48,
        "blinding_factor": "cc" * 300,
    }


def _worked(known: dict[str, Any]) -> dict[str, Any]:
    chosen = known["chosen"]
    key = RoundKey(rsa_key(chosen["rsa_p"], chosen["rsa_q"]))
    holders = [private_key(text) for text in chosen["holder_private_keys"]]
    description = _describe(key, holders)
    answers = Answers(ratings=((1, 255), (0, 3)), strata=(2,), comments={1: "窗口太少"})
    plaintext = encode_answers(description.questionnaire, answers)
    kept = known.get("ballot", {}).get("sealed")
    sealed = unb64u(kept) if kept else seal(description, plaintext)
    signed, ballot = _credential(description, key, chosen, sealed)
    opened = open_ballots(
        description, [ballot], dict(enumerate(holders)), merkle_root=merkle_root([receipt_bytes(sealed)])
    )
    return {
        "format": "pingyi-vectors",
        "version": 2,
        "chosen": chosen,
        "round": description.to_dict(),
        "frozen": worked_witness.frozen_of(description) | {"key_fingerprint": key.public.fingerprint},
        "invitation": _invitation(description, bytes.fromhex(chosen["code"])),
        "key_file": _key_file(description, holders[0], known.get("key_file", {})),
        "credential": signed,
        "ballot": {
            "plaintext": plaintext.hex(),
            "sealed": b64u(sealed),
            "proof": b64u(ballot.proof),
            "receipt": format_receipt(receipt_bytes(sealed)),
            "line": ballot_line(ballot, ballot_fields(description)).decode(),
        },
        "closing": {
            "leaf_hash": leaf_hash(receipt_bytes(sealed)).hex(),
            "merkle_root": opened.merkle_root.hex(),
            "first_line": _first_line(description, ballot),
        },
        "opened": json.loads(opened.to_json()),
        "witness": worked_witness.worked(known.get("witness", {}), chosen, description, sealed),
    }


def _first_line(description: RoundDescription, ballot: CastBallot) -> str:
    file = io.BytesIO()
    write_box(file, description, Counts(3, 2, 1), [ballot], audit=Audit(bytes(32), 12))
    return file.getvalue().split(b"\n")[0].decode()


def _credential(
    description: RoundDescription, key: RoundKey, chosen: dict[str, Any], sealed: bytes
) -> tuple[dict[str, str], CastBallot]:
    one_time = private_key(chosen["one_time_private_key"])
    token = hpke.point(one_time)
    message = bytes.fromhex(chosen["randomizer"]) + context(description.id) + token
    salt, factor = bytes.fromhex(chosen["pss_salt"]), int(chosen["blinding_factor"], 16)
    blinded, inverse = blind(key.public, message, salt=salt, r=factor)
    answer = key.sign_blinded(blinded)
    signature = finalize(key.public, message, answer, inverse)
    # Deterministic (RFC 6979) so that the file stays the same; a phone signs with fresh randomness.
    proven = f"pingyi-ballot:{description.id}:".encode() + sealed
    r, s = decode_dss_signature(one_time.sign(proven, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    ballot = CastBallot(message, signature, sealed, r.to_bytes(32) + s.to_bytes(32))
    spent = check_credential(key.public, description, message, signature)
    check_proof(description, message, sealed, ballot.proof)
    texts = {"message": message, "blinded": blinded, "blind_signature": answer, "signature": signature}
    return {"token": token.hex(), **{n: b64u(v) for n, v in texts.items()}, "spent": spent.hex()}, ballot


def _invitation(description: RoundDescription, code: bytes) -> dict[str, str]:
    text, box = codes.format_code(code), codes.box_code(code, description.id)
    return {
        "code": text,
        "link": codes.invitation_link("https://h.example", description.slug, text, description.check_number),
        "box_code": b64u(box),
        "stored": hashlib.sha256(box).hexdigest(),
    }


def _key_file(
    description: RoundDescription, key: ec.EllipticCurvePrivateKey, known: dict[str, Any]
) -> dict[str, Any]:
    """Key file of the first holder; its salt and nonce are those of the file."""
    words = {"slug": description.slug, "holder": description.holders[0].name, "passphrase": PASSPHRASE}
    text = json.dumps(known["file"]) if known else create_key_file(round_id=ROUND_ID, key=key, **words)[0]
    opened = open_key_file(text, PASSPHRASE, round_id=ROUND_ID)
    der = opened.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {"passphrase": PASSPHRASE, "file": json.loads(text), "private_key": der.hex()}


def _describe(key: RoundKey, holders: list[ec.EllipticCurvePrivateKey]) -> RoundDescription:
    levels = (Level("好", "Good", 100.0), Level("中", "Fair", 62.5), Level("差", "Poor", 0.0))
    return RoundDescription(
        id=ROUND_ID,
        slug="2026-q4",
        title="2026 年第四季度评议",
        body="县人大常委会",
        opens_on="2026-10-01",
        closes_on="2026-12-20",
        blind_key_n=key.public.n_bytes,
        blind_key_e=key.public.e,
        blind_key_fingerprint=key.public.fingerprint,
        quorum=2,
        holders=tuple(
            Holder(name, hpke.point(holder)) for name, holder in zip(("人大", "政协"), holders, strict=True)
        ),
        questionnaire=Questionnaire(
            items=(Item("态度", "Attitude", 0.5), Item("总体“印象”", 'Overall "view"', overall=True)),
            scale=Scale(levels, 2, 70.0, "不了解", "Don't know"),
            departments=(Department("税务局", "执法", "swj", common=True), Department("供电公司", "服务")),
            strata=(Stratum("规模", "Size", ("大", "小"), ("Large", "Small")),),
            comment_chars=50,
            comment_bytes=64,
        ),
        threshold=3,
    )


if __name__ == "__main__":
    main()
