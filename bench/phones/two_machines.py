"""A round of two machines beside one of one machine, on slow 3G: arriving, and collecting the ballot.

The witness is another origin: the first request to it pays for a connection of its own, and the box is asked
only after the witness has answered.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from bench.ballot import figure, show
from bench.phones.arrival import ARRIVED, WATCH
from bench.phones.browser import SECRET, SLOW_3G, Conditions, browsers, chromium, new_phone, site, sixty
from bench.serving import free_port
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.services.rounds.defaults import default_questionnaire

sys.path.append(str(Path(__file__).parents[2]))
from real_site import RealSite

from bench.witness import witness_of
from tests.witness.two_machines import TwoMachines

RUNS = 5
TAPPED = """addEventListener('click', () => {
  if (window.tapped) return;
  window.tapped = performance.now();
  const look = () => {
    if (document.getElementById('search')) window.asked = performance.now() - window.tapped;
    else requestAnimationFrame(look);
  };
  look();
}, true);"""
BYTES = """() => ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
COLLECTED = """async () => {
  const asked = () => performance.getEntriesByType('resource').find(({name}) => name.endsWith('/credential'));
  while (!asked()) await new Promise((go) => setTimeout(go, 20));
  while (!window.asked) await new Promise((go) => setTimeout(go, 20));
  return [window.asked, asked().responseEnd - window.tapped];
}"""


class Visit(NamedTuple):
    """Compressed bytes to the first tap; ms from the link to a page that can be tapped, and from the tap to
    the first question and to the ballot collected."""

    weight: int
    ready: float
    asked: float
    collected: float


def main(runs: int = RUNS, under: Conditions = SLOW_3G) -> list[dict[str, Any]]:
    """Measure and print medians of new phones, in turns of one machine and two."""
    if chromium() is None:
        return []
    with site(runs + 1) as one, both(runs + 1) as two, browsers() as browser:
        pairs = [
            (visit(browser, one.link(), under, 0.0), visit(browser, two.link(), under, under.connecting))
            for _ in range(runs + 1)
        ][1:]  # the servers have made each page once
    print(f"one machine and two, {under.name}:")
    return show(_figures([own for own, _ in pairs], [other for _, other in pairs]))


@contextmanager
def both(phones: int) -> Iterator[RealSite]:
    """As `site`, with a served witness."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        database = Database(f"sqlite:///{folder}/pingyi.sqlite3", secret_key=SECRET)
        upgrade(database.engine)
        port, beside = free_port(), free_port()
        place = TwoMachines(
            database,
            folder=Path(folder),
            address=f"http://127.0.0.1:{beside}",
            box=f"http://127.0.0.1:{port}",
        ).collecting(slips=phones, questionnaire=default_questionnaire(sixty()))
        database.close()
        running = RealSite(place, Path(folder), port)
        try:
            running.start()
            with witness_of(place, beside):
                yield running
        finally:
            running.kill()
            place.witness.store.close()


def visit(browser: Browser, link: str, conditions: Conditions, connecting: float) -> Visit:
    """A phone that has never been here; `connecting` ms are added for the connection to the witness."""
    with new_phone(browser, conditions) as page:
        page.add_init_script(WATCH + TAPPED)
        page.goto(link, wait_until="commit")
        ready: float = page.evaluate(ARRIVED)[1]
        weight: int = page.evaluate(BYTES)
        page.get_by_role("button", name="开始填写", exact=True).click()
        asked, collected = page.evaluate(COLLECTED)
        return Visit(weight, ready + conditions.connecting, asked + connecting, collected + connecting)


def _figures(one: list[Visit], two: list[Visit]) -> list[dict[str, Any]]:
    figures = []
    for name, unit in (("weight", "bytes"), ("ready", "ms"), ("asked", "ms"), ("collected", "ms")):
        own, other = (statistics.median(getattr(visit, name) for visit in visits) for visits in (one, two))
        said = {"ratio": other / own, "baseline": f"{own:,.0f} with one machine"}
        figures.append(figure(f"{name}, two machines, median", other, unit, **said))
    return figures


if __name__ == "__main__":
    main()
