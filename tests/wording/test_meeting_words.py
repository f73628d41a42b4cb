"""How numbers of ballots are worded: exact ones, bounds, estimates; old rankings that have no bounds."""

from __future__ import annotations

from typing import Any

import pytest

from survey.wording.meeting import at_least, how_known, removed


def zh(chinese: str, _english: str) -> str:
    return chinese


def en(_chinese: str, english: str) -> str:
    return english


def entry(**given: Any) -> dict[str, Any]:
    return {"kind": "above", "removed": 7, "at_least": 1, "verified": True, "fragile": False} | given


@pytest.mark.parametrize(
    ("given", "chinese", "english", "known"),
    [
        ({"removed": 3, "at_least": 3}, "3 张", "3", "所有选法都重算过"),
        ({"removed": 2, "at_least": 2, "fragile": True}, "2 张（易变）", "2 (fragile)", "所有选法都重算过"),
        ({"at_least": 3}, "3 至 7 张", "3 to 7", "重算过，至多"),
        ({}, "至多 7 张", "at most 7", "重算过，至多"),
        ({"verified": False}, "约 7 张", "about 7", "估算，没有重算"),
        ({"removed": None}, "—", "—", ""),
    ],
)
def test_a_number_says_what_is_known_of_it(
    given: dict[str, Any], chinese: str, english: str, known: str
) -> None:
    carried = entry(**given)
    assert (removed(carried, zh), removed(carried, en)) == (chinese, english)
    assert how_known(at_least(carried), carried["removed"], carried["verified"], zh) == known


def test_old_rankings_have_upper_bounds_only() -> None:
    old = entry()
    del old["at_least"]
    assert removed(old, zh) == "至多 7 张"
    assert removed(old | {"removed": 1}, zh) == "1 张"
