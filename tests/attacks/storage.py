"""What a thief reads from where rows lie: their place in the file, in the heap, and who wrote them when."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from scipy.stats import kendalltau
from sqlalchemy import text

from survey.database.engine import Database

PATIENCE = 30.0
SURE = 1e-6
"""A thief is sure of an order that a random one matches as well with less than this probability.

One decision for the naive half of an attack and for ours. With 30 rows it finds every |tau| from 0.6 up.
"""


def chance(order: Sequence[int]) -> float:
    """Two-sided p-value of Kendall's tau between places and times, exact over all permutations.

    `order` has for each place the rank in time of what lies there (Kendall, Biometrika 30, 1938).
    """
    return float(kendalltau(range(len(order)), order, method="exact").pvalue)


def is_a_clock(order: Sequence[int]) -> bool:
    """Whether places tell times, forwards or backwards: the thief's decision."""
    return chance(order) < SURE


def sqlite_file(database: Database) -> bytes:
    """The database file, with everything of the log in it."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        # Refused at once while the site itself empties its log (at_rest/test_whole_file.py).
        deadline = time.monotonic() + PATIENCE
        while connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
            assert time.monotonic() < deadline, "the log is not emptied"
            time.sleep(0.01)
    return Path(str(database.engine.url.database)).read_bytes()


def places_in_file(content: bytes, needles: Sequence[bytes]) -> list[list[int]]:
    """Every place where each of `needles` stands in the file: in its table and in indexes."""
    found = [[match.start() for match in re.finditer(re.escape(needle), content)] for needle in needles]
    assert all(found)
    return found


def order_in_file(content: bytes, needles: Sequence[bytes]) -> list[int]:
    """Indices of `needles` in the order in which they stand in the file."""
    return sorted(range(len(needles)), key=places_in_file(content, needles).__getitem__)


def keys_by(database: Database, table: str, column: str, hidden: str) -> list[bytes]:
    """The keys of a PostgreSQL table in the order of a hidden column (ctid, xmin)."""
    order = "xmin::text::bigint" if hidden == "xmin" else hidden
    with database.read() as session:
        rows = session.execute(text(f"SELECT {column} FROM {table} ORDER BY {order}, {column}"))
        return [bytes(key) for (key,) in rows]


def toast_order(database: Database) -> list[bytes]:
    """Sealed ballots in the order of their numbers in PostgreSQL's table of large values."""
    with database.read() as session:
        name = session.scalar(
            text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'ballot'")
        )
        whole = "string_agg(chunk_data, ''::bytea ORDER BY chunk_seq)"
        rows = session.execute(text(f"SELECT {whole} FROM {name} GROUP BY chunk_id ORDER BY chunk_id"))
        return [bytes(value) for (value,) in rows]


def writers(database: Database, table: str) -> int:
    """By how many transactions the rows of a PostgreSQL table were written."""
    with database.read() as session:
        return len(session.execute(text(f"SELECT DISTINCT xmin::text FROM {table}")).all())
