"""An opened round worked out again: by the roster of its opening, and where its facts cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from county import County
from opened import as_json, falling_levels, keep_box, keep_facts
from sqlalchemy import select

from survey.facts.wire import UnreadableFacts
from survey.models import Artifact, Enterprise
from survey.services.opening import opening_job
from survey.services.results.facts import facts_of
from survey.services.rounds import lifecycle


@pytest.fixture
def opened(place_on_sqlite: County) -> County:
    place = place_on_sqlite.populate(enterprises=30).draft(threshold=5).issue(5).start().close()
    place.database.write(lambda s: keep_box(s, place.slug, falling_levels(1)) and None)
    opening_job.remake(place.database, place.slug)
    return place


def facts_file(place: County) -> bytes:
    return place.look(lambda session, found: session.get_one(Artifact, (found.id, "facts.json")).content)


def test_a_roster_that_changed_changes_no_number(opened: County) -> None:
    def shrink(session: Any) -> None:
        for firm in session.scalars(select(Enterprise)).all()[::2]:
            session.delete(firm)

    before = facts_file(opened)
    assert opened.look(facts_of).response.roster == 30
    opened.database.write(shrink)
    opening_job.remake(opened.database, opened.slug)
    assert facts_file(opened) == before


def test_unreadable_facts_are_worked_out_again(opened: County) -> None:
    """As their message advises."""
    facts = as_json(opened.look(facts_of))
    before, facts["round"] = facts_file(opened), 7
    opened.database.write(lambda s: keep_facts(s, lifecycle.get_round(s, opened.slug), facts))
    with pytest.raises(UnreadableFacts):
        opened.look(facts_of)
    opening_job.remake(opened.database, opened.slug)
    assert facts_file(opened) == before
