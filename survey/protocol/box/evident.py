"""Which ballots are invalid as everybody can see, without a key."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from survey.errors import N_
from survey.protocol.ballots import CastBallot
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBallot, InvalidBox
from survey.protocol.holders.sealing import check_form
from survey.protocol.receipts import format_receipt, receipt_bytes

# Found without a key, and never with one: a plaintext has its length when its ballot has.
KEYLESS = ("length", "repeated")


class Copies:
    """Nobody seals the same twice; by the number of its copies a ballot's row would be recognised."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def refuse(self, sealed: bytes) -> None:
        """Raise `InvalidBallot` for what was there before."""
        digest = hashlib.sha256(sealed).digest()
        if digest in self._seen:
            raise InvalidBallot("repeated")
        self._seen.add(digest)


def check_evident(
    description: RoundDescription, ballots: Iterable[CastBallot], invalid: Iterable[tuple[str, str]]
) -> None:
    """Raise `InvalidBox` unless `invalid`, as an opening has it, names what must be and can be.

    Else whoever opens could leave a ballot out under a reason that nobody looks into.
    """
    claimed, evident, receipts = Counter(invalid), Counter[tuple[str, str]](), Counter[str]()
    copies = Copies()
    for ballot in ballots:
        receipt = format_receipt(receipt_bytes(ballot.sealed))
        receipts[receipt] += 1
        try:
            copies.refuse(ballot.sealed)
            check_form(description, ballot.sealed)
        except InvalidBallot as error:
            evident[receipt, error.reason] += 1
    for entry in claimed.keys() | evident.keys():
        wrong = claimed[entry] != evident[entry]
        if claimed[entry] < evident[entry] or (entry[1] in KEYLESS and wrong):
            raise _not_so(entry[0])
    named = Counter(receipt for receipt, _ in claimed.elements())
    if surplus := named - receipts:
        raise _not_so(next(iter(surplus)))


def _not_so(receipt: str) -> InvalidBox:
    return InvalidBox(
        N_("开箱结果对选票 %(receipt)s 是否有效的说法，与票箱里的这张票不符。"),
        receipt=receipt,
        remedy=N_("请重新运行 pingyi open，不要改动它的结果。"),
    )
