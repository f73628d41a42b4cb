"""What the office is told of a round once it is opened."""

from __future__ import annotations

from county import County
from flask.testing import FlaskClient
from opened import open_by_hand, publish

OVERVIEW, EDITION = "/admin/rounds/2026-q4", 'href="/public/2026-q4/results/1"'
SAID = "只给评议员看的话"


def test_the_round_goes_on_to_its_results(place: County, administrator: FlaskClient) -> None:
    """Whether it is published, and the way to every edition; never to comments."""
    open_by_hand(place.draft(threshold=10).issue(5).start(), {1: [SAID]})
    page = administrator.get(OVERVIEW).text
    assert "已经开箱，还没有公布" in page
    assert EDITION not in page
    publish(place)
    page = administrator.get(OVERVIEW).text
    assert "还没有公布" not in page
    assert EDITION in page
    assert SAID not in page
