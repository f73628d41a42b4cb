"""Rewriting of PostgreSQL tables into new files while phones go on writing: copy, catch up, exchange.

A new table is filled in the order of keys, which are hashes, by one transaction (one `xmin`), and takes the
place of the old one, whose file is removed. Only catching up and exchanging need a lock. `CLUSTER` would lock
the table for as long as copying takes; `VACUUM` would leave bytes of old rows in the file.

`COPY … FREEZE` makes the copied rows visible to transactions that began before: such as a backup's, which
would otherwise find the new table empty.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

# A reader that holds a table makes this wait, and phones behind it.
_LOCK_WAIT = "SET LOCAL lock_timeout = '100ms'"
_ATTEMPTS, _PAUSE = 20, 0.25
# Of rows that changed after the copy began there may be so many to copy under the lock.
_FEW = 500
# Sorting would write ballots to temporary files, in runs of their order on disk.
_BY_INDEX = "SET LOCAL enable_sort = off"

COPY_IN = "COPY {new} FROM STDIN (FORMAT binary, FREEZE)"
_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass
"""
_FOREIGN_KEYS = """
SELECT conname, pg_get_constraintdef(oid), confrelid::regclass::text FROM pg_constraint
WHERE conrelid = %s::regclass AND contype = 'f'
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal
"""
_OPTIONS = "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = %s::regclass"
_KEY = """
SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::int[], attnum::int)
"""
# Oldest transaction, other than this one, that had not ended: what others wrote before it is visible by now.
# What they write in savepoints has larger numbers than they themselves.
_SINCE = """
SELECT least(pg_snapshot_xmax(now)::text::bigint, (SELECT min(x::text::bigint) FROM pg_snapshot_xip(now) x))
  % 4294967296 FROM pg_current_snapshot() AS now
"""
# Rows written since then; transaction numbers are compared by age, since they wrap around.
_LATE = """
INSERT INTO {new} SELECT o.* FROM {table} AS o
WHERE o.ctid >= CAST(CAST(%s AS text) AS tid) AND age(o.xmin) <= age(CAST(CAST(%s AS text) AS xid))
ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ROW ({values})
"""
# Ballots are only added, nearly always at the end: then not the whole table is read under the lock.
_END = "SELECT format('(%%s,0)', greatest(pg_relation_size(%s) / 8192 - 64, 0))"
_ADDED_TO = "ballot"
# Rows that were taken out, or changed their key, are not followed: then this is done again another time.
_COUNTS = "SELECT (SELECT count(*) FROM {table}) = (SELECT count(*) FROM {new})"
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
_TURN = 7023853


class _NotNow(Exception):
    """The tables cannot be exchanged now; nothing was changed."""


