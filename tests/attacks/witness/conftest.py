"""A round with two machines on each database to attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.database.engine import Database
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def place(database: Database, tmp_path: Path, _cheap_keys: None) -> Iterator[TwoMachines]:
    """A round that collects, with eight slips."""
    found = TwoMachines(database, folder=tmp_path).collecting(slips=8)
    yield found
    found.witness.store.close()
