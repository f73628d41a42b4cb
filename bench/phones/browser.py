"""A slow phone on a slow network: Chromium, its throttles, and a served round of sixty departments."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.services.rounds.defaults import default_departments, default_questionnaire, make_department

# The small county of the tests, and their site in a process of its own.
TESTS = Path(__file__).parents[2] / "tests"
sys.path += [str(TESTS), str(TESTS / "browser")]
from county import SECRET, County  # noqa: E402
from real_site import RealSite  # noqa: E402

DEPARTMENTS = 60
SLOWER = 6
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
SCREEN: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "zh-CN",
}


class Conditions(NamedTuple):
    """A network and a processor.

    `latency` in ms is added to every request, `rate` is in bit/s each way (0: not limited), `slower` divides
    the processor's speed. `connecting` in ms is what Chromium's throttle leaves out and a report has to add.
    """

    name: str
    latency: float
    rate: float
    slower: int
    connecting: float = 0.0


# 400 kbit/s and a round trip of 400 ms. Chromium delays requests, not connections: TCP and TLS 1.3 are two
# trips more.
SLOW_3G = Conditions("slow 3G, CPU 6 x slower", 400, 400_000, SLOWER, connecting=800)
# The preset of the developer tools lets every request pay for a connection of its own: five round trips.
PRESET = Conditions("DevTools preset (2000 ms a request), CPU 6 x slower", 2000, 400_000, SLOWER)
PLAIN = Conditions("no throttle", 0, 0, 1)


def chromium() -> str | None:
    """Where Chromium is; says so where it is not."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((program for name in names if (program := shutil.which(name))), None)
    if found is None:
        print("no Chromium on this machine: not measured")
    return found


@contextmanager
def browsers() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def site(phones: int) -> Iterator[RealSite]:
    """A round of sixty departments as `pingyi serve` serves it, with an invitation for each of `phones`."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        database = Database(f"sqlite:///{folder}/pingyi.sqlite3", secret_key=SECRET)
        upgrade(database.engine)
        place = County(database).collecting(slips=phones, questionnaire=default_questionnaire(sixty()))
        database.close()
        running = RealSite(place, Path(folder))
        try:
            running.start()
            yield running
        finally:
            running.kill()


def sixty() -> list[Any]:
    """The thirty departments that ship, and thirty more with longer names."""
    shipped = default_departments()
    more = (make_department(f"经济技术开发区{d.name}", d.group) for d in shipped)
    return [*shipped, *more][:DEPARTMENTS]


@contextmanager
def new_phone(browser: Browser, conditions: Conditions) -> Iterator[Page]:
    """A page that has been nowhere: no cache, nothing stored; under `conditions` until it is closed."""
    context: BrowserContext = browser.new_context(**SCREEN)
    context.set_default_timeout(60_000)
    page = context.new_page()
    session = context.new_cdp_session(page)
    throttle(session, conditions)
    try:
        yield page
    finally:
        context.close()


def throttle(session: CDPSession, conditions: Conditions) -> None:
    rate = conditions.rate / 8 if conditions.rate else -1
    network = {
        "offline": False,
        "latency": conditions.latency,
        "downloadThroughput": rate,
        "uploadThroughput": rate,
    }
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", network)
    session.send("Emulation.setCPUThrottlingRate", {"rate": conditions.slower})
