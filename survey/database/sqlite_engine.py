"""SQLite as an engine: its address, how it is opened, the one thread that writes. No table is known here."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from survey.database.group_writer import GroupWriter
from survey.database.sqlite_log import ENOUGH, empty_log, log_size
from survey.errors import N_, InvalidInput, PingyiError

NAME = "sqlite"
PREFIXES = ("sqlite:///",)
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


def address_in(folder: Path, file_name: str = FILE) -> str:
    """Address of the default database file in `folder`."""
    return f"sqlite:///{folder / file_name}"


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
        json_deserializer=msgspec.json.decode,
        connect_args={"check_same_thread": False},
        pool_size=16,
        max_overflow=48,
        hide_parameters=True,  # codes, tokens and ballots stay out of messages
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy, not the driver, says when to begin
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
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


def without_row_numbers(metadata: MetaData) -> None:
    """Create the tables without hidden row numbers, which would reveal the order of insertion."""
    for table in metadata.tables.values():
        table.dialect_options[NAME]["with_rowid"] = False
