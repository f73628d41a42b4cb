"""Casting: everything is verified first, then one insert decides."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from survey.ballot.blind import BlindPublicKey
from survey.ballot.credentials import check_credential
from survey.ballot.questionnaire import RoundDescription
from survey.ballot.receipts import format_receipt, receipt_bytes
from survey.clock import today
from survey.db import Database
from survey.errors import N_, CredentialSpent, Malformed, RoundClosed
from survey.models import Ballot
from survey.services.descriptions import PublicRound, public_description

_CAST = """
INSERT INTO ballot (round_id, spent, message, signature, sealed)
SELECT id, :spent, :message, :signature, :sealed FROM {open_round}
ON CONFLICT DO NOTHING RETURNING 1
"""
# Closing locks the round's row; on PostgreSQL a ballot in flight holds it open until it commits.
_INSERT = {
    # WHERE also tells SQLite's parser that ON is not a join's.
    "sqlite": text(_CAST.format(open_round="round WHERE id = :round AND state = 'open'")),
    "postgresql": text(
        "WITH open_round AS MATERIALIZED"  # noqa: S608 - nothing of a request is in it
        " (SELECT id FROM round WHERE id = :round AND state = 'open' FOR KEY SHARE)"
        + _CAST.format(open_round="open_round")
    ),
}
_LOOK = select(Ballot.message, Ballot.signature, Ballot.sealed).where(
    Ballot.round_id == bindparam("round"), Ballot.spent == bindparam("spent")
)
VERSION = 1


def cast(database: Database, slug: str, message: bytes, signature: bytes, sealed: bytes) -> str:
    """Keep a ballot durably, then return its receipt.

    Raises the errors of docs/formats.md. An identical resend gets the same receipt, also after closing:
    the phone may have lost the first reply.
    """
    public = public_description(database, slug)
    description = public.description
    values = {"round": bytes.fromhex(description.id), "message": message, "signature": signature}
    try:
        public.require_collecting(today())
    except RoundClosed:
        return _receipt_of_resend(database, public, values | {"sealed": sealed})
    _check_lengths(description, signature, sealed)
    values["spent"] = check_credential(_public_key(description), description.id, message, signature)
    database.write(lambda session: _store(session, values | {"sealed": sealed}))
    return format_receipt(receipt_bytes(sealed))


def _store(session: Session, values: dict[str, bytes]) -> None:
    statement = _INSERT[session.get_bind().dialect.name]
    if session.connection().execute(statement, values).first() is None:
        _require_same(session, values)


def _require_same(session: Session, values: dict[str, bytes]) -> None:
    keys = {"round": values["round"], "spent": values["spent"]}
    row = session.connection().execute(_LOOK, keys).first()
    if row is None:
        raise RoundClosed
    if tuple(map(bytes, row)) != (values["message"], values["signature"], values["sealed"]):
        raise CredentialSpent


def _receipt_of_resend(database: Database, public: PublicRound, values: dict[str, bytes]) -> str:
    description = public.description
    _check_lengths(description, values["signature"], values["sealed"])
    key = _public_key(description)
    values["spent"] = check_credential(key, description.id, values["message"], values["signature"])
    with database.read() as session:
        _require_same(session, values)
    return format_receipt(receipt_bytes(values["sealed"]))


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
