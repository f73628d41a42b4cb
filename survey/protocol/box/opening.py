"""Opening of a ballot box: check all credentials and the root, decrypt every ballot, sort the results."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.protocol.answers import AnswerReader
from survey.protocol.ballots import CastBallot
from survey.protocol.box.checks import (
    PROGRESS_STEP,
    Progress,
    check_distinct,
    compare_root,
)
from survey.protocol.box.evident import Copies
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.box.spread import check_spread
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBallot
from survey.protocol.holders.keys import check_keys
from survey.protocol.holders.sealing import Opener
from survey.protocol.receipts import format_receipt, receipt_bytes


def open_ballots(
    description: RoundDescription,
    ballots: Iterable[CastBallot],
    keys: Mapping[int, EllipticCurvePrivateKey],
    *,
    merkle_root: bytes,
    processes: int = 1,
    progress: Progress | None = None,
) -> BoxContents:
    """Decrypt the ballots of a closed round with a quorum of keys, and count them.

    Before anything is decrypted, raises `TooFewKeys`, `InvalidKeyFile`, or `InvalidBox` for a root that does
    not fit, a repeated token, a bad credential or proof. A ballot with invalid content is counted as invalid,
    and so is a second copy of a sealed ballot under another credential. `ballots` is iterated three times; an
    iterator is read into memory first. The result does not depend on the order of the ballots. `processes`:
    how many check credentials where there are many; for commands, not for who serves phones.
    """
    check_keys(description, keys)
    again = ballots if isinstance(ballots, Collection) else list(ballots)
    receipts = [receipt_bytes(ballot.sealed) for ballot in again]
    compare_root(receipts, merkle_root)
    tokens = check_spread(description, again, receipts, processes, progress)
    check_distinct(tokens, receipts)
    return _Counting(description, merkle_root).count(Opener(description, keys), again, progress)


class _Counting:
    """Collects rows, comments and invalid ballots of one opening."""

    def __init__(self, description: RoundDescription, merkle_root: bytes) -> None:
        self._description = description
        self._merkle_root = merkle_root
        self._rows: list[bytes] = []
        self._comments: dict[int, list[str]] = {}
        self._invalid: list[tuple[str, str]] = []
        self._copies = Copies()

    def count(
        self, opener: Opener, ballots: Collection[CastBallot], progress: Progress | None
    ) -> BoxContents:
        reader = AnswerReader(self._description.questionnaire)
        for done, ballot in enumerate(ballots, start=1):
            try:
                self._copies.refuse(ballot.sealed)
                row, comments = reader.read(opener.open(ballot.sealed))
            except InvalidBallot as error:
                self._invalid.append((format_receipt(receipt_bytes(ballot.sealed)), error.reason))
            else:
                self._rows.append(row)
                for department, text in comments:
                    self._comments.setdefault(department, []).append(text)
            if progress and (done % PROGRESS_STEP == 0 or done == len(ballots)):
                progress("open", done, len(ballots))
        return self._result()

    def _result(self) -> BoxContents:
        scores = ScoreTable.build(self._description, self._rows, invalid=len(self._invalid))
        comments = {department: sorted(texts) for department, texts in sorted(self._comments.items())}
        return BoxContents(
            round_id=self._description.id,
            description=self._description.frozen_digest(),
            merkle_root=self._merkle_root,
            scores=scores,
            comments=comments,
            invalid=sorted(self._invalid),
        )
