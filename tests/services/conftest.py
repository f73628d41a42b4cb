"""A county on each database, with rounds that share one signing key."""

from __future__ import annotations

import county
import pytest

from survey.database.engine import Database


@pytest.fixture(autouse=True)
def _cheap(_cheap_keys: None) -> None:
    pass


@pytest.fixture
def place(database: Database) -> county.County:
    """An empty county on each database in turn."""
    return county.County(database)


@pytest.fixture
def place_on_sqlite(sqlite_database: Database) -> county.County:
    """An empty county on SQLite, for what does not depend on the database."""
    return county.County(sqlite_database)
