"""The public page's Merkle proofs against the auditors' own, and against a list that lies."""

from __future__ import annotations

import json
import secrets
import subprocess
from typing import Any

from node import HERE, node

from survey.protocol.crypto.merkle import inclusion_proof, merkle_root
from survey.protocol.receipts import RECEIPT_BYTES, format_receipt


def browser(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page's modules answer, run in node."""
    command = [node(), str(HERE / "merkle.mjs")]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def some_receipts(count: int) -> list[bytes]:
    return sorted(secrets.token_bytes(RECEIPT_BYTES) for _ in range(count))


def test_every_leaf_of_every_small_tree() -> None:
    trees = [some_receipts(size) for size in range(1, 18)]
    places = [(leaves, index) for leaves in trees for index in range(len(leaves))]
    answers = browser([{"leaves": [x.hex() for x in leaves], "index": index} for leaves, index in places])
    for (leaves, index), answer in zip(places, answers, strict=True):
        assert answer["root"] == merkle_root(leaves).hex()
        assert answer["path"] == [node.hex() for node in inclusion_proof(leaves, index)]
        assert answer["proves"]


def test_the_published_vectors_of_certificate_transparency() -> None:
    """Roots of the test data of RFC 6962's own reference implementation (certificate-transparency)."""
    text = " 00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f"
    leaves = text.split(" ")
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    answers = browser([{"leaves": leaves[:size], "index": 0} for size in roots])
    assert [answer["root"] for answer in answers] == list(roots.values())
    assert browser([{"leaves": [], "index": 0}])[0]["root"].startswith("e3b0c44298fc1c14")


def test_a_receipt_is_found_missing_or_disproved() -> None:
    receipts = [bytes(RECEIPT_BYTES), *some_receipts(11)]
    root = merkle_root(receipts).hex()
    listed = [format_receipt(receipt) for receipt in receipts]
    typed = listed[4].lower().replace("-", " ")
    forged = [*listed[:7], format_receipt(secrets.token_bytes(RECEIPT_BYTES)), *listed[8:]]
    dropped = listed[:7] + listed[8:]
    ask = [(listed, typed), (listed, "0000-0000-0000-0001"), (forged, typed), (dropped, typed)]
    answers = browser([{"list": given, "wanted": wanted, "root": root} for given, wanted in ask])
    assert [answer["kind"] for answer in answers] == ["found", "missing", "broken", "broken"]
    assert answers[0]["bytes"] == [receipt.hex() for receipt in receipts]
