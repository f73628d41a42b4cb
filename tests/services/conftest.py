"""A county on each database, with rounds that share one signing key."""

from __future__ import annotations

import county
import pytest

from survey.ballot import keyfile
from survey.ballot.blind import RoundKey
from survey.db import Database


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strength of keys and passphrases is tested elsewhere; here it would cost a second a test."""
    monkeypatch.setattr(keyfile, "ITERATIONS", 1000)
    monkeypatch.setattr(RoundKey, "generate", classmethod(lambda _cls: county.round_key()))


@pytest.fixture
def place(database: Database) -> county.County:
    """An empty county on each database in turn."""
    return county.County(database)


@pytest.fixture
def place_on_sqlite(sqlite_database: Database) -> county.County:
    """An empty county on SQLite, for what does not depend on the database."""
    return county.County(sqlite_database)
