"""A witness in this process, and the half of a phone that talks to it: for tests of two machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest import mock

from keys_of_examples import private_key, stamp_key, ticket_key

from survey.protocol.answers import Answers, encode_answers
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import witness_code
from survey.protocol.credentials import prepare, token_of
from survey.protocol.crypto.blind import blind, finalize
from survey.protocol.crypto.hpke import point
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal
from survey.protocol.witness import stamps
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.code_lists import NewCode, make_lists
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.posting import blob_hash, is_acknowledged, open_post, seal_post
from survey.protocol.witness.statements import Statement
from survey.witness import handing_over, importing, rounds, stamping, taking
from survey.witness.store import Store

NAME, ADDRESS, BOX = "县政协办公室", "https://witness.example/w", "https://pingyi.example"
POST_KEY = private_key("55" * 32)


@contextmanager
def known_keys() -> Iterator[None]:
    """Witnesses that begin in here have the keys of the worked example: making new ones takes seconds."""
    made = cycle((stamp_key(), ticket_key()))
    with mock.patch.object(rounds.RoundKey, "generate", staticmethod(lambda: next(made))):
        yield


@dataclass
class Witness:
    """A witness and one round of it; `folder` is its data directory, `url` its database."""

    folder: Path
    round_id: str
    url: str | None = None
    store: Store = field(init=False)
    offer: WitnessOffer = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.folder, self.url)

    def begin(self, address: str = ADDRESS, box: str = BOX) -> Witness:
        with known_keys():
            self.offer = rounds.begin(self.store, self.round_id, NAME, address, box)
        return self

    def import_codes(self, description: RoundDescription, codes: Any = None) -> Statement:
        from survey.protocol.canonical_json import canonical_json

        return importing.import_codes(self.store, canonical_json(description.to_dict()).decode(), codes)

    @property
    def round(self) -> rounds.WitnessRound:
        return rounds.look(self.store, self.round_id)

    @property
    def statement(self) -> Statement:
        """The one that is published."""
        return Statement.from_json(self.round.statement)

    def now(self) -> Statement:
        """What a statement of this moment would say."""
        with self.store.read() as connection:
            return rounds.state(self.store, connection, self.round.id, keep=False)

    def hand_over(self, send: handing_over.Send, *, everything: bool = True) -> tuple[int, int]:
        handing_over.gather(self.store, self.round.id, everything=everything)
        return handing_over.hand_over(self.store, self.round.id, send=send)

    def close(self, send: handing_over.Send) -> tuple[int, int]:
        rounds.close(self.store, self.round.id, early=True)
        return self.hand_over(send)

    def again(self) -> Witness:
        """The same data directory, opened anew as after a restart."""
        self.store.close()
        rounds.signing_key.cache_clear()
        rounds.blind_keys.cache_clear()
        self.store = Store(self.folder, self.url)
        return self


@dataclass
class FakeBox:
    """The box as the witness sees it: opens every blob with the post key and remembers numbers."""

    description: RoundDescription
    ballots: dict[bytes, CastBallot] = field(default_factory=dict)
    answers: dict[int, tuple[bytes, dict[str, Any]]] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    def __call__(self, _round: rounds.WitnessRound, sent: Batch) -> dict[str, Any]:
        batch = Batch.from_dict(sent.to_dict())
        batch.check(self.description)
        if batch.number in self.answers:
            digest, answer = self.answers[batch.number]
            assert digest == batch.digest
            return answer
        refused = 0
        for blob in batch.blobs:
            ballot = open_post(self.description, POST_KEY, blob)
            stamps.check_stamp(self.description, ballot)
            refused += ballot.message in self.ballots
            self.ballots[ballot.message] = ballot
        self.batches.append(batch)
        self.answers[batch.number] = (
            batch.digest,
            {"number": batch.number, "kept": len(batch.blobs) - refused, "refused": refused},
        )
        return self.answers[batch.number][1]


class WitnessPhone:
    """What a phone does with the witness, for a code of 16 bytes; `signature` is the box's."""

    def __init__(self, description: RoundDescription, code: bytes, prepared: Any = None) -> None:
        self.description, self.code = description, code
        self.prepared = prepared or prepare(description)
        self.message, self.signature = self.prepared.message, bytes(384)
        witness = stamps.witness_of(description)
        self.stamp_message = stamps.prepare_stamp(description, token_of(2, self.message))
        self.ticket_message = stamps.prepare_ticket(description)
        keys = (stamps.loaded(witness.stamp_key), stamps.loaded(witness.ticket_key))
        pairs = [
            blind(key, said)
            for key, said in zip(keys, (self.stamp_message, self.ticket_message), strict=True)
        ]
        self.keys, self.blinded = keys, (pairs[0][0], pairs[1][0])
        self.inverses = (pairs[0][1], pairs[1][1])
        self.stamp = self.ticket = self.blob = b""

    @property
    def half(self) -> bytes:
        """The witness code."""
        return witness_code(self.code, self.description.id)

    def take_stamp(self, witness: Witness, description: str | None = None) -> tuple[bytes, bytes]:
        served = description or self.description.frozen_digest()
        answer = stamping.stamp(witness.store, witness.round, self.half, served, self.blinded)
        self.stamp = finalize(self.keys[0], self.stamp_message, answer[0], self.inverses[0])
        self.ticket = finalize(self.keys[1], self.ticket_message, answer[1], self.inverses[1])
        return answer

    def ballot(self, sealed: bytes) -> CastBallot:
        return CastBallot(
            self.message, self.signature, sealed, self.prepared.prove(sealed), self.stamp_message, self.stamp
        )

    def seal(self, answers: Answers | None = None) -> bytes:
        questionnaire = self.description.questionnaire
        rated = answers or Answers(
            tuple((1,) * len(questionnaire.items) for _ in questionnaire.departments),
            (0,) * len(questionnaire.strata),
        )
        return seal(self.description, encode_answers(questionnaire, rated))

    def post(self, witness: Witness, blob: bytes | None = None) -> tuple[bytes, bytes]:
        """Post the ballot, made once, or another blob; the acknowledgement must hold."""
        if blob is None:
            self.blob = self.blob or seal_post(self.description, self.ballot(self.seal()))
            blob = self.blob
        posted, signature = taking.take(witness.store, witness.round, self.ticket_message, self.ticket, blob)
        assert posted == blob_hash(blob)
        assert is_acknowledged(self.description, posted, signature)
        return posted, signature


