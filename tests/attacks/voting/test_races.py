"""A hundred at once: one credential an invitation, one ballot a credential, whatever the timing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from county import County
from sqlalchemy import func, select, text

from survey.database.engine import Database
from survey.errors import CredentialSpent, InvitationUsed, PingyiError
from survey.models import Ballot, Invitation
from survey.services.voting import casting

CROWD = 100


def all_at_once(work: Callable[[int], object]) -> list[object]:
    """What a hundred threads that start together return, or the kind of error that they raise."""
    gate = threading.Barrier(CROWD)

    def one(number: int) -> object:
        gate.wait()
        try:
            return work(number)
        except PingyiError as error:
            return type(error)

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(one, range(CROWD)))


class CheckThenAct:
    """Naive: look whether the ballot is there, and insert it when it is not, without a key that decides."""

    def __init__(self, database: Database) -> None:
        self.database, self.both_looked = database, threading.Barrier(2)
        with database.engine.execution_options(pingyi_write=True).begin() as connection:
            connection.execute(text("CREATE TABLE naive (token INTEGER, ballot INTEGER)"))

    def cast(self, token: int, ballot: int) -> bool:
        with self.database.read() as session:
            if session.execute(text("SELECT 1 FROM naive WHERE token = :t"), {"t": token}).first():
                return False
        self.both_looked.wait()  # the unlucky moment
        row = {"t": token, "b": ballot}
        self.database.write(lambda s: s.execute(text("INSERT INTO naive VALUES (:t, :b)"), row) and None)
        return True


def test_looking_first_counts_twice(place_on_sqlite: County) -> None:
    naive = CheckThenAct(place_on_sqlite.database)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda ballot: naive.cast(1, ballot), range(2))) == [True, True]


def test_a_hundred_phones_with_one_link(place: County) -> None:
    place.collecting()
    code = place.codes.pop()
    phones = [place.phone(code) for _ in range(CROWD)]
    results = all_at_once(lambda n: phones[n].collect())
    assert sum(isinstance(result, bytes) for result in results) == 1
    assert results.count(InvitationUsed) == CROWD - 1
    with place.database.read() as session:
        assert session.scalar(select(func.count()).where(Invitation.collected)) == 1


def test_a_hundred_ballots_with_one_credential(place: County) -> None:
    phone = place.collecting().phone()
    phone.collect()
    sealed = [phone.seal().sealed for _ in range(CROWD)]
    results = all_at_once(lambda n: casting.cast(place.database, place.slug, phone.ballot(sealed[n])))
    assert sum(isinstance(result, str) for result in results) == 1
    assert results.count(CredentialSpent) == CROWD - 1
    with place.database.read() as session:
        assert session.scalars(select(Ballot.sealed)).one() in sealed
