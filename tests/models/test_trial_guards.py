"""Plain SQL makes no trial of a real round, and deletes what is kept only of a trial."""

from __future__ import annotations

import pytest
from county import County
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from survey.database.engine import Database
from survey.models import Ballot, Invitation, Round
from survey.protocol.answers import Answers
from survey.services.publication import trials


@pytest.fixture
def real(database: Database) -> County:
    """A collecting round with one ballot."""
    place = County(database).collecting(slips=3)
    place.phone().answer(Answers(ratings=((1, 1),) * 4, strata=(0,), comments={}))
    return place


@pytest.mark.parametrize(
    "changes",
    [
        {"trial": True},
        {"trial": True, "title": "（练习，不计入）评议", "slug": "practice-2026-q4"},
        {"title": "（练习，不计入）评议"},
    ],
)
def test_a_real_round_becomes_no_trial(real: County, changes: dict[str, object]) -> None:
    mine = update(Round).where(Round.slug == real.slug).values(**changes)
    with pytest.raises(DBAPIError, match="pingyi: "):
        real.database.write(lambda s: s.execute(mine) and None)


@pytest.mark.parametrize("table", ["ballot", "invitation", "round"])
def test_what_is_real_is_kept(real: County, table: str) -> None:
    with pytest.raises(DBAPIError, match="kept"):
        real.database.write(lambda s: s.execute(text(f"DELETE FROM {table}")) and None)


def test_a_trial_stays_one_and_goes_whole(real: County, tmp_path) -> None:
    trial = County(real.database, slug="practice-2026-q4").populate_again(real)
    trial.draft(trial=True).issue(3).start()
    trial.phone().answer(Answers(ratings=((1, 1),) * 4, strata=(0,), comments={}))
    for changes in ({"trial": False}, {"title": "评议"}, {"slug": "2027-q1"}):
        mine = update(Round).where(Round.slug == trial.slug).values(**changes)
        with pytest.raises(DBAPIError, match="pingyi: "):
            real.database.write(lambda s, mine=mine: s.execute(mine) and None)
    trials.delete_trial(real.database, tmp_path, trial.slug, "管理员")
    with real.database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(t)) for t in (Ballot, Invitation, Round)]
    assert counts == [1, 3, 1]
