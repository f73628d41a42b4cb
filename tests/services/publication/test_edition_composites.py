"""A composite in an edition: what it says, and that it gives away nothing a round withholds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from county import County
from opened import as_json, falling_levels, keep_box, keep_facts, made_up_facts

from survey.clock import today
from survey.errors import Conflict, NotFound
from survey.services.disclosure.released_figures import cut
from survey.services.publication import publishing
from survey.services.publication.content import assemble
from survey.services.results import composite_results, composites
from survey.services.results.composites import CompositePart
from survey.services.results.facts import facts_of
from survey.services.results.ranking import rank_scores, score_table
from survey.services.rounds import editions, lifecycle
from survey.services.rounds.descriptions import describe

FIRMS, DELEGATES = "2026-q4", "2026-delegates"
SHARES = {"企业": 0.6, "代表委员": 0.4}


def opened(place: County, slug: str, seed: int) -> None:
    """Open a round with thirty ballots, and keep facts with their ranking."""
    County(place.database, slug=slug).populate_again(place).close()

    def keep(session: Any) -> None:
        found = keep_box(session, slug, falling_levels(seed))
        told = rank_scores(describe(session, found), score_table(session, found)).version1
        facts = made_up_facts(slug) | {"ranking": told}
        keep_facts(session, found, facts)

    place.database.write(keep)


@pytest.fixture
def county(place: County, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr(composite_results, "_drawn", lambda *_: {})  # charts are not what is looked at here
    place.collecting(threshold=5)
    County(place.database, slug=DELEGATES).populate_again(place).draft(threshold=5).issue(5).start()
    return place


@pytest.fixture
def key(county: County) -> str:
    parts = (CompositePart("企业", 60, slug=FIRMS), CompositePart("代表委员", 40, slug=DELEGATES))
    made = county.database.write(lambda s: composites.fix(s, "年度综合得分", parts, False, "甲").id.hex())
    opened(county, FIRMS, 1)
    opened(county, DELEGATES, 2)
    composite_results.work_out(county.database, made)
    return made


def propose(county: County, slug: str, with_it: list[str], correction: str = "") -> Any:
    def work(session: Any) -> Any:
        found = lifecycle.get_round(session, slug)
        return publishing.propose(session, found, county.reviewers[0], correction, with_it)

    return county.database.write(work)


def publish(county: County, slug: str, with_it: list[str], correction: str = "") -> Any:
    propose(county, slug, with_it, correction)

    def confirm(session: Any) -> Any:
        waiting = editions.waiting(session, lifecycle.get_round(session, slug))
        return publishing.confirm(session, waiting, county.reviewers[1], today())

    return county.database.write(confirm)


def change_facts(county: County, slug: str, change: Any) -> None:
    def work(session: Any) -> None:
        found = lifecycle.get_round(session, slug)
        facts = as_json(facts_of(session, found))
        change(facts)
        keep_facts(session, found, facts)

    county.database.write(work)


def withhold_first(facts: dict[str, Any]) -> None:
    facts["ranking"]["departments"] = facts["ranking"]["departments"][1:]


def first_n(n: int) -> Any:
    return lambda facts: facts["ranking"]["departments"][0].update(n=n)


def test_an_edition_says_what_the_composite_says(county: County, key: str) -> None:
    plain = propose(county, FIRMS, []).facts
    assert not plain.composites
    county.database.write(
        lambda s: publishing.withdraw(
            s, editions.waiting(s, lifecycle.get_round(s, FIRMS)), county.reviewers[1]
        )
    )
    (entry,) = json.loads(publish(county, FIRMS, [key]).content)["composites"]
    with county.database.read() as session:
        found = composites.by_id(session, key)
    assert {k: entry[k] for k in ("ranking", "moves", "summary_zh", "summary_en", "level")} == {
        k: cut(found.result[k], k) for k in ("ranking", "moves", "summary_zh", "summary_en", "level")
    }
    assert [(p["name"], p["weight"], p["round"]) for p in entry["parts"]] == [
        ("企业", 60.0, FIRMS),
        ("代表委员", 40.0, DELEGATES),
    ]
    assert {b["n"] for b in entry["ballots"]} == {30}
    assert len(entry["ballots"]) == 2 * len(entry["ranking"]["departments"]) == 8
    assert entry["digest"] == composites.digest(found.name, found.definition)
    for electorate in SHARES:
        assert f"“{electorate}”" in entry["summary_zh"]


def test_only_a_worked_out_composite_of_this_round(county: County) -> None:
    opened(county, FIRMS, 1)
    with pytest.raises(NotFound):
        propose(county, FIRMS, ["0" * 32])


def test_the_contributions_give_a_withheld_score_away_and_the_edition_is_refused(
    county: County, key: str
) -> None:
    """The attack: divide a contribution by its weight. It succeeds on the text that the audit refuses."""
    with county.database.read() as session:
        facts = facts_of(session, lifecycle.get_round(session, DELEGATES))
    secret = facts.ranking.departments[0]
    change_facts(county, DELEGATES, withhold_first)
    with county.database.read() as session:
        content = assemble(session, lifecycle.get_round(session, FIRMS), [key])
    (told,) = [
        m for m in content.composites[0].moves if (m.electorate, m.department) == ("代表委员", secret.name)
    ]
    assert told.contribution / SHARES["代表委员"] == pytest.approx(secret.average_difference, abs=0.75)
    with pytest.raises(Conflict) as caught:
        propose(county, FIRMS, [key])
    assert f"“代表委员”没有公布“{secret.name}”的得分" in caught.value.say()
    assert publish(county, FIRMS, []).edition == 1


def test_what_another_edition_withheld_stays_withheld(county: County, key: str) -> None:
    with county.database.read() as session:
        original = as_json(facts_of(session, lifecycle.get_round(session, DELEGATES)))
    change_facts(county, DELEGATES, withhold_first)
    publish(county, DELEGATES, [])
    change_facts(county, DELEGATES, lambda facts: facts.update(original))
    with pytest.raises(Conflict, match="没有公布"):
        propose(county, FIRMS, [key])


@pytest.mark.parametrize(("n", "word"), [(28, "只差几张"), (4, "门槛")])
def test_a_round_fitted_on_a_few_ballots_more_or_fewer(county: County, key: str, n: int, word: str) -> None:
    publish(county, DELEGATES, [])
    change_facts(county, DELEGATES, first_n(n))
    with pytest.raises(Conflict) as caught:
        propose(county, FIRMS, [key])
    assert word in caught.value.say()


def test_a_round_cannot_withhold_what_a_composite_elsewhere_told(county: County, key: str) -> None:
    """The other order: the composite stands in the firms' edition, then the delegates' is proposed."""
    publish(county, FIRMS, [key])
    change_facts(county, DELEGATES, withhold_first)
    with pytest.raises(Conflict, match="没有公布"):
        propose(county, DELEGATES, [])


def test_a_correction_with_the_composite_of_a_few_ballots_less(county: County, key: str) -> None:
    publish(county, FIRMS, [key])
    for slug in (FIRMS, DELEGATES):
        change_facts(county, slug, first_n(28))
    with pytest.raises(Conflict):
        propose(county, FIRMS, [key], "改正")


def test_new_figures_beside_a_dropped_composite_were_never_audited_together(county: County, key: str) -> None:
    publish(county, FIRMS, [key])
    change_facts(county, FIRMS, lambda facts: facts["items"].append(facts["items"][0] | {"name": "新"}))
    with pytest.raises(Conflict, match="没有核查过"):
        propose(county, FIRMS, [], "改正")
