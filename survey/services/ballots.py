"""Casting: everything is verified first, then one insert, shared by all who cast just now, decides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text

from survey.ballot.blind import BlindPublicKey
from survey.ballot.credentials import check_credential
from survey.ballot.questionnaire import RoundDescription
from survey.ballot.receipts import format_receipt, receipt_bytes
from survey.clock import today
from survey.db import Database
from survey.errors import N_, CredentialSpent, Malformed, RoundClosed
from survey.models import Ballot
from survey.services.descriptions import collecting_description, public_description

# The rows of a batch are sorted by key: two processes with the same ballots wait for each other in one order.
# WHERE also tells SQLite's parser that ON is not a join's.
_SQLITE = """
INSERT INTO ballot (round_id, spent, message, signature, sealed)
SELECT round.id, new.column1, new.column2, new.column3, new.column4 FROM round, (VALUES {rows}) AS new
WHERE round.id = ? AND round.state = 'open'
ON CONFLICT DO NOTHING RETURNING spent
"""
# Closing locks the round's row; on PostgreSQL a ballot in flight holds it open until it commits.
_POSTGRESQL = text("""
WITH open_round AS MATERIALIZED
  (SELECT id FROM round WHERE id = :round AND state = 'open' FOR KEY SHARE)
INSERT INTO ballot (round_id, spent, message, signature, sealed)
SELECT open_round.id, new.* FROM open_round, unnest(CAST(:spent AS bytea[]), CAST(:message AS bytea[]),
  CAST(:signature AS bytea[]), CAST(:sealed AS bytea[])) AS new
ON CONFLICT DO NOTHING RETURNING spent
""")
_LOOK = select(Ballot.message, Ballot.signature, Ballot.sealed).where(
    Ballot.round_id == bindparam("round"), Ballot.spent == bindparam("spent")
)
VERSION = 1


class _New(NamedTuple):
    """A verified ballot on its way into the box."""

    spent: bytes
    message: bytes
    signature: bytes
    sealed: bytes
    round_id: bytes


def cast(database: Database, slug: str, message: bytes, signature: bytes, sealed: bytes) -> str:
    """Keep a ballot durably, then return its receipt.

    Raises the errors of docs/formats.md. An identical resend gets the same receipt, also after closing:
    the phone may have lost the first reply.
    """
    description = collecting_description(database, slug)
    if description is None:
        return _receipt_of_resend(database, slug, message, signature, sealed)
    ballot = _verified(description, message, signature, sealed)
    if not database.write_together(_insert, ballot):
        _require_same(database, slug, ballot)
    return format_receipt(receipt_bytes(sealed))


def _insert(connection: Connection, ballots: Sequence[_New]) -> list[bool]:
    """Whether each was new; one statement a round, since every statement is a wait."""
    by_round: dict[bytes, dict[bytes, _New]] = {}
    for ballot in ballots:
        by_round.setdefault(ballot.round_id, {}).setdefault(ballot.spent, ballot)
    kept: set[tuple[bytes, bytes]] = set()
    for round_id, new in by_round.items():
        rows = [new[spent] for spent in sorted(new)]
        insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgresql
        kept |= {(round_id, bytes(spent)) for spent in insert(connection, round_id, rows)}
    return [
        (ballot.round_id, ballot.spent) in kept and by_round[ballot.round_id][ballot.spent] is ballot
        for ballot in ballots
    ]


def _insert_sqlite(connection: Connection, round_id: bytes, rows: Sequence[_New]) -> Iterable[bytes]:
    values = tuple(chain.from_iterable(row[:4] for row in rows))
    return connection.exec_driver_sql(_sqlite_statement(len(rows)), (*values, round_id)).scalars()


@cache
def _sqlite_statement(rows: int) -> str:
    return _SQLITE.format(rows=",".join(["(?,?,?,?)"] * rows))


def _insert_postgresql(connection: Connection, round_id: bytes, rows: Sequence[_New]) -> Iterable[bytes]:
    columns = dict(
        zip(_New._fields[:4], map(list, zip(*(row[:4] for row in rows), strict=True)), strict=True)
    )
    return connection.execute(_POSTGRESQL, {"round": round_id, **columns}).scalars()


def _require_same(database: Database, slug: str, ballot: _New) -> None:
    """The box holds this very ballot; else raises `CredentialSpent`, or why the round took nothing."""
    with database.read() as session:
        keys = {"round": ballot.round_id, "spent": ballot.spent}
        row = session.connection().execute(_LOOK, keys).first()
    if row is None:
        public_description(database, slug).require_collecting(today())
        raise RoundClosed
    if tuple(map(bytes, row)) != (ballot.message, ballot.signature, ballot.sealed):
        raise CredentialSpent


def _receipt_of_resend(database: Database, slug: str, message: bytes, signature: bytes, sealed: bytes) -> str:
    public = public_description(database, slug)
    with contextlib.suppress(RoundClosed):
        public.require_collecting(today())
    ballot = _verified(public.description, message, signature, sealed)
    _require_same(database, slug, ballot)
    return format_receipt(receipt_bytes(sealed))


def _verified(description: RoundDescription, message: bytes, signature: bytes, sealed: bytes) -> _New:
    _check_lengths(description, signature, sealed)
    spent = check_credential(_public_key(description), description.id, message, signature)
    return _New(spent, message, signature, sealed, bytes.fromhex(description.id))


def _check_lengths(description: RoundDescription, signature: bytes, sealed: bytes) -> None:
    if len(signature) != len(description.blind_key_n) or len(sealed) != description.sealed_size:
        raise Malformed(N_("选票或凭证的长度不对。"))
    if sealed[0] != VERSION:
        raise Malformed(N_("选票的格式版本不对。"))


def _public_key(description: RoundDescription) -> BlindPublicKey:
    return _loaded(description.blind_key_n, description.blind_key_e)


@lru_cache(maxsize=16)
def _loaded(n: bytes, e: int) -> BlindPublicKey:
    return BlindPublicKey.from_bytes(n, e)
