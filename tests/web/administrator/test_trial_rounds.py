"""A trial round: marked everywhere, never public, apart from all that counts, deleted whole."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient
from opened import open_by_hand, publish, record
from sqlalchemy import func, select
from test_admin import round_form

from survey.documents.edition import bundle
from survey.errors import Forbidden, InvalidInput, NotFound
from survey.models import Base, Round
from survey.services.departments import known
from survey.services.followup import problems
from survey.services.invitations import planning
from survey.services.publication import files as edition_files
from survey.services.publication import trials
from survey.services.results import composites, facts
from survey.services.rounds import editions, lifecycle
from survey.trial import MARK

SLUG = "practice-2026-q4"
TITLE = f"{MARK}2026 年第四季度评议"


@pytest.fixture
def trial(place: County) -> County:
    """A collecting trial round."""
    place.slug = SLUG
    place.draft(trial=True, threshold=10, slug="2026-q4")
    return place.issue(5).start()


def test_it_is_marked_from_its_making_on(administrator: FlaskClient, place: County) -> None:
    form = round_form(slug="2026-q4", trial="y")
    answer = administrator.post("/admin/rounds/new", data=form)
    assert administrator.get(answer.location).status_code == 200
    place.slug = SLUG
    assert (place.round().title, place.round().trial) == (MARK + form["title"], True)
    place.act(lambda s, r: lifecycle.update_round(s, r, {"title": "真的一轮", "slug": "2027-q1"}, "管理员"))
    place.slug = "practice-2027-q1"
    assert place.round().title == MARK + "真的一轮"
    page = administrator.get(f"/admin/rounds/{place.slug}").text
    assert "练习，不计入：这一轮不公布" in page


def test_a_real_round_cannot_look_like_one(place: County) -> None:
    for changes in ({"title": TITLE}, {"slug": SLUG}):
        with pytest.raises(InvalidInput):
            place.draft(**changes)


def test_it_is_never_public(site: Flask, trial: County) -> None:
    open_by_hand(trial)
    publish(trial)
    visitor = site.test_client()
    assert TITLE not in visitor.get("/").text
    rules = [r.rule for r in site.url_map.iter_rules() if r.rule.startswith("/public/<slug>")]
    assert len(rules) > 5
    for rule in rules:
        address = rule.replace("<slug>", SLUG).replace("<int:number>", "1").replace("<name>", "facts.json")
        assert visitor.get(address).status_code == 404, address
    assert TITLE in visitor.get(f"/s/{SLUG}").text
    assert f'href="/public/{SLUG}' not in visitor.get(f"/s/{SLUG}").text


def test_its_files_are_named_so(
    administrator: FlaskClient, trial: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = administrator.get(f"/admin/rounds/{SLUG}/departments.xlsx")
    assert f"练习-被评部门-{SLUG}.xlsx" in unquote(answer.headers["Content-Disposition"])
    open_by_hand(trial)
    publish(trial)
    found = trial.look(editions.current)
    assert found is not None
    made = {"通报.docx": b"", "图表/排名.png": b""}
    monkeypatch.setattr(bundle, "edition_files", lambda *_args, **_named: made)
    packed, failures = edition_files.write(found, None, lambda *_step: None)
    assert failures == []
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist()) - {bundle.MANIFEST}
    assert names == {f"练习，不计入 {name}" for name in ("公布内容.json", *made)}


def test_liaisons_never_see_it(sign_in, trial: County) -> None:
    own = trial.add_liaison("公安局")
    open_by_hand(trial)
    record(trial)
    publish(trial)
    browser = sign_in(own)
    assert TITLE not in browser.get("/liaison/").text
    assert browser.get(f"/liaison/{SLUG}/results").status_code == 404
    assert browser.get(f"/liaison/{SLUG}/problems/1").status_code == 404


def test_nothing_real_is_reckoned_from_it(trial: County) -> None:
    open_by_hand(trial)
    record(trial)
    publish(trial)
    real = County(trial.database, slug="2027-q1").populate_again(trial).draft(title="真的一轮")
    with trial.database.read() as session:
        round = lifecycle.get_round(session, real.slug)
        assert facts.earlier_rounds(session, round) == []
        assert {r.slug for r in composites.available(session)[0]} == {real.slug}
        assert [title for title, _names in known.by_round(session)] == ["真的一轮"]
        assert planning.presumed(session)[2] == ""
        assert problems.of_departments(session, ["公安局"], round) == []


APART = {"audit_event", "login_session", "throttle", "failed_attempt"}


def rows_of(place: County) -> dict[str, int]:
    """Table → number of its rows, but of those that remember what people did."""
    with place.database.read() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in APART]
        return {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def test_it_is_deleted_whole(administrator: FlaskClient, place: County) -> None:
    place.draft().issue(4).start()  # a real one beside it
    left = rows_of(place)
    trial = type(place)(place.database, slug=SLUG).populate_again(place)
    trial.draft(trial=True, threshold=10, slug="2026-q4").issue_attributed().issue(5).start()
    open_by_hand(trial, {1: ["太慢"] * 11})
    record(trial)
    publish(trial)
    address = f"/admin/rounds/{SLUG}/delete-trial"
    assert administrator.post(address).status_code == 400  # not confirmed
    assert rows_of(place) != left
    assert administrator.post(address, data={"trial-confirm": "y"}).status_code == 302
    with pytest.raises(NotFound):
        trial.round()
    assert rows_of(place) == left


def test_only_a_trial_can_be_deleted_so(place: County, tmp_path: Path) -> None:
    place.draft().issue(4).start()
    with pytest.raises(Forbidden):
        trials.delete_trial(place.database, tmp_path, place.slug, "管理员")
    assert place.round().slug == "2026-q4"


def test_a_real_round_copied_from_it_has_the_set_up_only(administrator: FlaskClient, trial: County) -> None:
    page = administrator.get(f"/admin/rounds/new?copy={SLUG}").text
    assert MARK not in page.split("<form")[-1]
    form = round_form(slug="2027-q2", title="正式的一轮")
    assert administrator.post(f"/admin/rounds/new?copy={SLUG}", data=form).status_code == 302
    with trial.database.read() as session:
        made = session.scalars(select(Round).where(Round.slug == "2027-q2")).one()
        old = lifecycle.get_round(session, SLUG)
        assert (made.trial, made.frozen, made.state) == (False, False, "draft")
        assert made.questionnaire == old.questionnaire
