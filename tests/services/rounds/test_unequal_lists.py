"""Lists of codes that only one machine has: named before they do harm, with a way out, once closed too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from survey.database.engine import Database
from survey.errors import Conflict
from survey.protocol.witness.code_lists import CodeList
from survey.services.invitations import imported_codes
from survey.services.rounds import code_lists, witnessing
from survey.witness import importing
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def place(database: Database, tmp_path: Path, _cheap_keys: None) -> Iterator[TwoMachines]:
    found = TwoMachines(database, folder=tmp_path).collecting()
    found.phone().answer()
    yield found
    found.witness.store.close()


def further(place: TwoMachines) -> tuple[CodeList, CodeList]:
    """Two further slips, as two people confirmed: (box's list, witness's list)."""
    place.grow(slips=2)
    made: tuple[CodeList, CodeList] = place.made(2)
    return made


def at_box(place: TwoMachines, codes: CodeList) -> None:
    place.act(lambda s, r: imported_codes.import_codes(s, r, codes, "管理员"))


def at_witness(place: TwoMachines, codes: CodeList) -> None:
    place.witness.import_codes(place.description(), codes)


def verified(place: TwoMachines) -> list[str]:
    return place.failures(place.witness.statement)


def close_uncompared(place: TwoMachines) -> None:
    """As an older program closed."""
    with mock.patch.object(code_lists, "require_same"):
        place.propose()
        place.confirm()


@pytest.mark.parametrize("side", ["box", "witness"])
def test_a_list_at_one_machine_does_not_close_and_is_named(place: TwoMachines, side: str) -> None:
    lists = further(place)
    (at_box if side == "box" else at_witness)(place, lists[side == "witness"])
    place.witness.close(place.send)
    place.take_statement()
    with pytest.raises(Conflict) as told:
        place.propose()
    said = told.value.say()
    assert lists[1].digest[:12] in said
    assert ("import-codes" if side == "box" else "withdraw-codes") in said
    with mock.patch.object(code_lists, "require_same"):
        place.propose()
    with pytest.raises(Conflict, match=lists[1].digest[:12]):
        place.confirm()
    assert place.round().state == "open"


def test_what_only_the_box_has_is_imported_after_closing(place: TwoMachines) -> None:
    lists = further(place)
    at_box(place, lists[0])
    place.witness.close(place.send)
    at_witness(place, lists[1])
    place.take_statement()
    assert place.witness.statement.closed
    place.propose()
    place.confirm()
    assert verified(place) == []


def test_what_only_the_witness_has_is_imported_or_withdrawn(place: TwoMachines) -> None:
    wanted, unwanted = further(place), place.made(1)
    for each in (wanted, unwanted):
        at_witness(place, each[1])
    place.phone()  # of the unwanted list
    place.witness.close(place.send)
    place.take_statement()
    with pytest.raises(Conflict):
        place.propose()
    at_box(place, wanted[0])
    importing.withdraw_codes(place.witness.store, unwanted[1])
    place.take_statement()
    place.propose()
    place.confirm()
    assert verified(place) == []


@pytest.mark.parametrize("side", ["box", "witness"])
def test_a_round_that_an_older_program_closed_unequal_finds_out(place: TwoMachines, side: str) -> None:
    lists = further(place)
    (at_box if side == "box" else at_witness)(place, lists[side == "witness"])
    place.witness.close(place.send)
    place.take_statement()
    close_uncompared(place)
    assert verified(place) == ["witness"]
    if side == "box":
        at_witness(place, lists[1])
    else:
        importing.withdraw_codes(place.witness.store, lists[1])
    place.take_statement()
    assert verified(place) == []


def test_a_closed_round_takes_no_statement_that_does_not_agree(place: TwoMachines) -> None:
    place.close()
    at_witness(place, place.made(1)[1])
    with pytest.raises(Conflict, match="一致"):
        place.take_statement()


def test_after_the_witness_closed_the_box_imports_only_what_it_has(place: TwoMachines) -> None:
    lists = further(place)
    place.witness.close(place.send)
    place.take_statement()
    with pytest.raises(Conflict, match="监票机已经截止"):
        at_box(place, lists[0])
    at_witness(place, lists[1])
    place.take_statement()
    at_box(place, lists[0])
    place.propose()
    place.confirm()


def test_without_a_witness_that_had_closed_the_lists_are_compared_too(place: TwoMachines) -> None:
    lists = further(place)
    at_box(place, lists[0])
    place.witness.close(place.send)
    place.take_statement()
    with pytest.raises(Conflict, match=lists[1].digest[:12]):
        place.propose(without_witness=True, reason="坏了")


def test_a_list_is_withdrawn_only_where_the_box_does_not_have_it(place: TwoMachines) -> None:
    """A witness that takes back what the box has, or ballots, contradicts itself."""
    lists = further(place)
    at_box(place, lists[0])
    at_witness(place, lists[1])
    place.take_statement()
    importing.withdraw_codes(place.witness.store, lists[1])
    with pytest.raises(Conflict, match="矛盾"):
        place.take_statement()
    with pytest.raises(Conflict, match="没有导入过"):
        importing.withdraw_codes(place.witness.store, lists[1])


def test_a_cut_list_is_told_before_the_round_starts(place: TwoMachines, tmp_path: Path) -> None:
    """Somebody at the office takes a code out of codes-box.json; its digest of the other list stays."""
    other = replace(place, slug="2027-q1", folder=tmp_path / "cut")
    other.draft().freeze()
    box_list, witness_list = other.made(4)
    at_box(other, replace(box_list, codes=box_list.codes[1:]))
    at_witness(other, witness_list)
    other.take_statement()
    [said] = other.look(witnessing.missing_at_witness)
    assert "监票机 4 个（换发 0），这里 3 个" in said.say()
    with pytest.raises(Conflict, match="取消本轮"):
        other.start()
    other.witness.store.close()
