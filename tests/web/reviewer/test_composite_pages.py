"""Fixing weights and reading the index, through the reviewer's browser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from county import County
from flask.testing import FlaskClient
from opened import keep_box, keep_facts, made_up_facts
from sqlalchemy import update

from survey import worker
from survey.clock import now
from survey.models import Indicator, Job
from survey.services.operations import job_threads
from survey.services.results import composite_results, composites
from survey.services.results.ranking import rank_scores, score_table
from survey.services.rounds import lifecycle
from survey.services.rounds.descriptions import describe

FIRMS, DELEGATES = "2026-q4", "2026-delegates"
FORM = {
    "name": "年度综合得分",
    f"name-{FIRMS}": "企业",
    f"weight-{FIRMS}": "60",
    f"name-{DELEGATES}": "代表委员",
    f"weight-{DELEGATES}": "40%",
    "confirm": "yes",
}


@pytest.fixture
def two(place: County) -> County:
    place.draft(threshold=5).issue(3).start()
    County(place.database, slug=DELEGATES).populate_again(place).draft(
        threshold=5, title="代表委员评议", keys=False
    )
    return place


def opened(place: County, slug: str, worse: int) -> None:
    levels = np.ones((30, 4, 2))
    levels += np.random.default_rng(worse).random((30, 4, 2)) < 0.4
    levels[:, worse] += 1
    if slug == DELEGATES:
        other = County(place.database, slug=slug).populate_again(place)
        for user in other.reviewers:
            type(place).make_key(other, user)
        other.issue(3).start()
    County(place.database, slug=slug).populate_again(place).close()
    place.database.write(lambda s: keep_box(s, slug, levels) and None)


def test_from_weights_to_the_index(two: County, reviewer: FlaskClient) -> None:
    page = reviewer.get("/review/composites").text
    assert "代表委员评议" in page
    assert "（%）" in page
    assert "%%" not in page
    said = reviewer.post("/review/composites", data=FORM, follow_redirects=True)
    assert "权重已定" in said.text
    assert "各轮都开箱之后才能计算" in said.text
    address = said.request.path
    assert reviewer.post(address).status_code == 409
    opened(two, FIRMS, 1)
    opened(two, DELEGATES, 2)
    assert "计算综合得分" in reviewer.get(address).text
    assert reviewer.post(address).status_code == 302
    job_threads.finish()
    page = reviewer.get(address).text
    assert "综合排名" in page
    assert "代表委员 40%、企业 60%" in page
    assert "哪一方改变了结果" in page
    moved = page[page.index('id="moved"') :]
    assert re.search(r"代表委员</th>\s*<td[^>]*>供电公司</td>\s*<td[^>]*>−", moved)
    assert reviewer.get(f"{address}/job.json").json["state"] == "done"
    book = reviewer.get(f"{address}/files/ranking.xlsx")
    assert book.data.startswith(b"PK")
    assert reviewer.get(f"{address}/files/nothing.png").status_code == 404
    english = reviewer.get(f"{address}?lang=en").text
    assert "Composite ranking" in english
    assert "Composite by weights fixed beforehand" in english


def test_what_a_restart_broke_off_is_taken_up_by_the_clock(
    two: County, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(composite_results, "_drawn", lambda *_: {})
    address = reviewer.post("/review/composites", data=FORM, follow_redirects=True).request.path
    opened(two, FIRMS, 1)
    opened(two, DELEGATES, 2)
    with monkeypatch.context() as patched:
        patched.setattr(composite_results, "KIND", replace(composite_results.KIND, run=lambda _running: None))
        reviewer.post(address)
        job_threads.finish()
    broken_off = update(Job).values(state="running", beat_at=now() - timedelta(minutes=5))
    two.database.write(lambda s: s.execute(broken_off) and None)
    worker.do_duties(two.database, tmp_path)
    job_threads.finish()
    assert "综合排名" in reviewer.get(address).text


def test_an_edition_shows_it_to_everybody(
    two: County, reviewer: FlaskClient, visitor: FlaskClient, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composite_results, "_drawn", lambda *_: {})
    address = reviewer.post("/review/composites", data=FORM, follow_redirects=True).request.path
    opened(two, FIRMS, 1)
    opened(two, DELEGATES, 2)
    reviewer.post(address)
    job_threads.finish()

    def keep(session) -> None:
        for slug in (FIRMS, DELEGATES):
            found = lifecycle.get_round(session, slug)
            ranking = rank_scores(describe(session, found), score_table(session, found)).version1
            keep_facts(session, found, made_up_facts(slug) | {"ranking": ranking})

    two.database.write(keep)
    page = reviewer.get(f"/review/{FIRMS}/publication").text
    key = address.rpartition("/")[2]
    assert f'name="composite" value="{key}" checked' in page
    reviewer.post(f"/review/{FIRMS}/publication/propose", data={"composite": key})
    other = sign_in(two.reviewers[1])
    assert "综合得分：年度综合得分" in other.get(f"/review/{FIRMS}/publication").text
    other.post(f"/review/{FIRMS}/publication/confirm", data={"confirm": "y"})
    shown = visitor.get(f"/public/{FIRMS}/results").text
    part = shown[shown.index("综合得分：年度综合得分") :].partition("</section>")[0]
    assert "代表委员 40%、企业 60%" in part
    assert "“代表委员”使这些部门的综合得分有超出偶然的变化" in part
    assert "不是一把尺子" in part
    assert part.count('class="department"') == 4
    rows = visitor.get(f"/public/{FIRMS}/results/1/composite.csv").text.splitlines()
    assert len(rows) == 5
    assert len(visitor.get(f"/public/{FIRMS}/results/1/electorates.csv").text.splitlines()) == 9
    english = re.sub("<[^>]+>", "", visitor.get(f"/public/{FIRMS}/results?lang=en").text)
    assert "Composite: 年度综合得分" in english


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"confirm": ""}, "请先勾选确认"),
        ({f"weight-{FIRMS}": "70"}, "100%"),
        ({f"weight-{FIRMS}": "六十"}, "正数"),
        ({"name": ""}, "1 到 60 个字"),
        ({f"weight-{FIRMS}": ""}, "两个部分"),
    ],
)
def test_a_form_that_does_not_fit_keeps_what_was_typed(reviewer: FlaskClient, change, word: str) -> None:
    answer = reviewer.post("/review/composites", data=FORM | change)
    assert answer.status_code in (400, 409)
    assert word in answer.text
    assert "什么都没有保存" in answer.text
    assert 'value="代表委员"' in answer.text


def test_only_reviewers(two: County, administrator: FlaskClient, visitor: FlaskClient) -> None:
    assert two
    assert administrator.get("/review/composites").status_code == 403
    assert visitor.get("/review/composites").status_code in (302, 401)
    assert visitor.get(f"/review/composites/{'0' * 32}").status_code in (302, 401)


@pytest.mark.usefixtures("two")
def test_no_such_index(reviewer: FlaskClient) -> None:
    assert reviewer.get("/review/composites/zz").status_code == 404
    assert reviewer.get(f"/review/composites/{'0' * 32}").status_code == 404


def test_an_outside_part_that_lacks_departments_is_fixed_knowingly_and_told(
    two: County, reviewer: FlaskClient
) -> None:
    names = [d.name for d in two.description().questionnaire.departments]
    about = {"kind": "assessment", "period": "2026年", "name": "省评", "unit": "分", "value": 80.0}
    rows = [Indicator(department=name, position=place, **about) for place, name in enumerate(names[1:])]
    two.database.write(lambda s: s.add_all(rows))
    key = "assessment\t2026年\t省评"
    form = FORM | {f"weight-{FIRMS}": "55", f"figure-{key}": "5"}
    answer = reviewer.post("/review/composites", data=form)
    assert answer.status_code == 400
    assert f"里没有{names[0]}：缺的部门不会有综合得分" in answer.text
    fixed = reviewer.post("/review/composites", data=form | {"lacking": "yes"})
    assert fixed.status_code == 302
    with two.database.read() as session:
        (found,) = composites.every(session)
        assert list(composites.lacking(session, found.definition).values()) == [[names[0]]]
