"""Mixing is decided once, by one process, and is known to the database: no restart and no page repeats it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from county import County
from sqlalchemy import text

from survey.clock import today
from survey.database import storage_order
from survey.database.engine import Database
from survey.models.round import Mixing
from survey.services.voting import daily

PHONES = 6


@pytest.fixture
def rewritten(place: County, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the files were rewritten, by whichever process."""
    times: list[str] = []
    kind, rewrite = place.database.kind, place.database.kind.rewrite
    monkeypatch.setattr(kind, "rewrite", lambda d, *what: (times.append(d.url), rewrite(d, *what))[1])
    return times


@pytest.fixture
def others(place: County) -> Iterator[list[Database]]:
    """The same database as other processes have it open."""
    opened = [Database(place.database.url) for _ in range(3)]
    yield opened
    for each in opened:
        each.close()


def test_once_a_day_and_not_again_after_a_restart(
    place: County, rewritten: list[str], others: list[Database]
) -> None:
    place.collecting(slips=PHONES, threshold=5)
    for _ in range(PHONES):
        place.phone().answer()
    daily.keep_house(place.database)
    assert len(rewritten) == 1
    for restarted in (place.database, *others):
        daily.keep_house(restarted)
    assert len(rewritten) == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_workers_mix_once(
    place: County, rewritten: list[str], others: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them look at the clock at the same moment, and each mixing takes a while."""
    place.collecting(slips=PHONES, threshold=5)
    for _ in range(PHONES):
        place.phone().answer()
    together, mix = threading.Barrier(3), storage_order.mix

    def slowly(database: Database, *rounds: bytes) -> None:
        threading.Event().wait(0.3)
        mix(database, *rounds)

    monkeypatch.setattr(storage_order, "mix", slowly)

    def work(database: Database) -> None:
        together.wait()
        storage_order.mix_enough(database)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, others))
    assert len(rewritten) == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_files_that_could_not_be_rewritten_are_by_the_next_process(
    place: County, others: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that mixed the rows dies before the files are done."""
    place.collecting(slips=PHONES)
    place.phone().answer()
    with monkeypatch.context() as dying:
        dying.setattr(place.database.kind, "rewrite", lambda *_: False)
        daily.keep_house(place.database)

    def file() -> str:
        return place.look(lambda s, _r: s.scalar(text("SELECT pg_relation_filepath('ballot')")))

    before = file()
    daily.keep_house(others[0])
    after = file()
    assert before != after
    daily.keep_house(others[0])
    assert file() == after


def test_a_day_that_begins_is_mixed_though_few_came(place: County, rewritten: list[str]) -> None:
    place.collecting(slips=PHONES, threshold=5)
    daily.keep_house(place.database)
    place.phone().answer()
    daily.keep_house(place.database)
    before = len(rewritten)
    place.act(lambda _s, r: setattr(r, "participation_on", today() - timedelta(days=1)))
    daily.keep_house(place.database)
    assert len(rewritten) == before + 1


def test_files_are_rewritten_once_for_all_rounds(place: County, rewritten: list[str]) -> None:
    place.collecting(slips=PHONES, threshold=5)
    other = County(place.database, slug="another").populate_again(place).draft().issue(PHONES).start()
    daily.keep_house(place.database)
    for each in (place, other):
        each.phone().answer()
        each.act(lambda _s, r: setattr(r, "participation_on", today() - timedelta(days=1)))
    before = len(rewritten)
    daily.keep_house(place.database)
    assert len(rewritten) == before + 1
    assert [each.round().mixing for each in (place, other)] == [Mixing.DONE] * 2


def test_no_page_does_the_daily_batch() -> None:
    """A page that mixes makes its visitor and every phone wait; the clock does it."""
    pages = Path(storage_order.__file__).parents[1] / "web"
    asking = [p.name for p in pages.rglob("*.py") if "refresh_due" in p.read_text(encoding="utf-8")]
    assert asking == []
