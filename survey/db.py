"""The database: many readers, and on SQLite exactly one writer that commits in groups.

Two SQLite writers stall each other; one writer that takes whatever has queued up, runs each piece of
work in its own savepoint and commits them together needs one disk flush for all of them. A caller gets
its result only after that commit is durable. On PostgreSQL every piece of work is its own transaction.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.errors import Busy

T = TypeVar("T")
Work = Callable[[Session], Any]

GROUP_LIMIT = 256
WAIT_SECONDS = 30.0
IDLE_SECONDS = 0.5
# However busy it is, the log's order of pages never reaches further back than this.
LOG_SECONDS = 2.0
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
            yield session  # closing rolls back, and leaves what was read readable

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)`, commit durably, then return its result.

        What `work` raises is raised here and nothing of it is kept. `work` must not commit.
        Raises `Busy` when the writer cannot take it in time.
        """
        if self._writer is not None:
            return self._writer.submit(work)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except (OperationalError, PoolTimeoutError) as error:
            raise Busy from error

    def vacuum(self) -> None:
        """SQLite: write the whole file anew, each table in the order of its keys, between two commits."""
        if self._writer is None:
            raise ValueError("only SQLite's file is rewritten whole")
        self._writer.submit(_rewrite, alone=True)

    def close(self) -> None:
        """Finish queued work, empty the write-ahead log, close every connection."""
        if self._writer is not None:
            self._writer.stop()
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """The database that `settings` name."""
    return Database(settings.database_url, secret_key=settings.secret_key)


class _Entry(NamedTuple):
    work: Callable[[Any], Any]
    future: Future[Any]
    alone: bool


class _GroupWriter:
    """One thread that owns the only writing connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def submit(self, work: Callable[[Any], T], *, alone: bool = False) -> T:
        """Run `work(session)` with others in one commit; `alone`, `work(engine)` outside any transaction."""
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                raise Busy
            self._start()
            self._queue.put(_Entry(work, future, alone))
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
        wrote_at: float | None = None
        while True:
            try:
                first = self._queue.get(timeout=IDLE_SECONDS if wrote_at is not None else None)
            except queue.Empty:
                wrote_at = None
                self._empty_log()
                continue
            group, alone, stop = self._take(first)
            if group:
                self._commit(group)
                wrote_at = wrote_at or time.monotonic()
                if time.monotonic() - wrote_at > LOG_SECONDS:
                    wrote_at = time.monotonic()
                    self._empty_log()
            if alone is not None:
                self._run_alone(alone)
            if stop:
                self._empty_log()
                return

    def _take(self, first: _Entry | None) -> tuple[list[_Entry], _Entry | None, bool]:
        """What to commit together, what to run by itself after that, and whether to stop then."""
        group: list[_Entry] = []
        entry = first
        while True:
            if entry is None:
                return group, None, True
            if entry.future.set_running_or_notify_cancel():
                if entry.alone:
                    return group, entry, False
                group.append(entry)
            if len(group) >= GROUP_LIMIT:
                return group, None, False
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return group, None, False

    def _run_alone(self, entry: _Entry) -> None:
        try:
            entry.future.set_result(entry.work(self._engine))
        except BaseException as error:  # it belongs to the caller, not to this thread
            entry.future.set_exception(error)

    def _commit(self, group: list[_Entry]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], BaseException]] = []
        try:
            writing = self._engine.execution_options(pingyi_write=True)
            with writing.connect() as connection, connection.begin():
                for work, future, _ in group:
                    try:
                        done.append((future, _in_savepoint(connection, work)))
                    except BaseException as error:  # it belongs to the caller, not to this thread
                        failed.append((future, error))
        except BaseException as error:  # nothing was kept: every caller must hear of it
            reason = Busy() if isinstance(error, OperationalError) else error
            failed += [(entry.future, reason) for entry in group if entry.future not in dict(failed)]
            done = []
        for future, result in done:
            future.set_result(result)
        for future, reason in failed:
            future.set_exception(reason)

    def _empty_log(self) -> None:
        with contextlib.suppress(Exception):
            _outside_transaction(self._engine, _SOON, _TRUNCATE_LOG)


def _in_savepoint(connection: Connection, work: Callable[[Session], T]) -> T:
    """A session of its own for each piece of work, so that none sees another's objects."""
    with (
        Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session,
        session.begin(),
    ):
        return work(session)


# The write-ahead log is moved into the file and cut: its order of pages is a clock.
_TRUNCATE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
# Phones do not wait for a long reader, such as an export, to leave the log.
_SOON = "PRAGMA busy_timeout=100"


def _rewrite(engine: Engine) -> None:
    # VACUUM's copy goes to an unlinked temporary file: a large box would not fit into memory.
    try:
        _outside_transaction(engine, "PRAGMA temp_store=FILE", "VACUUM", _TRUNCATE_LOG)
    except OperationalError as error:
        raise Busy from error


def _outside_transaction(engine: Engine, *statements: str) -> None:
    """Run what SQLite does not allow within a transaction, on a connection used for nothing else."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement).fetchall()
        cursor.close()
    finally:
        connection.invalidate()
        connection.close()


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
