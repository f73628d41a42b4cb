"""Ballots that anybody can see to be invalid without a key: of wrong length or version, or copies of
another."""

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

# Reasons that are always visible without a key: an opening must list exactly these ballots under them.
KEYLESS = ("length", "repeated")


class Copies:
    """Digests of the sealed ballots seen so far, to find copies.

    No honest phone seals the same bytes twice; whoever casts copies could recognise the row of the score
    table by their number.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def refuse(self, sealed: bytes) -> None:
        """Raise `InvalidBallot` ("repeated") if `sealed` was seen before, and remember it."""
        digest = hashlib.sha256(sealed).digest()
        if digest in self._seen:
            raise InvalidBallot("repeated")
        self._seen.add(digest)


def check_evident(
    description: RoundDescription, ballots: Iterable[CastBallot], invalid: Iterable[tuple[str, str]]
) -> None:
    """Raise `InvalidBox` unless `invalid` (receipt, reason), as an opening lists it, agrees with the ballots.

    All ballots that are evidently invalid must be listed, and no listed one may be absent. Else whoever opens
    could drop a ballot under a reason that nobody checks.
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
