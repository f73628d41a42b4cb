"""Reviewers' page of paper forms: a station's file goes onto the public page."""

from __future__ import annotations

import io
import json

import pytest
from county import County
from flask.testing import FlaskClient

from tests.paper.stations import signed

PAGE = "/review/2026-q4/paper"


@pytest.fixture
def closed(place: County) -> County:
    place.draft().issue(slips=5).start()
    for _ in range(3):
        place.phone().answer()
    return place.close()


def sent(place: County, **changes: object) -> dict[str, object]:
    about = place.description()
    value = {"format": "pingyi-paper-count", "version": 2, "round": about.id, "station": "0A1B2C3D"}
    value |= {"check_number": about.check_number, "day": "2026-10-20", "people": ["<b>张三</b>", "李四"]}
    value |= {"handed_out": 4, "returned": 3, "cast": 2, "refused": 1, "empty": 0, "not_counted": 0}
    file = io.BytesIO(json.dumps(signed(value | changes)).encode())
    return {"file": (file, "count.json"), "signed": "y"}


def test_the_count_stands_on_the_public_page(closed: County, reviewer: FlaskClient) -> None:
    assert PAGE in reviewer.get("/review/2026-q4/").text
    assert "纸质评议表" not in reviewer.get("/public/2026-q4").text
    unsigned = reviewer.post(PAGE, data=sent(closed) | {"signed": ""})
    assert unsigned.status_code == 400
    assert "请先核对签名的记录" in unsigned.text
    done = reviewer.post(PAGE, data=sent(closed), follow_redirects=True).text
    assert "&lt;b&gt;张三&lt;/b&gt;、李四" in done
    public = reviewer.get("/public/2026-q4").text
    assert "现场发出纸质评议表 4 份，收回 3 份：投入票箱 2 份" in public
    assert "张三" not in public, "who reads is on paper"
    refused = reviewer.post(PAGE, data=sent(closed, cast=5, returned=6, handed_out=6))
    assert refused.status_code == 400
    assert "投入票箱 2 份" in reviewer.get("/public/2026-q4").text
    english = reviewer.get("/public/2026-q4?lang=en").text
    assert "4 paper forms were handed out" in english
    listed = reviewer.get("/public/2026-q4/paper.json")
    assert "张三" not in listed.text
    assert [count["cast"] for count in listed.get_json()["counts"]] == [2]


def test_before_closing_there_is_nothing_to_enter(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue(slips=5).start()
    assert "截止以后才登记" in reviewer.get(PAGE).text
    reviewer.post(PAGE, data=sent(place))
    assert "纸质评议表" not in reviewer.get("/public/2026-q4").text
