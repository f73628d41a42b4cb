"""A round with two machines on each database to attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest

from survey.database.engine import Database
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def place(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path, _cheap_keys: None
) -> Iterator[TwoMachines]:
    """A round that collects, with eight slips; both machines have the same kind of database."""
    url = None
    if database.url.startswith("postgresql"):
        server: postgres.PostgreSQL = request.getfixturevalue("postgresql")
        url = server.copy("template1")
    found = TwoMachines(database, folder=tmp_path, witness_url=url).collecting(slips=8)
    yield found
    found.witness.store.close()
