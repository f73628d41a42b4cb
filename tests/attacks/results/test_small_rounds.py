"""A round in which hardly anybody answered: its box is opened all the same, and must say nothing of them."""

from __future__ import annotations

import json

import pytest
from county import BASE_URL, SECRET, County
from flask.testing import FlaskClient

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.protocol.answers import Answers
from survey.services.opening import opening_job
from survey.services.people import sign_ins
from survey.web.site.request import SESSION_TOKEN

COMMENT = "窗口态度生硬让我跑了三趟"
PAGES = [
    "overview",
    "ranking",
    "compare",
    "departments/0",
    "departments/1",
    "files/facts.json",
    "documents",
    "",
]


@pytest.fixture
def small(place_on_sqlite: County) -> County:
    """Two of twelve answered, threshold ten; both said the same of themselves and of everybody."""
    place = place_on_sqlite.populate(enterprises=30).draft(threshold=10).issue(12).start()
    questionnaire = place.description().questionnaire
    rating = (3,) * len(questionnaire.items)
    answers = Answers(
        ratings=(rating,) * len(questionnaire.departments),
        strata=(1,) * len(questionnaire.strata),
        comments={0: COMMENT},
    )
    place.cast_all([answers, answers])
    opening_job.open_round(place.database, place.slug, place.close().key_files, place.reviewers[0].name)
    return place


@pytest.fixture
def reviewer(small: County, tmp_path) -> FlaskClient:
    settings = Settings(tmp_path, small.database.url, BASE_URL, SECRET, insecure_http=True)
    client = create_app(settings, small.database).test_client()
    token = small.database.write(lambda s: sign_ins.start_session(s, small.reviewers[0], now()))
    with client.session_transaction() as session:
        session[SESSION_TOKEN] = token
    return client


def figures(content: object, path: str = "") -> dict[str, float]:
    """Every number of a document by its place."""
    if isinstance(content, dict):
        parts = [(f"{path}/{name}", part) for name, part in content.items()]
    elif isinstance(content, list):
        parts = [(f"{path}/{place}", part) for place, part in enumerate(content)]
    else:
        number = isinstance(content, int | float) and not isinstance(content, bool)
        return {path: float(content)} if number else {}  # type: ignore[arg-type]
    return {place: value for name, part in parts for place, value in figures(part, name).items()}


def test_nothing_of_two_is_told(small: County, reviewer: FlaskClient) -> None:
    """Attack: all but one option were named by nobody, so both are of the one that is withheld."""
    facts = json.loads(reviewer.get(f"/review/{small.slug}/files/facts.json").data)
    [stratum] = facts["response"]["strata"]
    cells = [*stratum["options"], stratum["not_said"]]
    assert {(cell["ballots"], cell["reason"]) for cell in cells} == {(None, "threshold")}
    told = figures({name: part for name, part in facts.items() if name not in ("round", "counts", "scale")})
    public = {"/response/ballots", "/ranking/n_raters", "/ranking/method_version"}
    names = {place for place, value in told.items() if value in (2, 3) and not place.endswith("/index")}
    assert names <= public


def test_no_page_quotes_them(small: County, reviewer: FlaskClient) -> None:
    for page in PAGES:
        answer = reviewer.get(f"/review/{small.slug}/{page}")
        assert answer.status_code == 200, page
        assert COMMENT not in answer.text, page
    assert reviewer.get(f"/review/{small.slug}/comments").status_code == 403
    assert reviewer.get(f"/review/{small.slug}/comments/list").status_code == 403
