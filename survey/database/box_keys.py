"""Keys of a round's ballots, read a slice at a time.

A slice has a beginning and no end: to find the end of a range, SQLite reads each ballot whole, so that even
counting would read the whole box.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_SIZE = 5_000
_AFTER = (
    "SELECT round_id, spent FROM ballot WHERE (round_id, spent) > (:round, :after) ORDER BY round_id, spent"
)
# As text, since phones wait for it at closing: half the time would go into making typed rows.
_SLICE = text(f"SELECT spent FROM ({_AFTER} LIMIT :size) AS slice WHERE round_id = :round")  # noqa: S608
_LAST = text(f"{_AFTER} LIMIT 1 OFFSET :size - 1")
_REST = text(f"SELECT count(*) FROM ({_AFTER} LIMIT :size) AS slice WHERE round_id = :round")  # noqa: S608


def keys_of(session: Session, round_id: bytes) -> list[bytes]:
    """Keys (`Ballot.spent`) of a round's ballots, ascending."""
    connection, keys, after = session.connection(), list[bytes](), b""
    while True:
        asked = {"round": round_id, "after": after, "size": _SIZE}
        found = sorted(connection.execute(_SLICE, asked).scalars())
        keys += found
        if len(found) < _SIZE:
            return keys
        after = found[-1]


def count_of(session: Session, round_id: bytes) -> int:
    """Number of a round's ballots."""
    connection, whole, after = session.connection(), 0, b""
    while True:
        asked = {"round": round_id, "after": after, "size": _SIZE}
        last = connection.execute(_LAST, asked).first()
        if last is None or last.round_id != round_id:
            return whole + int(connection.execute(_REST, asked).scalar_one())
        whole, after = whole + _SIZE, last.spent
