"""The database: many readers, and on SQLite exactly one writer that commits in groups.

Two SQLite writers stall each other; one writer that takes whatever has queued up, runs each piece of
work in its own savepoint and commits them together needs one disk flush for all of them. A caller gets
its result only after that commit is durable. On PostgreSQL every piece of work is its own transaction.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from survey.database.kinds import kind_at
from survey.errors import Busy, Closed

if TYPE_CHECKING:
    from survey.config import Settings

# What is raised when the database cannot be reached or cannot answer, whatever was asked.
UNREACHABLE = (OperationalError, InterfaceError, PoolTimeoutError)

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

CLOSING_SECONDS = 5.0


class Database:
    """Sessions for reading, and `write` for everything that changes something."""

    def __init__(self, url: str, *, secret_key: str = "") -> None:
        """`secret_key` unlocks the rounds' signing keys (survey/protocol/crypto/at_rest.py)."""
        self.url = url
        self.secret_key = secret_key
        self.kind = kind_at(url)
        self.engine = self.kind.open_engine(url)
        self._writer = self.kind.writer(self.engine)

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

    def write_alone(self, work: Callable[[Engine], T]) -> T:
        """Run `work(engine)` outside any transaction, between two commits of the writing thread."""
        return self._writer.submit_alone(work)

    def close(self) -> None:
        """Finish queued work, empty SQLite's log, close every connection: the last one removes the log.

        Afterwards `Closed` is raised to whoever asks for one.
        """
        self._writer.stop()
        _await_readers(self.engine)
        _refuse_connections(self.engine)
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """The database that `settings` name."""
    return Database(settings.database_url, secret_key=settings.secret_key)


def _await_readers(engine: Engine) -> None:
    """Wait until nobody reads: on SQLite the last connection to close takes log and index with it."""
    deadline = time.monotonic() + CLOSING_SECONDS
    pool: Any = engine.pool
    while pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)


def _refuse_connections(engine: Engine) -> None:
    """Open no connection any more, and close the one that a thread still uses when it gives it back.

    Without this a thread that outlives the database opens connections that nobody closes.
    """

    def refuse(*_arguments: object) -> None:
        raise Closed

    def close(_connection: object, record: Any) -> None:
        record.invalidate()

    event.listen(engine, "do_connect", refuse)
    event.listen(engine, "checkin", close)
