"""A witness on each database, with a round of ten codes and a box that takes whatever is good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import postgres
import pytest
from keys_of_examples import VECTORS

from survey.clock import today
from survey.protocol.description import RoundDescription
from tests.witness.witnessed import Place, Witness

ROUND_ID = "ab" * 16


@pytest.fixture
def plain() -> RoundDescription:
    """A round of today without a witness."""
    known = RoundDescription.from_dict(json.loads(VECTORS.read_text("utf-8"))["round"])
    return replace(known, opens_on=today().isoformat(), closes_on=today().isoformat())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    """A witness that has begun a round."""
    url = None
    if request.param == "postgresql":
        server: postgres.PostgreSQL = request.getfixturevalue("postgresql")
        url = server.copy("template1")
    begun = Witness(tmp_path / "witness", ROUND_ID, url).begin()
    yield begun
    begun.store.close()


@pytest.fixture
def place(witness: Witness, plain: RoundDescription) -> Place:
    """A round that collects."""
    found = Place(witness, plain)
    witness.import_codes(found.description, found.lists[1])
    return found
