"""SQLite as a kind of database (functions of `Kind`): one file, one process, one writing thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey.database import sqlite_backup
from survey.database.backup_parts import Backup
from survey.database.group_writer import GroupWriter
from survey.database.sqlite_log import ENOUGH, TRUNCATE, empty_log, log_size, outside_transaction
from survey.errors import N_, Busy, InvalidInput, PingyiError
from survey.models import Ballot, Base

if TYPE_CHECKING:
    from survey.database.engine import Database

__all__ = ["insert"]

NAME, TITLE = "sqlite", "SQLite"
PREFIXES = ("sqlite:///",)
MANY_PROCESSES = False
FILE = "pingyi.sqlite3"

# Deleted content is overwritten and commits reach the disk; the cost is not noticeable.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA busy_timeout=15000",
    # The writer empties the log every few seconds, so that automatic checkpoints would be wasted work.
    "PRAGMA wal_autocheckpoint=20000",
)
# The WHERE clause is also needed so that SQLite's parser does not take ON CONFLICT for a join's ON.
_BALLOTS = """
INSERT INTO ballot (round_id, spent, message, signature, sealed, proof)
SELECT ?, column1, column2, column3, column4, nullif(column5, x'') FROM (VALUES {rows})
WHERE EXISTS (SELECT 1 FROM round WHERE id = ? AND state = 'open')
ON CONFLICT DO NOTHING
"""
_INVITATION = """
INSERT INTO invitation (round_id, code_hash, enterprise_id, collected, collected_reported, replaced,
  blinded_hash, blind_signature)
VALUES (?, ?, ?, false, false, false, zeroblob(32), zeroblob(384))
"""

# Tables without hidden row numbers, which would reveal the order of insertion.
for _table in Base.metadata.tables.values():
    _table.dialect_options[NAME]["with_rowid"] = False


def address_in(folder: Path) -> str:
    """Address of the default database file in `folder`."""
    return f"sqlite:///{folder / FILE}"


def address(given: str) -> str:
    if given.removeprefix("sqlite:///").partition("?")[0] in ("", ":memory:"):
        raise InvalidInput(N_("%(name)s 没有写明数据库文件，什么都保存不下来。"), name="PINGYI_DATABASE_URL")
    return given


def file(url: str | URL) -> Path | None:
    path = make_url(url).database
    return Path(path) if path else None


def open_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False},
        pool_size=16,
        max_overflow=48,
        hide_parameters=True,  # codes, tokens and ballots stay out of messages
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy, not the driver, says when to begin
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("pingyi_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def writer(engine: Engine) -> GroupWriter:
    """Make the writing thread, which also empties the write-ahead log."""
    return GroupWriter(engine, lambda: empty_log(engine), lambda: log_size(engine) > ENOUGH, _remember_pages)


def _remember_pages(connection: Connection) -> None:
    """Raise the page cache of a connection from 2 to 64 MB: ballots are inserted at random places of the
    table."""
    connection.exec_driver_sql("PRAGMA cache_size=-65536")
    connection.rollback()


def check(session: Session) -> str:
    state = str(session.execute(text("PRAGMA quick_check(1)")).scalar())
    if state != "ok":
        remedy = N_("请停止网站，用最近的备份恢复（pingyi restore），并检查磁盘。")
        raise PingyiError(N_("数据库文件已损坏：%(why)s"), remedy=remedy, why=state[:200])
    return N_("数据库文件完好。")


def hold(_connection: Session | Connection, _number: int) -> None:
    """Do nothing: there is only one writer."""


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
    connection.exec_driver_sql(_INVITATION, [(round_id, *row) for row in rows])


def mix_rows(_session: Session, _round_id: bytes, _tables: Sequence[str]) -> None:
    """Do nothing: `rewrite` puts the rows in order."""


def rewrite(database: Database, _tables: Sequence[str]) -> bool:
    """Rewrite the file by VACUUM, which copies every table in key order, that is by hashes."""
    database.write_alone(_vacuum)
    return True


def _vacuum(engine: Engine) -> None:
    # VACUUM's copy goes to an unlinked temporary file: a large box would not fit into memory.
    try:
        with outside_transaction(engine) as cursor:
            for statement in ("PRAGMA temp_store=FILE", "VACUUM", TRUNCATE):
                cursor.execute(statement).fetchall()
    except OperationalError as error:
        raise Busy from error


def fresh(session: Session, round_id: bytes, mixed: int) -> tuple[int, int]:
    total = session.scalar(select(func.count()).where(Ballot.round_id == round_id)) or 0
    return total - mixed, total


def backup() -> Backup:
    return sqlite_backup
