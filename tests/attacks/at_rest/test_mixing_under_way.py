"""Mixing while phones go on: by slices on SQLite, by a copy that takes the table's place on PostgreSQL.

Of ballots that came after the last mixing neither their order nor that they are the newer ones may show.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from county import County, plain_answers
from scipy.stats import mannwhitneyu
from sqlalchemy import create_engine, text
from storage import SURE, is_a_clock, order_in_file, sqlite_file

from survey.database import sqlite, storage_order
from survey.database.mixing import postgresql_renewal, sqlite_mixing
from survey.models.round import Mixing

OLD, NEW = 240, 80
SEALED = 3000


def cast(place: County, count: int) -> list[bytes]:
    """Ballots one after the other, as a casting writes them; returns the end of each, in the order of
    time."""
    made = []
    for _ in range(count):
        row = tuple(secrets.token_bytes(size) for size in (32, 137, 384, SEALED, 64))
        place.database.write(
            lambda s, row=row: (
                list(place.database.kind.insert_ballots(s.connection(), place.round().id, [row])) and None
            )
        )
        made.append(row[3][-60:])
    return made


def mix(place: County) -> None:
    storage_order.mix(place.database, place.round().id)
    assert place.round().mixing == Mixing.DONE


def newer_shows(order: Sequence[int]) -> bool:
    """The attack: do newer ballots (ranks in time from `OLD` on) lie elsewhere than older ones?"""
    places = {rank: place for place, rank in enumerate(order)}
    old, new = ([places[n] for n in part] for part in (range(OLD), range(OLD, OLD + NEW)))
    return mannwhitneyu(old, new).pvalue < SURE


@pytest.fixture
def large(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """A file that is too large to be rewritten while phones wait, with slices of twenty ballots."""
    monkeypatch.setattr(sqlite, "SMALL_FILE", 0)
    monkeypatch.setattr(sqlite_mixing, "SLICE_BYTES", 20 * (SEALED + 650))
    monkeypatch.setattr(sqlite_mixing, "_REST", 0.0)
    return place_on_sqlite.collecting(slips=5)


class TestSlices:
    def test_a_slice_of_new_ballots_alone_tells_that_they_are_new(
        self, large: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Naive: only what came since the last time changes places."""
        ends = cast(large, OLD)
        mix(large)
        known = {key for (key,) in _keys(large)}
        ends += cast(large, NEW)
        everybody = sqlite_mixing._keys

        def fresh(*what: object) -> tuple[list[sqlite_mixing.Key], int]:
            keys, size = everybody(*what)
            return [key for key in keys if key[1] not in known], size

        monkeypatch.setattr(sqlite_mixing, "_keys", fresh)
        mix(large)
        order = order_in_file(sqlite_file(large.database), ends)
        assert not is_a_clock([rank for rank in order if rank >= OLD])
        assert newer_shows(order)

    def test_slices_in_the_order_of_time_tell_it(
        self, large: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Naive: each slice takes those that lie together."""
        ends = cast(large, NEW)
        times = {key: n for n, (key,) in enumerate(_keys_in_time(large, ends))}

        class Ordered:
            def shuffle(self, what: list) -> None:
                what.sort(key=lambda row: times.get(row[1], 0))

        monkeypatch.setattr(sqlite_mixing, "_CHANCE", Ordered())
        mix(large)
        assert is_a_clock(order_in_file(sqlite_file(large.database), ends))

    def test_neither_order_nor_age_shows(self, large: County) -> None:
        ends = cast(large, OLD)
        mix(large)
        ends += cast(large, NEW)
        before = order_in_file(sqlite_file(large.database), ends)
        assert newer_shows(before)
        assert is_a_clock([rank for rank in before if rank >= OLD])
        mix(large)
        order = order_in_file(sqlite_file(large.database), ends)
        assert not newer_shows(order)
        assert not is_a_clock([rank for rank in order if rank >= OLD])

    def test_no_copy_of_a_row_is_left_behind(self, large: County) -> None:
        cast(large, OLD)
        mix(large)
        content = sqlite_file(large.database)
        assert {content.count(key) for (key,) in _keys(large)} == {1}
        assert {content.count(key[4:20]) for (key,) in _keys(large)} == {1}

    def test_what_breaks_off_leaves_all_as_it_was(
        self, large: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A fault after the rows were taken out; the guards are there again as well."""
        cast(large, NEW)
        before, guards = _keys(large), _guards(large)
        with monkeypatch.context() as faulty:
            faulty.setattr(sqlite_mixing, "_move", _interrupted(sqlite_mixing._move))
            with pytest.raises(ZeroDivisionError):
                storage_order.mix(large.database, large.round().id)
        assert (_keys(large), _guards(large)) == (before, guards)
        assert large.round().mixing == Mixing.DUE
        mix(large)
        assert (_keys(large), _guards(large)) == (before, guards)

    def test_phones_that_come_meanwhile_lose_nothing(self, large: County) -> None:
        large.grow(slips=20).issue(20)
        answers = plain_answers(large.description().questionnaire)
        phones = [large.phone() for _ in range(20)]
        with ThreadPoolExecutor(5) as pool:
            mixing = pool.submit(mix, large)
            receipts = list(pool.map(lambda phone: phone.answer(answers), phones))
            mixing.result()
        assert len(set(receipts)) == 20
        assert len(_keys(large)) == 20


def _interrupted(move):
    """`move`, with a fault in place of the statement that puts the last row back."""

    def broken(engine, table, key, keys):
        class Failing:
            def shuffle(self, _rows: list) -> None:
                raise ZeroDivisionError

        chance, sqlite_mixing._CHANCE = sqlite_mixing._CHANCE, Failing()
        try:
            move(engine, table, key, keys)
        finally:
            sqlite_mixing._CHANCE = chance

    return broken


def _keys(place: County) -> list[tuple[bytes]]:
    return _all(place, "SELECT spent FROM ballot ORDER BY spent")


def _keys_in_time(place: County, ends: list[bytes]) -> list[tuple[bytes]]:
    by_end = {bytes(sealed)[-60:]: key for key, sealed in _all(place, "SELECT spent, sealed FROM ballot")}
    return [(by_end[end],) for end in ends]


def _guards(place: County) -> list[tuple]:
    return _all(place, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")


def _all(place: County, query: str) -> list[tuple]:
    return place.look(lambda s, _r: [tuple(row) for row in s.execute(text(query))])


CATALOG = """
SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conrelid = '{0}'::regclass;
SELECT pg_get_triggerdef(oid), tgdeferrable, tginitdeferred FROM pg_trigger
WHERE tgrelid = '{0}'::regclass AND NOT tgisinternal;
SELECT indexdef FROM pg_indexes WHERE tablename = '{0}';
SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_name = '{0}';
SELECT reloptions FROM pg_class WHERE oid = '{0}'::regclass
"""


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestExchange:
    def test_table_after_table_is_defined_as_before(self, place: County) -> None:
        place.collecting(slips=3)
        before = self._catalog(place)
        mix(place)
        assert self._catalog(place) == before

    def test_what_comes_while_it_is_copied_is_there(
        self, place: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.collecting(slips=9)
        phones = [place.phone() for _ in range(8)]
        phones[0].answer()
        receipts = []
        self._meanwhile(monkeypatch, lambda: receipts.append(phones[1 + len(receipts)].answer()))
        for _ in range(3):
            mix(place)
        assert len(receipts) == 6
        place.close()
        closed = place.round()
        assert (closed.invited_count, closed.collected_count, closed.cast_count) == (9, 7, 7)

    def test_a_row_that_changed_its_key_puts_it_off(
        self, place: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else the old code of a list that was reissued meanwhile would work again."""
        place.collecting(slips=4)
        first = "(SELECT code_hash FROM invitation ORDER BY code_hash LIMIT 1)"
        change = text(f"UPDATE invitation SET code_hash = :new WHERE code_hash = {first}")

        def reissue() -> None:
            place.act(lambda s, _r: s.execute(change, {"new": secrets.token_bytes(32)}) and None)

        with monkeypatch.context() as reissuing:
            self._meanwhile(reissuing, reissue)
            storage_order.mix(place.database, place.round().id)
        assert place.round().mixing == Mixing.DUE
        keys = _all(place, "SELECT code_hash FROM invitation ORDER BY code_hash")
        assert len(keys) == 4
        mix(place)
        assert _all(place, "SELECT code_hash FROM invitation ORDER BY code_hash") == keys

    @pytest.mark.parametrize("naive", [True, False])
    def test_who_looked_before_the_exchange_finds_the_ballots(
        self, place: County, monkeypatch: pytest.MonkeyPatch, naive: bool
    ) -> None:
        """Such as a backup that has begun; naive: rows that are copied as any others are written."""
        place.collecting(slips=3)
        place.phone().answer()
        if naive:
            rows = postgresql_renewal.COPY_IN.replace(", FREEZE", "")
            monkeypatch.setattr(postgresql_renewal, "COPY_IN", rows)
        engine = create_engine(place.database.engine.url, isolation_level="REPEATABLE READ")
        with engine.connect() as looking:
            begin = text("SELECT version_num FROM alembic_version")
            self._meanwhile(monkeypatch, lambda: looking.execute(begin).all())
            mix(place)
            assert looking.scalar(text("SELECT count(*) FROM ballot")) == (0 if naive else 1)
        engine.dispose()

    def _meanwhile(self, monkeypatch: pytest.MonkeyPatch, do) -> None:
        """Do something after each table was copied, before it is exchanged."""
        copy = postgresql_renewal._Exchange.copy

        def and_then(*what) -> None:
            copy(*what)
            do()

        monkeypatch.setattr(postgresql_renewal._Exchange, "copy", and_then)

    def _catalog(self, place: County) -> list[list]:
        tables = storage_order.TABLES
        return [
            sorted(_all(place, query.format(table)), key=str)
            for table in tables
            for query in CATALOG.split(";")
        ]
