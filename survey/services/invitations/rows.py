"""Invitations as rows: a hundred thousand at once, each of its full size from the start.

A row holds zeros where collecting will write: SQLite then overwrites it where it lies, and no page of the
file tells when. The database makes those zeros, as sending them costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from sqlalchemy import text
from sqlalchemy.orm import Session

from survey.models import Round
from survey.protocol.codes import hash_code, parse_code

_COLUMNS = (
    "round_id, code_hash, enterprise_id, collected, collected_reported, replaced,"
    " blinded_hash, blind_signature"
)
_SQLITE = (
    f"INSERT INTO invitation ({_COLUMNS})"  # noqa: S608 - names of columns
    " VALUES (?, ?, ?, false, false, false, zeroblob(32), zeroblob(384))"
)
_POSTGRESQL = text(
    f"INSERT INTO invitation ({_COLUMNS})"  # noqa: S608 - names of columns
    " SELECT :round, code_hash, enterprise_id, false, false, false,"
    " decode(repeat('00', 32), 'hex'), decode(repeat('00', 384), 'hex')"
    " FROM unnest(CAST(:hashes AS bytea[]), CAST(:owners AS bytea[])) AS fresh (code_hash, enterprise_id)"
)


def insert_invitations(
    session: Session, round: Round, codes: Sequence[str], owners: Sequence[bytes | None]
) -> None:
    """One uncollected invitation a code, of the enterprise at the same place; None for a slip.

    They go in in the order of their hashes: random, and where a file keeps that order much the fastest.
    """
    name, version = round.id.hex(), round.format_version
    hashes = (hash_code(parse_code(code), name, version) for code in codes)
    rows = list(zip(hashes, owners, strict=True))
    if not rows:
        return
    rows.sort(key=itemgetter(0))
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_SQLITE, [(round.id, *row) for row in rows])
        return
    columns, wanted = map(list, zip(*rows, strict=True))
    connection.execute(_POSTGRESQL, {"round": round.id, "hashes": columns, "owners": wanted})
