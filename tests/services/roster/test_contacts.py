"""Contacts and telephones are gone so many days after the last round, from the tables and from the files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from county import County, roster
from pretended_day import pretend
from sqlalchemy import select, text

from survey import worker
from survey.clock import now, today
from survey.models import AuditEvent, Enterprise
from survey.services.operations import audit
from survey.services.roster import contacts, enterprises
from survey.services.rounds import contacts as of_rounds
from survey.services.rounds import lifecycle

DAYS = 30


def held(place: County) -> list[tuple[str, str]]:
    with place.database.read() as session:
        rows = session.execute(select(Enterprise.contact, Enterprise.phone).order_by(Enterprise.name))
        return [(contact, phone) for contact, phone in rows]


def after(days: int) -> AbstractContextManager[None]:
    return pretend(today() + timedelta(days=days))


def moved(days: int) -> Callable[[], datetime]:
    """The moment that the log writes down, so many days from now."""
    return lambda: now() + timedelta(days=days)


def turn_of_the_clock(place: County, folder: Path) -> None:
    worker.do_duties(place.database, folder, contact_days=DAYS)


@pytest.fixture
def closed(place: County) -> County:
    """A round that ended today; its roster came some days before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "now", moved(-5))
        place.populate(enterprises=3)
    place.draft().issue_attributed()
    return place.start().close()


def test_they_stay_until_the_day_and_are_gone_after_it(closed: County, tmp_path: Path) -> None:
    with after(DAYS):
        turn_of_the_clock(closed, tmp_path)
        assert held(closed) == [(row.contact, row.phone) for row in roster(3)]
    with after(DAYS + 1):
        turn_of_the_clock(closed, tmp_path)
        turn_of_the_clock(closed, tmp_path)
        assert held(closed) == [("", "")] * 3
    with closed.database.read() as session:
        firms = session.execute(select(Enterprise.credit_code, Enterprise.name, Enterprise.strata)).all()
        (entry,) = session.scalars(select(AuditEvent).where(AuditEvent.action == contacts.ERASED))
        audit.verify_chain(session)
    assert sorted(tuple(firm) for firm in firms) == [(r.credit_code, r.name, r.strata) for r in roster(3)]
    last_day = today() + timedelta(days=DAYS)
    assert entry.detail == {"enterprises": 3, "kept_until": last_day.isoformat()}


def test_mail_addresses_go_with_them(closed: County) -> None:
    rows = roster(3)
    rows[1].email = "office@firm.example"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "now", moved(-5))
        closed.database.write(lambda s: enterprises.import_roster(s, rows, "管理员", ("email",)) and None)
    assert b"office@firm.example" in stored(closed)
    with after(DAYS + 1):
        assert contacts.erase_when_over(closed.database, DAYS) == 3
    assert b"office@firm.example" not in stored(closed)


def test_not_while_a_round_collects(place: County) -> None:
    place.populate(enterprises=3).draft(closes_on=today()).issue().start()
    with after(4000):
        assert contacts.erase_when_over(place.database, DAYS) == 0
    assert ("王", "13800000000") in held(place)


def test_a_draft_keeps_them_for_its_own_days(closed: County) -> None:
    new = closed.new_round(
        slug="2027-q1",
        opens_on=today() + timedelta(days=10),
        closes_on=today() + timedelta(days=40),
    )
    closed.database.write(lambda s: lifecycle.create_round(s, new, secret_key="x" * 40, actor="管理员"))
    with after(DAYS + 40):
        assert contacts.erase_when_over(closed.database, DAYS) == 0
    with after(DAYS + 41):
        assert contacts.erase_when_over(closed.database, DAYS) == 3


def test_a_roster_that_was_imported_later_counts_from_then(closed: County) -> None:
    later = today() + timedelta(days=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "now", moved(20))
        closed.database.write(lambda s: enterprises.import_roster(s, roster(4), "管理员"))
    with pretend(later + timedelta(days=DAYS)):
        assert contacts.erase_when_over(closed.database, DAYS) == 0
    with pretend(later + timedelta(days=DAYS + 1)):
        assert contacts.erase_when_over(closed.database, DAYS) == 4


def test_a_roster_without_rounds_is_not_kept_for_ever(place: County) -> None:
    place.populate(enterprises=2)
    with after(DAYS + 1):
        assert contacts.erase_when_over(place.database, DAYS) == 2


def test_those_of_key_holders_go_with_their_own_round(place: County) -> None:
    place.populate().draft()
    user = place.reviewers[0].id
    place.act(lambda s, r: of_rounds.set_holders(s, r, {user: ("赵钥", "13900000001")}, "管理员"))

    def told() -> list[str]:
        return place.look(lambda s, r: [row.telephone for row in of_rounds.of_holders(s, r).values()])

    last_day = (place.round().closes_on - today()).days
    with after(last_day + DAYS + 1):
        contacts.erase_when_over(place.database, DAYS)
    assert told() == ["13900000001"]
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期"))
    with after(last_day + DAYS):
        contacts.erase_when_over(place.database, DAYS)
    assert told() == ["13900000001"]
    with after(last_day + DAYS + 1):
        contacts.erase_when_over(place.database, DAYS)
    assert told() == []


def test_what_the_rounds_page_is_told(closed: County) -> None:
    def said() -> contacts.Keeping:
        return closed.look(lambda s, r: contacts.keeping(s, r, DAYS))

    last_day = today() + timedelta(days=DAYS)
    assert said() == contacts.Keeping(held=3, until=last_day, erased_on=None)
    erased = last_day + timedelta(days=1)
    with pretend(erased), pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "now", moved(DAYS + 1))
        contacts.erase_when_over(closed.database, DAYS)
    assert said() == contacts.Keeping(held=0, until=last_day, erased_on=erased)


def test_no_file_of_the_database_has_a_telephone_afterwards(closed: County, tmp_path: Path) -> None:
    """Attack: `strings` over the file of the table. It finds them before."""
    assert b"13800000001" in stored(closed)
    with after(DAYS + 1):
        turn_of_the_clock(closed, tmp_path)
    assert b"1380000" not in stored(closed)


def test_erasing_alone_would_leave_them_in_postgresql(
    closed: County, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same attack without the guard; SQLite overwrites what it takes out by itself."""
    monkeypatch.setattr(closed.database.kind, "forget_old_rows", lambda _database, _table: None)
    with after(DAYS + 1):
        turn_of_the_clock(closed, tmp_path)
    assert held(closed) == [("", "")] * 3
    assert (b"13800000001" in stored(closed)) == (closed.database.kind.NAME == "postgresql")


def stored(place: County) -> bytes:
    """Bytes of the database's file, on PostgreSQL of the table's."""
    if place.database.kind.NAME == "sqlite":
        with place.database.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return Path(str(place.database.engine.url.database)).read_bytes()
    with place.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        where = "SELECT pg_read_binary_file(pg_relation_filepath('enterprise'))"
        return bytes(connection.execute(text(where)).scalar_one())