class _Exchange:
    """Old table and the new one that takes its place, in one transaction of `cursor`."""

    def __init__(self, cursor: psycopg.Cursor[Any], table: str) -> None:
        self._cursor, self.table, self.new = cursor, table, f"next_{table}"
        self._names = {"table": sql.Identifier(table), "new": sql.Identifier(self.new)}
        self._indexes = self._ask(_INDEXES)
        self._foreign_keys = self._ask(_FOREIGN_KEYS)
        self._triggers = [text for (text,) in self._ask(_TRIGGERS)]
        self._key = sql.SQL(", ").join(sql.Identifier(name) for (name,) in self._ask(_KEY))
        self._columns = [sql.Identifier(name) for (name,) in self._ask(_COLUMNS)]
        self._copied_at, self._end = "", "(0,0)"

    @property
    def referenced(self) -> set[str]:
        return {name for _, _, name in self._foreign_keys}

    def copy(self, reading: psycopg.Cursor[Any]) -> None:
        """Fill the new table from a snapshot of the old one."""
        ((options,),) = self._ask(_OPTIONS)
        self._run("CREATE TABLE {new} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        if options:
            self._cursor.execute(self._sql("ALTER TABLE {new} SET (") + sql.SQL(options) + sql.SQL(")"))
        reading.execute(_BY_INDEX)
        self._copied_at = self._now()
        rows = self._sql("COPY (SELECT * FROM {table} ORDER BY {key}) TO STDOUT (FORMAT binary)")
        into = self._sql(COPY_IN)
        with reading.copy(rows) as source, self._cursor.copy(into) as target:
            for block in source:
                target.write(block)
        for name, definition, _primary in self._indexes:
            self._cursor.execute(self._renamed(name, definition))
        self._run("ANALYZE {new}")

    def catch_up(self, start: str = "(0,0)") -> int:
        """Copy what was written since the last time, from a place in the file on; returns how many rows that
        were."""
        since, self._copied_at = self._copied_at, self._now()
        ((self._end,),) = self._ask(_END)
        columns = sql.SQL(", ").join(self._columns)
        values = sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in self._columns)
        self._cursor.execute(self._sql(_LATE, columns=columns, values=values), (start, since))
        return self._cursor.rowcount

    def finish(self) -> None:
        """Copy the rest, when the tables are locked; raises `_NotNow` unless both have the same rows then."""
        since = self._copied_at
        if self.table == _ADDED_TO:
            self.catch_up(self._end)
            if self._is_complete():
                return
            self._copied_at = since
        self.catch_up()
        if not self._is_complete():
            raise _NotNow

    def _is_complete(self) -> bool:
        self._run(_COUNTS)
        return bool(self._cursor.fetchall()[0][0])

    def exchange(self) -> None:
        """Give the new table the old one's name, with its indexes, constraints and triggers."""
        self._run("DROP TABLE {table}")
        self._run("ALTER TABLE {new} RENAME TO {table}")
        for name, _definition, primary in self._indexes:
            index = {"old": sql.Identifier(f"next_{name}"), "name": sql.Identifier(name)}
            if primary:
                self._run("ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {old}", **index)
            else:
                self._run("ALTER INDEX {old} RENAME TO {name}", **index)
        for name, definition, _ in self._foreign_keys:
            # Looking at every row is left for after the exchange (`validate`).
            added = self._sql("ALTER TABLE {table} ADD CONSTRAINT {name} ", name=sql.Identifier(name))
            self._cursor.execute(added + sql.SQL(definition) + sql.SQL(" NOT VALID"))
        for definition in self._triggers:
            self._cursor.execute(definition)

    def validate(self, cursor: psycopg.Cursor[Any]) -> None:
        """Check the foreign keys of the new table, without blocking anybody."""
        for name, _, _ in self._foreign_keys:
            statement = "ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
            cursor.execute(self._sql(statement, name=sql.Identifier(name)))

    def _now(self) -> str:
        ((oldest,),) = self._ask(_SINCE)
        return str(oldest)

    def _renamed(self, index: str, definition: str) -> sql.SQL:
        head, using, rest = definition.partition(" USING ")
        create = head.partition(f" {index} ON ")[0]
        return sql.SQL(f'{create} "next_{index}" ON "{self.new}"{using}{rest}')

    def _ask(self, query: Any) -> list[tuple[Any, ...]]:
        self._cursor.execute(query, (self.table,) if "%s" in query else None)
        return self._cursor.fetchall()

    def _sql(self, statement: Any, **names: sql.Composable) -> sql.Composed:
        key = {"key": self._key} if "{key}" in statement else {}
        return sql.SQL(statement).format(**self._names, **key, **names)

    def _run(self, statement: Any, **names: sql.Composable) -> None:
        self._cursor.execute(self._sql(statement, **names))


def renew(engine: Engine, tables: Sequence[str]) -> bool:
    """Rewrite the tables; returns False, and changes nothing, where somebody does not let go of them."""
    try:
        _note_visible(engine, tables)
        with engine.begin() as connection, engine.connect() as other:
            cursor = _driver(connection).cursor()
            _claim(cursor)
            exchanges = [_Exchange(cursor, table) for table in tables]
            for each in exchanges:
                with _driver(other).transaction():
                    each.copy(_driver(other).cursor())
            _lock(connection, exchanges)
            for each in exchanges:
                each.finish()
                each.exchange()
        with engine.begin() as connection:
            for each in exchanges:
                each.validate(_driver(connection).cursor())
    except (_NotNow, IntegrityError, OperationalError, psycopg.IntegrityError, psycopg.OperationalError):
        return False
    return True


def _note_visible(engine: Engine, tables: Sequence[str]) -> None:
    """Let PostgreSQL note which pages everybody sees, so that rows are counted under the lock by the index
    alone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM (TRUNCATE false) {', '.join(tables)}")


def _claim(cursor: psycopg.Cursor[Any]) -> None:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (_TURN,))
    if not cursor.fetchall()[0][0]:
        raise _NotNow


def _lock(connection: Connection, exchanges: Sequence[_Exchange]) -> None:
    """Lock the tables, trying for a moment at a time, each time after copying most of what came in; raises
    `_NotNow`."""
    # With a table that is removed, the keys' triggers on those go to which it refers.
    referenced = sorted(set[str]().union(*(each.referenced for each in exchanges)))
    locked = ", ".join([*referenced, *(each.table for each in exchanges)])
    statements = (_LOCK_WAIT, f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE")
    for _ in range(_ATTEMPTS):
        while max(each.catch_up() for each in exchanges) > _FEW:
            pass
        try:
            with connection.begin_nested():
                for statement in statements:
                    connection.exec_driver_sql(statement)
        except OperationalError:  # a reader of the table, or a deadlock: it goes first
            time.sleep(_PAUSE)
        else:
            return
    raise _NotNow


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
