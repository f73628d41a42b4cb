"""Who closes or cancels a round does not wait while its traces are erased."""

from __future__ import annotations

import threading
import time

import pytest
from county import County
from flask.testing import FlaskClient

from survey.database import storage_order
from survey.models import State


def test_cancelling_is_answered_before_the_traces_are_erased(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 100,000 ballots it takes five seconds, and the page used to wait for them."""
    place.draft(threshold=3).issue(4)
    go, erase = threading.Event(), storage_order.erase_traces
    monkeypatch.setattr(storage_order, "erase_traces", lambda d, s: (go.wait(20), erase(d, s)))
    began = time.monotonic()
    form = {"cancel-confirm": "y", "cancel-reason": "改期", "shown": "改期"}
    answer = administrator.post(f"/admin/rounds/{place.slug}/cancel", data=form)
    assert answer.status_code == 302
    assert time.monotonic() - began < 10
    assert place.round().state == State.CANCELLED
    assert not place.round().reordered
    go.set()
    while not place.round().reordered:
        assert time.monotonic() - began < 60
        time.sleep(0.02)
