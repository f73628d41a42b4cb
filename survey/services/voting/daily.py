"""Daily work on open rounds, done by the clock whether or not anybody looks: participation, and mixing of
rows."""

from __future__ import annotations

from survey.clock import today
from survey.database.engine import Database
from survey.database.storage_order import erase_all_traces
from survey.services.voting.participation import refresh_due


def keep_house(database: Database) -> None:
    """Run the daily batch for every open round, mix rows, and finish erasing that an interruption left
    undone."""
    refresh_due(database, today())
    erase_all_traces(database)
