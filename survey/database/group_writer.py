"""Group commit: one thread that writes all queued work in one transaction, with one disk flush."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from survey.database.queued_work import AnnouncedWork, AwaitedWork, QueuedWork, WorkKind
from survey.errors import Busy, Closed

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

GROUP_LIMIT = 256
IDLE_SECONDS = 0.5
# Seconds after which the log is emptied even while writing goes on, so that its page order covers no more.
LOG_SECONDS = 2.0


class GroupWriter:
    """Writing thread with the only writing connection of `engine`.

    `tidy()` empties the log; it is called when writing pauses, after `LOG_SECONDS` of writing, or when
    `should_tidy()`, and again later if it returns False. `prepare(connection)` is called on every new
    connection.
    """

    def __init__(
        self,
        engine: Engine,
        tidy: Callable[[], bool] = lambda: True,
        should_tidy: Callable[[], bool] = lambda: False,
        prepare: Callable[[Connection], None] | None = None,
    ) -> None:
        self._engine = engine
        self._writing = engine.execution_options(pingyi_write=True)
        self._connection: Connection | None = None
        self._tidy, self._should_tidy, self._prepare = tidy, should_tidy, prepare
        self._queue: queue.SimpleQueue[QueuedWork | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def submit(self, work: Callable[[Session], T]) -> T:
        """Run `work(session)` in its own savepoint, committed with other work; returns its result."""
        result: T = self._awaited(AwaitedWork(WorkKind.SINGLE, work)).wait()
        return result

    def submit_together(
        self, work: Callable[[Connection, Sequence[Item]], Sequence[Result]], items: Sequence[Item]
    ) -> list[Result | Exception]:
        """Run `work(connection, items)` once on all items queued for the same `work`.

        Returns for each of `items` its result or the exception raised for it alone; raises an error of the
        whole commit.
        """
        outcomes: list[Result | Exception] = self._awaited(AwaitedWork(WorkKind.TOGETHER, work, items)).wait()
        return outcomes

    def announce_together(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        report: Callable[[list[Result | Exception]], object],
    ) -> Callable[[], bool]:
        """Queue work as `submit_together` does and return at once; the writer calls `report(outcomes)`.

        An error of the whole commit is the outcome of each item. Returns a function that cancels the work: it
        returns True if the work had not begun, and then `report` is not called.
        """
        entry = AnnouncedWork(work, items, report)
        self._queued(entry)
        return entry.claim

    def submit_alone(self, work: Callable[[Engine], T]) -> T:
        """Run `work(engine)` outside any transaction, while nothing else writes; returns its result."""
        result: T = self._awaited(AwaitedWork(WorkKind.ALONE, work)).wait()
        return result

    def stop(self) -> None:
        """Finish queued work and accept no more."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _awaited(self, entry: AwaitedWork) -> AwaitedWork:
        self._queued(entry)
        return entry

    def _queued(self, entry: QueuedWork) -> None:
        with self._lock:
            if self._stopped:
                raise Closed
            self._start()
            self._queue.put(entry)

    def _start(self) -> None:
        # Started on first use, so that a server which forks afterwards does not lose the thread.
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pingyi-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        wrote_at: float | None = None
        tidied = True
        while True:
            try:
                first = self._queue.get(timeout=IDLE_SECONDS if wrote_at is not None else None)
            except queue.Empty:
                tidied = self._tidy()
                wrote_at = None if tidied else wrote_at
                continue
            group, alone, stop = self._take(first)
            if group:
                self._commit(group)
            if alone is not None:
                alone.attempt(partial(alone.work, self._engine))
                alone.settle()
            if group or alone is not None:
                wrote_at = wrote_at or time.monotonic()
                # If a long reader prevented it last time, it is not tried again after every commit.
                if time.monotonic() - wrote_at > LOG_SECONDS or (tidied and self._should_tidy()):
                    wrote_at = time.monotonic()
                    tidied = self._tidy()
            if stop:
                if self._connection is not None:
                    self._connection.close()
                self._tidy()
                return

    def _take(self, first: QueuedWork | None) -> tuple[list[QueuedWork], QueuedWork | None, bool]:
        """Take queued work: what to commit together, what to run alone after that, and whether to stop
        then."""
        group: list[QueuedWork] = []
        size, entry = 0, first
        while True:
            if entry is None:
                return group, None, True
            if entry.claim():
                if entry.kind is WorkKind.ALONE:
                    return group, entry, False
                group.append(entry)
                size += max(1, len(entry.items))
            if size >= GROUP_LIMIT:
                return group, None, False
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return group, None, False

    def _commit(self, group: Sequence[QueuedWork]) -> None:
        try:
            try:
                self._write(group, _all_at_once)
            except _BatchFailed:
                self._write(group, _with_savepoints)
        except BaseException as error:  # nothing was kept: every caller must hear of it
            reason = Busy() if isinstance(error, (OperationalError, PoolTimeoutError)) else error
            for entry in group:
                entry.error = entry.error or reason
        for entry in group:
            entry.settle()

    def _write(
        self, group: Sequence[QueuedWork], batch: Callable[[Connection, Sequence[QueuedWork]], None]
    ) -> None:
        by_work: dict[Callable[..., Any], list[QueuedWork]] = {}
        with self._connected() as connection, connection.begin():
            for entry in group:
                if entry.kind is WorkKind.TOGETHER:
                    by_work.setdefault(entry.work, []).append(entry)
            for entries in by_work.values():
                batch(connection, entries)
            for entry in group:
                if entry.kind is WorkKind.SINGLE:
                    entry.attempt(partial(_in_savepoint, connection, entry.work))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Context with the writing connection, kept open between commits (its caches stay warm), closed after
        an error."""
        connection = self._connection
        if connection is None or connection.closed:
            connection = self._connection = self._writing.connect()
            if self._prepare is not None:
                self._prepare(connection)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise


class _BatchFailed(Exception):
    """Work on all items at once failed: each item must be tried alone, so that only the faulty one fails."""


def _all_at_once(connection: Connection, entries: Sequence[QueuedWork]) -> None:
    items = [item for entry in entries for item in entry.items]
    try:
        results = entries[0].work(connection, items)
    except Exception as error:
        raise _BatchFailed from error
    if len(results) != len(items):
        raise ValueError(f"{len(results)} results for {len(items)} items")
    rest = iter(results)
    for entry in entries:
        entry.result = list(islice(rest, len(entry.items)))


def _with_savepoints(connection: Connection, entries: Sequence[QueuedWork]) -> None:
    for entry in entries:
        entry.result = [_one_of_batch(connection, entry.work, item) for item in entry.items]


def _one_of_batch(connection: Connection, work: Callable[..., Any], item: Any) -> Any:
    try:
        with connection.begin_nested():
            (result,) = work(connection, [item])
            return result
    except Exception as error:  # it belongs to this item alone
        return error


def _in_savepoint(connection: Connection, work: Callable[[Session], T]) -> T:
    """Run `work` in a session and savepoint of its own, so that it sees no other work's objects."""
    with (
        Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session,
        session.begin(),
    ):
        return work(session)
