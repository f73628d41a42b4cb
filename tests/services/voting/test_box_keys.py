"""Keys of a round's ballots: all of them and no other round's, found without reading the ballots."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import pytest
from county import County
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database import box_keys
from survey.models import Ballot, Round

SEALED = 9_000


def cast(place: County, count: int) -> list[bytes]:
    """So many ballots of random bytes in the box; returns their keys, ascending."""
    sizes = (32, 137, 384, SEALED, 64)
    rows = sorted(tuple(map(secrets.token_bytes, sizes)) for _ in range(count))
    round_id = place.round().id
    place.database.write(
        lambda s: list(place.database.kind.insert_ballots(s.connection(), round_id, rows)) and None
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize("size", [1, 5, 7, 13, 14, 15, 100])
def test_all_keys_of_the_round_and_no_others(
    place: County, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Also where a slice ends with the round, and with rounds before and behind it."""
    monkeypatch.setattr(box_keys, "_SIZE", size)
    place.collecting(slips=2)
    mine, round_id = cast(place, 14), place.round().id
    others = [bytes(16), b"\xff" * 16]
    place.database.write(lambda s: _copy_to(s, round_id, others))
    with place.database.read() as session:
        assert box_keys.keys_of(session, round_id) == mine
        assert box_keys.count_of(session, round_id) == 14
        assert [box_keys.count_of(session, other) for other in others] == [3, 3]
        assert [len(box_keys.keys_of(session, other)) for other in others] == [3, 3]
        for nobody in (b"\x01" * 16, b"\xfe" * 16, b"\xff" * 17):
            assert box_keys.keys_of(session, nobody) == []
            assert box_keys.count_of(session, nobody) == 0


def _copy_to(session: Session, round_id: bytes, others: list[bytes]) -> None:
    """Rounds like this one with three ballots each."""
    columns = {column.name: column for column in Round.__table__.columns}
    row = dict(session.execute(select(*columns.values()).where(columns["id"] == round_id)).mappings().one())
    for number, other in enumerate(others):
        session.execute(Round.__table__.insert().values(row | {"id": other, "slug": f"other-{number}"}))
        for n in range(3):
            key = hashlib.sha256(other + bytes([n])).digest()
            values = {
                "spent": key,
                "message": bytes(137),
                "signature": bytes(384),
                "sealed": b"",
                "proof": bytes(64),
            }
            session.execute(Ballot.__table__.insert().values(values | {"round_id": other}))


def test_sqlite_does_not_read_the_ballots(place_on_sqlite: County) -> None:
    """Naive: a range of keys with an end, for which it reads every page of every ballot."""
    place = place_on_sqlite.collecting(slips=2)
    keys = cast(place, 300)
    round_id = place.round().id

    def naive(session: Session, round_id: bytes) -> list[bytes]:
        return list(session.scalars(select(Ballot.spent).where(Ballot.round_id == round_id)))

    whole = len(keys) * SEALED
    for find, most in ((naive, None), (box_keys.keys_of, whole / 2), (box_keys.count_of, whole / 2)):
        place.database.engine.dispose()  # nothing is remembered of the file
        before = _bytes_read()
        with place.database.read() as session:
            find(session, round_id)
        read = _bytes_read() - before
        assert read >= whole if most is None else read < most


def _bytes_read() -> int:
    """By this thread, from files and their cache (proc(5))."""
    return int(Path("/proc/thread-self/io").read_text().split("rchar:")[1].split()[0])
