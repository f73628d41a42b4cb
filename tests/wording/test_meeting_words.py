"""How numbers of ballots are worded: exact ones, bounds, estimates; old rankings that have no bounds."""

from __future__ import annotations

from typing import Any

import pytest

from survey.facts.meeting import CarriedStatement
from survey.language import speaking
from survey.wording.meeting import at_least, how_known, removed
from tests.facts.made import made


def entry(**given: Any) -> CarriedStatement:
    usual = {"kind": "above", "removed": 7, "at_least": 1, "verified": True, "fragile": False}
    return made(CarriedStatement, **usual | given)


@pytest.mark.parametrize(
    ("given", "chinese", "english", "known"),
    [
        ({"removed": 3, "at_least": 3}, "3 张", "3 ballots", "所有选法都重算过"),
        (
            {"removed": 2, "at_least": 2, "fragile": True},
            "2 张（易变）",
            "2 ballots (fragile)",
            "所有选法都重算过",
        ),
        ({"at_least": 3}, "3 至 7 张", "3 to 7 ballots", "重算过，至多"),
        ({}, "至多 7 张", "at most 7 ballots", "重算过，至多"),
        ({"verified": False}, "约 7 张", "about 7 ballots", "估算，没有重算"),
        ({"removed": None}, "—", "—", ""),
    ],
)
def test_a_number_says_what_is_known_of_it(
    given: dict[str, Any], chinese: str, english: str, known: str
) -> None:
    carried = entry(**given)
    assert removed(carried) == chinese
    assert how_known(at_least(carried), carried.removed, verified=carried.verified) == known
    with speaking("en"):
        assert removed(carried) == english


def test_old_rankings_have_upper_bounds_only() -> None:
    assert removed(entry(at_least=None)) == "至多 7 张"
    assert removed(entry(at_least=None, removed=1)) == "1 张"
