"""SQLite as a kind of database (functions of `Kind`): one file, one process, one writing thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey.database.backups import sqlite as sqlite_backup
from survey.database.backups.parts import Backup
from survey.database.mixing.sqlite_mixing import mix
from survey.database.sqlite_engine import (
    NAME,
    PREFIXES,
    address,
    address_in,
    check,
    file,
    open_engine,
    without_row_numbers,
    writer,
)
from survey.database.sqlite_log import TRUNCATE, outside_transaction
from survey.errors import Busy
from survey.models import Base

if TYPE_CHECKING:
    from survey.database.engine import Database

__all__ = ["NAME", "PREFIXES", "address", "address_in", "check", "file", "insert", "open_engine", "writer"]

TITLE = "SQLite"
MANY_PROCESSES = False

# The WHERE clause is also needed so that SQLite's parser does not take ON CONFLICT for a join's ON.
_BALLOTS = """
INSERT INTO ballot (round_id, spent, message, signature, sealed, proof)
SELECT ?, column1, column2, column3, column4, nullif(column5, x'') FROM (VALUES {rows})
WHERE EXISTS (SELECT 1 FROM round WHERE id = ? AND state = 'open')
ON CONFLICT DO NOTHING
"""
_INVITATIONS = """
INSERT INTO invitation (round_id, code_hash, enterprise_id, collected, collected_reported, replaced,
  blinded_hash, blind_signature)
SELECT ?, column1, column2, false, false, false, zeroblob(32), zeroblob(384) FROM (VALUES {rows})
"""
# Rows of one statement: each statement within a savepoint copies every page that it changes, and SQLite then
# goes through all copies of those before it.
INVITATIONS_A_STATEMENT = 4000
# Bytes of a file up to which VACUUM takes less than a tenth of a second.
SMALL_FILE = 12_000_000

without_row_numbers(Base.metadata)


def hold(_connection: Session | Connection, _number: int) -> None:
    """Do nothing: there is only one writer."""


def claim(_session: Session, _number: int) -> bool:
    return True


def insert_ballots(
    connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, ...]]
) -> Iterable[bytes]:
    """Insert ballots; returns all keys if all were new, else none.

    RETURNING is not used: it would release the interpreter's lock at every row.
    """
    parameters = (round_id, *chain.from_iterable(rows), round_id)
    inserted = connection.exec_driver_sql(_statement(len(rows)), parameters).rowcount
    return [row[0] for row in rows] if inserted == len(rows) else []


@cache
def _statement(rows: int) -> str:
    return _BALLOTS.format(rows=",".join(["(?,?,?,?,?)"] * rows))


def insert_invitations(
    connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, bytes | None]]
) -> None:
    for start in range(0, len(rows), INVITATIONS_A_STATEMENT):
        part = rows[start : start + INVITATIONS_A_STATEMENT]
        values = (round_id, *chain.from_iterable(part))
        connection.exec_driver_sql(_INVITATIONS.format(rows=",".join(["(?,?)"] * len(part))), values)


def rewrite(database: Database, tables: Sequence[str], rounds: Sequence[bytes]) -> bool:
    """Rewrite a small file by VACUUM, which copies every table in key order, that is by hashes; in a larger
    one mix the rows of the rounds by slices, as phones would wait for VACUUM."""
    if Path(str(database.engine.url.database)).stat().st_size <= SMALL_FILE:
        database.write_alone(_vacuum)
        return True
    keys = {table: [column.name for column in Base.metadata.tables[table].primary_key][1] for table in tables}
    return all(mix(database, table, key, each) for each in rounds for table, key in keys.items())


# VACUUM's copy goes to an unlinked temporary file: a large box would not fit into memory.
_REWRITE = ("PRAGMA temp_store=FILE", "VACUUM", TRUNCATE)


def _vacuum(engine: Engine) -> None:
    try:
        with outside_transaction(engine) as cursor:
            for statement in _REWRITE:
                cursor.execute(statement).fetchall()
    except (OperationalError, sqlite3.OperationalError) as error:  # the driver's own, outside SQLAlchemy
        raise Busy from error


def forget_old_rows(_database: Database, _table: str) -> None:
    """Do nothing: `secure_delete` overwrites old content, and the writing thread empties the log."""


def backup() -> Backup:
    return sqlite_backup
