"""Published list of receipts, and the proof that a receipt is in it under the Merkle root."""

from __future__ import annotations

from collections.abc import Sequence

from survey.errors import N_
from survey.protocol.crypto.merkle import inclusion_proof, merkle_root, verify_inclusion
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import format_receipt, parse_receipt


def write_receipts(receipts: Sequence[bytes]) -> str:
    """Text of `receipts.txt`: one receipt per line, ascending."""
    return "".join(format_receipt(receipt) + "\n" for receipt in sorted(receipts))


def read_receipts(text: str) -> list[bytes]:
    """Receipts from the text of a published `receipts.txt`; raises `InvalidInput`."""
    return [parse_receipt(line) for line in text.splitlines() if line.strip()]


def receipts_root(receipts: list[bytes]) -> bytes:
    """Merkle root (32 bytes) of a list of receipts in any order; they are sorted first."""
    return merkle_root(sorted(receipts))


def verify_receipt(receipts: Sequence[bytes], root: bytes, receipt: str) -> None:
    """Raise `InvalidBox` unless `receipt` is among `receipts` (10 bytes each) and proven under `root`.

    Raises `InvalidInput` for a malformed receipt.
    """
    wanted, ordered = parse_receipt(receipt), sorted(receipts)
    if wanted not in ordered:
        raise InvalidBox(
            N_("回执号 %(receipt)s 不在票箱里。"),
            receipt=receipt,
            remedy=N_("请核对回执号和轮次。如果无误，请带上回执向评议办公室和持钥人提出。"),
        )
    index = ordered.index(wanted)
    if not verify_inclusion(wanted, index, len(ordered), inclusion_proof(ordered, index), root):
        raise InvalidBox(N_("回执号 %(receipt)s 在名单里，但名单与校验根不符。"), receipt=receipt)