class Place:
    """A witness, the description that it goes by, its box, and codes not used yet."""

    def __init__(self, witness: Witness, plain: RoundDescription, count: int = 10) -> None:
        self.witness = witness
        self.description = described(plain, witness.offer)
        self.box = FakeBox(self.description)
        self.codes = codes(count)
        self.lists = lists(self.description, self.codes)

    def phone(self) -> WitnessPhone:
        return WitnessPhone(self.description, self.codes.pop())

    def posted(self, count: int) -> list[WitnessPhone]:
        """Phones that have posted."""
        phones = [self.phone() for _ in range(count)]
        for phone in phones:
            phone.take_stamp(self.witness)
            phone.post(self.witness)
        return phones


def codes(count: int, start: int = 1) -> list[bytes]:
    """Codes of 16 bytes."""
    return [n.to_bytes(16) for n in range(start, start + count)]


def described(plain: RoundDescription, offer: WitnessOffer) -> RoundDescription:
    """The round with the witness of the offer, and with a box that has `POST_KEY`."""
    return replace(plain, id=offer.round_id, witness=offer.described(point(POST_KEY)))


def lists(
    description: RoundDescription, made: list[bytes], replaces: dict[bytes, bytes] | None = None
) -> Any:
    """(box's, witness's) list of slips."""
    old = {new: NewCode(code).hashes(description.id) for new, code in (replaces or {}).items()}
    return make_lists(description, [NewCode(code, "", old.get(code)) for code in made])
