"""Firms, slips and replacements are counted apart, and the response rate is of whom was invited once."""

from __future__ import annotations

import pytest
from county import BASE_URL, County
from sqlalchemy import select

from survey.clock import today
from survey.database.engine import Database
from survey.facts.round import BallotCounts
from survey.models import Enterprise
from survey.services.invitations import replacing
from survey.services.voting import participation


def test_a_firm_that_was_replaced_is_one_firm_and_a_slip_is_none(database: Database) -> None:
    place = County(database).populate(enterprises=5).draft().issue_attributed().issue(4).start()
    with place.database.read() as session:
        firm = session.scalars(select(Enterprise).order_by(Enterprise.name)).first()
    place.act(lambda s, r: replacing.replace_invitation(s, r, firm, BASE_URL, "管理员"))
    for _closed in (False, True):
        totals = place.look(lambda s, r: participation.totals(s, r, today()))
        assert (totals.firms, totals.slips, totals.replaced, totals.invited) == (5, 4, 1, 10)
        if not totals.exact:
            place.close()


@pytest.mark.parametrize(
    ("invited", "replaced", "valid", "rate"),
    [(301, 1, 150, 0.5), (300, 0, 150, 0.5), (None, None, 9, None), (0, 0, 0, None), (100, None, 25, 0.25)],
)
def test_a_replacement_does_not_lower_the_response_rate(
    invited: int | None, replaced: int | None, valid: int, rate: float | None
) -> None:
    counts = BallotCounts(
        invited=invited,
        collected=None,
        cast=None,
        replaced=replaced,
        valid=valid,
        invalid=0,
        merkle_root=None,
    )
    assert counts.response_rate == rate
