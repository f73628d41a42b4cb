"""The database: many readers, and on SQLite exactly one writer that commits in groups.

Two SQLite writers stall each other; one writer that takes whatever has queued up, runs each piece of
work in its own savepoint and commits them together needs one disk flush for all of them. A caller gets
its result only after that commit is durable. On PostgreSQL every piece of work is its own transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.database.group_writer import GroupWriter
from survey.database.sqlite_log import (
    ENOUGH,
    TRUNCATE,
    await_readers,
    empty_log,
    log_size,
    outside_transaction,
)
from survey.errors import Busy

# What is raised when the database cannot be reached or cannot answer, whatever was asked.
UNREACHABLE = (OperationalError, InterfaceError, PoolTimeoutError)

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

# Extra safety costs nothing we notice: deleted content is overwritten, commits reach the disk.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA busy_timeout=15000",
    # The writer empties the log every few seconds; in between, copying it page by page is wasted.
    "PRAGMA wal_autocheckpoint=20000",
)


class Database:
    """Sessions for reading, and `write` for everything that changes something."""

    def __init__(self, url: str, *, secret_key: str = "") -> None:
        """`secret_key` unlocks the rounds' signing keys (survey/protocol/crypto/at_rest.py)."""
        self.url = url
        self.secret_key = secret_key
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._writer = (
            GroupWriter(self.engine, self._tidy, self._should_tidy, _remember_pages)
            if self.is_sqlite
            else GroupWriter(self.engine)
        )

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; whatever it changed is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing rolls back, and leaves what was read readable

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)`, commit durably, then return its result.

        What `work` raises is raised here and nothing of it is kept. `work` must not commit.
        Raises `Busy` when the writer cannot take it in time.
        """
        if self.is_sqlite:
            return self._writer.submit(work)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except (OperationalError, PoolTimeoutError) as error:
            raise Busy from error

    def write_together(
        self, work: Callable[[Connection, Sequence[Item]], Sequence[Result]], items: Sequence[Item]
    ) -> list[Result | Exception]:
        """Run `work(connection, items)` once for all items of all who wait for the same `work`.

        For each of `items`, after one durable commit for all, its result or what was raised for it: when
        `work` raises, each item is tried by itself. Raises `Busy` as `write` does.
        """
        return self._writer.submit_together(work, items) if items else []

    def announce_together(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        tell: Callable[[list[Result | Exception]], object],
    ) -> Callable[[], bool]:
        """Like `write_together`, but returns at once (`GroupWriter.announce_together`)."""
        return self._writer.announce_together(work, items, tell)

    def vacuum(self) -> None:
        """SQLite: write the whole file anew, each table in the order of its keys, between two commits."""
        if not self.is_sqlite:
            raise ValueError("only SQLite's file is rewritten whole")
        self._writer.submit_alone(_rewrite)

    def close(self) -> None:
        """Finish queued work, empty SQLite's log, close every connection: the last one removes the log.

        One that is in use is waited for, since nobody would close it once the pool is gone.
        """
        self._writer.stop()
        await_readers(self.engine)
        self.engine.dispose()

    def _tidy(self) -> bool:
        return empty_log(self.engine)

    def _should_tidy(self) -> bool:
        return log_size(self.engine) > ENOUGH


def open_database(settings: Settings) -> Database:
    """The database that `settings` name."""
    return Database(settings.database_url, secret_key=settings.secret_key)


def _remember_pages(connection: Connection) -> None:
    """64 MB instead of 2: ballots fall anywhere in the box, and most of their pages would be read again."""
    connection.exec_driver_sql("PRAGMA cache_size=-65536")
    connection.rollback()


def _rewrite(engine: Engine) -> None:
    # VACUUM's copy goes to an unlinked temporary file: a large box would not fit into memory.
    try:
        with outside_transaction(engine) as cursor:
            for statement in ("PRAGMA temp_store=FILE", "VACUUM", TRUNCATE):
                cursor.execute(statement).fetchall()
    except OperationalError as error:
        raise Busy from error


def _sqlite_engine(url: str) -> Engine:
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
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("pingyi_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=16,
        max_overflow=48,
        pool_pre_ping=True,
        hide_parameters=True,
        # A server set up for speed must not acknowledge a ballot that a power cut would take back.
        connect_args={"options": "-c synchronous_commit=on"},
    )
