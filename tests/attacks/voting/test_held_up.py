"""Can strangers keep phones from voting, by what they ask, send slowly or leave open?"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import served
from county import County, Phone

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
VOTES = 5
# A quiet vote takes 10 ms; held up, it took 21 s and more.
SECONDS = 2.0
ADDRESSES = {"PINGYI_TRUSTED_PROXIES": "1"}


@contextlib.contextmanager
def strangers(kind: str, site: served.Served, count: int, host: str = "") -> Iterator[None]:
    command = [sys.executable, "-m", "bench.strangers", kind, str(site.port), str(count)]
    with subprocess.Popen(
        [*command, host] if host else command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "there\n"
            yield
        finally:
            process.kill()


def slowest(site: served.Served, phones: list[Phone]) -> float:
    """Seconds that the slowest of some votes took, collecting and casting."""
    found = []
    for phone in phones:
        started = time.perf_counter()
        site.vote(phone)
        found.append(time.perf_counter() - started)
    return max(found)


@pytest.mark.parametrize(("kind", "count"), [("login", 150), ("bodies", 100), ("idle", 500)])
def test_strangers_do_not_hold_phones_up(place: County, tmp_path: Path, kind: str, count: int) -> None:
    place.collecting(slips=2 * VOTES)
    phones = served.phones_of(place)
    place.database.close()
    with served.served(place.database.url, tmp_path, ADDRESSES) as site:
        quiet = slowest(site, phones[:VOTES])
        with strangers(kind, site, count):
            assert slowest(site, phones[VOTES:]) < max(SECONDS, 5 * quiet)
