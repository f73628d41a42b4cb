"""Slips by the ten thousand beside those that are there: the cost of each stays what it was."""

from __future__ import annotations

import secrets
import time

from county import County
from sqlalchemy import select

from survey.models import Invitation


def test_a_second_batch_costs_no_more_than_its_share(place_on_sqlite: County) -> None:
    """Row by row within a savepoint, 16,000 beside 16,000 took 72 s, and the first 16,000 half a second."""
    place = place_on_sqlite.populate().draft().issue(1)
    database, round_id = place.database, place.round().id

    def insert(count: int) -> float:
        rows = sorted((secrets.token_bytes(32), None) for _ in range(count))
        began = time.process_time()
        database.write(lambda s: database.kind.insert_invitations(s.connection(), round_id, rows))
        return time.process_time() - began

    first = insert(8000)
    assert insert(8000) < 5 * first + 0.5
    with database.read() as session:
        assert len(session.scalars(select(Invitation.code_hash)).all()) == 16_001
