"""SQLite's write-ahead log lists pages in the order in which they were written: a clock beside the file."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from county import County
from sqlalchemy import text

from survey import worker
from survey.database import group_writer, storage_order
from survey.services.rounds import lifecycle
from survey.services.voting import daily

PHONES = 6


def log_of(place: County) -> Path:
    return Path(f"{place.database.engine.url.database}-wal")


def commits_in(path: Path) -> int:
    """How many commits the log tells apart: frames that carry a database size (sqlite.org/fileformat2)."""
    content = path.read_bytes() if path.exists() else b""
    if len(content) < 32:
        return 0
    (page_size,) = struct.unpack(">I", content[8:12])
    salt, found = content[16:24], 0
    for start in range(32, len(content), 24 + page_size):
        _page, size = struct.unpack(">II", content[start : start + 8])
        found += size > 0 and content[start + 8 : start + 16] == salt
    return found


def wait_until_empty(path: Path) -> None:
    deadline = time.monotonic() + 20
    while path.exists() and path.stat().st_size:
        assert time.monotonic() < deadline, "the log is never emptied"
        time.sleep(0.02)


def test_a_log_that_is_left_alone_tells_every_commit(
    place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: SQLite's default, which starts the log over after a thousand pages and never cuts it."""
    place = place_on_sqlite.collecting(slips=PHONES)
    wait_until_empty(log_of(place))
    monkeypatch.setattr(group_writer, "IDLE_SECONDS", 60.0)
    for _ in range(PHONES):
        place.phone().answer()
    assert commits_in(log_of(place)) >= 2 * PHONES - 2


def test_half_a_second_after_the_last_phone_it_is_empty(place_on_sqlite: County) -> None:
    place = place_on_sqlite.collecting(slips=PHONES)
    for _ in range(PHONES):
        place.phone().answer()
    wait_until_empty(log_of(place))
    assert commits_in(log_of(place)) == 0


def test_phones_without_a_pause_do_not_keep_it(
    place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cut between two commits as well, however short the pause."""
    place = place_on_sqlite.collecting(slips=PHONES)
    monkeypatch.setattr(group_writer, "IDLE_SECONDS", 60.0)
    monkeypatch.setattr(group_writer, "LOG_SECONDS", 0.0)
    for _ in range(PHONES):
        place.phone().answer()
    assert commits_in(log_of(place)) <= 1


def test_housekeeping_mixes_and_finishes_what_was_interrupted(place: County) -> None:
    """The clock does it when nobody looks: today's batch, and the erasing after a power cut at closing."""
    place.collecting(slips=PHONES)
    place.phone().answer()
    assert place.round().participation_on is None
    daily.keep_house(place.database)
    assert place.round().participation_on is not None
    place.close()
    assert not place.round().reordered
    daily.keep_house(place.database)
    assert place.round().reordered


def test_the_clock_runs_in_the_server(place_on_sqlite: County, tmp_path: Path) -> None:
    place = place_on_sqlite.collecting(slips=PHONES).close()
    stop = worker.start(place.database, tmp_path, every=0.02)
    deadline = time.monotonic() + 20
    while not place.round().reordered:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop.set()


def test_a_cancelled_round_keeps_no_trace(place: County) -> None:
    """Its ballots are never opened, but whoever asked to answer in it must not stay readable."""
    place.collecting(slips=PHONES)
    for _ in range(PHONES):
        place.phone().answer()
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期", second="评议员0"))
    storage_order.erase_traces(place.database, place.slug)
    assert place.round().reordered
    with place.database.read() as session:
        left = session.execute(text("SELECT blinded_hash, blind_signature FROM invitation")).all()
    assert {tuple(row) for row in left} == {(None, None)}
