"""Whatever statement of the witness a round closes on, `verify` finds the same counts in the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.errors import Conflict
from survey.models import Round
from survey.protocol.box.counts import Counts
from survey.protocol.box.witness_account import check_account
from survey.protocol.errors import InvalidBox
from survey.protocol.witness.statements import Statement
from survey.services.rounds import closing, witnessing
from survey.services.rounds.descriptions import describe
from survey.web.staff.witness_steps import witness_view
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines

VOTED, INVITED = 3, 5


@pytest.fixture
def place(database: Database, tmp_path: Path, _cheap_keys: None) -> Iterator[TwoMachines]:
    """All ballots are handed over; the box has the statement of before."""
    found = TwoMachines(database, folder=tmp_path).collecting(slips=INVITED)
    for _ in range(VOTED):
        found.phone().answer()
    found.hand_over()
    yield found
    found.witness.store.close()


def last(place: TwoMachines, **other: Any) -> Statement:
    """The witness's true last statement, but for what it is made to say instead."""
    true = replace(place.witness.now(), closed=True, number=50, **other)
    return true.signed(signing_key(place.witness.store, place.witness.round.id))


def without_witness(place: TwoMachines) -> None:
    place.propose(without_witness=True, reason="坏了")


def take(place: TwoMachines, statement: Statement) -> None:
    place.act(lambda s, r: witnessing.accept_statement(s, r, statement.to_json(), "管理员") and None)


MORE = {"handed_over": VOTED + 1, "posted": VOTED + 1, "stamped": VOTED + 1}
FURTHER_BATCH = {"batches": 2}


@pytest.mark.parametrize("other", [MORE, FURTHER_BATCH])
def test_a_last_statement_of_other_ballots_is_refused_when_closing_is_proposed(
    place: TwoMachines, other: dict[str, int]
) -> None:
    """As where the box was put back from a backup of before a batch."""
    take(place, last(place, **other))
    for way in (TwoMachines.propose, without_witness):
        with pytest.raises(Conflict, match="这里收到 3 张（1 批）"):
            way(place)
    view = place.look(witness_view)
    assert ["这里收到 3 张（1 批）" in said.say() for said in view.not_ready] == [True]
    assert not view.complete
    assert place.round().close_proposed_by is None


def test_it_is_refused_too_when_it_came_after_the_proposal(place: TwoMachines) -> None:
    without_witness(place)
    take(place, last(place, **MORE))
    with pytest.raises(Conflict, match="移交了 4 张（1 批），这里收到 3 张"):
        place.confirm()
    assert (place.round().state, place.round().post_key_private is None) == ("open", False)


def test_ballots_that_still_wait_at_a_lost_witness_are_told(place: TwoMachines) -> None:
    take(place, last(place, posted=VOTED + 1, waiting=1, stamped=VOTED + 1))
    without_witness(place)
    place.confirm()
    assert place.failures() == []
    account = place.look(lambda s, r: closing.closing_entry(s, r).detail["witness"])
    assert account["missing"] == 1


@pytest.mark.parametrize("other", [MORE, FURTHER_BATCH, {"stamped": VOTED - 1}])
def test_a_closed_round_takes_no_statement_of_other_ballots(
    place: TwoMachines, other: dict[str, int]
) -> None:
    """The witness was thought lost and comes back."""
    without_witness(place)
    place.confirm()
    assert place.failures() == []
    with pytest.raises(Conflict, match="数目与票箱一致"):
        take(place, last(place, **other))
    assert place.failures() == []
    take(place, last(place))
    assert place.failures() == []


def test_every_account_that_closes_is_verified(place: TwoMachines) -> None:
    """Each account near the true one, and each way of closing; `verify` accepts what closing accepted."""
    counts = Counts(INVITED, VOTED, VOTED)
    closed = 0

    def look(session: Session, round: Round) -> tuple[bool, bool]:
        session.autoflush = False  # nothing is written
        round.witness_statement, round.close_without_witness = statement.to_json(), alone
        account = witnessing.account_of(session, round)
        assert account
        try:
            check_account(account, describe(session, round), counts)
            verified = True
        except InvalidBox:
            verified = False
        try:
            witnessing.closing_account(session, round, VOTED)
        except Conflict:
            return False, verified
        return True, verified

    near = product((True, False), (0, 1), (2, 3, 4), (0, 1, 2), (2, 3, 4), (True, False))
    for ended, waiting, handed_over, batches, stamped, alone in near:
        said = {"waiting": waiting, "handed_over": handed_over, "posted": handed_over + waiting}
        statement = last(place, batches=batches, stamped=stamped, **said)
        if not ended:
            key = signing_key(place.witness.store, place.witness.round.id)
            statement = replace(statement, closed=False).signed(key)
        accepted, verified = place.look(look)
        assert verified or not accepted, (statement, alone)
        if alone:
            assert accepted == verified, statement
        closed += accepted
    assert closed > 0
