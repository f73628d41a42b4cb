"""Casting of ballots: each is verified first, then one insert, shared by all who cast just now, decides."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import Connection, bindparam, select

from survey.clock import today
from survey.database.engine import Database
from survey.database.kinds import kind_of
from survey.errors import N_, CredentialSpent, Malformed, NotFound, RoundClosed
from survey.models import Ballot as Stored
from survey.protocol.ballots import CastBallot
from survey.protocol.credentials import PROOF_BYTES, check_credential, check_proof, message_bytes
from survey.protocol.crypto.blind import BlindPublicKey
from survey.protocol.description import RoundDescription
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.stamps import check_stamp
from survey.services.rounds.descriptions import (
    collecting_description,
    public_description,
    remembered_description,
)

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

_LOOK = select(Stored.message, Stored.signature, Stored.sealed).where(
    Stored.round_id == bindparam("round"), Stored.spent == bindparam("spent")
)
VERSION = 1
COLUMNS: Final = 5


class Verified(NamedTuple):
    """Ballot whose credential and proof are valid, to be inserted into the box."""

    spent: bytes
    message: bytes
    signature: bytes
    sealed: bytes
    proof: bytes
    description: RoundDescription
    stamp_message: bytes = b""
    stamp: bytes = b""

    @property
    def round_id(self) -> bytes:
        return bytes.fromhex(self.description.id)


class Waiting(Protocol):
    """Ways of waiting for the database while casting: a blocked thread, or an event loop."""

    def look(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> Awaitable[T]:
        """Result of `work(*arguments)`, which reads the database."""

    def keep(self, ballot: Verified) -> Awaitable[bool]:
        """Whether the ballot is known to be new, after `insert` together with others cast just now."""


async def steps(waiting: Waiting, database: Database, slug: str, ballot: CastBallot) -> str:
    """Store a ballot durably and return its receipt: the one sequence of casting, whatever `waiting` is.

    Raises the errors of docs/formats.md. A resend gets the same receipt, also after closing: the phone may
    have lost the first reply. It may have another proof, since signing twice gives two that hold.
    """
    collecting = remembered_description(database, slug)
    if collecting is None:
        collecting = await waiting.look(collecting_description, database, slug)
    if collecting is not None:
        _require_direct(collecting)
        new = verified(collecting, ballot)
        is_new = await waiting.keep(new)
    else:
        resent = await waiting.look(_description_for_resends, database, slug)
        _require_direct(resent)
        new = verified(resent, ballot)
        is_new = False
    if not is_new:
        await waiting.look(require_same, database, new)
    return format_receipt(receipt_bytes(new.sealed))


def cast(database: Database, slug: str, ballot: CastBallot) -> str:
    """Store a ballot durably and return its receipt, as `steps`, blocking this thread."""
    try:
        steps(_Thread(database), database, slug, ballot).send(None)
    except StopIteration as end:
        receipt: str = end.value
        return receipt
    raise RuntimeError("a thread that waits comes back with its answer")


class _Thread:
    """Way of waiting that blocks: every result is there when the call returns, so that nothing is ever
    awaited."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return work(*arguments)

    async def keep(self, ballot: Verified) -> bool:
        (kept,) = self._database.write_together(insert, [ballot])
        if isinstance(kept, Exception):
            raise kept
        return kept


def insert(connection: Connection, ballots: Sequence[Verified]) -> list[bool]:
    """Insert the ballots; returns for each whether it is known to be new. `require_same` then looks at the
    others.

    One statement a round, since every statement is a wait.
    """
    by_round: dict[str, dict[bytes, Verified]] = {}
    for ballot in ballots:
        by_round.setdefault(ballot.description.id, {}).setdefault(ballot.spent, ballot)
    kind, kept = kind_of(connection), set[int]()
    for round_id, new in by_round.items():
        # Sorted by key, so that two processes that insert the same ballots cannot deadlock.
        rows = [new[spent][:COLUMNS] for spent in sorted(new)]
        inserted = kind.insert_ballots(connection, bytes.fromhex(round_id), rows)
        kept |= {id(new[bytes(spent)]) for spent in inserted}
    return [id(ballot) in kept for ballot in ballots]


def require_same(database: Database, ballot: Verified) -> None:
    """Raise an error unless the box holds this very ballot: `CredentialSpent` if it holds another with the
    same credential, else the reason why the round takes no ballots."""
    with database.read() as session:
        keys = {"round": ballot.round_id, "spent": ballot.spent}
        row = session.connection().execute(_LOOK, keys).first()
    if row is None:
        public_description(database, ballot.description.slug).require_collecting(today())
        raise RoundClosed
    if tuple(map(bytes, row)) != (ballot.message, ballot.signature, ballot.sealed):
        raise CredentialSpent


def _description_for_resends(database: Database, slug: str) -> RoundDescription:
    """Description of a round that takes no more ballots, though its box may hold this one already; raises for
    one that never took any."""
    public = public_description(database, slug)
    with contextlib.suppress(RoundClosed):
        public.require_collecting(today())
    return public.description


def _require_direct(description: RoundDescription) -> None:
    """Raise `NotFound` in a round with a witness, where ballots come only through the witness: sent one by
    one, they would come with a time."""
    if description.witness is not None:
        raise NotFound(N_("本轮的选票寄到监票机，不寄到这里。"))


def verified(description: RoundDescription, ballot: CastBallot) -> Verified:
    """Ballot whose credential (the box's signature), proof (signature by the ballot's one-time key) and, in a
    round with a witness, stamp (the witness's signature) are valid.

    Raises `Malformed` for a field of wrong length, else `CredentialInvalid`.
    """
    message, signature, sealed, proof = ballot[:4]
    _check_lengths(description, ballot)
    spent = check_credential(_public_key(description), description, message, signature)
    check_proof(description, message, sealed, proof)
    check_stamp(description, ballot)
    return Verified(spent, message, signature, sealed, proof, description, *ballot[4:])


def _check_lengths(description: RoundDescription, ballot: CastBallot) -> None:
    lengths = (
        message_bytes(description),
        len(description.blind_key_n),
        description.sealed_size,
        PROOF_BYTES if description.version > 1 else 0,
    )
    if tuple(map(len, ballot[:4])) != lengths:
        raise Malformed(N_("选票或凭证的长度不对。"))
    if ballot.sealed[0] != VERSION:
        raise Malformed(N_("选票的格式版本不对。"))


def _public_key(description: RoundDescription) -> BlindPublicKey:
    return _loaded(description.blind_key_n, description.blind_key_e)


@lru_cache(maxsize=16)
def _loaded(n: bytes, e: int) -> BlindPublicKey:
    return BlindPublicKey.from_bytes(n, e)
