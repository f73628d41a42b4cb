"""One stolen snapshot: does the place of rows tell who collected first, and whose ballot came first?

If both orders could be read, an enterprise and its ballot would be joined by counting.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import permutations
from math import factorial
from pathlib import Path

import pytest
from county import County, plain_answers, small_questionnaire
from sqlalchemy import select, text
from storage import (
    SURE,
    chance,
    is_a_clock,
    keys_by,
    order_in_file,
    places_in_file,
    sqlite_file,
    toast_order,
    writers,
)

from survey.clock import today
from survey.database import sqlite, storage_order
from survey.models import Ballot
from survey.protocol.questionnaire import Questionnaire
from survey.services.voting import participation

PHONES = 30
# Ballots that fill half a page, and ballots of more than a page, which PostgreSQL keeps in pieces beside it.
WHOLE = replace(small_questionnaire(), comment_bytes=3000)
IN_PIECES = replace(small_questionnaire(), comment_bytes=9000)
BALLOTS = pytest.mark.parametrize("asked", [WHOLE, IN_PIECES], ids=["whole", "in pieces"])


def answer_all(place: County) -> tuple[list[bytes], list[bytes]]:
    """Everybody collects and casts at once: (code hashes, spent keys), each in the order of time."""
    codes, spent = [], []
    for _ in range(len(place.codes)):
        phone = place.phone()
        phone.answer()
        codes.append(place.code_hash(phone.code))
        spent.append(_newest(place, spent))
    return codes, spent


def _newest(place: County, known: list[bytes]) -> bytes:
    with place.database.read() as session:
        (new,) = {bytes(key) for key in session.scalars(select(Ballot.spent))} - set(known)
        return new


def joined(by_collecting: list[int], by_casting: list[int]) -> int:
    """The attack: the n-th to collect cast the n-th ballot. How many are right (indices are of time)."""
    return sum(a == b for a, b in zip(by_collecting, by_casting, strict=True))


def test_the_thiefs_decision() -> None:
    """Of n! orders one is time's and one its reverse; the tail is counted, not guessed."""
    ordered = list(range(PHONES))
    assert chance(ordered) == chance(ordered[::-1]) == pytest.approx(2 / factorial(PHONES))
    few = [chance(list(order)) <= 0.1 for order in permutations(range(6))]
    assert 0 < sum(few) <= 0.1 * factorial(6)
    nearly = [*ordered[8:], *ordered[:8]]  # what came last lies first, where a page had room
    assert is_a_clock(ordered[:24] + ordered[:23:-1])
    assert not is_a_clock(nearly)
    assert chance(nearly) > SURE


def test_row_numbers_of_an_ordinary_table_join_everybody(tmp_path: Path) -> None:
    """Naive: tables as every tutorial makes them. The hidden rowid counts up."""
    naive = sqlite3.connect(tmp_path / "naive.sqlite3")
    naive.execute("CREATE TABLE collected (code BLOB PRIMARY KEY)")
    naive.execute("CREATE TABLE ballot (spent BLOB PRIMARY KEY)")
    import secrets

    for table in ("collected", "ballot"):
        for n in range(PHONES):
            key = secrets.token_bytes(31) + bytes([n])  # the last byte is the truth
            naive.execute(f"INSERT INTO {table} VALUES (?)", (key,))
    orders = [
        [row[0][-1] for row in naive.execute(f"SELECT * FROM {table} ORDER BY rowid")]
        for table in ("collected", "ballot")
    ]
    naive.close()
    assert joined(*orders) == PHONES


def test_no_table_of_ours_has_a_row_number(place_on_sqlite: County) -> None:
    for table in ("ballot", "invitation", "comment", "opened_box"):
        with (
            place_on_sqlite.database.engine.connect() as connection,
            pytest.raises(Exception, match="no such column: rowid"),
        ):
            connection.execute(text(f"SELECT rowid FROM {table}"))


