"""No page, file or export carries a row: one ballot's answers side by side.

Every address that can be asked for in an opened and published round is asked, by everybody and by a reviewer,
and what comes is unpacked and searched for the rows of the score table, however they could be written.
"""

from __future__ import annotations

import base64
import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from county import BASE_URL, SECRET, County

from survey.app import create_app
from survey.clock import now, today
from survey.config import Settings
from survey.models import OpenedBox
from survey.protocol.answers import Answers
from survey.services.opening import opening_job
from survey.services.people import sign_ins
from survey.services.publication import publishing
from survey.services.rounds import editions, lifecycle
from survey.web.site.request import SESSION_TOKEN

BALLOTS = 12
KNOWN: frozenset[str] = frozenset()
"""Addresses that may carry rows: none."""
NOT_ASKED = ("/static/", "/sign-out", "/logout")


@pytest.fixture
def published(place_on_sqlite: County) -> County:
    place = place_on_sqlite.populate(enterprises=30).draft(threshold=5).issue(BALLOTS).start()
    questionnaire, chance = place.description().questionnaire, random.Random(3)
    shape = len(questionnaire.departments), len(questionnaire.items)

    def ballot() -> Answers:
        rated = tuple(tuple(chance.randrange(1, 4) for _ in range(shape[1])) for _ in range(shape[0]))
        return Answers(ratings=rated, strata=(1,) * len(questionnaire.strata), comments={})

    place.cast_all([ballot() for _ in range(BALLOTS)])
    opening_job.open_round(place.database, place.slug, place.close().key_files, place.reviewers[0].name)
    place.act(lambda s, r: publishing.propose(s, r, place.reviewers[0]))
    place.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), place.reviewers[1], today()))
    return place


def rows_of(place: County) -> list[bytes]:
    with place.database.read() as session:
        found = lifecycle.get_round(session, place.slug)
        box = session.get_one(OpenedBox, found.id)
        data = bytes(box.rows)
    size = len(data) // BALLOTS
    return [data[i * size : (i + 1) * size] for i in range(BALLOTS)]


def written(row: bytes) -> list[bytes]:
    """A row as bytes, hexadecimal, base64, and as numbers with commas, spaces or nothing between them."""
    numbers = [str(n) for n in row]
    texts = [",".join(numbers), ", ".join(numbers), " ".join(numbers), "".join(numbers), row.hex()]
    return [row, base64.b64encode(row).rstrip(b"="), *(text.encode() for text in texts)]


def contents(data: bytes) -> Iterator[bytes]:
    """What came, what is packed in it, and JSON without its line breaks."""
    yield data
    yield re.sub(rb"\s+", b"", data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from contents(packed.read(name))


def carries(data: bytes, rows: list[bytes]) -> bool:
    return any(text in part for part in contents(data) for row in rows for text in written(row))


def addresses(place: County, client: Any) -> Iterator[str]:
    """Every rule that takes nothing but the round, and whatever the pages link to."""
    values = {"slug": place.slug, "number": 1, "place": 0, "index": 0}
    for rule in client.application.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= set(values):
            with client.application.test_request_context():
                yield rule.build({name: values[name] for name in rule.arguments})[1]


def walk(place: County, client: Any) -> dict[str, bytes]:
    """Address → answer, of the rules and of everything that the answers link to within the site."""
    waiting, found = list(addresses(place, client)), {}
    while waiting and len(found) < 400:
        address = waiting.pop().partition("#")[0]
        if address in found or any(part in address for part in NOT_ASKED):
            continue
        answer = client.get(address)
        found[address] = answer.data
        if answer.mimetype == "text/html":
            waiting += re.findall(r'href="(/[^"]*)"', answer.get_data(as_text=True).replace("&amp;", "&"))
    return found


@pytest.fixture
def clients(published: County, tmp_path: Any) -> dict[str, Any]:
    settings = Settings(tmp_path, published.database.url, BASE_URL, SECRET, insecure_http=True)
    app = create_app(settings, published.database)
    reviewer = app.test_client()
    token = published.database.write(lambda s: sign_ins.start_session(s, published.reviewers[0], now()))
    with reviewer.session_transaction() as session:
        session[SESSION_TOKEN] = token
    return {"everybody": app.test_client(), "reviewer": reviewer}


def test_nothing_that_can_be_asked_for_carries_a_row(published: County, clients: dict[str, Any]) -> None:
    rows = rows_of(published)
    for who, client in clients.items():
        answers = walk(published, client)
        assert len(answers) > 10, who
        assert {address for address, data in answers.items() if carries(data, rows)} <= KNOWN, who


def test_the_search_finds_a_row_in_every_writing(published: County) -> None:
    rows = rows_of(published)
    assert len(rows[0]) >= 9
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as packed:
        packed.writestr("a.json", json.dumps({"rows": [list(row) for row in rows]}, indent=1))
    hidden = [*written(rows[3]), inside.getvalue()]
    assert all(carries(b"before " + text + b" after", rows) for text in hidden[:-1])
    assert carries(hidden[-1], rows)
