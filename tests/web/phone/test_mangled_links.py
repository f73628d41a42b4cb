"""Links as messengers hand them on: the server finds the round, and repeats no code."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from pathlib import Path

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from survey.protocol.codes import new_code
from survey.web.fast.front import Front

TABLE = json.loads((Path(__file__).parents[2] / "data" / "mangled_links.json").read_text("utf-8"))
NOWHERE = ("/s/{code}", "/s/{lower}", "/s/none#{code}", "/s/none%23{code}", "/s/2026-q4/x", "/{code}")
PUBLIC = ("/public/{code}", "/public/2026-q4%23{code}", "/public/2026-q4%23{lower}/results", "/public/{bare}")


def address(template: str, code: str) -> str:
    """What a browser asks the server for, of this link."""
    forms = {"base": "", "slug": "2026-q4", "upper": "2026-Q4", "lower": code.lower()}
    forms |= {"bare": code.replace("-", ""), "code": code}
    return template.format_map(defaultdict(lambda: code, forms)).split("#")[0]


def says(text: str, code: str) -> bool:
    """Whether any four groups of the code stand in `text`, however they are written."""
    plain = "".join(filter(str.isalnum, text.upper()))
    bare = code.replace("-", "")
    return any(bare[i : i + 16] in plain for i in range(0, 16, 4))


@pytest.fixture
def code() -> str:
    return new_code()


def test_every_mangled_link_is_the_rounds_page(
    place: County, visitor: FlaskClient, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    place.draft().issue().start()
    right = visitor.get("/s/2026-q4")
    caplog.set_level(logging.DEBUG)
    for template in TABLE:
        answer = visitor.get(address(template, code))
        assert (answer.status_code, answer.data) == (200, right.data), template
        assert answer.headers["Content-Security-Policy"] == right.headers["Content-Security-Policy"]
        assert not says(answer.text + repr(dict(answer.headers)) + caplog.text, code), template


def test_what_leads_nowhere_repeats_no_code(
    place: County, visitor: FlaskClient, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    place.draft().issue().start()
    caplog.set_level(logging.DEBUG)
    for template in (*NOWHERE, *PUBLIC):
        answer = visitor.get(address(template, code))
        assert answer.status_code == 404, template
        assert not says(answer.text + caplog.text, code), template
        assert "<h1>" in answer.text


def test_nor_to_somebody_who_is_signed_in(place: County, sign_in, code: str) -> None:
    """The language's button goes back to where it was: not to an address with a code."""
    place.draft().issue().start()
    answer = sign_in(place.administrator).get(f"/s/none%23{code}")
    assert answer.status_code == 404
    assert not says(answer.text, code)


def test_the_front_remembers_no_address_with_a_code(place: County, site: Flask, code: str) -> None:
    from a2wsgi import ASGIMiddleware

    place.draft().issue().start()
    front = Front(site)
    client = Client(ASGIMiddleware(front))  # type: ignore[arg-type]
    for path in ("/s/2026-q4", f"/s/2026-q4%23{code}", f"/s/2026-q4/{code}"):
        assert client.get(path, buffered=True).status_code == 200
    assert [key.path for key in front._kept.timed()] == ["/s/2026-q4"]
    assert not says(repr(site.extensions["pingyi.pages"].keys()), code)
