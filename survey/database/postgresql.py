"""PostgreSQL as a kind of database (functions of `Kind`): a server to which several processes may write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from survey.database.backups.parts import Backup
from survey.database.postgresql_engine import NAME, PREFIXES, address, check, open_engine, writer

if TYPE_CHECKING:
    from survey.database.engine import Database

__all__ = ["NAME", "PREFIXES", "address", "check", "insert", "open_engine", "writer"]

TITLE = "PostgreSQL"
MANY_PROCESSES = True


# FOR KEY SHARE makes the closing of the round wait until this insert commits.
# Each column is passed as one byte string, cut up by the query: arrays take four times as long.
_BALLOTS = text("""
WITH open_round AS MATERIALIZED
  (SELECT id FROM round WHERE id = :round AND state = 'open' FOR KEY SHARE)
INSERT INTO ballot (round_id, spent, message, signature, sealed, proof)
SELECT open_round.id,
  substring(:spent FROM n * CAST(:spent_size AS int) + 1 FOR CAST(:spent_size AS int)),
  substring(:message FROM n * CAST(:message_size AS int) + 1 FOR CAST(:message_size AS int)),
  substring(:signature FROM n * CAST(:signature_size AS int) + 1 FOR CAST(:signature_size AS int)),
  substring(:sealed FROM n * CAST(:sealed_size AS int) + 1 FOR CAST(:sealed_size AS int)),
  nullif(substring(:proof FROM n * CAST(:proof_size AS int) + 1 FOR CAST(:proof_size AS int)), ''::bytea)
FROM open_round, generate_series(0, CAST(:count AS int) - 1) AS n
ON CONFLICT DO NOTHING RETURNING spent
""")
_COLUMNS = ("spent", "message", "signature", "sealed", "proof")
_INVITATIONS = text("""
INSERT INTO invitation (round_id, code_hash, enterprise_id, collected, collected_reported, replaced,
  blinded_hash, blind_signature)
SELECT :round, code_hash, enterprise_id, false, false, false,
  decode(repeat('00', 32), 'hex'), decode(repeat('00', 384), 'hex')
FROM unnest(CAST(:hashes AS bytea[]), CAST(:owners AS bytea[])) AS fresh (code_hash, enterprise_id)
""")
_SOON = text("SET LOCAL lock_timeout = '2s'")
_HERE = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
# Number of transactions that may still see rows deleted before `here` (GetOldestNonRemovableTransactionId).
_OLDER = text("""
SELECT count(*) FROM (
  SELECT backend_xmin AS seen FROM pg_stat_activity WHERE pid <> pg_backend_pid()
  UNION ALL SELECT backend_xid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
  UNION ALL SELECT transaction FROM pg_prepared_xacts
  UNION ALL SELECT xmin FROM pg_replication_slots
) AS others WHERE age(seen) > age(CAST(:here AS xid))
""")


def file(_url: str | URL) -> None:
    return None


def hold(connection: Session | Connection, number: int) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def claim(session: Session, number: int) -> bool:
    claimed = bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}))
    # A statement without a snapshot takes the place of the last one, which would keep old rows alive.
    session.execute(_SOON)
    return claimed


def insert_ballots(
    connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, ...]]
) -> Iterable[bytes]:
    columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    packed = {name: b"".join(values) for name, values in columns.items()}
    sizes = {f"{name}_size": len(values[0]) for name, values in columns.items()}
    parameters = {"round": round_id, "count": len(rows)} | packed | sizes
    return connection.execute(_BALLOTS, parameters).scalars()


def insert_invitations(
    connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, bytes | None]]
) -> None:
    hashes, owners = map(list, zip(*rows, strict=True))
    connection.execute(_INVITATIONS, {"round": round_id, "hashes": hashes, "owners": owners})


def rewrite(database: Database, tables: Sequence[str], _rounds: Sequence[bytes]) -> bool:
    """Rewrite the tables into new files; VACUUM would leave bytes of old rows, with their transaction
    numbers.

    Returns False when an older transaction, such as a backup, still looks at the old rows, or when a reader
    would make phones wait.
    """
    from survey.database.mixing.postgresql_renewal import renew  # loads the driver

    with database.engine.begin() as connection:
        here = connection.execute(_HERE).scalar()
    with database.engine.begin() as connection:
        if connection.execute(_OLDER, {"here": here}).scalar():
            return False
    return renew(database.engine, tables)


def forget_old_rows(database: Database, table: str) -> None:
    """Rewrite the table into a new file; VACUUM alone would leave bytes of old rows."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM (FULL) {table}")


def backup() -> Backup:
    from survey.database.backups import postgresql as postgresql_backup  # loads the driver

    return postgresql_backup
