"""Rows that were deleted leave their bytes behind, and in them the number of the transaction that wrote them.

The thief has one image of the disk, and reads files rather than tables.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import County
from postgres import PostgreSQL
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.orm import Session
from storage import is_a_clock, keys_by
from test_storage_order import PHONES, answer_all

from survey.clock import today
from survey.database import storage_order
from survey.models import Ballot, Invitation
from survey.services.voting import collecting as credentials
from survey.services.voting import participation

KEYS = {"ballot": Ballot.spent, "invitation": Invitation.code_hash}


@pytest.fixture
def folder(postgresql: PostgreSQL) -> Path:
    return Path(postgresql._folder)


def heap(place: County, folder: Path, table: str) -> bytes:
    """The file that holds the table now, as the disk has it."""
    with place.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        path = connection.execute(text(f"SELECT pg_relation_filepath('{table}')")).scalar()
    return (folder / "data" / str(path)).read_bytes()


def numbers(content: bytes, key: bytes, back: int) -> list[int]:
    """What stands `back` bytes before each place of `key`."""
    starts = [found.start() - back for found in re.finditer(re.escape(key), content)]
    return [struct.unpack_from("<I", content, start)[0] for start in starts if start >= 0]


def header(place: County, content: bytes, table: str) -> int:
    """How far before its key a row's xmin stands (storage/htup_details.h), by the rows that are there."""
    with place.database.read() as session:
        rows = session.execute(text(f"SELECT {KEYS[table].name}, xmin::text::bigint FROM {table}"))
        known = {bytes(key): xmin for key, xmin in rows}
    for back in range(23, 100):
        if all(xmin in numbers(content, key, back) for key, xmin in known.items()):
            return back
    raise AssertionError("no row was found in its file")


def old_order(place: County, folder: Path, table: str, times: list[bytes]) -> list[int]:
    """Ranks in time by the oldest transaction that any copy of each row names; empty without old copies."""
    content = heap(place, folder, table)
    back = header(place, content, table)
    first = {key: numbers(content, key, back) for key in times}
    if all(len(found) == 1 for found in first.values()):
        return []
    # The newest numbers are those of the last rewriting; the issuing wrote all invitations at once.
    wrote = {key: sorted(found)[-2 if len(found) > 1 else -1] for key, found in first.items()}
    return [times.index(key) for key in sorted(times, key=wrote.__getitem__)]


def naive_mix(place: County) -> None:
    """Naive: rows taken out and put back at random, then VACUUM, which frees their room and leaves it so."""

    def again(session: Session) -> None:
        for table in storage_order.TABLES:
            session.execute(text(f"CREATE TEMPORARY TABLE shelf_{table} (LIKE {table}) ON COMMIT DROP"))
            session.execute(text(f"INSERT INTO shelf_{table} SELECT * FROM {table}"))
            session.execute(text(f"DELETE FROM {table}"))
            session.execute(
                text(f"INSERT INTO {table} SELECT * FROM shelf_{table} ORDER BY gen_random_uuid()")
            )

    place.database.write(again)
    with place.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in KEYS:
            connection.execute(text(f"VACUUM {table}"))


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestPostgreSQL:
    def test_vacuum_leaves_the_whole_day_readable(self, place: County, folder: Path) -> None:
        _codes, spent = answer_all(place.collecting(slips=PHONES))
        naive_mix(place)
        assert is_a_clock(old_order(place, folder, "ballot", spent))

    def test_mixing_leaves_no_old_row(self, place: County, folder: Path) -> None:
        codes, spent = answer_all(place.collecting(slips=PHONES))
        participation.refresh_due(place.database, today())
        assert old_order(place, folder, "ballot", spent) == []
        assert old_order(place, folder, "invitation", codes) == []

    def test_a_backup_that_runs_while_the_round_closes(
        self, place: County, folder: Path, looking: Connection
    ) -> None:
        """Attack: an open transaction keeps what closing erases, and the file is not written anew again."""
        place.collecting(slips=PHONES)
        signatures = self._signatures(place)
        place.close()
        storage_order.erase_traces(place.database, place.slug)
        assert self._found(place, folder, signatures), "whoever looks still sees the rows as they were"
        assert not place.round().reordered
        looking.close()
        storage_order.erase_all_traces(place.database)
        assert place.round().reordered
        assert self._found(place, folder, signatures) == []

    def test_a_backup_that_runs_while_the_round_is_mixed(
        self, place: County, folder: Path, looking: Connection
    ) -> None:
        """It loses nothing by it, no phone waits for it, and the order goes when it has ended."""
        place.collecting(slips=PHONES)
        looking.execute(select(Ballot.spent)).all()
        _codes, spent = answer_all(place)
        participation.refresh_due(place.database, today())
        assert is_a_clock(self._by_writer(place, spent))
        looking.close()
        storage_order.mix_enough(place.database)
        assert old_order(place, folder, "ballot", spent) == []
        assert not is_a_clock(self._by_writer(place, spent))

    def _by_writer(self, place: County, spent: list[bytes]) -> list[int]:
        return [spent.index(key) for key in keys_by(place.database, "ballot", "spent", "xmin")]

    @pytest.fixture
    def looking(self, place: County) -> Iterator[Connection]:
        """Somebody who looks at the database as it was before the round, and goes on looking."""
        engine = create_engine(place.database.engine.url, isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM round")).all()
            yield connection
        engine.dispose()

    def _signatures(self, place: County) -> list[bytes]:
        phones = [place.phone() for _ in range(5)]
        for phone in phones:
            phone.answer()
        return [credentials.collect(place.database, place.slug, p.sent, p.blinded)[:64] for p in phones]

    def _found(self, place: County, folder: Path, secrets: list[bytes]) -> list[bytes]:
        content = heap(place, folder, "invitation")
        return [secret for secret in secrets if secret in content]


def test_a_reader_does_not_keep_sqlites_log(place_on_sqlite: County) -> None:
    """Attack: a forgotten sqlite3 shell; the log then keeps every page since, in the order of writing."""
    place = place_on_sqlite.collecting(slips=PHONES)
    with place.database.read() as session:
        session.execute(select(Ballot.spent)).all()
        answer_all(place)
        time.sleep(1)
        log = Path(f"{place.database.engine.url.database}-wal")
        assert log.stat().st_size > 0
    place.act(lambda _session, _round: None)  # the next turn of the clock writes something
    deadline = time.monotonic() + 20
    while log.stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
