"""Digests of database tables, which prove that a restored database equals its backup."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, inspect, text

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class TableDigest:
    """Number of rows, and SHA-256 over the sorted SHA-256s of the rows (independent of storage order)."""

    rows: int
    sha256: str


def table_digests(connection: Connection) -> dict[str, TableDigest]:
    """Digest of every table, by table name."""
    return {name: _digest(connection, name) for name in sorted(inspect(connection).get_table_names())}


def _digest(connection: Connection, table: str) -> TableDigest:
    columns = sorted(column["name"] for column in inspect(connection).get_columns(table))
    quoted = ", ".join(f'"{name}"' for name in columns)
    query = text(f'SELECT {quoted} FROM "{table}"').execution_options(yield_per=CHUNK)  # noqa: S608 - its own names
    with connection.execute(query) as rows:
        hashes = sorted(_row_hash(row) for row in rows)
    return TableDigest(len(hashes), hashlib.sha256(b"".join(hashes)).hexdigest())


def _row_hash(row: Sequence[object]) -> bytes:
    digest = hashlib.sha256()
    for value in row:
        kind, content = _canonical(value)
        digest.update(kind + len(content).to_bytes(8, "big") + content)
    return digest.digest()


def _canonical(value: object) -> tuple[bytes, bytes]:
    if value is None:
        return b"n", b""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b"b", bytes(value)
    if isinstance(value, str):
        return b"s", value.encode()
    if isinstance(value, (datetime, date)):
        return b"d", value.isoformat().encode()
    return b"j", json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
