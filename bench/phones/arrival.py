"""From the tap on a link to a page that can be tapped, on a bad network with an empty cache."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from bench.ballot import figure, show
from bench.phones.browser import PLAIN, PRESET, SLOW_3G, Conditions, browsers, chromium, new_phone, site

RUNS = 7
PAINTED, READY = 2500.0, 4000.0  # ms, the promises
ARRIVED = """async () => {
  const paints = () => performance.getEntriesByName('first-contentful-paint');
  const fetched = () => performance.getEntriesByType('resource');
  const ballot = () => fetched().find(({name}) => name.includes('ballot-page'));
  const all = () => paints().length && window.readyAt && ballot();
  while (!all()) await new Promise((go) => setTimeout(go, 20));
  return [paints()[0].startTime, window.readyAt, ballot().responseEnd];
}"""
# Ready when the button can be tapped and a frame with it in it has been shown.
WATCH = """new MutationObserver((_, watching) => {
  const start = document.getElementById('start');
  if (!start || start.disabled) return;
  watching.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.readyAt = performance.now(); }));
}).observe(document, {subtree: true, childList: true, attributes: true});"""


class Arrival(NamedTuple):
    """Milliseconds since the tap on the link."""

    painted: float
    ready: float
    whole: float  # with the ballot's screens, before which no ballot is collected


def main(runs: int = RUNS, under: Sequence[Conditions] = (PLAIN, SLOW_3G, PRESET)) -> list[dict[str, Any]]:
    """Measure and print: median and worst of `runs` new phones under each of the conditions."""
    if chromium() is None:
        return []
    figures: list[dict[str, Any]] = []
    with site(1) as place, browsers() as browser:
        link = place.link()  # opening it spends nothing
        arrive(browser, link, PLAIN)  # the server has made the page once
        for conditions in under:
            arrivals = [arrive(browser, link, conditions) for _ in range(runs)]
            print(_describe(conditions))
            figures += show(_figures(conditions, arrivals))
    return figures


def arrive(browser: Browser, link: str, conditions: Conditions) -> Arrival:
    """One visit by a phone that has never been here."""
    with new_phone(browser, conditions) as page:
        page.add_init_script(WATCH)
        page.goto(link, wait_until="commit")
        return Arrival(*(at + conditions.connecting for at in page.evaluate(ARRIVED)))


def _figures(conditions: Conditions, arrivals: list[Arrival]) -> list[dict[str, Any]]:
    figures = []
    for name, target, values in (
        ("first paint", PAINTED, [a.painted for a in arrivals]),
        ("ready to tap", READY, [a.ready for a in arrivals]),
        ("ballot's screens", None, [a.whole for a in arrivals]),
    ):
        about = {"target": f"{target:.0f} ms"} if conditions.rate and target else {}
        figures.append(figure(f"{name}, median", statistics.median(values), **about))
        figures.append(figure(f"{name}, worst of {len(values)}", max(values), **about))
    return figures


def _describe(conditions: Conditions) -> str:
    if not conditions.rate:
        return f"{conditions.name}:"
    return (
        f"{conditions.name}: {conditions.rate / 1000:.0f} kbit/s, {conditions.latency:.0f} ms a request,"
        f" {conditions.connecting:.0f} ms added for the connection:"
    )


if __name__ == "__main__":
    main()
