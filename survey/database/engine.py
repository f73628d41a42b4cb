"""Access to the database: sessions for reading, and writing by one thread (SQLite) or by transactions
(PostgreSQL).

Two SQLite writers would block each other; one writer that takes whatever has queued up, runs each piece of
work in its own savepoint and commits them together needs one disk flush for all. A caller gets its result
only after that commit is durable. On PostgreSQL every piece of work is its own transaction.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from survey.database.kinds import kind_at
from survey.errors import Busy, Closed

if TYPE_CHECKING:
    from survey.config import Settings

# Exceptions that mean that the database cannot be reached or does not answer.
UNREACHABLE = (OperationalError, InterfaceError, PoolTimeoutError)

# Any error of a database.
FAILED = (*UNREACHABLE, DatabaseError)
# What a damaged file, or one that is no database, raises; kinds of these errors mean other things.
_DAMAGED = (DatabaseError, InternalError)

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

CLOSING_SECONDS = 5.0


class Database:
    """Connection to the database: `read` for sessions that only read, `write` for all changes."""

    def __init__(self, url: str, *, secret_key: str = "") -> None:
        """Open the database at `url`; `secret_key` decrypts signing keys
        (survey/protocol/crypto/at_rest.py)."""
        self.url = url
        self.secret_key = secret_key
        self.kind = kind_at(url)
        self.engine = self.kind.open_engine(url)
        self._writer = self.kind.writer(self.engine)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Context with a session for reading; changes are rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing rolls back, and leaves what was read readable

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)`, commit durably, and return its result.

        An exception from `work` is raised here and its changes are rolled back. `work` must not commit.
        Raises `Busy` when the writer cannot take it in time.
        """
        if not self.kind.MANY_PROCESSES:
            return self._writer.submit(work)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except (OperationalError, PoolTimeoutError) as error:
            raise Busy from error

    def write_together(
        self, work: Callable[[Connection, Sequence[Item]], Sequence[Result]], items: Sequence[Item]
    ) -> list[Result | Exception]:
        """Run `work(connection, items)` once for the items of all callers that wait for the same `work`, in
        one commit.

        Returns for each of `items` its result or the exception raised for it: when `work` raises, each item
        is tried alone. Raises `Busy` as `write` does.
        """
        return self._writer.submit_together(work, items) if items else []

    def announce_together(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        report: Callable[[list[Result | Exception]], object],
    ) -> Callable[[], bool]:
        """Queue work as `write_together` does, but return at once; outcomes go to `report`
        (`GroupWriter.announce_together`)."""
        return self._writer.announce_together(work, items, report)

    def write_alone(self, work: Callable[[Engine], T]) -> T:
        """Run `work(engine)` outside any transaction, between two commits of the writing thread."""
        return self._writer.submit_alone(work)

    def answers(self) -> bool:
        """Whether the database can be read now."""
        try:
            with self.read() as session:
                session.execute(text("SELECT slug FROM round LIMIT 1")).all()
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Finish queued work, wait for readers, close every connection; on SQLite this also empties and
        removes the log.

        Afterwards `Closed` is raised to whoever asks for a connection.
        """
        self._writer.stop()
        _await_readers(self.engine)
        _refuse_connections(self.engine)


def is_damaged(error: Exception) -> bool:
    """Whether the error is of a damaged database."""
    return type(error) in _DAMAGED


def open_database(settings: Settings) -> Database:
    """Open the database that `settings` name."""
    return Database(settings.database_url, secret_key=settings.secret_key)


def _await_readers(engine: Engine) -> None:
    """Wait (for `CLOSING_SECONDS` at most) until no connection is in use: SQLite removes log and index with
    the last one."""
    deadline = time.monotonic() + CLOSING_SECONDS
    pool: Any = engine.pool
    while pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)


def _refuse_connections(engine: Engine) -> None:
    """Close all connections, those still in use when they are returned, and refuse new ones (`Closed`).

    Otherwise a thread that outlives the database would open connections that nobody closes.
    """

    def refuse() -> NoReturn:
        raise Closed

    def close(_connection: object, record: ConnectionPoolEntry) -> None:
        record.invalidate()

    pool, engine.pool = engine.pool, QueuePool(refuse)
    event.listen(pool, "checkin", close)
    pool.dispose()
