"""Releasing many comments at once: two people as for one, and nothing in which the rules find something."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from county import County
from flask.testing import FlaskClient
from opened import open_by_hand
from sqlalchemy import select

from survey.models import CommentRelease, User
from survey.services.followup import comment_lists, comment_releases

BASE = "/review/2026-q4/comments"
PLAIN = [f"拖了{n}个月" for n in range(11)]
MARKED = ["请打电话13812345678找我"]
# A zero-width space keeps the rules from seeing the number; the text that is released has none.
HIDDEN = ["电话138\u200b1234\u200b5678"]
LINES = ["第一行\n第二行"]


@pytest.fixture
def opened(place: County) -> County:
    place.draft(threshold=10).issue(5).start()
    return open_by_hand(place, {1: PLAIN + MARKED + HIDDEN, 2: LINES, 3: ["只有我们办过"]})


@pytest.fixture
def other(sign_in: Callable[[User], FlaskClient], opened: County) -> FlaskClient:
    return sign_in(opened.reviewers[1])


def listed(browser: FlaskClient, stage: str, show: str = "") -> dict[str, str]:
    """Fields that a page's form would send, with line ends as browsers send them."""
    page = browser.get(f"{BASE}/list?stage={stage}&show={show}").text
    fields = dict(re.findall(r'name="(shown-[0-9a-f]{32})" value="([^"]*)"', page))
    fields |= dict(re.findall(r'name="(text-[0-9a-f]{32})"[^>]*>([^<]*)</textarea>', page))
    return {name: text.replace("\n", "\r\n") for name, text in fields.items()}


def releases(place: County) -> list[tuple[str, bool]]:
    rows = place.look(lambda s, _r: s.execute(select(CommentRelease.text, CommentRelease.confirmed_by)).all())
    return sorted((text, confirmed is not None) for text, confirmed in rows)


@pytest.mark.usefixtures("opened")
def test_all_without_a_mark_are_released_by_one_confirmation_of_each(
    reviewer: FlaskClient, other: FlaskClient, opened: County
) -> None:
    form = listed(reviewer, "undecided")
    assert len(form) == 14  # not the one that too few rated
    reviewer.post(f"{BASE}/propose", data=form)
    assert releases(opened) == []  # nothing is decided without the tick
    reviewer.post(f"{BASE}/propose", data=form | {"rest": "yes"})
    assert releases(opened) == sorted((text, False) for text in PLAIN + LINES)
    shown = listed(other, "others")
    assert len(shown) == 12
    other.post(f"{BASE}/confirm", data=shown | {"rest": "yes"})
    assert releases(opened) == sorted((text, True) for text in PLAIN + LINES)


def test_one_person_twice_releases_nothing(reviewer: FlaskClient, opened: County) -> None:
    form = listed(reviewer, "undecided")
    reviewer.post(f"{BASE}/propose", data=form | {"rest": "yes"})
    assert listed(reviewer, "others") == {}
    forged = {name.replace("text-", "shown-"): text for name, text in form.items()}
    proposed = {e.id for e in opened.look(comment_lists.reviewed) if e.decision}
    forged = {name: text for name, text in forged.items() if name.removeprefix("shown-") in proposed}
    assert reviewer.post(f"{BASE}/confirm", data=forged | {"rest": "yes"}).status_code == 403
    assert not any(confirmed for _text, confirmed in releases(opened))


def test_what_the_rules_find_or_cannot_see_takes_a_choice_of_its_own(
    reviewer: FlaskClient, other: FlaskClient, opened: County
) -> None:
    entries = opened.look(comment_lists.reviewed)
    kept = {e.original for e in entries if e.releasable and not e.unmarked}
    assert kept == {*MARKED, *HIDDEN}
    forged = {f"text-{e.id}": e.original for e in entries if e.original in kept}
    reviewer.post(f"{BASE}/propose", data=forged | {"rest": "yes"})
    assert releases(opened) == []
    # Chosen and reworded one by one, the second person confirms them one by one as well.
    chosen = {name.replace("text-", "decision-"): "release" for name in forged}
    worded = dict.fromkeys(forged, "请改进")
    reviewer.post(f"{BASE}/propose", data=chosen | worded)
    shown = listed(other, "others")
    other.post(f"{BASE}/confirm", data=shown | {"rest": "yes"})
    assert releases(opened) == [("请改进", False)] * 2


def test_a_reworded_comment_is_not_confirmed_with_the_others(
    reviewer: FlaskClient, other: FlaskClient, opened: County
) -> None:
    [key] = [e.id for e in opened.look(comment_lists.reviewed) if e.original in LINES]
    reviewer.post(f"{BASE}/propose", data={f"text-{key}": "别人没看过的话", "rest": "yes"})
    other.post(f"{BASE}/confirm", data=listed(other, "others") | {"rest": "yes"})
    assert releases(opened) == [("别人没看过的话", False)]


def test_ones_own_decisions_are_taken_back_together(reviewer: FlaskClient, opened: County) -> None:
    reviewer.post(f"{BASE}/propose", data=listed(reviewer, "undecided", "none") | {"rest": "yes"})
    page = reviewer.get(f"{BASE}/list?stage=own").text
    assert "本页 12 条全部取回" in page
    ids = [e.id for e in opened.look(comment_lists.reviewed) if e.decision]
    reviewer.post(f"{BASE}/take-back", data={"comment": ids})
    assert releases(opened) == []


@pytest.mark.usefixtures("opened")
def test_a_text_of_several_lines_is_confirmed_as_it_was_shown(
    reviewer: FlaskClient, other: FlaskClient, opened: County
) -> None:
    [key] = [e.id for e in opened.look(comment_lists.reviewed) if e.original in LINES]
    form = {f"decision-{key}": "release", f"text-{key}": "第一行\r\n第二行"}
    reviewer.post(f"{BASE}/propose", data=form)
    shown = {f"confirm-{key}": "yes", f"shown-{key}": "第一行\r\n第二行"}
    assert other.post(f"{BASE}/confirm", data=shown).status_code == 302
    assert releases(opened) == [(LINES[0], True)]


def test_what_is_undecided_is_said_where_it_is_published(reviewer: FlaskClient, opened: County) -> None:
    first = opened.reviewers[0]
    [key] = [e.id for e in opened.look(comment_lists.reviewed) if e.original in LINES]
    opened.act(lambda s, r: comment_releases.propose(s, r, first, {key: ("withhold", "")}))
    page = reviewer.get("/review/2026-q4/publication").text
    assert "13 条没有处理，1 条等另一位评议员确认" in page
    reviewer.post("/review/2026-q4/publication/propose")
    assert "13 条没有处理，1 条等另一位评议员确认" in reviewer.get("/review/2026-q4/publication").text
