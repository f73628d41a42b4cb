"""A county on each database to attack."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from county import County

from survey.database.engine import Database

sys.path.append(str(Path(__file__).parents[1] / "protocol"))  # its workshop


@pytest.fixture
def place(database: Database, _cheap_keys: None) -> County:
    """An empty county on each database in turn."""
    return County(database)


@pytest.fixture
def place_on_sqlite(sqlite_database: Database, _cheap_keys: None) -> County:
    """An empty county on SQLite, for what does not depend on the database."""
    return County(sqlite_database)
