"""Mixing of SQLite rows by slices while phones go on writing: random rows change places with one another.

A large ballot lies on pages of its own, taken in the order of arrival. A slice takes rows out and puts them
back in random order within one commit: they get the places of one another, whichever SQLite gives to the
n-th. Slices are drawn at random from all rows, old and new, so that neither a row's place nor that of its
slice tells when it came. A row stays where it was with the chance of 1 in the size of a slice, which is why
everything is done twice, by other slices. Content that was taken out is overwritten (`secure_delete`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from survey.database.sqlite_log import ENOUGH, log_size, outside_transaction

if TYPE_CHECKING:
    from survey.database.engine import Database

SLICE_BYTES = 300_000
"""Content of a slice: phones wait while one is written."""
PASSES = 2
_CHANCE = random.SystemRandom()
# Pause after each slice, as a share of the time that it took, in which phones write.
_REST = 1.0
# Waits so long for a reader that keeps the log from being emptied, before giving up.
_PATIENCE = 60.0

_KEYS = "SELECT {key} FROM {table} WHERE round_id = ?"
_ONE = "SELECT * FROM {table} WHERE round_id = ? LIMIT 1"
_ROW = "SELECT * FROM {table} WHERE round_id = ? AND {key} = ?"
_TAKE_OUT = "DELETE FROM {table} WHERE round_id = ? AND {key} = ?"
_PUT_BACK = "INSERT INTO {table} VALUES ({places})"
_GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"

Key = tuple[bytes, bytes]


def mix(database: Database, table: str, key: str, round_id: bytes) -> bool:
    """Mix the round's rows of a table (primary key `round_id`, `key`); returns False if a reader, such as a
    backup, keeps the log from being emptied."""
    keys, size = _keys(database, table, key, round_id)
    rows = max(2, SLICE_BYTES // size)
    for _ in range(PASSES if len(keys) > rows else 1):
        _CHANCE.shuffle(keys)
        for start in range(0, len(keys), rows):
            if not _log_is_short(database.engine):
                return False
            began = time.monotonic()
            chosen = keys[start : start + rows]
            database.write_alone(partial(_move, table=table, key=key, keys=chosen))
            time.sleep((time.monotonic() - began) * _REST)
    return True


def _keys(database: Database, table: str, key: str, round_id: bytes) -> tuple[list[Key], int]:
    """Keys of the round's rows, and the size of one of them in bytes."""
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql(_KEYS.format(table=table, key=key), (round_id,))
        keys = [(round_id, bytes(value)) for (value,) in found]
        row = connection.exec_driver_sql(_ONE.format(table=table), (round_id,))
        size = sum(len(value) for value in row.first() or () if isinstance(value, bytes))
    return keys, max(size, 1)


def _log_is_short(engine: Engine) -> bool:
    """Wait until the log is emptied: it must not grow while somebody reads."""
    deadline = time.monotonic() + _PATIENCE
    while log_size(engine) > 2 * ENOUGH:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _move(engine: Engine, table: str, key: str, keys: Sequence[Key]) -> None:
    """Take rows out and put them back, in random order both times; both or neither is done."""
    with outside_transaction(engine) as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            _exchange(cursor, table, key, keys)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise


def _exchange(cursor: DBAPICursor, table: str, key: str, keys: Sequence[Key]) -> None:
    # The table's triggers refuse that a row is taken out; nobody else writes before they are back.
    guards = cursor.execute(_GUARDS, (table,)).fetchall()
    for name, _ in guards:
        cursor.execute(f"DROP TRIGGER {name}")
    look = _ROW.format(table=table, key=key)
    rows = [row for chosen in keys for row in cursor.execute(look, chosen)]
    cursor.executemany(_TAKE_OUT.format(table=table, key=key), keys)
    if not len(keys) == len(rows) == cursor.rowcount:
        raise RuntimeError(f"{len(keys)} rows were to be moved, there are {len(rows)}")
    _CHANCE.shuffle(rows)
    places = ", ".join("?" * len(rows[0]))
    cursor.executemany(_PUT_BACK.format(table=table, places=places), rows)
    for _, statement in guards:
        cursor.execute(statement)
