"""Writing in groups: one statement for many, and a failure that meets only whose it is."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from survey.database.engine import Database
from survey.errors import Busy, Closed

CROWD = 24


@pytest.fixture
def table(database: Database) -> Iterator[Database]:
    database.write(lambda s: s.execute(text("CREATE TABLE thing (number INTEGER PRIMARY KEY)")))
    yield database
    database.write(lambda s: s.execute(text("DROP TABLE thing")))


def numbers(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(text("SELECT number FROM thing ORDER BY number")))


def insert(connection: Connection, items: Sequence[int]) -> Sequence[int]:
    connection.execute(text("INSERT INTO thing VALUES (:n)"), [{"n": item} for item in items])
    return items


def insert_and_divide(connection: Connection, items: Sequence[int]) -> list[int]:
    """Fails for 0 alone, after all were inserted."""
    insert(connection, items)
    return [100 // item for item in items]


@contextlib.contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """No commit succeeds."""

    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    event.listen(database.engine, "commit", refuse)
    yield
    event.remove(database.engine, "commit", refuse)


def at_once(database: Database, work, items: Sequence[int]) -> list[object]:
    """What each caller gets while the writer is kept busy until all have asked."""
    held, gate, asked = threading.Event(), threading.Event(), threading.Barrier(len(items) + 1)

    def wait(_connection: Connection, ones: Sequence[int]) -> Sequence[int]:
        held.set()
        gate.wait(60)
        return ones

    def one(item: int) -> object:
        asked.wait()
        (outcome,) = database.write_together(work, [item])
        return type(outcome) if isinstance(outcome, Exception) else outcome

    with ThreadPoolExecutor(len(items) + 1) as pool:
        first = pool.submit(database.write_together, wait, [0])
        results = [pool.submit(one, item) for item in items]
        assert held.wait(60), "else all would be written with it"
        asked.wait()
        deadline = time.monotonic() + 20
        while database._writer._queue.qsize() < len(items):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        gate.set()
        first.result()
        return [result.result() for result in results]


def test_whoever_waits_is_written_together(table: Database) -> None:
    sizes: list[int] = []

    def insert(connection: Connection, items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        connection.execute(text("INSERT INTO thing VALUES (:n)"), [{"n": item} for item in items])
        return [item * 10 for item in items]

    assert at_once(table, insert, range(CROWD)) == [item * 10 for item in range(CROWD)]
    assert numbers(table) == list(range(CROWD))
    assert max(sizes) > 1
    assert sum(sizes) == CROWD


def test_one_failure_does_not_take_the_others_along(table: Database) -> None:
    results = at_once(table, insert_and_divide, [4, 0, 5])
    assert results == [25, ZeroDivisionError, 20]
    assert numbers(table) == [4, 5]


def test_nothing_is_kept_of_a_commit_that_failed(table: Database) -> None:
    with full_disk(table), pytest.raises(Busy):
        table.write_together(insert, [1])
    assert numbers(table) == []
    assert table.write_together(insert, [2]) == [2]
    assert numbers(table) == [2]


def test_each_caller_gets_what_became_of_its_own_items(table: Database) -> None:
    assert table.write_together(insert_and_divide, [5, 4]) == [20, 25]
    good, bad = table.write_together(insert_and_divide, [2, 0])
    assert good == 50
    assert isinstance(bad, ZeroDivisionError)
    assert table.write_together(insert_and_divide, []) == []
    assert numbers(table) == [2, 4, 5]


def test_a_result_too_few_keeps_nothing(table: Database) -> None:
    """Else the last who waited would be told another's result, or none."""

    def forgetful(connection: Connection, items: Sequence[int]) -> list[int]:
        connection.execute(text("INSERT INTO thing VALUES (:n)"), [{"n": item} for item in items])
        return list(items[:-1])

    with pytest.raises(ValueError, match="1 results for 2 items"):
        table.write_together(forgetful, [1, 2])
    assert numbers(table) == []


def announced(database: Database, work, items: Sequence[int]) -> list[object]:
    """What the thread that writes tells of `items`."""
    told: SimpleQueue[list[object]] = SimpleQueue()
    database.announce_together(work, items, told.put)
    return told.get(timeout=10)


def test_who_cannot_wait_is_told_of_each_item(table: Database) -> None:
    assert announced(table, insert_and_divide, [5, 4]) == [20, 25]
    good, bad = announced(table, insert_and_divide, [2, 0])
    assert good == 50
    assert isinstance(bad, ZeroDivisionError)
    assert numbers(table) == [2, 4, 5]


def test_a_failed_commit_is_told_for_each_item(table: Database) -> None:
    with full_disk(table):
        outcomes = announced(table, insert, [1, 2])
    assert [type(outcome) for outcome in outcomes] == [Busy, Busy]
    assert numbers(table) == []


def test_what_would_end_the_thread_is_told_as_busy(table: Database) -> None:
    """Taken for a result it would be a receipt; raised where it is told it would end the server."""

    def leave(_connection: Connection, _items: Sequence[int]) -> Sequence[int]:
        raise SystemExit

    assert [type(outcome) for outcome in announced(table, leave, [1, 2])] == [Busy, Busy]


def test_what_has_not_begun_can_be_given_up_and_is_never_done(table: Database) -> None:
    gate, begun = threading.Event(), threading.Event()

    def hold(_connection: Connection, items: Sequence[int]) -> Sequence[int]:
        begun.set()
        gate.wait(60)
        return items

    told: list[object] = []
    stop_first = table.announce_together(hold, [0], told.append)
    assert begun.wait(60)
    stop_second = table.announce_together(insert, [7], told.append)
    assert [stop_first(), stop_second()] == [False, True]
    gate.set()
    assert announced(table, insert, [8]) == [8]
    assert told == [[0]]
    assert numbers(table) == [8]


def test_a_closed_database_says_so_at_once(tmp_path: Path) -> None:
    closed = Database(f"sqlite:///{tmp_path}/x.sqlite3")
    closed.close()
    with pytest.raises(Closed):
        closed.announce_together(lambda _connection, items: items, [1], print)


def test_closing_waits_for_who_still_reads(database: Database) -> None:
    """Naive on PostgreSQL: a job's last look outlived the pool, and its connection was nobody's to close."""
    held = database.engine.raw_connection()
    connection: Any = held.driver_connection
    threading.Timer(0.3, held.close).start()
    database.close()
    with pytest.raises(Exception, match="closed"):
        connection.execute("SELECT 1")


def test_a_thread_that_outlives_the_database_opens_no_connection(database: Database) -> None:
    """Without the refusal nobody would close it."""
    database.close()
    for ask in (database.read, database.engine.connect):
        with pytest.raises(Closed):
            ask().__enter__().execute(text("SELECT 1"))
    with pytest.raises(Closed):
        database.write(lambda session: session.execute(text("SELECT 1")) and None)


def test_a_connection_still_in_use_is_closed_when_it_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.database.engine.CLOSING_SECONDS", 0.05)
    with database.read() as session:
        driver = session.connection().connection.driver_connection
        database.close()
    with pytest.raises(Exception, match="closed"):
        driver.cursor()
