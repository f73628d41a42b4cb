"""The database: many readers, and on SQLite exactly one writer that commits in groups.

Two SQLite writers stall each other; one writer that takes whatever has queued up, runs each piece of
work in its own savepoint and commits them together needs one disk flush for all of them. A caller gets
its result only after that commit is durable. On PostgreSQL every piece of work is its own transaction.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from survey.errors import Busy

T = TypeVar("T")
Work = Callable[[Session], Any]

GROUP_LIMIT = 256
WAIT_SECONDS = 30.0
IDLE_SECONDS = 0.5
# Extra safety costs nothing we notice: deleted content is overwritten, commits reach the disk.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA busy_timeout=15000",
)


class Database:
    """Sessions for reading, and `write` for everything that changes something."""

    def __init__(self, url: str, *, secret_key: str = "") -> None:
        """`secret_key` unlocks the rounds' signing keys (survey/services/vault.py)."""
        self.url = url
        self.secret_key = secret_key
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._writer = _GroupWriter(self.engine) if self.is_sqlite else None

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; whatever it changed is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)`, commit durably, then return its result.

        What `work` raises is raised here and nothing of it is kept. `work` must not commit.
        Raises `Busy` when the writer cannot take it in time.
        """
        if self._writer is not None:
            return self._writer.submit(work)
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return work(session)

    def close(self) -> None:
        """Finish queued work, empty the write-ahead log, close every connection."""
        if self._writer is not None:
            self._writer.stop()
        self.engine.dispose()


class _GroupWriter:
    """One thread that owns the only writing connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def submit(self, work: Callable[[Session], T]) -> T:
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                raise Busy
            self._start()
            self._queue.put((work, future))
        try:
            return future.result(timeout=WAIT_SECONDS)
        except TimeoutError:
            # A piece of work that has begun cannot be cancelled: wait for its true outcome.
            if future.cancel():
                raise Busy from None
            return future.result()

    def stop(self) -> None:
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        # Started on first use, so that a server which forks afterwards does not lose the thread.
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pingyi-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        wrote = False
        while True:
            try:
                first = self._queue.get(timeout=IDLE_SECONDS if wrote else None)
            except queue.Empty:
                wrote = False
                self._empty_log()
                continue
            group, stop = self._take(first)
            if group:
                self._commit(group)
                wrote = True
            if stop:
                self._empty_log()
                return

    def _take(self, first: tuple[Work, Future[Any]] | None) -> tuple[list[tuple[Work, Future[Any]]], bool]:
        group: list[tuple[Work, Future[Any]]] = []
        entry = first
        while True:
            if entry is None:
                return group, True
            if entry[1].set_running_or_notify_cancel():
                group.append(entry)
            if len(group) >= GROUP_LIMIT:
                return group, False
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return group, False

    def _commit(self, group: list[tuple[Work, Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], BaseException]] = []
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                session.connection(execution_options={"pingyi_write": True})
                for work, future in group:
                    try:
                        with session.begin_nested():
                            result = work(session)
                        done.append((future, result))
                    except BaseException as error:  # it belongs to the caller, not to this thread
                        failed.append((future, error))
                session.commit()
        except BaseException as error:  # nothing was kept: every caller must hear of it
            failed += [(future, error) for future, _ in done]
            done = []
        for future, result in done:
            future.set_result(result)
        for future, reason in failed:
            if not future.done():
                future.set_exception(reason)

    def _empty_log(self) -> None:
        """Move the write-ahead log into the file and cut it: its order of pages is a clock."""
        with contextlib.suppress(Exception), self._engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=48)

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
    return create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping=True)