def _pages_after_collecting(place: County) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Order of time of the ballots as the file shows it; places of the invitations after and before."""
    place.collecting(slips=PHONES)
    hashes = [place.code_hash(code) for code in reversed(place.codes)]  # as phones will come
    before = places_in_file(sqlite_file(place.database), hashes)
    codes, spent = answer_all(place)
    assert codes == hashes
    content = sqlite_file(place.database)
    with place.database.read() as session:
        sealed = {bytes(key): bytes(ballot) for key, ballot in session.execute(_BALLOTS)}
    by_time = [sealed[key][-60:] for key in spent]
    return order_in_file(content, by_time), places_in_file(content, hashes), before


_BALLOTS = select(Ballot.spent, Ballot.sealed)


def test_rows_that_grow_move_and_tell(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naive: an invitation grows by its signature when it is collected, and moves to free space."""
    without_room = sqlite._INVITATIONS.replace("zeroblob(32), zeroblob(384)", "NULL, NULL")
    monkeypatch.setattr(sqlite, "_INVITATIONS", without_room)
    ballots, moved, before = _pages_after_collecting(place_on_sqlite)
    assert is_a_clock(ballots), "overflow pages are taken in the order of casting"
    assert moved != before, "a row that grew lies elsewhere: a trace of when"


def test_collecting_overwrites_where_the_row_lies(place_on_sqlite: County) -> None:
    """Ours: today's ballots lie in order, but there is no other order to lay beside it."""
    ballots, after, before = _pages_after_collecting(place_on_sqlite)
    assert is_a_clock(ballots)
    assert after == before


def test_the_daily_mixing_leaves_the_order_of_hashes(place_on_sqlite: County) -> None:
    place = place_on_sqlite.collecting(slips=PHONES)
    _, spent = answer_all(place)
    participation.refresh_due(place.database, today())
    with place.database.read() as session:
        sealed = dict(session.execute(_BALLOTS).all())
    order = order_in_file(sqlite_file(place.database), [sealed[key][-60:] for key in spent])
    assert [spent[n] for n in order] == sorted(spent)
    assert not is_a_clock(order)


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestPostgreSQL:
    """ctid is a place in the heap, xmin the number of the transaction that wrote the row."""

    @BALLOTS
    def test_the_naive_database_joins_everybody(self, place: County, asked: Questionnaire) -> None:
        """Before the first mixing our own tables are an ordinary PostgreSQL's."""
        place.collecting(slips=PHONES, questionnaire=asked)
        codes, spent = answer_all(place)
        by_collecting = [codes.index(k) for k in keys_by(place.database, "invitation", "code_hash", "xmin")]
        by_casting = [spent.index(k) for k in keys_by(place.database, "ballot", "spent", "xmin")]
        assert joined(by_collecting, by_casting) == PHONES
        orders = heap_orders(place, codes, spent)
        assert ("ballot by chunk" in orders) == (asked is IN_PIECES)
        # A collected invitation may go back to room that another left, and a ballot to a page that the
        # server's own cleaning has just found room in, so that their places are not always clocks.
        clocks = set(orders) - {"invitation by ctid", "ballot by ctid", "joined by ctid"}
        assert {what for what, order in orders.items() if is_a_clock(order)} >= clocks

    @BALLOTS
    def test_after_the_daily_mixing(self, place: County, asked: Questionnaire) -> None:
        place.collecting(slips=PHONES, questionnaire=asked)
        codes, spent = answer_all(place)
        participation.refresh_due(place.database, today())
        self._nothing_to_see(place, codes, spent)

    @BALLOTS
    def test_what_comes_after_a_mixing_is_all_that_shows(self, place: County, asked: Questionnaire) -> None:
        place.collecting(slips=PHONES, questionnaire=asked)
        late = [place.codes.pop(0) for _ in range(3)]
        answer_all(place)
        participation.refresh_due(place.database, today())
        for code in late:
            place.phone(code).answer()
        assert writers(place.database, "ballot") == 1 + len(late)

    @BALLOTS
    @pytest.mark.parametrize("end", ["close", "cancel"])
    def test_a_round_that_stopped(self, place: County, end: str, asked: Questionnaire) -> None:
        place.collecting(slips=PHONES, questionnaire=asked)
        codes, spent = answer_all(place)
        if end == "close":
            place.close()
        else:
            from survey.services.rounds import lifecycle

            place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期", second="评议员0"))
        storage_order.erase_traces(place.database, place.slug)
        self._nothing_to_see(place, codes, spent)
        with place.database.read() as session:
            assert session.scalar(text("SELECT count(*) FROM ballot")) == PHONES
            assert session.scalar(text("SELECT count(*) FROM invitation WHERE blinded_hash IS NOT NULL")) == 0
            order = "SELECT spent FROM ballot ORDER BY ctid"
            found = [bytes(key) for (key,) in session.execute(text(order))]
        assert found == sorted(spent), "the clustered heap is in the order of hashes"

    def _nothing_to_see(self, place: County, codes: list[bytes], spent: list[bytes]) -> None:
        assert writers(place.database, "ballot") == writers(place.database, "invitation") == 1
        orders = heap_orders(place, codes, spent)
        assert {what: chance(order) for what, order in orders.items() if is_a_clock(order)} == {}
        with place.database.read() as session:
            toast = session.scalar(
                text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'ballot'")
            )
            chunks = session.execute(text(f"SELECT DISTINCT xmin::text FROM {toast}")).all()
        assert len(chunks) == ("ballot by chunk" in orders)


