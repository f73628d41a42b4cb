"""Reviewers' pages of counties at the edges: five departments in one group, silent; 120 departments (60 by
day)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cheap
import pictures
import pytest
from county import SECRET, County
from desk_site import ROLES, Desk, _account, _app, another
from nightly import NIGHTLY
from opened import open_by_hand
from phone_server import RunningServer
from playwright.sync_api import Page, expect

from survey.database.engine import Database
from survey.facts.wire import written
from survey.models import OpenedBox
from survey.services.rounds.defaults import make_department
from tests.documents.extremes import (
    COMMENT,
    GROUPS,
    SMALL,
    Extreme,
    department_names,
    extreme_edition,
    questionnaire_of,
)

pytestmark = pytest.mark.browser

MANY = Extreme(120 if NIGHTLY else 60, raters=200, share=0.4, rounds=1, strata=1)
ROUNDS = {"2026-q1": SMALL, "2026-q2": MANY}
LOOKS: dict[str, dict[str, Any]] = {
    "1280": {"viewport": {"width": 1280, "height": 900}, "has_touch": False},
    "390": {"viewport": {"width": 390, "height": 844}},
}
REVIEWER = "县人大评议员"


def pages_of(extreme: Extreme) -> list[str]:
    """The last but one of the departments was rated by too few."""
    count = extreme.departments
    chosen = ["departments/0", f"departments/{count - 2}", f"compare?a=0&b={count - 1}"]
    return [
        "overview",
        "ranking",
        *chosen,
        "comments",
        "comments/list",
        "problems",
        "publication",
        "documents",
    ]


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("extremes")
    database = Database(f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'extremes.sqlite3')}",
                        secret_key=SECRET)  # fmt: skip
    first = County(database, slug="none")
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        cheap.passwords(patched)
        first.administrator, *first.reviewers = (_account(database, n, role) for n, role in ROLES.items())
        for slug, extreme in ROUNDS.items():
            hold(another(first, slug, f"{extreme.departments} 个部门的评议"), extreme)
    running = RunningServer(_app(database, folder))
    running.start()
    yield Desk(f"http://127.0.0.1:{running.port}", first, [], running)
    running.stop()
    database.close()


def hold(place: County, extreme: Extreme) -> None:
    """An opened round with the facts of the extreme; nobody voted."""
    facts = written(extreme_edition(extreme).facts)
    names = department_names(extreme)
    departments = [make_department(name, GROUPS[i % extreme.groups]) for i, name in enumerate(names)]
    place.draft(questionnaire=questionnaire_of(extreme, departments), threshold=10).issue(4).start()
    comments = {} if extreme.silent else dict.fromkeys(range(0, 120, 2), [COMMENT] * 12)
    open_by_hand(place, comments, facts=facts)
    place.act(lambda s, r: setattr(s.get(OpenedBox, r.id), "ranking", facts["ranking"]))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("slug", ROUNDS)
def test_pages_fit_their_screen(
    desk: Desk, visit: Callable[..., Page], screenshots: Path, slug: str, look: str
) -> None:
    page = visit(**LOOKS[look])
    desk.sign_in(page, REVIEWER)
    folder = screenshots / "extremes"
    folder.mkdir(exist_ok=True)
    found = []
    for number, address in enumerate(pages_of(ROUNDS[slug])):
        answer = page.goto(f"{desk.url}/review/{slug}/{address}")
        assert answer is not None
        pictures.take(page, folder / f"{slug}-{look}-{number:02}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if answer.status != 200 or wide > 0 or page.locator("h1").count() != 1:
            found.append(f"{address}: {answer.status}, {wide} px too wide, {page.locator('h1').count()} h1")
    assert found == []


def test_many_departments_are_all_there_and_named_in_sentences_only_as_far_as_one_can_read(
    desk: Desk, visit: Callable[..., Page]
) -> None:
    page = visit(**LOOKS["1280"])
    desk.sign_in(page, REVIEWER)
    page.goto(f"{desk.url}/review/2026-q2/overview")
    expect(page.locator("[data-glance] tbody tr")).to_have_count(MANY.departments - 1)
    assert max(map(len, page.locator("p.sentence").all_inner_texts())) < 200


def test_one_group_is_shown_once(desk: Desk, visit: Callable[..., Page]) -> None:
    page = visit(**LOOKS["1280"])
    desk.sign_in(page, REVIEWER)
    page.goto(f"{desk.url}/review/2026-q1/overview")
    assert page.locator("table.ranking").count() == 1
    page.goto(f"{desk.url}/review/2026-q1/ranking")
    assert page.locator("table.ranking").count() == 1
    expect(page.get_by_text("None")).to_have_count(0)
    page.goto(f"{desk.url}/review/2026-q1/comments")
    expect(page.get_by_text("这一轮没有人写意见。")).to_be_visible()
