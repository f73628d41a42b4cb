"""Truncating SQLite's write-ahead log and its index, whose order of pages reveals the order of arrival.

The log (`-wal`) is moved into the file and cut. Its index (`-shm`) still lists the pages that it held, in
order, until others take their places: so the file's first page, which reveals nothing, is written after that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

TRUNCATE = "PRAGMA wal_checkpoint(TRUNCATE)"
# Short timeout: phones must not wait until a long reader, such as an export, releases the log.
_SOON = "PRAGMA busy_timeout=100"
# Writes the file's first page without changing anything; it needs no flush, since losing it does no harm.
_NEUTRAL = "PRAGMA user_version=0"
_UNFLUSHED, _FLUSHED = "PRAGMA synchronous=OFF", "PRAGMA synchronous=FULL"
# Otherwise SQLite might restart the log before enough pages have been written.
_ONLY_BY_US = "PRAGMA wal_autocheckpoint=0"
# sqlite.org/walformat §2.2: a block of the index is overwritten when the first page is written into it.
_HEADER, _FRAME = 32, 24 + 4096
_FIRST_BLOCK, _BLOCK = 4062, 4096
ENOUGH = 3500 * _FRAME
"""Size of a log, in bytes, from which it should be emptied: a larger one has a second index block to wipe."""


def log_size(engine: Engine) -> int:
    """Size of the log file in bytes: that of its largest extent since it was last truncated."""
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def empty_log(engine: Engine) -> bool:
    """Empty the log and wipe its index; returns False if a reader or another process prevents it for now."""
    try:
        with outside_transaction(engine) as cursor:
            pages = max(0, log_size(engine) - _HEADER) // _FRAME
            cursor.execute(_SOON)
            if _is_busy(cursor):
                return False
            cursor.execute(_ONLY_BY_US)
            cursor.execute(_UNFLUSHED)
            for _ in range(_neutral_pages(pages)):
                cursor.execute(_NEUTRAL)
            cursor.execute(_FLUSHED)
            return not _is_busy(cursor)
    except Exception:  # such as another process that writes: the next turn tries again
        return False


def _is_busy(cursor: DBAPICursor) -> bool:
    return bool(cursor.execute(TRUNCATE).fetchone()[0])


def _neutral_pages(pages: int) -> int:
    """Number of times that the file's first page must be written so that it overwrites the whole index of a
    log of `pages` pages."""
    further = -(-max(0, pages - _FIRST_BLOCK) // _BLOCK)
    return _FIRST_BLOCK + (further - 1) * _BLOCK + 1 if further else 1


@contextlib.contextmanager
def outside_transaction(engine: Engine) -> Iterator[DBAPICursor]:
    """Cursor for statements that SQLite refuses within a transaction, on a connection used for nothing
    else."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        yield cursor
        cursor.close()
    finally:
        connection.invalidate()
        connection.close()