def heap_orders(place: County, codes: list[bytes], spent: list[bytes]) -> dict[str, list[int]]:
    """Every order in which PostgreSQL keeps what the phones did, and that of one laid beside the other."""
    found = {
        f"{table} by {hidden}": [times.index(key) for key in keys_by(place.database, table, column, hidden)]
        for table, column, times in (("invitation", "code_hash", codes), ("ballot", "spent", spent))
        for hidden in ("xmin", "ctid")
    }
    for hidden in ("xmin", "ctid"):
        collecting, casting = found[f"invitation by {hidden}"], found[f"ballot by {hidden}"]
        found[f"joined by {hidden}"] = [casting.index(phone) for phone in collecting]
    with place.database.read() as session:
        sealed = {bytes(ballot): bytes(key) for key, ballot in session.execute(_BALLOTS)}
    if pieces := toast_order(place.database):
        found["ballot by chunk"] = [spent.index(sealed[content]) for content in pieces]
    return found


def test_a_busy_day_is_mixed_before_it_ends(place: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot in the evening tells the order of a few, not of the day."""
    mixed: list[bytes] = []
    mix = storage_order.mix
    place.collecting(slips=PHONES, threshold=5)
    participation.refresh_due(place.database, today())
    monkeypatch.setattr(storage_order, "mix", lambda d, *r: (mixed.extend(r), mix(d, *r)))
    for number in range(1, PHONES + 1):
        place.phone().answer()
        storage_order.mix_enough(place.database)
        if place.database.kind.NAME != "sqlite":
            assert writers(place.database, "ballot") <= 5 + (number >= 5)
    assert len(mixed) == PHONES // 5


def test_phones_that_come_during_a_mixing_lose_nothing(place: County) -> None:
    """Each collects and casts while the rows are being taken out and put back."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    place.collecting(slips=PHONES)
    phones, stop = [place.phone() for _ in range(PHONES)], threading.Event()
    answers = plain_answers(place.description().questionnaire)

    def keep_mixing() -> int:
        turns = 0
        while not stop.is_set():
            storage_order.mix(place.database, place.round().id)
            turns += 1
        return turns

    with ThreadPoolExecutor(6) as pool:
        mixing = pool.submit(keep_mixing)
        receipts = list(pool.map(lambda phone: phone.answer(answers), phones))
        stop.set()
        assert mixing.result() > 0
    assert len(set(receipts)) == PHONES
    place.close()
    closed = place.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (PHONES,) * 3
