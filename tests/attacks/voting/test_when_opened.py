"""Can an outsider tell, by asking for the page himself, whether somebody opened it a moment before?"""

from __future__ import annotations

import contextlib
import http.client
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import served
from county import County
from scipy.stats import mannwhitneyu

from survey.web.site.assets import build_assets

TURNS = 12
# A page that was kept for a second has expired by then; one that somebody has just opened has not.
PAUSE = 1.3
OTHER = "/anonymity"
"""A page of no round: on a busy machine whatever follows another request waits longer than the first."""
SURE = 0.9
"""An outsider is sure when his times tell visits from none so often: 0.5 is guessing, and of 12 and 12 turns
guessing reaches 0.9 in less than one of a thousand (exact distribution of Mann and Whitney's U)."""


def opened(site: served.Served, path: str) -> float:
    """Seconds until the page's first byte is there, on a connection that stood ready."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as line:
        line.connect()
        started = time.perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        took = time.perf_counter() - started
        assert answer.status == 200
        answer.read()
        return took


@pytest.mark.slow
def test_the_wait_for_the_page_does_not_tell(place_on_sqlite: County, tmp_path: Path) -> None:
    place = place_on_sqlite.collecting()
    path = f"/s/{place.slug}"
    place.database.close()
    with served.served(place.database.url, tmp_path) as site:
        opened(site, path)
        alone, after = [], []
        for _ in range(TURNS):
            time.sleep(PAUSE)
            opened(site, OTHER)  # so that the site was as lately at work for somebody in both
            alone.append(opened(site, path))
            time.sleep(PAUSE)
            opened(site, path)  # the enterprise
            after.append(opened(site, path))
    told = mannwhitneyu(alone, after).statistic / TURNS**2
    assert max(told, 1 - told) < SURE


@pytest.mark.slow
def test_nor_does_its_date(place_on_sqlite: County, tmp_path: Path) -> None:
    """Attack: a header that was kept with the page says when it was made."""
    place = place_on_sqlite.collecting()
    path = f"/s/{place.slug}"
    place.database.close()
    with served.served(place.database.url, tmp_path) as site:
        for asked in (path, f"{path}/round.json", build_assets().url("ballot-page.js")):
            site.send("GET", asked)
            time.sleep(2.2)
            started = time.time()
            date = site.send("GET", asked)[2].get("date")
            assert date is None or parsedate_to_datetime(date).timestamp() >= int(started)
