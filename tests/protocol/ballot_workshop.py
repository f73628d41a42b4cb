"""A round whose every secret the test knows, made through the public functions of `survey.protocol`."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from survey.protocol.answers import Answers, encode_answers
from survey.protocol.ballots import CastBallot
from survey.protocol.box.counts import Counts
from survey.protocol.box.export import write_box
from survey.protocol.box.format import Audit
from survey.protocol.credentials import Prepared, prepare
from survey.protocol.crypto.blind import RoundKey, blind, finalize
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal
from survey.protocol.questionnaire import Questionnaire
from survey.protocol.receipts import receipt_bytes

ROUND_ID = "00112233445566778899aabbccddeeff"
AUDIT = Audit(bytes(32), 12)


@dataclass
class Workshop:
    """A round whose every secret the test knows."""

    description: RoundDescription
    key: RoundKey
    holder_keys: list[ec.EllipticCurvePrivateKey]
    ballots: list[CastBallot] = field(default_factory=list)

    def credential(self) -> tuple[Prepared, bytes]:
        prepared = prepare(self.description)
        public, message = self.key.public, prepared.message
        blinded, inverse = blind(public, message)
        return prepared, finalize(public, message, self.key.sign_blinded(blinded), inverse)

    def ballot(self, sealed: bytes) -> CastBallot:
        """`sealed` under a credential of its own."""
        prepared, signature = self.credential()
        return CastBallot(prepared.message, signature, sealed, prepared.prove(sealed))

    def cast(self, answers: Answers | bytes) -> CastBallot:
        plaintext = answers if isinstance(answers, bytes) else encode_answers(self.questionnaire, answers)
        ballot = self.ballot(seal(self.description, plaintext))
        self.ballots = sorted([*self.ballots, ballot], key=lambda cast: receipt_bytes(cast.sealed))
        return ballot

    @property
    def questionnaire(self) -> Questionnaire:
        return self.description.questionnaire

    @property
    def keys(self) -> dict[int, ec.EllipticCurvePrivateKey]:
        return dict(enumerate(self.holder_keys))

    @property
    def root(self) -> bytes:
        return merkle_root([receipt_bytes(ballot.sealed) for ballot in self.ballots])

    def export(self, **extra: object) -> io.BytesIO:
        cast = len(self.ballots)
        file = io.BytesIO()
        counts = Counts(invited=cast + 5, collected=cast + 1, cast=cast)
        write_box(file, self.description, counts, self.ballots, **{"audit": AUDIT} | extra)
        file.seek(0)
        return file
