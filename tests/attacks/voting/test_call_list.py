"""Whom to call must not tell who took part since the daily batch, and what was noted ends with collecting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from county import County
from sqlalchemy import select, text

from survey import worker
from survey.clock import today
from survey.models import AuditEvent, Enterprise, Invitation, Outcome
from survey.services.rounds import lifecycle
from survey.services.voting import calling, participation
from survey.services.voting.calling import Called

FIRMS, BEFORE, SINCE = 12, 4, 5
WAITS, DECLINES = Called(Outcome.WAITS, ""), Called(Outcome.DECLINES, "不愿意参加")


@pytest.fixture
def collecting(place: County) -> County:
    """Four of twelve had collected at the last batch."""
    place.populate(enterprises=FIRMS).draft(threshold=3).issue_attributed().start()
    for _ in range(BEFORE):
        place.phone().answer()
    participation.refresh_due(place.database, today())
    return place


def listed(place: County) -> list[str]:
    return [firm.enterprise.name for firm in place.look(calling.to_call)]


def missing(place: County) -> list[str]:
    """What the page of participation says."""
    rows = place.look(lambda s, r: participation.enterprises(s, r, missing=True)).items
    return [enterprise.name for enterprise, _ in rows]


def naive(place: County) -> list[str]:
    """Whom there is no need to call is known best live: nobody is bothered in vain."""
    query = select(Enterprise.name).join(Invitation, Invitation.enterprise_id == Enterprise.id)
    with place.database.read() as session:
        return list(session.scalars(query.where(~Invitation.collected).order_by(Enterprise.name)))


def note(place: County, noted: Called, *names: str) -> set[bytes]:
    """What becomes of noting the same of these enterprises, of which nothing was seen noted."""
    with place.database.read() as session:
        keys = list(session.scalars(select(Enterprise.id).where(Enterprise.name.in_(names))))
    wanted, seen = dict.fromkeys(keys, noted), dict.fromkeys(keys, WAITS)
    return place.act(lambda s, r: calling.enter(s, r, wanted, seen, "管理员", today()))


def test_it_tells_nothing_that_the_page_of_participation_does_not(collecting: County) -> None:
    before, of_naive = listed(collecting), naive(collecting)
    assert before == missing(collecting)
    assert len(before) == FIRMS - BEFORE
    for _ in range(SINCE):
        collecting.phone().answer()
    assert len(of_naive) - len(naive(collecting)) == SINCE, "live, every call list names who just came"
    assert listed(collecting) == before
    assert collecting.look(calling.counts) == {Outcome.WAITS: FIRMS - BEFORE}
    # Nor does noting something: it goes the same for those who came since as for the others.
    came = set(before) - set(naive(collecting))
    assert note(collecting, DECLINES, *before) == set()
    firms = collecting.look(calling.to_call)
    assert {firm.noted.outcome for firm in firms} == {Outcome.DECLINES}
    assert came < {firm.enterprise.name for firm in firms}
    participation.refresh_due(collecting.database, today() + timedelta(days=1))
    assert listed(collecting) == missing(collecting)
    assert len(listed(collecting)) == FIRMS - BEFORE - SINCE


def test_no_outcome_says_that_somebody_took_part(collecting: County) -> None:
    """A clerk who notes "has answered" on the day of the call would know it before the batch does."""
    assert set(Outcome) == {"waits", "will", "no_answer", "declines", "new_link"}
    shown = participation.totals
    before = collecting.look(lambda s, r: shown(s, r, today()))
    note(collecting, Called(Outcome.WILL, ""), *listed(collecting))
    assert collecting.look(lambda s, r: shown(s, r, today())) == before


def test_nothing_is_left_after_closing(collecting: County, tmp_path) -> None:
    note(collecting, DECLINES, *listed(collecting)[:2])
    worker.do_duties(collecting.database, tmp_path)
    assert len(_rows(collecting)) == 2, "kept while the round collects"
    collecting.close()
    worker.do_duties(collecting.database, tmp_path)
    assert _rows(collecting) == []
    with collecting.database.read() as session:
        said = session.scalars(select(AuditEvent).where(AuditEvent.action == "call.note")).one().detail
    assert said == {"firms": 2}


def test_a_cancelled_round_keeps_none_either(collecting: County) -> None:
    note(collecting, DECLINES, *listed(collecting)[:3])
    collecting.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "停电", second="评议员"))
    calling.erase_when_over(collecting.database)
    assert _rows(collecting) == []


def _rows(place: County) -> list[object]:
    with place.database.read() as session:
        return list(session.execute(text("SELECT enterprise_id FROM call_note")))
