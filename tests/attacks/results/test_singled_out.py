"""What remains: what an enterprise says of itself stands beside its scores in the opened table.

The thief reads that table in the database and knows the roster. No page, file or export shows a row.
"""

from __future__ import annotations

from collections import Counter

import pytest
from county import County

from survey.demo.data import demo_roster
from survey.models import OpenedBox
from survey.protocol.answers import Answers
from survey.services.opening import opening_job

LARGE, SMALL, NOT_SAID = 1, 2, 0


def rows_with(place: County, said: int) -> int:
    """How many rows of the opened table say this of their enterprise (one byte at the end of a row)."""
    with place.database.read() as session:
        box = session.get(OpenedBox, place.round().id)
        assert box is not None
        size = place.description().questionnaire.answer_bytes
        return sum(box.rows[end - 1] == said for end in range(size, len(box.rows) + 1, size))


@pytest.mark.parametrize(("says", "joined"), [(LARGE, 1), (NOT_SAID, 0)])
def test_the_only_large_enterprise_is_found_unless_it_does_not_say(
    place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch, says: int, joined: int
) -> None:
    monkeypatch.setattr(opening_job, "analyse_round", lambda *_: None)
    place = place_on_sqlite.collecting(slips=6)
    questionnaire = place.description().questionnaire
    ratings = tuple((3,) * len(questionnaire.items) for _ in questionnaire.departments)
    place.cast_all([Answers(ratings=ratings, strata=(s,), comments={}) for s in (says, *[SMALL] * 5)])
    opening_job.open_round(place.database, place.slug, place.close().key_files, "人大")
    assert rows_with(place, LARGE) == joined


def test_how_many_of_a_county_are_the_only_one_of_their_kind() -> None:
    """The figures of docs/anonymity.md: the four usual questions, an invented roster of 400."""
    kinds = [tuple(row.strata.values()) for row in demo_roster(400, 1)]
    count = Counter(kinds)
    assert sum(count[kind] == 1 for kind in kinds) == 21
    assert sum(count[kind] < 5 for kind in kinds) == 120
