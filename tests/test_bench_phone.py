"""The measurements of the phone's page run; their figures are for people."""

from __future__ import annotations

from typing import Any

import pytest
from loops import in_thread

from bench.phones import arrival, taps, two_machines
from bench.phones.browser import PLAIN, SLOW_3G, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("_cheap_keys"),
    pytest.mark.skipif(chromium() is None, reason="NO BROWSER: apt install chromium"),
]
FRAME = 17.0


def arrive() -> list[dict[str, Any]]:
    return arrival.main(runs=1, under=[SLOW_3G])


def tap() -> list[dict[str, Any]]:
    return taps.main(runs=1, under=PLAIN)


def two() -> list[dict[str, Any]]:
    return two_machines.main(runs=1, under=PLAIN)


def test_a_second_machine_is_measured_beside_one() -> None:
    ratios = {figure["name"].partition(",")[0]: figure["ratio"] for figure in in_thread(two)}
    assert set(ratios) == {"weight", "ready", "asked", "collected"}
    assert 1 < ratios["weight"] < 1.1


def test_arriving_costs_at_least_what_the_network_does() -> None:
    arrived = {figure["name"]: figure["value"] for figure in in_thread(arrive)}
    # The connection, then the page with all it needs.
    assert arrived["first paint, median"] >= SLOW_3G.connecting + SLOW_3G.latency
    assert arrived["ready to tap, median"] >= arrived["first paint, median"] - FRAME


def test_every_kind_of_tap_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taps, "SETTLED", 50)
    timed = {figure["name"]: figure["value"] for figure in in_thread(tap)}
    assert {"tap: start", "tap: rating", "tap: undo", "tap: submit", "tap: clear this phone"} <= set(timed)
    assert timed["all taps, median"] >= taps.LEAST
