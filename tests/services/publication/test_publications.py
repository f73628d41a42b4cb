"""Two people, frozen text, and editions from which nothing can be learnt by subtraction."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from county import County
from opened import keep_facts, made_up_facts, open_by_hand

from survey.clock import today
from survey.errors import Conflict, Forbidden, InvalidInput
from survey.models import PublicationState
from survey.services.operations import audit
from survey.services.publication import publishing
from survey.services.publication.differences import check_editions, respondents_by_label
from survey.services.rounds import editions, lifecycle

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def opened(place: County) -> County:
    place.collecting(threshold=10)
    return open_by_hand(place, {1: [f"态度冷漠{n}" for n in range(12)] + [f"太慢{n}" for n in range(11)]})


def propose(place: County, who: int = 0, correction: str = "") -> Any:
    return place.act(lambda s, r: publishing.propose(s, r, place.reviewers[who], correction))


def confirm(place: County, who: int = 1) -> Any:
    user, day = place.reviewers[who], today()
    return place.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), user, day))


def publish(place: County, correction: str = "") -> Any:
    propose(place, correction=correction)
    return confirm(place)


def analyse_again(place: County, change: Change) -> None:
    facts = made_up_facts(place.slug)
    change(facts)
    place.database.write(lambda s: keep_facts(s, lifecycle.get_round(s, place.slug), facts))


def test_another_reviewer_confirms_exactly_what_was_proposed(opened: County) -> None:
    proposed = propose(opened)
    assert opened.look(editions.current) is None
    with pytest.raises(Forbidden):
        confirm(opened, who=0)
    analyse_again(opened, lambda f: f["ranking"]["departments"][0].update(adjusted=1.0))
    published = confirm(opened)
    assert published.content == proposed.content  # what was looked at, not what has come since
    assert published.state == PublicationState.PUBLISHED
    assert published.published_on == today()
    assert hashlib.sha256(published.content.encode()).digest() == published.digest
    parsed = json.loads(published.content)
    assert published.content == json.dumps(parsed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_who_may_and_when(opened: County) -> None:
    with pytest.raises(Forbidden):
        opened.act(lambda s, r: publishing.propose(s, r, opened.administrator))
    propose(opened)
    with pytest.raises(Conflict):
        propose(opened, who=1)
    opened.act(lambda s, r: publishing.withdraw(s, editions.waiting(s, r), opened.reviewers[1]))
    assert opened.look(editions.editions) == []
    publish(opened)
    with pytest.raises(Conflict):
        opened.act(lambda s, r: publishing.confirm(s, editions.current(s, r), opened.reviewers[1], today()))


def test_before_opening_there_is_nothing_to_publish(place: County) -> None:
    place.collecting(threshold=10)
    with pytest.raises(Conflict):
        propose(place)
    open_by_hand(place)
    assert propose(place).edition == 1


def test_the_log_says_who_published_what(opened: County) -> None:
    published = publish(opened)
    with opened.database.read() as session:
        events = [e for e in audit.list_events(session) if e.action.startswith("publication.")]
        audit.verify_chain(session)
    assert {(e.action, e.actor) for e in events} == {
        ("publication.propose", "评议员0"),
        ("publication.confirm", "评议员1"),
    }
    assert {e.detail["digest"] for e in events} == {published.digest.hex()}


def test_a_correction_needs_a_reason_and_something_new(opened: County) -> None:
    publish(opened)
    with pytest.raises(Conflict, match="完全相同"):
        propose(opened, correction="再公布一遍")
    analyse_again(opened, lambda f: f["ranking"]["departments"][0].update(adjusted=81.5))
    with pytest.raises(InvalidInput):
        propose(opened, correction=" ")
    second = publish(opened, "税务局得分改正")
    assert (second.edition, second.correction) == (2, "税务局得分改正")
    first, newest = opened.look(editions.editions)
    assert first.facts.facts.ranking.departments[0].adjusted == 82.0
    assert opened.look(editions.current).id == newest.id


def one_ballot_less(facts: dict[str, Any]) -> None:
    facts["ranking"]["departments"][1]["n"] -= 1


def show_what_was_withheld(facts: dict[str, Any]) -> None:
    facts["response"]["strata"][0]["options"][1].update(ballots=17, share=0.6, reason="")


def swap_breakdowns(facts: dict[str, Any]) -> None:
    strata = facts["response"]["strata"]
    options = [dict(strata[0]["options"][0], option="工业", ballots=20)]
    strata[:] = [strata[0] | {"name": "行业", "options": options}]


@pytest.mark.parametrize("attack", [one_ballot_less, show_what_was_withheld, swap_breakdowns])
def test_a_correction_that_gives_somebody_away_is_refused(opened: County, attack: Change) -> None:
    publish(opened)
    analyse_again(opened, attack)
    with pytest.raises(Conflict):
        propose(opened, correction="更正")
    assert len(opened.look(editions.editions)) == 1


def withhold_more(facts: dict[str, Any]) -> None:
    facts["response"]["strata"][0]["options"][0].update(ballots=None, share=None, reason="complementary")


def other_numbers(facts: dict[str, Any]) -> None:
    facts["profiles"][1]["overall"]["adjusted"] = 60.0


def more_breakdowns(facts: dict[str, Any]) -> None:
    strata = facts["response"]["strata"]
    options = [dict(strata[0]["options"][0], option="工业", ballots=20)]
    strata.append(strata[0] | {"name": "行业", "options": options})


@pytest.mark.parametrize("change", [withhold_more, other_numbers, more_breakdowns])
def test_harmless_corrections_pass(opened: County, change: Change) -> None:
    publish(opened)
    analyse_again(opened, change)
    assert publish(opened, "更正").edition == 2


def test_an_older_edition_counts_as_much_as_the_last() -> None:
    def content(big: int | None, small: int | None) -> dict[str, Any]:
        options = [{"option": "大", "ballots": big}, {"option": "小", "ballots": small}]
        return {"facts": {"response": {"strata": [{"name": "规模", "options": options}]}}, "themes": []}

    first, second, third = content(16, None), content(None, None), content(None, 24)
    check_editions([first], second, 10)
    with pytest.raises(Conflict):
        check_editions([first, second], third, 10)


def test_every_counted_figure_has_its_own_label() -> None:
    facts = {"facts": made_up_facts("x"), "themes": []}
    found = respondents_by_label(facts)
    assert found["facts·ranking·departments·税务局·n"] == 30
    assert found["facts·profiles·执法·公安局·items·态度·n"] == 26
    assert found["facts·response·strata·规模·options·小·ballots"] is None
    changed = copy.deepcopy(facts)
    changed["facts"]["ranking"]["departments"][2]["n"] = 27
    assert {k for k, v in respondents_by_label(changed).items() if v != found[k]} == {
        "facts·ranking·departments·公安局·n"
    }
