"""SQLite's `-shm` is an index of its log: which pages were written, in order, even of a log that is empty."""

from __future__ import annotations

import os
import signal
import struct
import time
from pathlib import Path

import pytest
import served
from county import County
from test_log_of_pages import log_of, wait_until_empty

from survey.database import group_writer

PHONES = 12
# sqlite.org/walformat: two headers of 48 bytes, 40 of locks; blocks of page numbers, each with its hashes.
HEADER = 136
BLOCK = 32768
PAGES = 4 * 4096


def index_of(place: County) -> Path:
    return Path(f"{place.database.engine.url.database}-shm")


def pages_told(content: bytes) -> list[int]:
    """Numbers of the pages that were written, in their order, as whoever copied the index reads them."""
    found: list[int] = []
    for start in range(0, len(content), BLOCK):
        first = start + (HEADER if start == 0 else 0)
        count = (start + PAGES - first) // 4
        found += [page for page in struct.unpack_from(f"<{count}I", content, first) if page]
    return found


def pages_in_log(content: bytes) -> list[int]:
    """The same from the log itself (sqlite.org/fileformat2 §4.1): an independent reader."""
    (size,) = struct.unpack(">I", content[8:12])
    return [struct.unpack(">I", content[at : at + 4])[0] for at in range(32, len(content), 24 + size)]


def wait_until_neutral(path: Path) -> None:
    """The log is cut first, its index wiped in the next moment."""
    deadline = time.monotonic() + 20
    while not set(told := pages_told(path.read_bytes())) <= {1}:
        assert time.monotonic() < deadline, f"the index goes on telling {told[:20]}"
        time.sleep(0.02)


def answered(place: County) -> County:
    place.collecting(slips=PHONES)
    wait_until_empty(log_of(place))
    for _ in range(PHONES):
        place.phone().answer()
    return place


def test_a_copied_index_tells_what_the_log_told(
    place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the thief needs no log, its index says which invitation's page came before which ballot's."""
    place = place_on_sqlite.collecting(slips=PHONES)
    wait_until_empty(log_of(place))
    monkeypatch.setattr(group_writer, "IDLE_SECONDS", 60.0)
    for _ in range(PHONES):
        place.phone().answer()
    told = pages_told(index_of(place).read_bytes())
    assert len(told) > 2 * PHONES
    assert told == pages_in_log(log_of(place).read_bytes())


def test_an_idle_copy_tells_nothing(place_on_sqlite: County) -> None:
    place = answered(place_on_sqlite)
    wait_until_empty(log_of(place))
    wait_until_neutral(index_of(place))


def test_nor_does_one_of_a_long_log(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of a log of over 4,062 pages has further blocks, which one neutral page does not reach."""
    place = place_on_sqlite.collecting(slips=PHONES)
    wait_until_empty(log_of(place))
    with place.database.read() as reader:  # keeps the log from being emptied
        reader.connection().exec_driver_sql("SELECT count(*) FROM ballot").fetchall()
        place.database.write(
            lambda s: (
                s.connection().exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(20000000) AS x") and None
            )
        )
        for _ in range(PHONES):
            place.phone().answer()
        time.sleep(1.5)
        assert len(pages_told(index_of(place).read_bytes())) > 4062
    wait_until_empty(log_of(place))
    wait_until_neutral(index_of(place))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_leaves_neither(place_on_sqlite: County, tmp_path: Path, how: int) -> None:
    place = place_on_sqlite.collecting(slips=PHONES)
    phones, log, index = served.phones_of(place), log_of(place), index_of(place)
    place.database.close()
    with served.served(place.database.url, tmp_path) as site:
        for phone in phones:
            site.vote(phone)
        assert log.exists()
        site.end(how)
    assert not log.exists()
    assert not index.exists()


@pytest.mark.slow
def test_what_a_kill_leaves_is_gone_with_the_next_start(place_on_sqlite: County, tmp_path: Path) -> None:
    place = place_on_sqlite.collecting(slips=PHONES)
    phones, log, index = served.phones_of(place), log_of(place), index_of(place)
    place.database.close()
    with served.served(place.database.url, tmp_path) as site:
        for phone in phones:
            site.vote(phone)
        os.killpg(site.process.pid, signal.SIGKILL)
        site.process.wait()
    assert log.exists(), "a kill leaves it: this is what the restart mends"
    with served.served(place.database.url, tmp_path) as site:
        assert not log.exists() or not log.stat().st_size
        assert not index.exists() or set(pages_told(index.read_bytes())) <= {1}
        site.end()
    assert not log.exists()
    assert not index.exists()
